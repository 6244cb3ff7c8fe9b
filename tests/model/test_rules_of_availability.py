"""Who may see a slot, and who may book it: the specification's table, and that search and booking agree."""

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.domain.appointment import BookingOrganisation, Participant
from simulator.domain.availability import AccessProfile, Searcher, admits, openings
from simulator.domain.booking import Booking, Diary, book
from simulator.domain.clock import DAY, uk_local
from simulator.domain.refusals import InvalidResource
from simulator.domain.schedule import Schedule
from simulator.domain.slot import DeliveryChannel, Slot, SlotStatus

TYPES = ("gp-practice", "urgent-care")
CODES = ("Z9U01", "Z88001", "A20047")
NOW = 1_773_646_200


def returned(
    types: frozenset[str], codes: frozenset[str], sent_type: str | None, sent_code: str | None
) -> bool:
    """Tell whether a slot restricted to types and codes is returned: the table, line by line.

    Source: specification, page "Slot availability management".
    """
    if sent_type is None and sent_code is None:
        return types == frozenset() and codes == frozenset()
    if sent_code is None:
        return codes == frozenset() and (types == frozenset() or sent_type in types)
    if sent_type is None:
        return types == frozenset() and (codes == frozenset() or sent_code in codes)
    return (types == frozenset() or sent_type in types) and (codes == frozenset() or sent_code in codes)


def subsets(values: tuple[str, ...]) -> list[frozenset[str]]:
    """Return every subset."""
    choices = product((False, True), repeat=len(values))
    return [frozenset(value for value, kept in zip(values, each, strict=True) if kept) for each in choices]


def test_the_organisation_filter_is_the_table_of_the_specification() -> None:
    for types, codes in product(subsets(TYPES), subsets(CODES)):
        profile = AccessProfile(1, "any", types, codes)
        for sent_type, sent_code in product((None, *TYPES, "unheard-of"), (None, *CODES, "Q0Q0Q")):
            searcher = Searcher(
                frozenset() if sent_type is None else frozenset({sent_type}),
                frozenset() if sent_code is None else frozenset({sent_code}),
            )
            expected = returned(types, codes, sent_type, sent_code)
            assert admits(profile, searcher) is expected, (types, codes, sent_type, sent_code)


PROFILES = st.builds(
    AccessProfile,
    st.just(7),
    st.just("any"),
    st.sampled_from(subsets(TYPES)),
    st.sampled_from(subsets(CODES)),
    st.none() | st.integers(0, 30),
    st.integers(0, 10_000),
)
ANYWHERE = st.integers(-2 * DAY, 40 * DAY)
EDGES = st.tuples(st.sampled_from(["embargo", "window"]), st.integers(-2, 2))
STARTS = ANYWHERE | EDGES


def start_of(profile: AccessProfile, where: int | tuple[str, int]) -> int:
    """Return a start so many seconds from now, or from where a profile's embargo or window ends."""
    if isinstance(where, int):
        return NOW + where
    edge = profile.embargo_minutes * 60 if where[0] == "embargo" else (profile.window_days or 0) * DAY
    return NOW + edge + where[1]


def booking_of(slot: Slot, organisation_type: str | None, ods_code: str) -> Booking:
    """Return a booking that is correct in all but, perhaps, who makes it and when."""
    return Booking(
        (slot.id,), slot.start, slot.end, uk_local(slot.start), uk_local(slot.end), NOW, "Earache", None,
        (Participant("Patient", 1), Participant("Location", 1)),
        BookingOrganisation(ods_code, organisation_type, "{}"),
    )  # fmt: skip


@settings(max_examples=1_000)
@given(PROFILES, STARTS, st.none() | st.sampled_from(TYPES), st.sampled_from(CODES))
def test_what_an_organisation_is_shown_it_may_book_and_nothing_else(
    profile: AccessProfile, where: int | tuple[str, int], organisation_type: str | None, ods_code: str
) -> None:
    searcher = Searcher(
        frozenset() if organisation_type is None else frozenset({organisation_type}), frozenset({ods_code})
    )
    start = start_of(profile, where)
    shown = any(each.earliest <= start <= each.latest for each in openings([profile], searcher, NOW))
    slot = Slot(
        5, 3, start, start + 600, SlotStatus.FREE, "Minor illness", DeliveryChannel.TELEPHONE, profile.id
    )
    schedule = Schedule(3, 1, 1, None, "R0260", "Same day care", start, start + 600)
    diary = Diary([slot], schedule, {profile.id: profile}, lambda schedule_id, profile_id: 0)
    try:
        appointment = book(booking_of(slot, organisation_type, ods_code), diary, 1, NOW)
    except InvalidResource as refusal:
        assert not shown, refusal.diagnostics
    else:
        assert shown
        assert (appointment.slot_ids, appointment.start, appointment.end) == ((5,), start, start + 600)


@given(st.integers(0, 5), st.integers(1, 3), st.integers(1, 5))
def test_an_organisation_never_holds_more_than_the_practice_lets_it(
    held: int, asked: int, limit: int
) -> None:
    profile = AccessProfile(7, "a few", limit_per_organisation=limit)
    slots = [
        Slot(
            5 + number, 3, NOW + DAY + 600 * number, NOW + DAY + 600 * (number + 1), SlotStatus.FREE,
            "Minor illness", DeliveryChannel.TELEPHONE, 7,
        )
        for number in range(asked)
    ]  # fmt: skip
    schedule = Schedule(3, 1, 1, None, "R0260", "Same day care", slots[0].start, slots[-1].end)
    booking = Booking(
        tuple(slot.id for slot in slots), slots[0].start, slots[-1].end, "", "", NOW, "Earache", None,
        (Participant("Patient", 1), Participant("Location", 1)), BookingOrganisation("Z9U01", None, "{}"),
    )  # fmt: skip
    diary = Diary(slots, schedule, {7: profile}, lambda schedule_id, profile_id: held)
    try:
        book(booking, diary, 1, NOW)
        accepted = True
    except InvalidResource:
        accepted = False
    assert accepted == (held + asked <= limit)
