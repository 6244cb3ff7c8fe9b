"""Whole answers, kept as files: a change of any element shows in review."""

import json
from pathlib import Path

import pytest

from simulator.interactions.registry import INTERACTIONS
from tests.interactions.every_response import every_response
from tests.practice_client import PracticeClient

SNAPSHOTS = Path(__file__).parent.parent / "snapshots"
HERE = [each.name for each in INTERACTIONS if each.respond is not None]


def test_every_interaction_answers_as_its_snapshot_has_it(
    consumer: PracticeClient, pytestconfig: pytest.Config
) -> None:
    answers = every_response(consumer)
    assert set(answers) == set(HERE)
    for name, answer in answers.items():
        path = SNAPSHOTS / f"{name}.json"
        text = json.dumps(answer, indent=2, ensure_ascii=False) + "\n"
        if pytestconfig.getoption("--update-snapshots"):
            path.write_text(text, encoding="utf-8")
        kept = path.read_text(encoding="utf-8")
        assert text == kept, f"{path.name} differs; --update-snapshots writes it anew"


def test_no_snapshot_is_of_nothing() -> None:
    assert {path.stem for path in SNAPSHOTS.glob("*.json")} == set(HERE)
