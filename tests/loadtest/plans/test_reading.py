from pathlib import Path

import pytest

from loadtest.arrivals import RateCurve
from loadtest.plans.curves import published_curve
from loadtest.plans.plan import Phase, Plan, PlanError
from loadtest.plans.reading import plan_of, read_plan
from loadtest.service_level import Threshold

OWN_PLAN = """
about = "search, then book"
stock = "drains"
practices = ["A20047", "B81002"]
most_practices = 2
most_missed = 0
most_empty_searches = 0.5

[[phase]]
name = "warm up"
scenario = "slot_search"
seconds = "1.5m"
users = 4
think = 0.1

[[phase]]
name = "climb"
mix = {slot_search = 3, booking = 1}
seconds = 60
rate = {from = 1, to = 50}
clients = 80
spread = "chance"

[[phase]]
name = "race"
scenario = "hot_slot"
seconds = "20s"
users = 30
rounds = 100

[[threshold]]
kind = "command"
level = "SHALL"
percentile = 99.9
limit_ms = 200

[[threshold]]
interaction = "search_for_free_slots"
level = "SHOULD"
limit_ms = 500

[[threshold]]
level = "SHALL"
limit_ms = 10_000
"""


def with_rate(rate: str, seconds: str = "60") -> str:
    phase = f'name = "mine"\nscenario = "booking"\nseconds = {seconds}\nrate = {rate}\n'
    return f'about = "mine"\n[[phase]]\n{phase}'


def rate_of(rate: str, seconds: str = "60") -> RateCurve | None:
    return plan_of(with_rate(rate, seconds), "mine", "mine.toml").phases[0].rate


def test_a_plan_of_ones_own_is_read_and_named_after_its_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(OWN_PLAN, encoding="utf-8")
    assert read_plan(file) == Plan(
        name="mine",
        about="search, then book",
        phases=(
            Phase("warm up", {"slot_search": 1.0}, 90.0, users=4, think=0.1),
            Phase(
                "climb",
                {"slot_search": 3.0, "booking": 1.0},
                60.0,
                rate=RateCurve.ramp(1, 50, 60),
                clients=80,
                spread="chance",
            ),
            Phase("race", {"hot_slot": 1.0}, 20.0, users=30, rounds=100),
        ),
        stock="drains",
        practices=("A20047", "B81002"),
        most_practices=2,
        most_missed=0.0,
        most_empty_searches=0.5,
        thresholds=(
            Threshold("command", "SHALL", 99.9, 200.0),
            Threshold(None, "SHOULD", 95.0, 500.0, interaction="search_for_free_slots"),
            Threshold(None, "SHALL", 99.0, 10_000.0),
        ),
    )


def test_what_a_plan_leaves_out_is_what_the_plan_has_by_itself() -> None:
    plan = plan_of(with_rate("20"), "mine", "mine.toml")
    phase = Phase("mine", {"booking": 1.0}, 60.0, rate=RateCurve.constant(20, 60))
    assert plan == Plan("mine", "mine", (phase,))


def test_a_rate_may_follow_points_of_its_own() -> None:
    points = '[[0, 1], ["30s", 20], [30, 5], ["1m", 0]]'
    assert rate_of(f"{{points = {points}}}") == RateCurve(((0, 1), (30, 20), (30, 5), (60, 0)))


@pytest.mark.parametrize("name", ["day", "week", "morning_rush"])
def test_a_rate_may_follow_a_published_curve_over_the_time_of_the_phase(name: str) -> None:
    assert rate_of(f'{{curve = "{name}", peak = 19.7}}', '"5m"') == published_curve(name, 300, 19.7)


def test_a_rate_may_begin_or_end_at_nothing() -> None:
    assert rate_of("{from = 0, to = 8}") == RateCurve.ramp(0, 8, 60)
    assert rate_of("{from = 8, to = 0}") == RateCurve.ramp(8, 0, 60)


def test_a_file_that_cannot_be_read_is_named_with_the_reason(tmp_path: Path) -> None:
    missing, not_text = tmp_path / "missing.toml", tmp_path / "picture.toml"
    not_text.write_bytes(b"\x89PNG\xff")
    for file, reason in (
        (missing, "No such file or directory"),
        (tmp_path, "Is a directory"),
        (not_text, "not TOML: it is not UTF-8 text"),
    ):
        with pytest.raises(PlanError) as refused:
            read_plan(file)
        assert str(refused.value) == f"{file}: {reason}"


def test_a_refusal_begins_with_the_path_that_was_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("about = 1", encoding="utf-8")
    with pytest.raises(PlanError, match="^" + str(file) + ": about: "):
        read_plan(file)
