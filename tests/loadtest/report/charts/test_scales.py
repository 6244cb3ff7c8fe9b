import itertools

import pytest

from loadtest.report.charts.scales import (
    duration_text,
    linear,
    logarithmic,
    number_text,
    seconds,
    size_text,
    tail,
)


@pytest.mark.parametrize(
    ("greatest", "ticks"),
    [
        (76.9, ["0", "20", "40", "60", "80"]),
        (1950, ["0", "500", "1,000", "1,500", "2,000"]),
        (0.3, ["0", "0.1", "0.2", "0.3"]),
        (250, ["0", "100", "200", "300"]),
        (31000, ["0", "10k", "20k", "30k", "40k"]),
    ],
)
def test_a_linear_scale_reaches_from_0_to_a_round_number_above_what_it_shows(
    greatest: float, ticks: list[str]
) -> None:
    scale = linear("milliseconds", [greatest / 2, greatest], least=0.001)

    assert [tick.text for tick in scale.ticks] == ticks
    assert scale.low == 0 and scale.high >= greatest
    assert (scale.place(0), scale.place(scale.high), scale.place(scale.high * 2)) == (0, 1, 1)


def test_a_scale_of_nothing_can_still_be_drawn() -> None:
    for scale in (linear("ms", []), seconds("time", 0), logarithmic("size", []), tail("percentile", 0)):
        assert scale.high > scale.low
        assert len(scale.ticks) > 1


@pytest.mark.parametrize(
    ("length", "ticks"),
    [
        (26, ["0 s", "5 s", "10 s", "15 s", "20 s", "25 s"]),
        (600, ["0 s", "2 min", "4 min", "6 min", "8 min", "10 min"]),
        (9000, ["0 s", "30 min", "1 h", "1 h 30 min", "2 h", "2 h 30 min"]),
    ],
)
def test_time_is_counted_in_seconds_minutes_and_hours(length: float, ticks: list[str]) -> None:
    assert [tick.text for tick in seconds("time", length).ticks] == ticks


def test_a_week_of_load_does_not_crowd_the_scale() -> None:
    assert len(seconds("time", 7 * 86400).ticks) <= 8


def test_each_nine_of_the_percentiles_has_as_much_room_as_the_one_before() -> None:
    scale = tail("percentile", 99.95)

    places = [scale.place(percentile) for percentile in (0, 90, 99, 99.9, 99.99)]
    gaps = [round(later - earlier, 6) for earlier, later in itertools.pairwise(places)]
    assert gaps == [0.25] * 4
    assert [tick.text for tick in scale.ticks] == ["0 %", "50 %", "90 %", "99 %", "99.9 %", "99.99 %"]


def test_a_hundred_per_cent_is_put_at_the_end_of_the_percentiles() -> None:
    assert tail("percentile", 99.0).place(100.0) == 1


def test_a_logarithmic_scale_has_as_much_room_for_each_power_of_ten() -> None:
    scale = logarithmic("size", [900, 60_000], size_text)

    assert (scale.low, scale.high) == (100, 100_000)
    assert scale.place(1000) - scale.place(100) == pytest.approx(1 / 3)
    assert [tick.text for tick in scale.ticks] == ["100 B", "1 kB", "10 kB", "100 kB"]


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        (duration_text(0), "0 s"),
        (duration_text(90), "1 min 30 s"),
        (duration_text(7200), "2 h"),
        (size_text(54_321), "54.3 kB"),
        (size_text(1_200_000), "1.2 MB"),
        (number_text(1500), "1,500"),
        (number_text(3_000_000), "3M"),
    ],
)
def test_figures_are_said_as_people_say_them(said: str, wanted: str) -> None:
    assert said == wanted
