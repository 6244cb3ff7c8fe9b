"""Entries of a Bundle, as JSON.

There are very many slots and schedules, and they differ in ids and times alone: the text around these is made
once for all that are of one form. How a slot or a schedule looks stays with its own renderer: a form is what
that renders, with places cut into it.
"""

from functools import lru_cache

from simulator.domain.clock import uk_local
from simulator.domain.schedule import Schedule
from simulator.domain.slot import DeliveryChannel, Slot, SlotStatus
from simulator.fhir.resource import Json, written
from simulator.fhir.schedule import render_schedule
from simulator.fhir.slot import render_slot

_FIRST, _SECOND, _THIRD = 999_999_999_999_991, 999_999_999_999_992, 999_999_999_999_993
_START, _END = 252_000_000_000, 252_000_086_400
"""What is rendered to see where ids and times stand, in this order; nothing else looks like them."""

_FORMS = 4096


def entry(resource: bytes) -> bytes:
    """Return a resource, JSON already, as an entry of a Bundle that follows another."""
    return b',{"resource":%b}' % resource


def slot_entry(slot: Slot) -> bytes:
    """Return a slot as an entry of a Bundle that follows another."""
    form = _slot_form(slot.service_type, slot.delivery_channel, slot.status, slot.version)
    if form is None:
        return entry(written(render_slot(slot)))
    return form % (slot.id, slot.schedule_id, uk_local(slot.start).encode(), uk_local(slot.end).encode())


def schedule_entry(schedule: Schedule) -> bytes:
    """Return a schedule as an entry of a Bundle that follows another."""
    actors = [schedule.location_id]
    if schedule.practitioner_id is not None:
        actors.append(schedule.practitioner_id)
    form = _schedule_form(
        len(actors), schedule.practitioner_role, schedule.service_category, schedule.version
    )
    if form is None:
        return entry(written(render_schedule(schedule)))
    times = uk_local(schedule.start).encode(), uk_local(schedule.end).encode()
    return form % (schedule.id, *actors, *times)


@lru_cache(maxsize=_FORMS)
def _slot_form(service_type: str, channel: DeliveryChannel, status: SlotStatus, version: int) -> bytes | None:
    sample = Slot(_FIRST, _SECOND, _START, _END, status, service_type, channel, None, version)
    return _form(render_slot(sample), _FIRST, _SECOND)


@lru_cache(maxsize=_FORMS)
def _schedule_form(actors: int, role: str, category: str, version: int) -> bytes | None:
    practitioner_id = _THIRD if actors > 1 else None
    sample = Schedule(_FIRST, 0, _SECOND, practitioner_id, role, category, _START, _END, version)
    return _form(render_schedule(sample), *(_FIRST, _SECOND, _THIRD)[: actors + 1])


def _form(resource: Json, *ids: int) -> bytes | None:
    """Return an entry with places for ids and times; None where one is not where it should be, once."""
    samples = [(b"%d" % each, b"%d") for each in ids]
    samples += [(uk_local(each).encode(), b"%b") for each in (_START, _END)]
    rest, form = entry(written(resource)).replace(b"%", b"%%"), b""
    for sample, place in samples:
        if rest.count(sample) != 1:
            return None
        before, _, rest = rest.partition(sample)
        form += before + place
    return form + rest
