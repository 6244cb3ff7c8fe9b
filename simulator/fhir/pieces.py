"""Resources of which there are very many, as pieces of JSON, nearly all of them shared.

Slots and schedules differ in ids and times alone. The text around these is made once for all that are of one
form; what is kept of each is little, and to write a hundred of them is one join. How a slot or a schedule
looks stays with its own renderer: the pieces are cut out of what it renders.
"""

from collections.abc import Iterable
from functools import lru_cache

from simulator.domain.clock import Instant, uk_local
from simulator.domain.schedule import Schedule
from simulator.domain.slot import DeliveryChannel, Slot, SlotStatus
from simulator.fhir.resource import Json, written
from simulator.fhir.schedule import render_schedule
from simulator.fhir.slot import render_slot

Pieces = tuple[bytes, ...]
"""JSON in parts, to be joined by nothing."""

_ID, _SCHEDULE_ID = 999_999_999_999_991, 999_999_999_999_992
_START, _END = 252_000_000_000, 252_000_086_400
_FORMS = 4096


def entry(resource: bytes) -> bytes:
    """Return a resource, JSON already, as an entry of a Bundle that follows another."""
    return b',{"resource":%b}' % resource


def slot_entry(slot: Slot) -> Pieces:
    """Return a slot as an entry of a Bundle that follows another."""
    form = _slot_form(slot.service_type, slot.delivery_channel, slot.status, slot.version)
    if form is None:
        return (entry(written(render_slot(slot))),)
    head, schedule, *around_times = form
    times = _times(slot.start, slot.end, *around_times)
    return (head, b"%d" % slot.id, schedule, b"%d" % slot.schedule_id, times)


def schedule_entry(schedule: Schedule) -> Pieces:
    """Return a schedule as an entry of a Bundle that follows another."""
    form = _schedule_form(
        schedule.organization_id, schedule.location_id, schedule.practitioner_id,
        schedule.practitioner_role, schedule.service_category, schedule.version,
    )  # fmt: skip
    if form is None:
        return (entry(written(render_schedule(schedule))),)
    head, *around_times = form
    return (head, b"%d" % schedule.id, _times(schedule.start, schedule.end, *around_times))


@lru_cache(maxsize=_FORMS)
def _slot_form(
    service_type: str, channel: DeliveryChannel, status: SlotStatus, version: int
) -> Pieces | None:
    sample = Slot(_ID, _SCHEDULE_ID, _START, _END, status, service_type, channel, None, version)
    return _cut(render_slot(sample), (str(_ID), str(_SCHEDULE_ID), uk_local(_START), uk_local(_END)))


@lru_cache(maxsize=_FORMS)
def _schedule_form(
    organization_id: int,
    location_id: int,
    practitioner_id: int | None,
    role: str,
    category: str,
    version: int,
) -> Pieces | None:
    sample = Schedule(
        _ID, organization_id, location_id, practitioner_id, role, category, _START, _END, version
    )
    return _cut(render_schedule(sample), (str(_ID), uk_local(_START), uk_local(_END)))


def _cut(resource: Json, samples: Iterable[str]) -> Pieces | None:
    """Return an entry's text around samples, or None where one is not where it should be, once."""
    rest, pieces = entry(written(resource)), []
    for sample in samples:
        if rest.count(sample.encode()) != 1:
            return None
        piece, _, rest = rest.partition(sample.encode())
        pieces.append(piece)
    return (*pieces, rest)


@lru_cache(maxsize=65_536)
def _times(start: Instant, end: Instant, before: bytes, between: bytes, after: bytes) -> bytes:
    """Return two times with what stands around them: many slots of a country have the same."""
    return b"%b%b%b%b%b" % (before, uk_local(start).encode(), between, uk_local(end).encode(), after)
