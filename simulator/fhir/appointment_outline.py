"""Reading the appointments that desks send again and again: the same but for a few leaves.

A full reading costs more than all the rest of a booking, nearly all of it in the models. So the text of an
appointment that was read in full makes an outline, in which each leaf whose exact value cannot matter to any
check (a time, a text, a reference that has an ordinary form) gives way to that form. A sample of the outline
is read in full too: what came of that is kept, and of the next appointment with that outline only the leaves
are read. Whatever is out of the ordinary, or refused, is read in full each time, so that a refusal says what
it always says and nothing of it is kept.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any, Generic, NamedTuple, TypeVar

import orjson

from simulator.domain.amendment import Sent
from simulator.domain.appointment import BookingOrganisation, Participant
from simulator.domain.booking import Booking
from simulator.domain.refusals import Refusal
from simulator.fhir import urls
from simulator.fhir.appointment_leaves import LEAVES, ORGANISATION
from simulator.fhir.outline import Outline, OutOfTheOrdinary, leaves_of
from simulator.fhir.reading import BYTE_ORDER_MARK, read_json
from simulator.fhir.resource import Json
from simulator.fhir.sent_appointment import booker_of, read_booking_in_full, read_sent_in_full

LONGEST_APPOINTMENT = 8192
OUTLINES_KEPT = 64
"""The bytes of one that is ordinary, and how many outlines are kept: a few megabytes, whatever is sent, and
to find that a text has none of them costs less than to read it."""

LEARN_ONE_IN = 16
"""Of how many appointments one is learnt while none of the outlines that are kept comes again."""

BOOKERS_KEPT = 256
ABSENT = -1
"""The place of a leaf that an appointment does not have: the last of the values that are read is nothing."""

Read = TypeVar("Read")


class Places(NamedTuple):
    """Where among the leaves of an outline those are that are read of an appointment."""

    id: int
    start: int
    end: int
    created: int
    description: int
    comment: int
    reason: int
    slots: tuple[int, ...]
    actors: tuple[int, ...]
    identifiers: tuple[int, ...]
    booker: tuple[int, ...]


class Known(NamedTuple, Generic[Read]):
    """An outline, what came of reading its sample, and where its leaves are."""

    outline: Outline
    like: Read
    places: Places


class AppointmentReader(Generic[Read]):
    """Reads the appointments that are sent for one purpose, and keeps the outlines that were met last."""

    def __init__(
        self, in_full: Callable[[Json], Read], alike: Callable[[Known[Read], Sequence[Any]], Read]
    ) -> None:
        """Read by `in_full`, or make what is `alike` to what is known, of the values of the leaves."""
        self._in_full = in_full
        self._alike = alike
        self.known: list[Known[Read]] = []
        self._in_vain = 0

    def read(self, body: bytes) -> Read:
        """Return what an appointment says, which is JSON; raise BadRequest where it is not, or a refusal."""
        text = body.removeprefix(BYTE_ORDER_MARK)
        is_ordinary = len(text) <= LONGEST_APPOINTMENT
        if is_ordinary:
            with suppress(OutOfTheOrdinary):
                for known in self.known:
                    values = known.outline.values(text)
                    if values is not None:
                        self._keep(known)
                        self._in_vain = 0
                        return self._alike(known, [*values, None])
        result = self._in_full(read_json(body))
        self._in_vain += 1
        # Where each appointment is another, outlines are made in vain, and few are worth trying.
        if is_ordinary and (self._in_vain <= OUTLINES_KEPT or self._in_vain % LEARN_ONE_IN == 0):
            with suppress(OutOfTheOrdinary, Refusal):
                self._learn(text)
        return result

    def _learn(self, text: bytes) -> None:
        """Keep the outline of an appointment that was read in full, unless its sample is refused."""
        outline = Outline(text, LEAVES)
        if outline.values(text) is None:
            raise OutOfTheOrdinary
        sample = orjson.loads(outline.text({}))
        self._keep(Known(outline, self._in_full(sample), _places(outline.places, sample)))

    def _keep(self, known: Known[Read]) -> None:
        """Put what is known of an outline first, where it is not there already."""
        if not self.known or self.known[0] is not known:
            others = [each for each in self.known if each is not known]
            self.known = [known, *others[: OUTLINES_KEPT - 1]]


def _places(places: Json, sample: Json) -> Places:
    """Return where leaves are, of a resource with their numbers, and a sample of it."""
    booker = leaves_of(places.get("contained", []), ORGANISATION)
    extensions = zip(places.get("extension", ()), sample.get("extension", ()), strict=True)
    reasons = [
        there.get("valueString", ABSENT)
        for there, each in extensions
        if each["url"] == urls.CANCELLATION_REASON
    ]
    return Places(
        id=places.get("id", ABSENT),
        start=places["start"],
        end=places["end"],
        created=places.get("created", ABSENT),
        description=places["description"],
        comment=places.get("comment", ABSENT),
        reason=reasons[0] if reasons else ABSENT,
        slots=tuple([each["reference"] for each in places["slot"]]),
        actors=tuple([each["actor"]["reference"] for each in places["participant"]]),
        identifiers=tuple([each["value"] for each in places.get("identifier", ())]),
        booker=tuple([parent[name] for parent, name, _ in booker]),
    )


@lru_cache(maxsize=BOOKERS_KEPT)
def _booker(outline: Outline, places: tuple[int, ...], words: tuple[str, ...]) -> BookingOrganisation:
    """Return the organisation that books, of an outline and the words of its leaves."""
    text = outline.text({place: orjson.dumps(each) for place, each in zip(places, words, strict=True)})
    return booker_of(orjson.loads(text)["contained"][0])


def _participants(known: Known[Any], values: Sequence[Any]) -> tuple[Participant, ...]:
    like = zip(known.like.participants, known.places.actors, strict=True)
    return tuple(
        [
            Participant(kind, values[place], status, required, type_)
            for (kind, _, status, required, type_), place in like
        ]
    )


def _identifiers(known: Known[Any], values: Sequence[Any]) -> tuple[tuple[str, str], ...]:
    return tuple(
        [
            (system, values[place])
            for (system, _), place in zip(known.like.identifiers, known.places.identifiers, strict=True)
        ]
    )


def _slot_ids(known: Known[Any], values: Sequence[Any]) -> tuple[int, ...]:
    return tuple([values[place] for place in known.places.slots])


def _booking_organisation(known: Known[Any], values: Sequence[Any]) -> BookingOrganisation:
    places = known.places.booker
    return _booker(known.outline, places, tuple([values[place] for place in places]))


def _booking_alike(known: Known[Booking], values: Sequence[Any]) -> Booking:
    places = known.places
    start, end, created = values[places.start], values[places.end], values[places.created]
    return known.like._replace(
        slot_ids=_slot_ids(known, values),
        start=start.instant,
        end=end.instant,
        start_sent=start.sent,
        end_sent=end.sent,
        created=created.instant,
        description=values[places.description],
        comment=values[places.comment],
        participants=_participants(known, values),
        booking_organisation=_booking_organisation(known, values),
        identifiers=_identifiers(known, values),
    )


def _sent_alike(known: Known[Sent], values: Sequence[Any]) -> Sent:
    places = known.places
    created = values[places.created]
    return known.like._replace(
        id=values[places.id],
        start=values[places.start].instant,
        end=values[places.end].instant,
        created=created and created.instant,
        description=values[places.description],
        comment=values[places.comment],
        slot_ids=_slot_ids(known, values),
        participants=_participants(known, values),
        booking_organisation=known.like.booking_organisation and _booking_organisation(known, values),
        cancellation_reason=known.like.cancellation_reason and values[places.reason],
        identifiers=_identifiers(known, values),
    )


_BOOKINGS = AppointmentReader(read_booking_in_full, _booking_alike)
_CHANGES = AppointmentReader(read_sent_in_full, _sent_alike)


def read_booking(body: bytes) -> Booking:
    """Return what a consumer asks to book, in JSON.

    Raises BadRequest for what is no JSON, InvalidResource or ReferenceNotFound naming the element. Source:
    specification, page "Book an appointment".
    """
    return _BOOKINGS.read(body)


def read_sent(body: bytes) -> Sent:
    """Return an appointment as it was sent back for a change, in JSON.

    Raises BadRequest for what is no JSON, InvalidResource naming the element, and InvalidParameter for an
    empty cancellation reason.
    """
    return _CHANGES.read(body)
