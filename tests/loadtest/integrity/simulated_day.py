"""A provider that is a row of claim-once slots, driven by clients whose requests overlap at random.

Every request takes effect at one instant of its own; some answers never come, and then the effect may come
after the client gave up, or not at all. What the clients saw is a correct history by construction. What is
broken on purpose is in planted_faults.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from random import Random

from loadtest.ledger import FIRST_LOOK, READ_BACK, AppointmentSeen, Operation, Outcome

PRACTICE = "A81001"
WINDOW = ("2026-11-23", "2026-12-06")


@dataclass
class SimulatedDay:
    """Slots, appointments and the operations recorded so far; `chance` decides everything."""

    chance: Random
    slots: int
    clients: int
    requests: int
    operations: list[Operation] = field(default_factory=list)
    holders: dict[str, str] = field(default_factory=dict)
    appointments: dict[str, AppointmentSeen] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._tie = count()
        self._queue: list[tuple[int, int, Callable[[int], None]]] = []
        self._known: list[str] = []
        self._requests = 0

    def play(self) -> list[Operation]:
        """Return the whole day's operations, first look and read back included."""
        self._start_with_what_the_practice_booked()
        self._look(FIRST_LOOK, -1000)
        for client in range(self.clients):
            self._at(self.chance.randrange(20), partial(self._ask, client))
        now = 0
        while self._queue:
            now, _, happens = heapq.heappop(self._queue)
            happens(now)
        self._look(READ_BACK, now + 100_000)
        return self.operations

    def _at(self, when: int, happens: Callable[[int], None]) -> None:
        heapq.heappush(self._queue, (when, next(self._tie), happens))

    def _start_with_what_the_practice_booked(self) -> None:
        for slot in self._names():
            if self.chance.random() < 0.2:
                self._take((slot,), self._patient())

    def _names(self) -> list[str]:
        return [str(number) for number in range(self.slots)]

    def _patient(self) -> str:
        return f"p{self.chance.randrange(4)}"

    def _free(self) -> tuple[str, ...]:
        return tuple(slot for slot in self._names() if slot not in self.holders)

    def _take(self, slots: tuple[str, ...], patient: str) -> AppointmentSeen | None:
        if any(slot in self.holders for slot in slots):
            return None
        made = AppointmentSeen(f"a{len(self.appointments)}", "booked", "1", slots, patient)
        self.appointments[made.id] = made
        self.holders.update(dict.fromkeys(slots, made.id))
        return made

    def _give_back(self, identifier: str) -> AppointmentSeen | None:
        made = self.appointments[identifier]
        if made.status == "cancelled":
            return None
        made = self.appointments[identifier] = replace(made, status="cancelled", version="2")
        for slot in made.slots:
            del self.holders[slot]
        return made

    def _look(self, phase: str, now: int) -> None:
        self._record("search_for_free_slots", 99, now, now + 5, "ok", phase, seen=self._free(), window=WINDOW)
        for number in range(4):
            start = now + 10 + number * 10
            self._retrieve(99, f"p{number}", start, start + 5, phase)

    def _retrieve(self, client: int, patient: str, start: int, end: int, phase: str) -> None:
        theirs = tuple(made for made in self.appointments.values() if made.patient == patient)
        self._record(
            "retrieve_patient_appointments",
            client,
            start,
            end,
            "ok",
            phase,
            patient=patient,
            appointments=theirs,
        )

    def _record(
        self,
        interaction: str,
        client: int,
        start: int,
        end: int,
        outcome: Outcome,
        phase: str,
        **what: object,
    ) -> None:
        trace = f"t{len(self.operations)}"
        self.operations.append(
            Operation(
                interaction,
                f"1-{client}",
                trace,
                PRACTICE,
                phase,
                start,
                end,
                outcome,
                **what,  # type: ignore[arg-type]  # the fields each interaction has
            )
        )

    def _ask(self, client: int, start: int) -> None:
        """One request: its effect after a while, its answer after another, then the next request."""
        if self._requests >= self.requests:
            return
        self._requests += 1
        effect = start + self.chance.randrange(1, 30)
        end = effect + self.chance.randrange(1, 30)
        request = self.chance.choices((self._search, self._book, self._cancel, self._read), (3, 5, 3, 1))[0]
        lost = request in (self._book, self._cancel) and self.chance.random() < 0.2
        if lost:
            end = start + self.chance.randrange(1, 60)
            effect += self.chance.randrange(60)
        request(client, start, effect, end, lost)
        self._at(end + self.chance.randrange(1, 20), partial(self._ask, client))

    def _search(self, client: int, start: int, effect: int, end: int, lost: bool) -> None:
        def happens(_: int) -> None:
            free = self._free()
            self._record("search_for_free_slots", client, start, end, "ok", "load", seen=free, window=WINDOW)

        self._at(effect, happens)

    def _read(self, client: int, start: int, effect: int, end: int, lost: bool) -> None:
        patient = self._patient()
        self._at(effect, lambda _: self._retrieve(client, patient, start, end, "load"))

    def _book(self, client: int, start: int, effect: int, end: int, lost: bool) -> None:
        first = self.chance.randrange(self.slots)
        slots = tuple(self._names()[first : first + self.chance.choice((1, 1, 2))])
        patient = self._patient()
        arrives = not lost or self.chance.random() < 0.6
        speaks = self.chance.random() < 0.9

        def happens(_: int) -> None:
            made = self._take(slots, patient) if arrives else None
            asked = {"slots": slots, "patient": patient}
            if lost:
                self._record("book_appointment", client, start, end, "unknown", "load", **asked)
            elif made is None:
                refusal = {"status": 409, "code": "DUPLICATE_REJECTED", **asked}
                self._record("book_appointment", client, start, end, "refused", "load", **refusal)
            else:
                answer = {"appointment": made.id, "appointments": (made,)} if speaks else {}
                self._record("book_appointment", client, start, end, "ok", "load", **asked, **answer)
                if speaks:
                    self._at(end, lambda _: self._known.append(made.id))

        self._at(effect, happens)

    def _cancel(self, client: int, start: int, effect: int, end: int, lost: bool) -> None:
        before = [a.id for o in self.operations if o.phase == FIRST_LOOK for a in o.appointments]
        known = [*self._known, *before]
        if not known:
            return
        identifier = self.chance.choice(known)
        arrives = not lost or self.chance.random() < 0.6

        def happens(_: int) -> None:
            made = self._give_back(identifier) if arrives else None
            outcome: Outcome = "unknown" if lost else "refused" if made is None else "ok"
            shown = {"appointments": (made,)} if made is not None and not lost else {}
            self._record(
                "cancel_appointment", client, start, end, outcome, "load", appointment=identifier, **shown
            )

        self._at(effect, happens)


def kept_bookings(operations: list[Operation]) -> list[Operation]:
    """Return the acknowledged bookings that nobody ever asked to cancel."""
    touched = {o.appointment for o in operations if o.interaction == "cancel_appointment"}
    return [
        o
        for o in operations
        if o.interaction == "book_appointment"
        and o.outcome == "ok"
        and o.appointment is not None
        and o.appointment not in touched
    ]
