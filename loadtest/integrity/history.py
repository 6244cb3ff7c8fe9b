"""The history of a run, folded once from its operations: per practice its slots, appointments and looks.

Searches are kept without what they showed (that is filed under each slot as a number), and operations that
no check needs are let go, so that a million operations with ten million sightings fit in memory.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable

from loadtest.integrity.practice_history import PracticeHistory
from loadtest.ledger import READ_BACK, Operation

_CHANGES = frozenset({"amend_appointment", "cancel_appointment"})


class History:
    """A whole run. `starts` and `ends` are the times of `searches`, by number.

    `bundles` counts the searchsets, `repeating` are those in which a resource stood more than once; `wholes`
    counts the responses that were one Appointment, `undigested` those of them without a digest. `shared` says
    that others than the run may write to the provider without leaving a trace in what it saw.
    """

    def __init__(self, shared: bool = False) -> None:
        self.shared = shared
        self.practices: dict[str, PracticeHistory] = {}
        self.operations = 0
        self.searches: list[Operation] = []
        self.starts = array("q")
        self.ends = array("q")
        self.bundles = 0
        self.repeating: list[Operation] = []
        self.wholes = 0
        self.undigested = 0

    def add(self, operation: Operation) -> None:
        """File one operation."""
        self.operations += 1
        practice = self.practices.get(operation.practice)
        if practice is None:
            practice = self.practices[operation.practice] = PracticeHistory(operation.practice)
        interaction = operation.interaction
        if interaction == "search_for_free_slots":
            if operation.outcome == "ok":
                self._add_search(practice, operation)
            return
        if interaction == "book_appointment":
            practice.add_booking(operation)
        elif interaction in _CHANGES:
            if operation.outcome != "refused" and operation.appointment is not None:
                practice.trails[operation.appointment].add_change(operation)
        elif operation.phase == READ_BACK:
            practice.add_final_read(operation)
        if operation.outcome == "ok":
            self._add_readings(practice, operation)

    def _add_search(self, practice: PracticeHistory, operation: Operation) -> None:
        practice.add_look(operation)
        number = len(self.searches)
        slots = practice.slots
        for slot in operation.seen:
            slots[slot].sightings.append(number)
        bare = _bare(operation)
        self._add_bundle(bare)
        self.searches.append(bare)
        self.starts.append(operation.start)
        self.ends.append(operation.end)

    def _add_readings(self, practice: PracticeHistory, operation: Operation) -> None:
        if operation.interaction == "retrieve_patient_appointments":
            self._add_bundle(operation)
        elif operation.appointments:
            self.wholes += 1
            self.undigested += operation.appointments[0].digest is None
        trails = practice.trails
        for appointment in operation.appointments:
            trails[appointment.id].add_reading(operation, appointment)

    def _add_bundle(self, operation: Operation) -> None:
        self.bundles += 1
        if operation.duplicates:
            self.repeating.append(operation)


def _bare(search: Operation) -> Operation:
    """A search without what it showed. Made anew by hand: `replace` takes twice as long."""
    return Operation(
        interaction=search.interaction,
        client=search.client,
        trace=search.trace,
        practice=search.practice,
        phase=search.phase,
        start=search.start,
        end=search.end,
        outcome=search.outcome,
        intended=search.intended,
        status=search.status,
        bytes=search.bytes,
        window=search.window,
        duplicates=search.duplicates,
        uncertainty=search.uncertainty,
    )


def fold(operations: Iterable[Operation], shared: bool = False) -> History:
    """Return the history of these operations, which may come in any order and are read once."""
    history = History(shared)
    for operation in operations:
        history.add(operation)
    return history
