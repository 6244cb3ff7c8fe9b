"""The floor with SQL: a bare Starlette application that does of a request what the database has to do.

That is what nobody can leave out who keeps appointments in SQLite and a row of each request in the audit
trail: the statement of a read and its audit row; the statements of a booking, its audit row, and the commit
that it shares with whatever came at the same time. No header is looked at, no body read, no rule asked, and
every answer is the same: what our own code could at best come to.

`python -m tests.bench.sql_alone DATABASE BODIES PORT` serves it; BODIES is as the floor has it.
"""

import sys
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.domain.appointment import Appointment, AppointmentStatus, BookingOrganisation
from simulator.domain.audit import AuditEvent, Surface
from simulator.domain.clock import Clock
from simulator.domain.slot import DeliveryChannel
from simulator.interactions.interaction import InteractionResponse
from simulator.server.audit_trail import AuditTrail
from simulator.server.command_queue import CommandQueue
from simulator.store.appointments import default_participants
from simulator.store.database import Store
from tests.bench.floor import FHIR_JSON, serve
from tests.bench.rates import BOOK, READ

_BOOKED = "select organization_id, id from appointments where status = 'booked' order by start % 997, id"
_FREE = (
    "select slots.id, slots.start, minutes, schedule_id, schedules.organization_id, location_id,"
    " practitioner_id, (select min(id) from patients where organization_id = schedules.organization_id)"
    " from slots join schedules on schedules.id = schedule_id"
    " where status = 'free' and access_profile_id is not null and slots.start > ?"
    " order by slots.id % 997, slots.id"
)
_BOOKER = BookingOrganisation("Z88001", "gp-practice", '{"resourceType":"Organization","id":"1"}')


class SqlAlone:
    """The application: appointments are read, and free slots booked, in an order that mixes practices."""

    def __init__(self, store: Store, bodies: dict[str, bytes], now: int) -> None:
        self._store, self._bodies, self._now = store, bodies, now
        self._audit, self._commands = AuditTrail(store), CommandQueue(store)
        self._booked = cycle(store.connection.execute(_BOOKED).fetchall())
        self._free = iter(self._appointments())
        self._event = AuditEvent(
            now, Surface.PRACTICE, "08f13a1e-fb23-4e37-a199-802933a10d45", "read:appointment-1", "Z90001",
            "200000000115", "200000100001", "bench-0", "UNK", "Ms Ruth Okonkwo", "UNK", "Z9U01", "gpload",
            "Appointment/1", "1", "", 200,
        )  # fmt: skip

    def starlette(self) -> Starlette:
        """Return it with its two routes."""
        return Starlette(
            routes=[Route(f"/{READ}", self._read), Route(f"/{BOOK}", self._book, methods=["GET", "POST"])]
        )

    async def _read(self, request: Request) -> Response:
        self._store.glance().appointments.get(*next(self._booked))
        self._audit.soon(self._event)
        return Response(self._bodies[READ], headers={"content-type": FHIR_JSON})

    async def _book(self, request: Request) -> Response:
        if request.method == "GET":
            # To see that the server is up costs no slot.
            return Response()
        await self._commands.run(self._store_one)
        return Response(self._bodies[BOOK], 201, {"content-type": FHIR_JSON})

    def _store_one(self) -> InteractionResponse:
        appointment, schedule_id = next(self._free)
        with self._store.writing() as transaction:
            transaction.appointments.missing(appointment.organization_id, appointment.participants)
            transaction.slots.asked_for(appointment.organization_id, appointment.slot_ids)
            transaction.slots.take(appointment.slot_ids)
            transaction.appointments.add(appointment, schedule_id)
            transaction.audit.record([self._event])
        return InteractionResponse(b"")

    def _appointments(self) -> Iterator[tuple[Appointment, int]]:
        """Return bookings of one free slot each, with the schedule that each is of."""
        for slot_id, start, minutes, schedule_id, organization_id, *who in self._store.connection.execute(
            _FREE, (self._now,)
        ).fetchall():
            location_id, practitioner_id, patient_id = who
            yield (
                Appointment(
                    0, organization_id, AppointmentStatus.BOOKED, start, start + 60 * minutes, self._now,
                    "The benchmark", None, (slot_id,),
                    default_participants(patient_id, location_id, practitioner_id), "", "",
                    DeliveryChannel.IN_PERSON, "", _BOOKER, last_updated=self._now,
                ),
                schedule_id,
            )  # fmt: skip


def main() -> None:
    """Serve it."""
    store = Store(Path(sys.argv[1]))
    # As under `gpsim serve`, no commit folds the log before it is long.
    store.leave_folding()
    serve(
        lambda bodies: SqlAlone(store, bodies, Clock.on(None).now()).starlette(),
        Path(sys.argv[2]),
        int(sys.argv[3]),
    )


if __name__ == "__main__":
    main()
