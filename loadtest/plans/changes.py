"""What the command line changes of a plan: users, rate, duration, think, rounds, share of the nation."""

from collections.abc import Callable
from dataclasses import replace

from loadtest.arrivals import RateCurve
from loadtest.plans.plan import Phase, Plan, PlanError
from loadtest.plans.reading import MOST_ROUNDS, MOST_USERS


def with_users(plan: Plan, users: int) -> Plan:
    """The plan with so many users in every closed phase. Raises PlanError where all keep a rate."""
    _whole(plan, "users", users, MOST_USERS)
    return _changed(
        plan,
        lambda phase: phase.users is not None,
        lambda phase: replace(phase, users=users),
        "no phase has users to change, all keep a rate whatever the provider does",
    )


def with_rate(plan: Plan, per_second: float) -> Plan:
    """The plan with open arrivals at this constant rate in every phase but hot_slot's, closed ones too.

    Raises PlanError where there is none but hot_slot's.
    """
    _above_0(plan, "rate", per_second)
    return _changed(
        plan,
        lambda phase: not phase.contests,
        lambda phase: replace(
            phase, users=None, think=0.0, rate=RateCurve.constant(per_second, phase.seconds)
        ),
        "no phase can keep a rate, the users of hot_slot meet in agreed rounds",
    )


def with_duration(plan: Plan, seconds: float) -> Plan:
    """The plan with its load lasting so long as a whole, phases in proportion, curves stretched."""
    _above_0(plan, "duration", seconds)
    factor = seconds / plan.seconds
    return replace(plan, phases=tuple(_stretched(phase, phase.seconds * factor) for phase in plan.phases))


def with_think(plan: Plan, seconds: float) -> Plan:
    """The plan with users who rest so long (mean) after each piece of work. Raises PlanError without such."""
    if not seconds >= 0:
        raise PlanError(f"{plan.name}: think: expected a number from 0, found {seconds:g}")
    return _changed(
        plan,
        lambda phase: phase.users is not None and not phase.contests,
        lambda phase: replace(phase, think=seconds),
        "no phase has users who rest between pieces of work",
    )


def with_rounds(plan: Plan, rounds: int) -> Plan:
    """The plan with so many rounds in every hot_slot phase. Raises PlanError where there is none."""
    _whole(plan, "rounds", rounds, MOST_ROUNDS)
    return _changed(
        plan,
        lambda phase: phase.contests,
        lambda phase: replace(phase, rounds=rounds),
        "no phase has rounds, only those of hot_slot do",
    )


def scaled(plan: Plan, factor: float) -> Plan:
    """The plan with every rate times `factor`. Raises PlanError where no phase has a rate."""
    _above_0(plan, "share", factor)
    return _changed(
        plan,
        lambda phase: phase.rate is not None,
        lambda phase: replace(phase, rate=phase.rate and phase.rate.scaled(factor)),
        "no phase has a rate to scale",
    )


def _changed(
    plan: Plan, concerns: Callable[[Phase], bool], change: Callable[[Phase], Phase], otherwise: str
) -> Plan:
    if not any(map(concerns, plan.phases)):
        raise PlanError(f"{plan.name}: {otherwise}")
    return replace(plan, phases=tuple(change(phase) if concerns(phase) else phase for phase in plan.phases))


def _stretched(phase: Phase, seconds: float) -> Phase:
    return replace(phase, seconds=seconds, rate=phase.rate and phase.rate.stretched(seconds))


def _above_0(plan: Plan, what: str, value: float) -> None:
    if not 0 < value < float("inf"):
        raise PlanError(f"{plan.name}: {what}: expected a number above 0, found {value:g}")


def _whole(plan: Plan, what: str, value: int, most: int) -> None:
    if not 1 <= value <= most:
        raise PlanError(f"{plan.name}: {what}: expected a whole number from 1 to {most:,}, found {value}")
