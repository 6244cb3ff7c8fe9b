"""Arrivals at a declared rate, whatever the provider does."""

import re
from pathlib import Path

import orjson

from loadtest.ledger import read_ledger
from tests.loadtest.fake_provider import FakeProvider
from tests.loadtest.whole_run import HELD, gpload


def test_open_arrivals_are_made_at_the_declared_rate_and_timed_from_when_they_were_due(
    tmp_path: Path,
) -> None:
    code, verdict, output = gpload(
        FakeProvider(), tmp_path, "slot_search", "--rate", "20", "--duration", "3s", "--processes", "2"
    )

    assert code in HELD, output
    operations = [each for each in read_ledger(tmp_path) if each.phase == "slot_search"]
    (began,) = {header.begins_ns for header in read_ledger(tmp_path).headers if header.phase}
    due = sorted((each.intended or 0) - began for each in operations)
    assert due == [25_000_000 + n * 50_000_000 for n in range(60)], "all of them, by both processes"
    assert all(each.start >= (each.intended or 0) for each in operations)
    assert verdict["latency"][0]["response_ms"]["p50"] >= verdict["latency"][0]["service_ms"]["p50"]
    lines = [line for path in tmp_path.glob("ledger-*") for line in path.read_bytes().splitlines()]
    told = [each["begun"] for line in lines if (each := orjson.loads(line))["record"] == "arrivals"]
    assert 1 <= max(told) <= 30, "what began so far is told while it lasts"


def test_arrivals_that_no_client_was_free_for_make_the_run_no_evidence(tmp_path: Path) -> None:
    provider = FakeProvider()
    provider.slow = 0.5
    plan = tmp_path / "starved.toml"
    plan.write_text(
        'about = "one client, ten arrivals a second"\n'
        '[[phase]]\nname = "rush"\nscenario = "slot_search"\nseconds = 3\nrate = 10\nclients = 1\n'
    )

    code, verdict, _ = gpload(provider, tmp_path / "r", str(plan), "--processes", "1")

    assert code == 2
    assert re.search(r"rush missed 2\d of 30 arrivals .* for want of a free client", verdict["reasons"][0])
