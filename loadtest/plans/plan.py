"""The plan of a run: phases one after the other, each with closed users or open arrivals of its scenarios."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from loadtest.arrivals import RateCurve
from loadtest.service_level import Threshold

Stock = Literal["steady", "drains"]
Spread = Literal["even", "chance"]

HOT_SLOT = "hot_slot"
SCENARIOS = ("slot_search", "booking", HOT_SLOT, "journey", "churn", "call_centre", "national")
"""What a phase may be mixed of."""


class PlanError(Exception):
    """A plan that cannot be; one line: which file, which key, what is wrong, what is allowed."""


@dataclass(frozen=True, slots=True)
class Phase:
    """One stretch of load. `mix` maps scenario names to weights; `seconds` is how long new work begins.

    Closed: `users` clients at a time, each resting `think` seconds (mean) after a piece of work. Open: pieces
    of work begin as `rate` says, whatever the provider does; `clients` is the most that may be busy at a
    time, and `spread` says whether arrivals are evenly spaced or by chance (a Poisson process). Exactly one
    of `users` and `rate` is given. `rounds` is for hot_slot alone.
    """

    name: str
    mix: Mapping[str, float]
    seconds: float
    users: int | None = None
    rate: RateCurve | None = None
    clients: int = 200
    spread: Spread = "even"
    think: float = 0.0
    rounds: int | None = None

    @property
    def contests(self) -> bool:
        """Whether its clients meet on hot slots in agreed rounds."""
        return HOT_SLOT in self.mix


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole run. `stock` says whether the free slots hold steady; `practices` are ODS codes, all if empty.

    `most_missed` and `most_empty_searches` are shares (0 to 1) above which the run is no valid evidence.
    `thresholds` go before the specification's.
    """

    name: str
    about: str
    phases: tuple[Phase, ...]
    stock: Stock = "steady"
    practices: tuple[str, ...] = ()
    most_practices: int = 50
    most_missed: float = 0.01
    most_empty_searches: float = 0.20
    thresholds: tuple[Threshold, ...] = ()

    @property
    def seconds(self) -> float:
        """The load of all phases together."""
        return sum(phase.seconds for phase in self.phases)


def to_json(plan: Plan) -> dict[str, Any]:
    """The plan in words of JSON, named as in the dataclasses; a rate is `{"points": [[second, rate]]}`."""
    return {
        **_fields(plan),
        "phases": [_phase_to_json(phase) for phase in plan.phases],
        "practices": list(plan.practices),
        "thresholds": [_fields(threshold) for threshold in plan.thresholds],
    }


def plan_from_json(content: Mapping[str, Any]) -> Plan:
    """The plan that `to_json` gave, after JSON. Raises PlanError for anything else."""
    try:
        return Plan(
            **{
                **content,
                "phases": tuple(_phase_from_json(phase) for phase in content["phases"]),
                "practices": tuple(content["practices"]),
                "thresholds": tuple(Threshold(**threshold) for threshold in content["thresholds"]),
            }
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PlanError(f"the plan on record cannot be read: {error!r}") from error


def _fields(record: Plan | Phase | Threshold) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in fields(record)}


def _phase_to_json(phase: Phase) -> dict[str, Any]:
    rate = None if phase.rate is None else {"points": [list(point) for point in phase.rate.points]}
    return {**_fields(phase), "mix": dict(phase.mix), "rate": rate}


def _phase_from_json(content: Mapping[str, Any]) -> Phase:
    rate = content["rate"]
    points = None if rate is None else tuple((second, value) for second, value in rate["points"])
    return Phase(**{**content, "rate": None if points is None else RateCurve(points)})
