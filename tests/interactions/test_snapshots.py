"""Whole answers, kept as files in both formats: a change of any element shows in review."""

import json
from pathlib import Path
from xml.etree import ElementTree

import httpx2
import pytest

from simulator.interactions.interaction import Format
from simulator.interactions.registry import INTERACTIONS
from tests.interactions.conftest import Answers

SNAPSHOTS = Path(__file__).parent.parent / "snapshots"
NAMES = [each.name for each in INTERACTIONS]
SUFFIXES = {Format.JSON: "json", Format.XML: "xml"}


def text_of(response: httpx2.Response, spoken: Format) -> str:
    """Return a body, indented: each element on a line of its own."""
    if spoken is Format.JSON:
        return json.dumps(response.json(), indent=2, ensure_ascii=False) + "\n"
    ElementTree.register_namespace("", "http://hl7.org/fhir")
    root = ElementTree.fromstring(response.content)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode") + "\n"


@pytest.mark.parametrize("spoken", list(Format), ids=lambda spoken: spoken.name)
@pytest.mark.parametrize("name", NAMES)
def test_an_interaction_answers_as_its_snapshot_has_it(
    answers: Answers, pytestconfig: pytest.Config, name: str, spoken: Format
) -> None:
    path = SNAPSHOTS / f"{name}.{SUFFIXES[spoken]}"
    text = text_of(answers[name, spoken], spoken)
    if pytestconfig.getoption("--update-snapshots"):
        path.write_text(text, encoding="utf-8")
    kept = path.read_text(encoding="utf-8")
    assert text == kept, f"{path.name} differs; --update-snapshots writes it anew"


def test_no_snapshot_is_of_nothing() -> None:
    expected = {f"{name}.{suffix}" for name in NAMES for suffix in SUFFIXES.values()}
    assert {path.name for path in SNAPSHOTS.iterdir()} == expected
