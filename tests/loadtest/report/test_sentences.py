from dataclasses import replace
from pathlib import Path

from loadtest.report.breaking_point import BreakingPoint, Outcome, Traffic
from loadtest.report.sentences import breaking_said, meaning, sentence
from loadtest.report.verdict import reach_verdicts
from loadtest.service_level import Threshold
from tests.loadtest.report.busy_run import a_busy_verdict
from tests.loadtest.report.recorded_run import MS, a_history, a_long_history, a_verdict, recorded

SHALL, SHOULD = Threshold("command", "SHALL", 99, 250), Threshold("command", "SHOULD", 95, 100)


def point(
    interaction: str,
    outcome: Outcome,
    threshold: Threshold = SHALL,
    *,
    second: float = 20,
    per_second: float = 120,
    own: float = 38,
) -> BreakingPoint:
    if outcome == "too few":
        return BreakingPoint("climb", interaction, threshold, outcome)
    return BreakingPoint(
        "climb",
        interaction,
        threshold,
        outcome,
        second=second,
        until_second=second + 5,
        asked_per_second=2 * second,
        per_second=per_second,
        mean_bytes=9000,
        profile=(Traffic("read_metadata", 7, 20_000), Traffic(interaction, own, 1500)),
        observed_ms=312,
        highest_asked=60,
    )


def headline(directory: Path, *points: BreakingPoint) -> str:
    return sentence(replace(a_verdict(directory), breaking_points=points))


def test_a_limit_that_broke_is_told_with_its_own_throughput_and_message_size() -> None:
    said = list(breaking_said([point("book_appointment", "broke"), point("find_patient", "broke", own=51)]))

    assert said == [
        f"climb: {name} SHALL p99 < 250 ms: BROKE: 312 ms between 20 s and 25 s, at {own} of its answers/s,"
        " mean message 1.5 kB; 40 arrivals/s were asked and 120 answers/s were given in all"
        for name, own in (("book_appointment", 38), ("find_patient", 51))
    ]


def test_limits_that_held_are_told_together_with_the_highest_rate_that_was_asked() -> None:
    points = [
        point("book_appointment", "never"),
        point("book_appointment", "never", SHOULD, per_second=130),
        point("cancel_appointment", "never"),
        point("cancel_appointment", "too few", SHOULD),
    ]

    assert list(breaking_said(points)) == [
        "climb: held up to 60 arrivals/s, the highest rate asked (130 answers/s at most): book_appointment"
        " SHALL p99, SHOULD p95; cancel_appointment SHALL p99",
        "climb: too few requests to tell: cancel_appointment SHOULD p95",
    ]


def test_the_headline_says_up_to_which_rate_no_limit_broke(tmp_path: Path) -> None:
    said = headline(
        tmp_path, point("book_appointment", "never"), point("book_appointment", "broke", SHOULD, second=2)
    )

    assert said.endswith(
        "In climb no SHALL limit broke up to 60 arrivals/s, the highest rate asked (120 answers/s at most)."
    )


def test_the_headline_says_which_limit_broke_first(tmp_path: Path) -> None:
    said = headline(
        tmp_path,
        point("cancel_appointment", "broke", second=30),
        point("book_appointment", "broke", second=10),
    )

    assert said.endswith(
        "The first SHALL limit that climb broke was that of book_appointment at p99, when 20 arrivals/s were"
        " asked and 120 answers/s were given in all."
    )


def test_a_limit_exceeded_in_the_last_stretch_alone_is_not_said_to_have_broken(tmp_path: Path) -> None:
    over = point("cancel_appointment", "at the end", second=10)

    assert headline(tmp_path / "over", over, point("find_patient", "never")).endswith(
        "In climb nothing shows that a SHALL limit broke: that of cancel_appointment at p99 was exceeded in"
        " the last stretch alone, when 20 arrivals/s were asked and 120 answers/s were given in all."
    )
    assert "The first SHALL limit that climb broke was that of book_appointment at p99" in headline(
        tmp_path / "broke", over, point("book_appointment", "broke", second=30)
    ), "that one broke, though later"


def test_the_headline_owns_up_to_a_climb_with_too_few_requests(tmp_path: Path) -> None:
    said = headline(
        tmp_path, point("book_appointment", "too few"), point("book_appointment", "never", SHOULD)
    )

    assert said.endswith("In climb there were too few requests to find a breaking point of a SHALL limit.")


def test_a_run_whose_rate_never_climbed_says_nothing_of_breaking_points(tmp_path: Path) -> None:
    assert "climb" not in headline(tmp_path)
    assert list(breaking_said([])) == []


def test_the_headline_tells_of_arrivals_that_were_missed(tmp_path: Path) -> None:
    verdict = a_busy_verdict(tmp_path)
    marks = {
        name: mark | {"arrivals_missed": 3 if mark["phase"] == "ramp" else 0}
        for name, mark in verdict.evidence.marks.items()
    }
    missing = replace(verdict, evidence=replace(verdict.evidence, marks=marks))

    assert "Of 150 arrivals 3 were missed (2.00%), for want of a free client." in sentence(missing)


def test_of_limits_held_and_not_judged_each_are_counted(tmp_path: Path) -> None:
    look = a_history(double=False)[0]
    search = replace(look, phase="booking", start=50 * MS, end=60 * MS, seen=("1000",))
    (verdict,) = reach_verdicts([recorded(tmp_path, [*a_long_history(), search])])

    assert "1 of 2 SHALL limits held, and 1 was not judged, for want of requests" in sentence(verdict)
    assert "kept within those SHALL limits on speed that could be judged" in meaning(verdict)


def test_another_promise_that_was_broken_comes_before_what_held(tmp_path: Path) -> None:
    verdict = a_verdict(tmp_path)
    checks = tuple(
        replace(check, result="violated", violation_count=27) if check.number == 6 else check
        for check in verdict.findings.checks
    )
    said = sentence(replace(verdict, word="violated", findings=replace(verdict.findings, checks=checks)))
    first = '"final state equals history" (check 6) was violated 27 times. No slot was double-booked'
    assert said.startswith(first)


def test_a_limit_that_broke_and_was_kept_again_is_said_to_have_been(tmp_path: Path) -> None:
    point_ = point("book_appointment", "broke")
    again = " (kept again later)"
    assert again not in headline(tmp_path / "stayed", point_)
    assert again in headline(tmp_path / "recovered", replace(point_, recovered=True))
