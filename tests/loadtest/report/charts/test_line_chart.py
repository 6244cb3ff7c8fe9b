from dataclasses import replace
from xml.etree.ElementTree import Element, fromstring

from loadtest.report.charts.drawing import SMALL, WIDE
from loadtest.report.charts.line_chart import Limit, LineChart, Mark, Series, Stretch, draw_lines
from loadtest.report.charts.scales import linear, seconds

SVG = "{http://www.w3.org/2000/svg}"
CHART = LineChart(
    key="latency",
    title="Latency of <bookings>",
    description="p95 over time",
    x=seconds("time", 60),
    y=linear("milliseconds", [100]),
    series=(Series("p95", "p95", ((0, 10.0), (30, 20.0), (60, 100.0))),),
)


def drawn(chart: LineChart, wide: bool = False) -> Element:
    return fromstring(draw_lines(chart, WIDE if wide else SMALL))


def texts(svg: Element) -> list[str]:
    return [str(each.text) for each in svg.iter(f"{SVG}text")]


def test_a_chart_is_an_image_with_a_name_and_a_description() -> None:
    svg = drawn(CHART)
    named = {each.get("id"): each.text for each in svg if each.tag in (f"{SVG}title", f"{SVG}desc")}

    assert svg.get("role") == "img"
    assert named[svg.get("aria-labelledby")] == "Latency of <bookings>"
    assert named[svg.get("aria-describedby")] == "p95 over time"


def test_axes_are_named_with_their_units_and_ticks() -> None:
    said = texts(drawn(CHART))

    assert {"time", "milliseconds", "0 s", "1 min", "0", "100", "p95"} <= set(said)


def test_greater_values_are_drawn_higher_and_later_ones_further_right() -> None:
    (path,) = drawn(CHART).iter(f"{SVG}path")
    points = [tuple(map(float, pair.split())) for pair in str(path.get("d"))[1:].split("L")]

    assert [x for x, _ in points] == sorted(x for x, _ in points)
    assert [y for _, y in points] == sorted((y for _, y in points), reverse=True)
    assert all(0 <= x <= SMALL.width and 0 <= y <= SMALL.height for x, y in points)


def test_a_line_is_broken_where_there_is_no_value_and_a_lonely_point_is_a_dot() -> None:
    points = ((0, 1.0), (10, 2.0), (20, None), (30, 3.0), (40, None), (50, 4.0), (60, 5.0))
    svg = drawn(replace(CHART, series=(Series("p95", "p95", points),)))

    assert len(list(svg.iter(f"{SVG}path"))) == 2
    assert len(list(svg.iter(f"{SVG}circle"))) == 1


def test_a_limit_is_drawn_only_where_the_scale_reaches_it() -> None:
    svg = drawn(replace(CHART, limits=(Limit("SHALL p99", 250.0), Limit("SHOULD p95", 90.0))))

    assert [each.get("class") for each in svg.iter(f"{SVG}line")].count("line limit") == 1
    assert "SHOULD p95" in texts(svg)
    assert "SHALL p99" not in texts(svg)


def test_limits_that_lie_close_are_named_together() -> None:
    limits = (Limit("SHOULD p95", 12.0), Limit("SHALL p99", 15.0), Limit("own p50", 80.0))
    said = texts(drawn(replace(CHART, limits=limits)))

    assert {"SHALL p99 / SHOULD p95", "own p50"} <= set(said)


def test_phases_are_shaded_and_named_and_a_narrow_one_goes_without_its_name() -> None:
    phases = (Stretch("a long name for so short a phase", 0, 5), Stretch("rush", 5, 60))
    svg = drawn(replace(CHART, phases=phases))

    assert len([each for each in svg.iter(f"{SVG}rect") if "phase" in str(each.get("class"))]) == 2
    assert "rush" in texts(svg)
    assert not any(said.startswith("a long") for said in texts(svg))


def test_a_mark_is_a_line_from_top_to_bottom_at_its_place_with_its_name_and_sort() -> None:
    svg = drawn(replace(CHART, marks=(Mark("kill 1", "kill", 30.0), Mark("stop 2", "stop", 45.0))))
    marks = [each for each in svg.iter(f"{SVG}line") if "mark" in str(each.get("class")).split()]
    (path,) = svg.iter(f"{SVG}path")
    _, middle, _ = [float(pair.split()[0]) for pair in str(path.get("d"))[1:].split("L")]

    assert [each.get("class") for each in marks] == ["line mark kill", "line mark stop"]
    assert float(str(marks[0].get("x1"))) == float(str(marks[0].get("x2"))) == middle
    assert float(str(marks[0].get("y1"))) < float(str(marks[0].get("y2")))
    assert {"kill 1", "stop 2"} <= set(texts(svg))
    assert {"kill", "stop"} <= {each.text for each in svg.iter(f"{SVG}text") if each.get("class") == "legend"}


def test_of_marks_that_lie_close_together_only_the_first_has_room_for_its_name() -> None:
    close = tuple(Mark(f"kill {number}", "kill", 30.0 + number) for number in range(4))
    svg = drawn(replace(CHART, marks=close))

    assert [said for said in texts(svg) if said.startswith("kill ")] == ["kill 0"]
    assert len([each for each in svg.iter(f"{SVG}line") if each.get("class") == "line mark kill"]) == 4


def test_what_is_pointed_at_says_its_figures() -> None:
    svg = drawn(replace(CHART, tips=(Stretch("0 to 1 s: p95 10 ms", 0, 1),)))
    (tip,) = [each for each in svg.iter(f"{SVG}rect") if each.get("class") == "tip"]

    assert [each.text for each in tip] == ["0 to 1 s: p95 10 ms"]


def test_a_legend_that_is_too_long_for_a_row_takes_several_and_stays_inside() -> None:
    names = [f"retrieve_patient_appointments {number}" for number in range(6)]
    series = tuple(Series(name, "s1", ((0, 1.0), (60, 2.0))) for name in names)
    legend = [
        each
        for each in drawn(replace(CHART, series=series)).iter(f"{SVG}text")
        if each.get("class") == "legend"
    ]

    assert len({each.get("y") for each in legend}) > 1
    assert all(float(str(each.get("x"))) < SMALL.width for each in legend)


def test_a_chart_without_points_is_drawn_empty() -> None:
    assert list(drawn(replace(CHART, series=())).iter(f"{SVG}path")) == []


def test_names_from_a_provider_cannot_become_markup() -> None:
    told = draw_lines(replace(CHART, title="<script>\x00", description='"&', key="k"))

    assert "<script>" not in told
    assert "\x00" not in told
    assert fromstring(told).get("role") == "img"
