"""One request and what became of it: what a client did, and what it saw of slots and appointments."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any, Literal

FIRST_LOOK = "first look"
PLANNING = "planning"
READ_BACK = "read back"
NOT_LOAD = frozenset({FIRST_LOOK, PLANNING, READ_BACK})
DUPLICATE_REJECTED = "DUPLICATE_REJECTED"

Outcome = Literal["ok", "refused", "unknown"]

_OUTCOMES: dict[str, Outcome] = {"ok": "ok", "refused": "refused", "unknown": "unknown"}


@dataclass(frozen=True, slots=True)
class AppointmentSeen:
    """An Appointment as a response showed it: logical ids, `status` and `meta.versionId`.

    `digest` stands for the whole resource, where the response was that Appointment alone.
    """

    id: str
    status: str
    version: str | None = None
    slots: tuple[str, ...] = ()
    patient: str | None = None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One request and what became of it.

    `outcome` is "ok" (2xx), "refused" (a definite 4xx, or 501) or "unknown" (timeout, reset, other 5xx).
    `start`, `end` and `intended` are ns of the reference clock, all three off by the same amount, at most
    `uncertainty` ns, which is that of its file; `intended` only under open arrivals.
    `practice` is an ODS code; `slots`, `patient`, `appointment` and `seen` hold that practice's logical ids.
    `code` is the Spine code of a refusal, `reason` what its diagnostics say, not kept of one that a slot is
    taken; `bytes` the size of the response body. `places` are the Schedule
    and the start of each slot in `seen`, kept of the first look alone.
    """

    interaction: str
    client: str
    trace: str
    practice: str
    phase: str
    start: int
    end: int
    outcome: Outcome
    intended: int | None = None
    status: int | None = None
    code: str | None = None
    reason: str | None = None
    error: str | None = None
    bytes: int = 0
    slots: tuple[str, ...] = ()
    patient: str | None = None
    appointment: str | None = None
    version: str | None = None
    if_match: str | None = None
    seen: tuple[str, ...] = ()
    places: tuple[tuple[str, str], ...] = ()
    window: tuple[str, str] | None = None
    appointments: tuple[AppointmentSeen, ...] = ()
    duplicates: tuple[str, ...] = ()
    uncertainty: int = 0

    @property
    def answer(self) -> str:
        """What came back, in short: `201`, `422 INVALID_RESOURCE`, `timeout`."""
        if self.error is not None:
            return self.error
        # The Spine Secure Proxy gives the status as its code.
        code = None if self.code == str(self.status) else self.code
        return " ".join(filter(None, (str(self.status), code)))

    @property
    def lost_race(self) -> bool:
        """True for a booking refused as no longer free: 409 DUPLICATE_REJECTED on a slot, nothing else."""
        return (
            self.interaction == "book_appointment"
            and self.status == 409
            and self.code == DUPLICATE_REJECTED
            and bool(self.slots)
        )


def present(record: Any) -> dict[str, Any]:
    """The fields of a record (a dataclass with slots) as JSON has them: what is absent is left out."""
    return {
        name: value
        for name in record.__slots__
        if (value := getattr(record, name)) is not None and value != () and name != "uncertainty"
    }


def operation_of(record: dict[str, Any], uncertainty: int = 0) -> Operation:
    """The operation that `present` made a record of. Raises KeyError or TypeError for anything else."""
    given = record.get
    window, slots, seen, places = given("window"), given("slots"), given("seen"), given("places")
    appointments, duplicates = given("appointments"), given("duplicates")
    # Names that recur on every line are kept once: a million operations must fit in memory.
    return Operation(
        interaction=sys.intern(record["interaction"]),
        client=sys.intern(record["client"]),
        trace=record["trace"],
        practice=sys.intern(record["practice"]),
        phase=sys.intern(record["phase"]),
        start=record["start"],
        end=record["end"],
        outcome=_OUTCOMES[record["outcome"]],
        intended=given("intended"),
        status=given("status"),
        code=_interned(given("code")),
        reason=_interned(given("reason")),
        error=_interned(given("error")),
        bytes=given("bytes", 0),
        slots=tuple(map(sys.intern, slots)) if slots else (),
        patient=_interned(given("patient")),
        appointment=_interned(given("appointment")),
        version=_interned(given("version")),
        if_match=_interned(given("if_match")),
        seen=tuple(seen) if seen else (),
        places=tuple((schedule, start) for schedule, start in places) if places else (),
        window=(sys.intern(window[0]), sys.intern(window[1])) if window else None,
        appointments=tuple(map(_read_appointment, appointments)) if appointments else (),
        duplicates=tuple(duplicates) if duplicates else (),
        uncertainty=uncertainty,
    )


def _read_appointment(record: dict[str, Any]) -> AppointmentSeen:
    return AppointmentSeen(
        id=sys.intern(record["id"]),
        status=sys.intern(record["status"]),
        version=_interned(record.get("version")),
        slots=tuple(map(sys.intern, record.get("slots") or ())),
        patient=_interned(record.get("patient")),
        digest=_interned(record.get("digest")),
    )


def _interned(name: str | None) -> str | None:
    return None if name is None else sys.intern(name)
