"""A provider that is a row of claim-once slots, driven by clients whose requests overlap at random.

Every request takes effect at one instant of its own; some answers never come, and then the effect may come
after the client gave up, or not at all. Clients belong to processes whose clocks are off by no more than they
say. What the clients saw is a correct history by construction. What is broken on purpose is in
planted_faults.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from random import Random

from loadtest.integrity import ProviderState
from loadtest.integrity.provider_state import OwnAppointment
from loadtest.ledger import FIRST_LOOK, READ_BACK, AppointmentSeen, Operation, Outcome

PRACTICE = "A81001"
WINDOW = ("2026-11-23", "2026-12-06")
SURVEY = 99
PATIENTS = 4
PROCESSES = 3
SLOTS_A_SCHEDULE = 3

Asked = dict[str, object]


@dataclass
class SimulatedDay:
    """Slots, appointments and the operations recorded so far; `chance` decides everything.

    `off` is how far the clocks of the clients' processes may be off, in the unit of all times.
    """

    chance: Random
    slots: int
    clients: int
    requests: int
    off: int = 0
    operations: list[Operation] = field(default_factory=list)
    holders: dict[str, str] = field(default_factory=dict)
    appointments: dict[str, AppointmentSeen] = field(default_factory=dict)

    @classmethod
    def of_seed(cls, seed: int) -> SimulatedDay:
        """The day that a seed stands for, its size and its clocks included."""
        chance = Random(seed)
        off = chance.choice((0, 0, 3, 15))
        return cls(chance, chance.randrange(1, 9), chance.randrange(1, 9), chance.randrange(61), off)

    def __post_init__(self) -> None:
        self._tie = count()
        self._queue: list[tuple[int, int, Callable[[int], None]]] = []
        self._known: dict[str, list[str]] = {}
        self._requests = 0
        self._offsets = [0, *(self.chance.randint(-self.off, self.off) for _ in range(PROCESSES - 1))]

    def play(self) -> list[Operation]:
        """Return the whole day's operations, first look and read back included."""
        self._start_with_what_the_practice_booked()
        self._look(FIRST_LOOK, -1000)
        self._known = {each.id: ["1"] for each in self.appointments.values()}
        for client in range(self.clients):
            self._at(self.chance.randrange(20), partial(self._ask, client))
        now = 0
        while self._queue:
            now, _, happens = heapq.heappop(self._queue)
            happens(now)
        self._look(READ_BACK, now + 100_000)
        return self.operations

    def state(self) -> ProviderState:
        """Return the provider's own state as it now is."""
        return ProviderState.of(
            OwnAppointment(made.id, PRACTICE, made.patient or "", made.status, made.slots, made.version)
            for made in self.appointments.values()
        )

    def _at(self, when: int, happens: Callable[[int], None]) -> None:
        heapq.heappush(self._queue, (when, next(self._tie), happens))

    def _start_with_what_the_practice_booked(self) -> None:
        for slot in self._names():
            if self.chance.random() < 0.2:
                self._take((slot,), self._patient())

    def _names(self) -> list[str]:
        return [str(number) for number in range(self.slots)]

    def _patient(self) -> str:
        return f"p{self.chance.randrange(PATIENTS)}"

    def _free(self) -> tuple[str, ...]:
        return tuple(slot for slot in self._names() if slot not in self.holders)

    def _take(self, slots: tuple[str, ...], patient: str) -> AppointmentSeen | None:
        if any(slot in self.holders for slot in slots):
            return None
        made = AppointmentSeen(f"a{len(self.appointments)}", "booked", "1", slots, patient)
        made = self.appointments[made.id] = _digested(made)
        self.holders.update(dict.fromkeys(slots, made.id))
        return made

    def _change(self, identifier: str, matched: str, cancels: bool) -> AppointmentSeen | None:
        made = self.appointments[identifier]
        if made.status == "cancelled" or made.version != matched:
            return None
        version = str(int(matched) + 1)
        made = _digested(replace(made, status="cancelled" if cancels else "booked", version=version))
        self.appointments[identifier] = made
        for slot in made.slots if cancels else ():
            del self.holders[slot]
        return made

    def _look(self, phase: str, now: int) -> None:
        """As `gpload` does: first what is free, then who holds the rest; in the end the other way round."""
        if phase == READ_BACK:
            self._look_at_patients(phase, now)
            now += 10 * PATIENTS
        seen = self._free()
        places = tuple((schedule_of(slot), start_of(slot)) for slot in seen) if phase == FIRST_LOOK else ()
        search: Asked = {"seen": seen, "window": WINDOW, "places": places}
        self._record("search_for_free_slots", SURVEY, now, now + 5, "ok", search, phase)
        if phase == FIRST_LOOK:
            self._look_at_patients(phase, now + 10)

    def _look_at_patients(self, phase: str, now: int) -> None:
        for number in range(PATIENTS):
            start = now + number * 10
            self._retrieve(SURVEY, f"p{number}", start, start + 5, phase)

    def _retrieve(self, client: int, patient: str, start: int, end: int, phase: str) -> None:
        theirs = tuple(
            replace(made, digest=None) for made in self.appointments.values() if made.patient == patient
        )
        shown: Asked = {"patient": patient, "appointments": theirs}
        self._record("retrieve_patient_appointments", client, start, end, "ok", shown, phase)

    def _record(
        self,
        interaction: str,
        client: int,
        start: int,
        end: int,
        outcome: Outcome,
        what: Asked,
        phase: str = "load",
    ) -> None:
        process = 0 if client == SURVEY else client % PROCESSES
        offset = self._offsets[process]
        self.operations.append(
            Operation(
                interaction,
                f"{process}-{client}",
                f"t{len(self.operations)}",
                PRACTICE,
                phase,
                start + offset,
                end + offset,
                outcome,
                uncertainty=self.off if process else 0,
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
        kinds = (self._search, self._book, self._cancel, self._amend, self._read, self._look_up)
        request = self.chance.choices(kinds, (3, 5, 3, 2, 1, 1))[0]
        lost = request in (self._book, self._cancel, self._amend) and self.chance.random() < 0.2
        if lost:
            end = start + self.chance.randrange(1, 60)
            effect += self.chance.randrange(60)
        request(client, start, effect, end, lost)
        self._at(end + self.chance.randrange(1, 20), partial(self._ask, client))

    def _search(self, client: int, start: int, effect: int, end: int, lost: bool) -> None:
        def happens(_: int) -> None:
            search: Asked = {"seen": self._free(), "window": WINDOW}
            self._record("search_for_free_slots", client, start, end, "ok", search)

        self._at(effect, happens)

    def _look_up(self, client: int, start: int, effect: int, end: int, lost: bool) -> None:
        patient = self._patient()
        self._at(effect, lambda _: self._retrieve(client, patient, start, end, "load"))

    def _read(self, client: int, start: int, effect: int, end: int, lost: bool) -> None:
        identifier = self._some_known()
        if identifier is None:
            return

        def happens(_: int) -> None:
            made = self.appointments[identifier]
            read: Asked = {"appointment": identifier, "version": made.version, "appointments": (made,)}
            self._record("read_appointment", client, start, end, "ok", read)
            self._at(end, lambda _: self._learn(made))

        self._at(effect, happens)

    def _book(self, client: int, start: int, effect: int, end: int, lost: bool) -> None:
        first = self.chance.randrange(self.slots)
        slots = tuple(self._names()[first : first + self.chance.choice((1, 1, 2))])
        patient = self._patient()
        arrives = not lost or self.chance.random() < 0.6
        speaks = self.chance.random() < 0.9

        def happens(_: int) -> None:
            made = self._take(slots, patient) if arrives else None
            asked: Asked = {"slots": slots, "patient": patient}
            if lost:
                self._record("book_appointment", client, start, end, "unknown", asked)
            elif made is None:
                refusal = {"status": 409, "code": "DUPLICATE_REJECTED", **asked}
                self._record("book_appointment", client, start, end, "refused", refusal)
            else:
                answer: Asked = {"appointment": made.id, "appointments": (made,)} if speaks else {}
                self._record("book_appointment", client, start, end, "ok", asked | answer)
                if speaks:
                    self._at(end, lambda _: self._learn(made))

        self._at(effect, happens)

    def _cancel(self, client: int, start: int, effect: int, end: int, lost: bool) -> None:
        self._write(client, start, effect, end, lost, cancels=True)

    def _amend(self, client: int, start: int, effect: int, end: int, lost: bool) -> None:
        self._write(client, start, effect, end, lost, cancels=False)

    def _write(self, client: int, start: int, effect: int, end: int, lost: bool, cancels: bool) -> None:
        identifier = self._some_known()
        if identifier is None:
            return
        known = self._known[identifier]
        matched = known[-1] if self.chance.random() < 0.8 else self.chance.choice(known)
        arrives = not lost or self.chance.random() < 0.6
        interaction = "cancel_appointment" if cancels else "amend_appointment"

        def happens(_: int) -> None:
            made = self._change(identifier, matched, cancels) if arrives else None
            outcome: Outcome = "unknown" if lost else "refused" if made is None else "ok"
            asked: Asked = {"appointment": identifier, "if_match": matched}
            if made is not None and not lost:
                asked |= {"appointments": (made,), "version": made.version}
                self._at(end, lambda _: self._learn(made))
            self._record(interaction, client, start, end, outcome, asked)

        self._at(effect, happens)

    def _some_known(self) -> str | None:
        return self.chance.choice(list(self._known)) if self._known else None

    def _learn(self, made: AppointmentSeen) -> None:
        self._known.setdefault(made.id, []).append(made.version or "")


def _digested(made: AppointmentSeen) -> AppointmentSeen:
    return replace(made, digest=f"{made.id}/{made.status}/{made.version}")


def schedule_of(slot: str) -> str:
    """Neighbours share a schedule, a few at a time."""
    return f"Schedule/{int(slot) // SLOTS_A_SCHEDULE}"


def start_of(slot: str) -> str:
    return f"2026-11-24T09:{int(slot):02}:00+00:00"
