from datetime import date

from seed_data.working_days import working_days


def days_open(first: date, count: int) -> list[date]:
    return [day.day for day in working_days(first, count)]


def test_easter_is_closed_from_good_friday_to_easter_monday() -> None:
    assert days_open(date(2026, 4, 1), 7) == [date(2026, 4, 1), date(2026, 4, 2), date(2026, 4, 7)]


def test_christmas_is_closed_across_the_year_with_boxing_day_moved_to_monday() -> None:
    assert days_open(date(2026, 12, 24), 12) == [
        date(2026, 12, 24), date(2026, 12, 29), date(2026, 12, 30), date(2026, 12, 31), date(2027, 1, 4),
    ]  # fmt: skip


def test_days_are_counted_from_the_first() -> None:
    thursday, friday, monday = working_days(date(2026, 6, 4), 5)
    assert [(day.ahead, day.weekday) for day in (thursday, friday, monday)] == [(0, 3), (1, 4), (4, 0)]
    assert monday.midnight - thursday.midnight == 4 * 86_400
