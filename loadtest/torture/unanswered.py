"""Requests that had no definite answer, and what the read back says became of them.

The judge settles them slot by slot for its checks; this counts them for people.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from loadtest.ledger import FIRST_LOOK, NOT_LOAD, READ_BACK, AppointmentSeen, Operation

_CHANGING = frozenset({"cancel_appointment", "amend_appointment"})

Patient = tuple[str, str | None]
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Counts of requests of the load without a definite answer.

    Of the `commands` (whatever changes something), `took_effect` and `had_none` by the read back; the rest is
    not settled.
    """

    queries: int = 0
    commands: int = 0
    took_effect: int = 0
    had_none: int = 0

    @property
    def settled(self) -> int:
        """Commands of which the read back tells."""
        return self.took_effect + self.had_none


@dataclass(slots=True)
class _Seen:
    """What is needed of a run's operations; appointments are named by ODS code and logical id.

    `consumed` are the versions that another change than an unanswered amendment is known to have replaced.
    """

    queries: int = 0
    bookings: list[Operation] = field(default_factory=list)
    changes: list[Operation] = field(default_factory=list)
    others: int = 0
    told: set[Key] = field(default_factory=set)
    consumed: set[tuple[Key, str | None]] = field(default_factory=set)
    before: set[Key] = field(default_factory=set)
    looks: dict[Patient, Operation] = field(default_factory=dict)
    final: dict[Key, tuple[int, AppointmentSeen]] = field(default_factory=dict)

    def add(self, operation: Operation) -> None:
        practice = operation.practice
        if operation.phase == FIRST_LOOK:
            self.before.update((practice, seen.id) for seen in operation.appointments)
        elif operation.phase == READ_BACK and operation.outcome == "ok":
            if operation.interaction == "retrieve_patient_appointments":
                self.looks[practice, operation.patient] = operation
            for seen in operation.appointments:
                self.final[practice, seen.id] = operation.start, seen
        elif operation.phase not in NOT_LOAD:
            self._add_load(operation)

    def _add_load(self, operation: Operation) -> None:
        if (
            operation.outcome == "ok"
            and operation.interaction == "book_appointment"
            and operation.appointment
        ):
            self.told.add((operation.practice, operation.appointment))
        if operation.outcome == "ok" and operation.interaction in _CHANGING:
            self.consumed.add((_appointment(operation), operation.if_match))
        if operation.outcome != "unknown":
            return
        if operation.interaction == "book_appointment":
            self.bookings.append(operation)
        elif operation.interaction in _CHANGING:
            self.changes.append(operation)
        elif operation.interaction == "register_patient":
            self.others += 1
        else:
            self.queries += 1


def count_unanswered(operations: Iterable[Operation]) -> Unanswered:
    """What a run's operations say; they are read once, in any order."""
    seen = _Seen()
    for operation in operations:
        seen.add(operation)
    became = _became_of_bookings(seen)
    for change in seen.changes:
        if change.interaction == "cancel_appointment" and _became_of(change, seen):
            seen.consumed.add((_appointment(change), change.if_match))
    for change in seen.changes:
        became[_became_of(change, seen)] += 1
    return Unanswered(
        queries=seen.queries,
        commands=len(seen.bookings) + len(seen.changes) + seen.others,
        took_effect=became[True],
        had_none=became[False],
    )


def _became_of_bookings(seen: _Seen) -> Counter[bool | None]:
    """How many took effect: as many as there are appointments for those slots that nobody was told of."""
    strangers: Counter[tuple[Patient, frozenset[str]]] = Counter()
    for patient, look in seen.looks.items():
        for each in look.appointments:
            if (look.practice, each.id) not in seen.told | seen.before:
                strangers[patient, frozenset(each.slots)] += 1
    became: Counter[bool | None] = Counter()
    for booking in seen.bookings:
        patient = booking.practice, booking.patient
        key = patient, frozenset(booking.slots)
        look_back = seen.looks.get(patient)
        if look_back is None or look_back.start < booking.end:
            became[None] += 1
        else:
            became[strangers[key] > 0] += 1
            strangers[key] -= strangers[key] > 0
    return became


def _became_of(change: Operation, seen: _Seen) -> bool | None:
    """Whether a cancellation or an amendment took effect; None where the read back does not tell."""
    start, state = seen.final.get(_appointment(change), (0, None))
    if state is None or start < change.end:
        return None
    if change.interaction == "cancel_appointment":
        return state.status == "cancelled"
    # A version can be changed only once: where that was done by another change, it was not done by this one.
    return state.version != change.if_match and (_appointment(change), change.if_match) not in seen.consumed


def _appointment(change: Operation) -> Key:
    return change.practice, change.appointment or ""
