"""Reading the appointments that desks send again and again: the same but for a few leaves.

A full reading costs more than all the rest of a booking, nearly all of it in the models. So an appointment
is first reduced to its outline: a copy in which each leaf whose exact value cannot matter to any check (a
time, a text, a reference that has an ordinary form) gives way to one sample value. The first appointment with
an outline is read in full, and then the outline itself: what came of that is kept, and of the next
appointment with that outline only the leaves are read. Whatever is out of the ordinary, or refused, is read
in full each time, so that a refusal says what it always says and nothing of it is kept.

That this is the same as a full reading rests on one rule: a check that looks at a leaf of `LEAVES` must hold
for every value that its form lets through, or for none.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from typing import Any, Union

import orjson

from simulator.domain.amendment import Sent
from simulator.domain.appointment import BookingOrganisation, Participant
from simulator.domain.booking import Booking
from simulator.domain.clock import Instant
from simulator.domain.refusals import Refusal
from simulator.fhir import urls
from simulator.fhir.resource import Json, extension_values
from simulator.fhir.sent_appointment import booker_of, read_booking_in_full, read_sent_in_full

LONGEST_TEXT = 600
"""The longest text that is ordinary, in characters: more than a comment may have."""

LONGEST_OUTLINE = 4096
OUTLINES_KEPT = 256
"""The bytes of one that is kept, and their number: it stays within a few megabytes, whatever is sent."""

_MOMENT = re.compile(r"20\d\d-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{3})?(Z|\+0[01]:00)", re.ASCII)
_OUR_ID = re.compile("[1-9][0-9]{0,17}")
_SLOT = re.compile("Slot/[1-9][0-9]{0,17}")
_ACTOR = re.compile("(Patient|Location|Practitioner)/[1-9][0-9]{0,17}")
_LINE_ENDS_AND_TABS = str.maketrans("\r\n\t", "   ")


class OutOfTheOrdinary(Exception):
    """A leaf that its sample cannot stand for."""


Leaf = Callable[[str], str]
"""Returns the sample that stands for a text, or raises OutOfTheOrdinary.

For what is no text at all it raises that or TypeError.
"""

Leaves = dict[str, Union[Leaf, "Leaves"]]
"""The leaves of an element, or of each of several, by name."""

Sampler = Callable[[Any], Any]
"""Returns a copy of an element, or of each of several, with samples for its leaves, or raises as a Leaf."""


class Outline(bytes):
    """An outline as JSON; until that is read, with the appointment it is of, which may be far longer."""

    appointment: Json


@lru_cache(maxsize=4096)
def _instant(text: str) -> Instant:
    """Return a time as an instant; raise OutOfTheOrdinary for one that is not of the ordinary form."""
    if _MOMENT.fullmatch(text) is None:
        raise OutOfTheOrdinary
    try:
        return int(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())
    except ValueError:
        raise OutOfTheOrdinary from None


@lru_cache(maxsize=4096)
def _moment(text: str) -> str:
    _instant(text)
    return "2026-03-16T09:00:00+00:00"


def _words(text: str) -> str:
    if type(text) is not str or not text or len(text) > LONGEST_TEXT or text.isspace():
        raise OutOfTheOrdinary
    # Of what is not printable only line ends and tabs are certain to pass.
    if not text.isprintable() and not text.translate(_LINE_ENDS_AND_TABS).isprintable():
        raise OutOfTheOrdinary
    return "x"


def _id(text: str) -> str:
    if _OUR_ID.fullmatch(text) is None:
        raise OutOfTheOrdinary
    return "1"


def _slot(text: str) -> str:
    if _SLOT.fullmatch(text) is None:
        raise OutOfTheOrdinary
    return "Slot/1"


@lru_cache(maxsize=4096)
def _actor(text: str) -> str:
    match = _ACTOR.fullmatch(text)
    if match is None:
        raise OutOfTheOrdinary
    return f"{match[1]}/1"


ORGANISATION: Leaves = {"identifier": {"value": _words}, "name": _words, "telecom": {"value": _words}}
"""The leaves of the organisation that books."""

LEAVES: Leaves = {
    "id": _id,
    "meta": {"versionId": _id},
    "contained": ORGANISATION,
    "extension": {"valueString": _words},
    "identifier": {"value": _words},
    "description": _words,
    "start": _moment,
    "end": _moment,
    "created": _moment,
    "comment": _words,
    "slot": {"reference": _slot},
    "participant": {"actor": {"reference": _actor, "display": _words}},
}
"""The leaves of an appointment that differ from one to the next, and the form each must have."""


def read_booking(resource: Json) -> Booking:
    """Return what a consumer asks to book; raise InvalidResource or ReferenceNotFound naming the element.

    Source: specification, page "Book an appointment".
    """
    outline = _outline(resource)
    like = _booking_like(outline) if outline else None
    if like is None:
        return read_booking_in_full(resource)
    return like._replace(
        slot_ids=_slot_ids(resource),
        start=_instant(resource["start"]),
        end=_instant(resource["end"]),
        start_sent=resource["start"],
        end_sent=resource["end"],
        created=_instant(resource["created"]),
        description=resource["description"],
        comment=resource.get("comment"),
        participants=_participants(resource, like.participants),
        booking_organisation=_booker(orjson.dumps(resource["contained"])),
        identifiers=_identifiers(resource),
    )


def read_sent(resource: Json) -> Sent:
    """Return an appointment as it was sent back for a change.

    Raises InvalidResource naming the element, and InvalidParameter for an empty cancellation reason.
    """
    outline = _outline(resource)
    like = _sent_like(outline) if outline else None
    if like is None:
        return read_sent_in_full(resource)
    reasons = extension_values(resource, urls.CANCELLATION_REASON, "valueString")
    return like._replace(
        id=resource.get("id"),
        start=_instant(resource["start"]),
        end=_instant(resource["end"]),
        created=_instant(resource["created"]) if "created" in resource else None,
        description=resource["description"],
        comment=resource.get("comment"),
        slot_ids=_slot_ids(resource),
        participants=_participants(resource, like.participants),
        booking_organisation=like.booking_organisation and _booker(orjson.dumps(resource["contained"])),
        cancellation_reason=like.cancellation_reason and reasons[0],
        identifiers=_identifiers(resource),
    )


@lru_cache(maxsize=OUTLINES_KEPT)
def _booking_like(outline: Outline) -> Booking | None:
    """Return what an outline asks to book; raise the refusal of the appointment that it is the first of."""
    read_booking_in_full(outline.appointment)
    del outline.appointment
    with suppress(Refusal):
        return read_booking_in_full(orjson.loads(bytes(outline)))
    return None


@lru_cache(maxsize=OUTLINES_KEPT)
def _sent_like(outline: Outline) -> Sent | None:
    """Return an outline as sent back for a change; raise the refusal of the appointment that it is of."""
    read_sent_in_full(outline.appointment)
    del outline.appointment
    with suppress(Refusal):
        return read_sent_in_full(orjson.loads(bytes(outline)))
    return None


def _outline(resource: Json) -> Outline | None:
    """Return an appointment's outline; None for one that is out of the ordinary."""
    try:
        outline = Outline(orjson.dumps(_sampled(resource)))
    except (OutOfTheOrdinary, TypeError):  # a TypeError is also orjson's, of what nests too deep for it
        return None
    outline.appointment = resource
    return outline if len(outline) <= LONGEST_OUTLINE else None


