from datetime import date, timedelta
from pathlib import Path

import orjson

from loadtest.appointments import Offer
from loadtest.arrivals import RateCurve
from loadtest.chance import repeatable
from loadtest.plans.plan import Phase
from loadtest.practices import read_practices
from loadtest.running.order import Contested, Diary, Round, WorkOrder, read_order
from tests.loadtest.fake_provider import practices

FIRST = date(2030, 6, 4)


def test_windows_cover_every_day_once_and_none_is_longer_than_a_search_may_be() -> None:
    windows = list(Diary(FIRST, FIRST + timedelta(days=30)).windows())
    days = [first + timedelta(days=n) for first, last in windows for n in range((last - first).days + 1)]

    assert days == [FIRST + timedelta(days=n) for n in range(31)]
    assert all((last - first).days <= 14 for first, last in windows)


def test_some_window_lies_in_the_diary_and_varies_in_start_and_length() -> None:
    diary = Diary(FIRST, FIRST + timedelta(days=40))
    chance = repeatable(1)
    windows = {diary.some_window(chance) for _ in range(200)}

    assert all(diary.first <= first < last <= diary.last for first, last in windows)
    assert {(last - first).days for first, last in windows} == set(range(7, 15))
    assert len({first for first, _ in windows}) > 20


def test_some_window_of_a_short_diary_is_all_of_it() -> None:
    assert Diary(FIRST, FIRST).some_window(repeatable(1)) == (FIRST, FIRST)


def test_a_work_order_reads_as_it_was_written(tmp_path: Path) -> None:
    offer = Offer(
        "12", "2030-06-04T09:00:00+01:00", "2030-06-04T09:10:00+01:00", "Schedule/4", None, None, "", ""
    )
    order = WorkOrder(
        run="r",
        plan="mine",
        phase=Phase("rush", {"booking": 1.0, "journey": 2.0}, 9.0, rate=RateCurve.ramp(1, 5, 9)),
        order=2,
        seed=7,
        target="http://127.0.0.1:8000",
        proxy=None,
        diary=Diary(FIRST, FIRST + timedelta(days=9)),
        practices=read_practices(orjson.dumps(practices()), "test"),
        patients={"A20047": {"9990000018": "77"}},
        last=False,
        rounds=(Round(1_500_000_000, "A20047", offer),),
        contested=(Contested("A20047", offer),),
    )

    path = order.write(tmp_path)

    assert path.name == "order-2-rush.json"
    assert read_order(path) == order


def test_some_days_lie_in_the_diary_and_are_as_many_as_asked_for() -> None:
    diary = Diary(FIRST, FIRST + timedelta(days=9))
    found = {diary.some_days(repeatable(seed), 2) for seed in range(100)}

    assert {(last - first).days for first, last in found} == {1}
    assert {first for first, _ in found} == {FIRST + timedelta(days=day) for day in range(9)}
    assert Diary(FIRST, FIRST).some_days(repeatable(1), 2) == (FIRST, FIRST)


def test_the_same_seeds_make_the_same_choices() -> None:
    assert repeatable(1, "a").random() == repeatable(1, "a").random() != repeatable(1, "b").random()
