"""A day at one practice, written down request by request in milliseconds, for the judge to read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from loadtest.integrity import CheckResult, Findings, ProviderState, judge
from loadtest.ledger import FIRST_LOOK, READ_BACK, AppointmentSeen, Operation, Outcome

MS = 1_000_000
WINDOW = ("2026-11-23", "2026-12-06")


def booked(
    appointment: str,
    *slots: str,
    patient: str | None = None,
    version: str | None = "1",
    digest: str | None = None,
) -> AppointmentSeen:
    return AppointmentSeen(appointment, "booked", version, slots, patient, digest)


def cancelled(
    appointment: str, *slots: str, patient: str | None = None, version: str | None = "2"
) -> AppointmentSeen:
    return AppointmentSeen(appointment, "cancelled", version, slots, patient)


@dataclass
class Day:
    practice: str = "A81001"
    operations: list[Operation] = field(default_factory=list)

    def _add(self, interaction: str, at: int, until: int, outcome: Outcome, **what: object) -> Operation:
        number = len(self.operations)
        phase = str(what.pop("phase", "load"))
        operation = Operation(
            interaction=interaction,
            client=f"7-{number}",
            trace=f"trace-{number}",
            practice=self.practice,
            phase=phase,
            start=at * MS,
            end=until * MS,
            outcome=outcome,
            **what,  # type: ignore[arg-type]  # whatever the test gives by name
        )
        self.operations.append(operation)
        return operation

    def search(self, at: int, until: int, *seen: str, phase: str = "load") -> Operation:
        return self._add(
            "search_for_free_slots", at, until, "ok", status=200, seen=seen, window=WINDOW, phase=phase
        )

    def book(
        self,
        at: int,
        until: int,
        *slots: str,
        patient: str = "p1",
        gives: str | None = None,
        shows: AppointmentSeen | None = None,
    ) -> Operation:
        """Acknowledged: `gives` the id, and `shows` what the answer says, or just what was asked for."""
        if shows is None and gives is not None:
            shows = booked(gives, *slots, patient=patient)
        return self._add(
            "book_appointment",
            at,
            until,
            "ok",
            status=201,
            slots=slots,
            patient=patient,
            appointment=gives,
            version=None if shows is None else shows.version,
            appointments=() if shows is None else (shows,),
        )

    def book_unanswered(self, at: int, until: int, *slots: str, patient: str = "p1") -> Operation:
        return self._add(
            "book_appointment", at, until, "unknown", error="timeout", slots=slots, patient=patient
        )

    def refused(
        self, at: int, until: int, *slots: str, code: str = "DUPLICATE_REJECTED", patient: str = "p9"
    ) -> Operation:
        return self._add(
            "book_appointment", at, until, "refused", status=409, code=code, slots=slots, patient=patient
        )

    def cancel(
        self,
        at: int,
        until: int,
        appointment: str,
        outcome: Outcome = "ok",
        matches: str | None = "1",
        gives: str | None = "2",
    ) -> Operation:
        """Acknowledged, its answer shows the appointment as last shown, cancelled, at version `gives`."""
        change = replace(self._last(appointment), status="cancelled", version=gives)
        return self._change("cancel_appointment", at, until, change, outcome, matches)

    def amend(
        self,
        at: int,
        until: int,
        appointment: str,
        outcome: Outcome = "ok",
        matches: str | None = "1",
        gives: str | None = "2",
        digest: str | None = None,
    ) -> Operation:
        change = replace(self._last(appointment), version=gives, digest=digest)
        return self._change("amend_appointment", at, until, change, outcome, matches)

    def _change(
        self,
        interaction: str,
        at: int,
        until: int,
        change: AppointmentSeen,
        outcome: Outcome,
        matches: str | None,
    ) -> Operation:
        return self._add(
            interaction,
            at,
            until,
            outcome,
            status={"ok": 200, "refused": 409, "unknown": None}[outcome],
            slots=change.slots,
            appointment=change.id,
            if_match=matches,
            version=change.version if outcome == "ok" else None,
            appointments=(change,) if outcome == "ok" else (),
        )

    def _last(self, appointment: str) -> AppointmentSeen:
        shown = [seen for operation in self.operations for seen in operation.appointments]
        return next((seen for seen in reversed(shown) if seen.id == appointment), booked(appointment))

    def retrieve(
        self,
        at: int,
        until: int,
        patient: str,
        *appointments: AppointmentSeen,
        phase: str = "load",
        outcome: Outcome = "ok",
    ) -> Operation:
        return self._add(
            "retrieve_patient_appointments",
            at,
            until,
            outcome,
            status=200 if outcome == "ok" else 503,
            patient=patient,
            appointments=appointments,
            phase=phase,
        )

    def read(
        self, at: int, until: int, appointment: str, seen: AppointmentSeen | None, phase: str = "load"
    ) -> Operation:
        return self._add(
            "read_appointment",
            at,
            until,
            "refused" if seen is None else "ok",
            status=404 if seen is None else 200,
            appointment=appointment,
            appointments=() if seen is None else (seen,),
            phase=phase,
        )

    def first_look_at(self, **places: tuple[str, str]) -> None:
        """Slots shown free by number, `s12`, each with its Schedule and start."""
        slots = tuple(name.removeprefix("s") for name in places)
        self._add(
            "search_for_free_slots", -100, -90, "ok", status=200, seen=slots, window=WINDOW,
            phase=FIRST_LOOK, places=tuple(places.values()),
        )  # fmt: skip
        self.retrieve(-80, -70, "p1", phase=FIRST_LOOK)

    def first_look(self, *free: str, **appointments: tuple[AppointmentSeen, ...]) -> None:
        self.search(-100, -90, *free, phase=FIRST_LOOK)
        for patient, theirs in appointments.items():
            self.retrieve(-80, -70, patient, *theirs, phase=FIRST_LOOK)

    def read_back(self, *free: str, **appointments: tuple[AppointmentSeen, ...]) -> None:
        self.search(10_000, 10_010, *free, phase=READ_BACK)
        for patient, theirs in appointments.items():
            self.retrieve(10_020, 10_030, patient, *theirs, phase=READ_BACK)

    def judged(self, shared: bool = False, appointments: ProviderState | None = None) -> Findings:
        return judge(iter(self.operations), seed=42, shared=shared, appointments=appointments)


def check(findings: Findings, number: int) -> CheckResult:
    return next(result for result in findings.checks if result.number == number)


def results(findings: Findings) -> dict[int, str]:
    """Every check that did not pass, by number."""
    return {result.number: result.result for result in findings.checks if result.result != "passed"}
