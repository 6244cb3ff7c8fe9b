from pathlib import Path

import orjson

from loadtest.report.verdict_json import to_json
from loadtest.report.writing import write_all_reports, write_reports
from tests.loadtest.report.busy_run import a_busy_verdict
from tests.loadtest.report.recorded_run import a_verdict


def test_every_report_of_a_verdict_lies_side_by_side(tmp_path: Path) -> None:
    verdict = a_busy_verdict(tmp_path / "run")
    written = write_reports(verdict, tmp_path / "reports")

    assert {path.name for path in written} == {
        "verdict.json",
        "junit.xml",
        "report.html",
        "over-time.csv",
        "message-sizes.csv",
        "latency-search_for_free_slots-service.hgrm",
        "latency-search_for_free_slots-response.hgrm",
        "latency-book_appointment-service.hgrm",
        "latency-book_appointment-response.hgrm",
    }, "nothing was timed of a cancellation that was refused"
    assert all(path.parent == tmp_path / "reports" and path.stat().st_size for path in written)
    content = (tmp_path / "reports" / "verdict.json").read_bytes()
    assert orjson.loads(content) == orjson.loads(orjson.dumps(to_json(verdict)))


def test_closed_users_have_no_intended_start_to_draw_a_curve_from(tmp_path: Path) -> None:
    names = {path.name for path in write_reports(a_verdict(tmp_path), tmp_path)}

    assert "latency-book_appointment-service.hgrm" in names
    assert not any(name.endswith("-response.hgrm") for name in names)


def test_the_curves_are_in_the_format_that_plotters_read(tmp_path: Path) -> None:
    write_reports(a_busy_verdict(tmp_path), tmp_path)
    lines = (tmp_path / "latency-book_appointment-service.hgrm").read_text().splitlines()

    assert lines[0].split() == ["Value", "Percentile", "TotalCount", "1/(1-Percentile)"]
    assert lines[-3].startswith("#[Mean")


def test_several_runs_are_written_apart_and_one_alone_is_not_put_away(tmp_path: Path) -> None:
    one, other = a_verdict(tmp_path / "a"), a_busy_verdict(tmp_path / "b")

    assert {path.parent for path in write_all_reports([one], tmp_path / "one")} == {tmp_path / "one"}
    places = {path.parent for path in write_all_reports([one, other], tmp_path / "both")}
    assert places == {tmp_path / "both" / "booking-1", tmp_path / "both" / "busy-1"}
