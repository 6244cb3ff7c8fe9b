"""What a run must know before its load: the practices it works on, their patients, the days on offer."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from loadtest.chance import repeatable
from loadtest.ledger import FIRST_LOOK
from loadtest.plans.plan import Phase, Plan
from loadtest.practices import Practice
from loadtest.running.order import Diary
from loadtest.running.survey import Surveyor
from loadtest.wire.provider import CannotRun, find_practice

PATIENTS_PER_PRACTICE = 20
_NEEDS_NO_PATIENT = frozenset({"slot_search"})


@dataclass(frozen=True, slots=True)
class FirstLook:
    """Patients by practice (NHS number to logical id), the diary cut to the last day on offer, free slots."""

    patients: dict[str, dict[str, str]]
    diary: Diary
    free_slots: int


def look(surveyor: Surveyor, practices: tuple[Practice, ...], plan: Plan, diary: Diary) -> FirstLook:
    """Look at every practice once, and record it. Raises CannotRun where there is nothing to work on."""
    patients: dict[str, dict[str, str]] = {}
    last_days: list[date] = []
    for practice in practices:
        offers = surveyor.offers(practice.ods_code, diary, FIRST_LOOK)
        last_days += [datetime.fromisoformat(offer.start).date() for offer in offers]
        if needs_patients(plan.phases):
            known = surveyor.patients(practice.ods_code, practice.nhs_numbers[:PATIENTS_PER_PRACTICE])
            if not known:
                raise CannotRun(
                    f"practice {practice.ods_code} finds none of its listed patients: nobody to book for"
                )
            patients[practice.ods_code] = known
            surveyor.appointments(practice.ods_code, known.values(), diary, FIRST_LOOK)
    if not last_days:
        raise CannotRun(f"no practice offers this consumer a free slot from {diary.first} to {diary.last}")
    return FirstLook(patients, replace(diary, last=max(last_days)), len(last_days))


def needs_patients(phases: Iterable[Phase]) -> bool:
    """Whether anything is booked, so that there must be somebody to book it for."""
    return any(phase.mix.keys() - _NEEDS_NO_PATIENT for phase in phases)


def chosen(practices: tuple[Practice, ...], plan: Plan, seed: int) -> tuple[Practice, ...]:
    """The practices the plan names, or as many as it wants by the seed; CannotRun for a wrong name."""
    if plan.practices:
        return tuple(_named(practices, plan, place) for place in range(len(plan.practices)))
    if len(practices) <= plan.most_practices:
        return practices
    return tuple(repeatable(seed).sample(practices, plan.most_practices))


def _named(practices: tuple[Practice, ...], plan: Plan, place: int) -> Practice:
    try:
        return find_practice(practices, plan.practices[place])
    except CannotRun as error:
        raise CannotRun(f"plan {plan.name}: practices[{place + 1}]: {error}") from error
