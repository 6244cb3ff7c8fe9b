"""Everything that is written about a verdict, side by side in one directory.

`verdict.json` and `junit.xml` for programs, `report.html` for people, `over-time.csv` and
`message-sizes.csv` for spreadsheets, and for each interaction `latency-NAME-service.hgrm` (from the send) and
under open arrivals `latency-NAME-response.hgrm` (from the intended start), in milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import orjson

from loadtest.figures.measurements import Basis
from loadtest.figures.percentile_curve import hgrm
from loadtest.report.junit import junit_xml
from loadtest.report.page import PAGE, report_page
from loadtest.report.spreadsheets import message_sizes_csv, over_time_csv
from loadtest.report.verdict import Verdict
from loadtest.report.verdict_json import to_json


def write_reports(verdict: Verdict, directory: Path) -> tuple[Path, ...]:
    """Write every report of one verdict; returns the files. Raises OSError where that is not possible."""
    directory.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for name, content in _reports(verdict):
        path = directory / name
        path.write_bytes(content)
        written.append(path)
    return tuple(written)


def write_all_reports(verdicts: Iterable[Verdict], directory: Path) -> tuple[Path, ...]:
    """Write those of several verdicts: each in a directory named as its run, one alone in `directory`."""
    listed = list(verdicts)
    places = places_of(listed, directory)
    return tuple(
        path for verdict, place in zip(listed, places, strict=True) for path in write_reports(verdict, place)
    )


def places_of(verdicts: Sequence[Verdict], directory: Path) -> list[Path]:
    """The directory in which each verdict's reports are, where `directory` was named for all of them."""
    if len(verdicts) == 1:
        return [directory]
    return [directory / verdict.evidence.run for verdict in verdicts]


def _reports(verdict: Verdict) -> Iterator[tuple[str, bytes]]:
    yield "verdict.json", orjson.dumps(to_json(verdict), option=orjson.OPT_INDENT_2)
    yield "junit.xml", junit_xml(verdict)
    yield "over-time.csv", over_time_csv(verdict.over_time).encode()
    yield "message-sizes.csv", message_sizes_csv(verdict.over_time).encode()
    bases: tuple[tuple[str, Basis], ...] = (("service", "service time"), ("response", "response time"))
    for summary in verdict.summaries:
        for name, basis in bases:
            timings = verdict.measurements.timings(summary.interaction, basis)
            if timings.count > timings.unanswered:
                yield f"latency-{summary.interaction}-{name}.hgrm", hgrm(timings).encode()
    yield PAGE, report_page(verdict).encode()