def _sampler(leaves: Leaves) -> Sampler:
    """Return what samples an element with some leaves, or each of several."""
    samplers = [(name, _sampler(leaf) if isinstance(leaf, dict) else leaf) for name, leaf in leaves.items()]

    def one(element: Any) -> Json:
        if type(element) is not dict:
            raise OutOfTheOrdinary
        copy = element.copy()
        for name, sample in samplers:
            if name in copy:
                copy[name] = sample(copy[name])
        return copy

    def one_or_each(element: Any) -> Any:
        return [one(each) for each in element] if type(element) is list else one(element)

    return one_or_each


_sampled_organisation = _sampler(ORGANISATION)


def _sampled_contained(contained: Any) -> Any:
    return _contained_like(orjson.dumps(contained))


@lru_cache(maxsize=OUTLINES_KEPT)
def _contained_like(contained: bytes) -> Any:
    """Return what is contained with its leaves sampled: the same few organisations book again and again."""
    if len(contained) > LONGEST_OUTLINE:
        raise OutOfTheOrdinary
    return _sampled_organisation(orjson.loads(contained))


@lru_cache(maxsize=OUTLINES_KEPT)
def _booker(contained: bytes) -> BookingOrganisation:
    return booker_of(orjson.loads(contained)[0])


_sampled = _sampler(LEAVES | {"contained": _sampled_contained})


def _slot_ids(resource: Json) -> tuple[int, ...]:
    return tuple([int(each["reference"].removeprefix("Slot/")) for each in resource["slot"]])


def _participants(resource: Json, like: tuple[Participant, ...]) -> tuple[Participant, ...]:
    return tuple(
        [
            Participant(
                known.kind, _number(each["actor"]["reference"]), known.status, known.required, known.type
            )
            for known, each in zip(like, resource["participant"], strict=True)
        ]
    )


@lru_cache(maxsize=4096)
def _number(reference: str) -> int:
    return int(reference[reference.index("/") + 1 :])


def _identifiers(resource: Json) -> tuple[tuple[str, str], ...]:
    return tuple([(each["system"], each["value"]) for each in resource.get("identifier", ())])
