import pytest

from loadtest.figures.measurements import measure
from loadtest.figures.percentile_curve import hgrm, percentile_curve
from tests.loadtest.timed import took

TIMINGS = measure([*(took(n) for n in range(1, 1000)), took(9000)]).timings("book_appointment")


def test_a_curve_climbs_from_the_fastest_to_the_slowest() -> None:
    curve = percentile_curve(TIMINGS)
    assert [point.milliseconds for point in curve] == sorted(point.milliseconds for point in curve)
    assert [point.count for point in curve] == sorted(point.count for point in curve)
    assert curve[0].milliseconds == pytest.approx(1, rel=0.001)
    assert (curve[-1].percentile, curve[-1].count) == (100, 1000)
    assert curve[-1].milliseconds == pytest.approx(9000, rel=0.001)


def test_points_come_closer_towards_a_hundred() -> None:
    levels = [point.percentile for point in percentile_curve(TIMINGS) if point.percentile < 100]
    assert sum(level < 50 for level in levels) == 5
    assert [level for level in levels if 50 <= level < 87.5] == [50, 55, 60, 65, 70, 75, 77.5, 80, 82.5, 85]
    assert sum(level >= 99 for level in levels) > 5


def test_a_point_tells_how_many_took_no_longer() -> None:
    half = next(point for point in percentile_curve(TIMINGS) if point.percentile == 50)
    assert half.milliseconds == pytest.approx(500, rel=0.002)
    assert half.count == 500


def test_nothing_recorded_has_no_curve() -> None:
    empty = measure([took(1)]).timings("book_appointment", "response time")
    assert percentile_curve(empty) == ()


def test_a_curve_ends_where_requests_without_an_answer_begin() -> None:
    silent = [took(0.1, outcome="unknown")] * 250
    timings = measure([*(took(n) for n in range(1, 751)), *silent]).timings("book_appointment")
    curve = percentile_curve(timings)
    assert (curve[-1].percentile, curve[-1].count) == (75, 750)
    assert curve[-1].milliseconds == pytest.approx(750, rel=0.001)
    half = next(point for point in curve if point.percentile == 50)
    assert half.milliseconds == pytest.approx(500, rel=0.002), "half of all requests, answered or not"
    lines = hgrm(timings).splitlines()
    assert lines[-1].split() == ["#[No", "answer", "=", "250]"]
    assert [float(each) for each in lines[-5].split()[1:]] == [0.75, 750, 4]
    assert percentile_curve(measure(silent).timings("book_appointment")) == ()


def test_hgrm_is_the_format_that_plotters_of_hdrhistograms_read() -> None:
    lines = hgrm(TIMINGS).splitlines()
    assert lines[0].split() == ["Value", "Percentile", "TotalCount", "1/(1-Percentile)"]
    assert lines[1] == ""
    value, percentile, count, inverse = next(line for line in lines if "0.5000000" in line).split()
    assert (float(percentile), int(count), float(inverse)) == (0.5, 500, 2.0)
    assert float(value) == pytest.approx(500, rel=0.001)
    last = lines[-4].split()
    assert (len(last), float(last[1]), int(last[2])) == (3, 1.0, 1000)
    assert lines[-2].startswith("#[Max")
    assert lines[-2].endswith("1000]")


def test_mean_and_deviation_are_both_in_milliseconds() -> None:
    line = hgrm(measure([took(100)] * 5 + [took(300)] * 5).timings("book_appointment")).splitlines()[-3]
    mean, deviation = (float(part.split("=")[1]) for part in line.strip("#[]").split(","))
    assert mean == pytest.approx(200, rel=0.001)
    assert deviation == pytest.approx(100, rel=0.001)
