"""Time where it is difficult: both clock changes, two weeks across them, the first and the last of days."""

from datetime import date, datetime, timedelta
from urllib.parse import quote

from hypothesis import assume, given
from hypothesis import strategies as st

from simulator.domain.clock import LONDON, end_of_day, start_of_day, uk_date, uk_local
from simulator.domain.refusals import InvalidParameter
from simulator.fhir.search_parameters import DateBound, read_bound, read_query
from simulator.interactions.search_for_free_slots import read_slot_search

CHANGES = tuple(map(datetime.fromisoformat, ("2026-03-29T01:00", "2026-10-25T01:00")))
"""When the clocks go forward, and back, as the clock on the wall has it."""

INSTANTS = st.integers(0, 4_102_444_800) | st.sampled_from(CHANGES).flatmap(
    lambda change: st.integers(-7_200, 7_200).map(
        lambda by: int(change.replace(tzinfo=LONDON).timestamp()) + by
    )
)


def real(wall: datetime, fold: int) -> datetime | None:
    """Return a wall clock reading with its offset, or None for the hour that is skipped in spring."""
    moment = wall.replace(tzinfo=LONDON, fold=fold)
    there_and_back = datetime.fromtimestamp(moment.timestamp(), LONDON)
    return moment if there_and_back.replace(tzinfo=None, fold=0) == wall else None


NEAR_A_CHANGE = st.builds(
    lambda change, minutes: change + timedelta(minutes=minutes),
    st.sampled_from(CHANGES),
    st.integers(-17 * 1440, 17 * 1440),
)


@given(INSTANTS)
def test_uk_local_time_names_the_instant_with_one_of_the_two_offsets(instant: int) -> None:
    text = uk_local(instant)
    assert datetime.fromisoformat(text).timestamp() == instant
    assert text[-6:] in ("+00:00", "+01:00")
    assert len(text) == len("2026-03-29T01:00:00+00:00")


@given(INSTANTS)
def test_every_instant_lies_in_the_day_that_it_has_in_london(instant: int) -> None:
    day = uk_date(instant)
    assert uk_local(instant).startswith(day.isoformat())
    if day > date(1970, 1, 2):
        assert start_of_day(day) <= instant < end_of_day(day)


@given(st.dates(date(2026, 3, 1), date(2026, 11, 30)))
def test_a_day_has_24_hours_but_for_two(day: date) -> None:
    hours = {date(2026, 3, 29): 23, date(2026, 10, 25): 25}.get(day, 24)
    assert end_of_day(day) - start_of_day(day) == hours * 3_600
    assert end_of_day(day) == start_of_day(day + timedelta(days=1))


def accepts(start: str, end: str) -> bool:
    """Tell whether a search from and to is accepted."""
    query = f"status=free&_include=Slot:schedule&start=ge{quote(start)}&end=le{quote(end)}"
    try:
        read_slot_search(read_query(query.encode()))
    except InvalidParameter:
        return False
    return True


@given(NEAR_A_CHANGE, st.integers(-2, 16))
def test_two_weeks_of_dates_are_fourteen_days_on_the_calendar(wall: datetime, days: int) -> None:
    start = wall.date()
    assert accepts(start.isoformat(), (start + timedelta(days=days)).isoformat()) == (0 <= days <= 14)


@given(NEAR_A_CHANGE, st.integers(-90, 90), st.sampled_from([0, 7, 14]), st.integers(0, 1), st.integers(0, 1))
def test_two_weeks_of_times_are_fourteen_days_by_the_clocks_or_in_hours(
    wall: datetime, minutes: int, days: int, first_fold: int, last_fold: int
) -> None:
    start = real(wall, first_fold)
    end = real(wall + timedelta(days=days, minutes=minutes), last_fold)
    assume(start is not None and end is not None)
    assert start is not None
    assert end is not None
    by_the_clocks = end.replace(tzinfo=None) - start.replace(tzinfo=None)
    in_hours = timedelta(seconds=end.timestamp() - start.timestamp())
    forwards = end.timestamp() >= start.timestamp() and end.date() >= start.date()
    assert accepts(start.isoformat(), end.isoformat()) == (
        forwards and min(by_the_clocks, in_hours) <= timedelta(days=14)
    )


@given(NEAR_A_CHANGE, st.integers(0, 1), st.integers(-1, 15))
def test_a_date_and_a_time_make_a_period_of_whole_days(wall: datetime, fold: int, days: int) -> None:
    start = real(wall, fold)
    assume(start is not None)
    assert start is not None
    end = start.date() + timedelta(days=days)
    assert accepts(start.isoformat(), end.isoformat()) == (0 <= days <= 14)


@given(st.text(max_size=40) | st.from_regex(r"\A(ge|le)[0-9]{1,5}-[0-9]{1,3}-[0-9]{1,3}(T.{0,20})?\Z"))
def test_any_text_is_a_bound_or_is_refused_by_name(value: str) -> None:
    try:
        bound = read_bound("start", value, "ge", upper=False)
    except InvalidParameter as refusal:
        assert refusal.diagnostics.startswith("parameter start: ")
    else:
        assert isinstance(bound, DateBound)
        assert value.startswith("ge")


@given(st.dates(date(1970, 1, 3), date(9998, 12, 28)))
def test_a_date_bounds_its_whole_day(day: date) -> None:
    lower = read_bound("start", f"ge{day.isoformat()}", "ge", upper=False)
    upper = read_bound("end", f"le{day.isoformat()}", "le", upper=True)
    assert (lower.instant, upper.instant) == (start_of_day(day), end_of_day(day))
    assert lower.day == upper.day == day


@given(INSTANTS)
def test_a_time_bounds_at_its_own_instant(instant: int) -> None:
    bound = read_bound("end", f"le{uk_local(instant)}", "le", upper=True)
    assert (bound.instant, bound.day) == (instant, uk_date(instant))
