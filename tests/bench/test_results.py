"""What the benchmark makes of its measurements."""

import json
from pathlib import Path
from random import Random
from xml.etree import ElementTree

import pytest

from loadtest.practices import ConsumerOrganisation, Practice
from tests.bench.cost_chart import drawn
from tests.bench.country import one_of_each_part
from tests.bench.rates import Rate
from tests.bench.results import (
    Amount,
    Cost,
    Curve,
    Findings,
    Ratio,
    Run,
    Unmeasured,
    cost_of,
    ratio_of,
    run_from_json,
)
from tests.bench.search_cost import PASSED_OVER, RETURNED, straight_line
from tests.bench.table import show, tables


def ratio(measured: float, target: float | None = 0.25) -> Ratio:
    """A ratio of this size."""
    return Ratio("book_appointment", "the floor", 1, 1, measured, measured, measured, target)


def run_with(*amounts: Amount, ratios: tuple[Ratio, ...] = ()) -> Run:
    """A run that found these."""
    return Run("2026-03-16", "a machine", 3, Findings(ratios=ratios, amounts=amounts))


def test_a_ratio_is_the_median_of_the_rounds_and_not_of_the_rates() -> None:
    rounds = [(Rate(10, 1), Rate(100, 1)), (Rate(40, 1), Rate(80, 1)), (Rate(30, 1), Rate(100, 1))]
    found = ratio_of("read_appointment", "the floor", rounds, 0.5)
    assert (found.ours, found.other, found.ratio) == (30, 100, 0.3)
    assert (found.lowest, found.highest) == (0.1, 0.5)


def test_a_cost_is_the_median_of_the_rounds() -> None:
    found = cost_of("read_appointment", [Rate(10, 0.001), Rate(10, 0.003), Rate(10, 0.002)])
    assert (found.microseconds, found.lowest, found.highest) == (200, 100, 300)


def test_a_missed_target_is_said_with_how_much_is_missing() -> None:
    assert ratio(0.25).missed == ""
    assert ratio(0.24).missed == "0.010"
    assert ratio(0.24, None).missed == ""
    assert Amount("start-up", "first answer", 1.0, "s", 1.0).missed == ""
    assert Amount("start-up", "first answer", 1.25, "s", 1.0).missed == "0.25"
    assert Amount("seeding", "speed", 150_000, "slots/s", 200_000, most=False).missed == "50,000"
    assert Amount("two writers", "longest wait", 900, "ms").missed == ""


def test_the_last_line_names_the_targets_that_are_missed(capsys: pytest.CaptureFixture[str]) -> None:
    show(run_with(Amount("start-up", "first answer", 1.25, "s", 1.0), ratios=(ratio(0.24),)), None)
    last = capsys.readouterr().out.strip().splitlines()[-1]
    assert last == "Missed: book_appointment beside the floor by 0.010; start-up, first answer by 0.25"
    show(run_with(Amount("start-up", "first answer", 0.5, "s", 1.0)), None)
    assert capsys.readouterr().out.strip().splitlines()[-1] == "Every target is met."


def test_an_earlier_run_is_set_beside_a_run_number_by_number() -> None:
    now = run_with(
        Amount("start-up", "first answer", 0.6, "s", 1.0),
        Amount("memory", "5 practices", 90, "MB"),
        ratios=(ratio(0.3),),
    )
    before = run_with(Amount("start-up", "first answer", 0.5, "s", 1.0), ratios=(ratio(0.24),))
    ratios, amounts = tables(now, before)
    assert [row[-1] for row in ratios.rows] == ["+25.0%"]
    assert [row[-1] for row in amounts.rows] == ["+20.0%", "new"]
    assert all(len(row) == len(each.heads) for each in (ratios, amounts, *tables(now)) for row in each.rows)


def test_ratios_stand_in_a_table_for_each_thing_they_are_beside() -> None:
    prism = Ratio("read_appointment", "Prism", 1, 1, 4.0, 4.0, 4.0, None)
    titles = [each.title for each in tables(run_with(ratios=(ratio(0.3), ratio(0.4), prism)))]
    assert titles == ["Beside the floor, over a socket", "Beside Prism, over a socket"]


def test_what_was_not_measured_is_listed_with_the_reason() -> None:
    found = Findings(unmeasured=(Unmeasured("beside Prism", "no npx"),))
    assert tables(Run("2026-03-16", "a machine", 3, found))[-1].rows == (("beside Prism", "no npx"),)


def test_findings_of_parts_come_together_in_their_order() -> None:
    cost = Cost("read_appointment", 1, 1, 1)
    both = Findings(costs=(cost,)) + Findings(ratios=(ratio(0.3),)) + Findings(ratios=(ratio(0.2),))
    assert both == Findings(ratios=(ratio(0.3), ratio(0.2)), costs=(cost,))


def test_a_straight_line_is_found_and_its_fit_told() -> None:
    assert straight_line([(0, 100.0), (10, 120.0), (20, 140.0)]) == pytest.approx((100, 2, 1))
    assert straight_line([(0, 100.0), (10, 180.0), (20, 110.0)])[2] < 0.1


def test_practices_are_drawn_from_every_part_of_the_country() -> None:
    caller = ConsumerOrganisation("200000000115", "Z9U01", None)
    country = [
        Practice(f"A{number:05}", "", "http://host", "200000000001", caller, ()) for number in range(1000)
    ]
    drawn_ones = one_of_each_part(country, 100, Random(1))
    numbers = sorted(country.index(each) for each in drawn_ones)
    assert [number // 10 for number in numbers] == list(range(100))
    assert one_of_each_part(country, 100, Random(2)) != drawn_ones
    assert len(one_of_each_part(country[:3], 100, Random(1))) == 3


def test_curves_are_pictures_with_a_name_a_description_and_two_sets_of_colours() -> None:
    curves = tuple(Curve(name, ((50, 100.0), (100, 150.0))) for name in (RETURNED, PASSED_OVER))
    pictures = drawn(Run("2026-03-16", "a machine", 3, Findings(curves=curves)))
    assert sorted(map(Path, pictures)) == [
        Path("search-cost-not-returned.svg"),
        Path("search-cost-returned.svg"),
    ]
    for picture in pictures.values():
        root = ElementTree.fromstring(picture)
        assert "prefers-color-scheme: dark" in picture
        assert len([each for each in root.iter() if each.get("class") == "dot measured"]) == 3
    assert "50 µs and 1.00 µs a slot" in pictures["search-cost-returned.svg"]


def test_the_pages_pictures_are_drawn_from_the_committed_run() -> None:
    docs = Path(__file__).parents[2] / "docs"
    run = run_from_json(json.loads((docs / "bench.json").read_text()))
    for name, picture in drawn(run).items():
        assert (docs / name).read_text(encoding="utf-8") == picture, f"docs/{name}"
