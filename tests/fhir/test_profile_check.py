"""The table of what a profile asks beyond the base, and the check that reads it."""

from typing import Any

import pytest

from simulator.domain.refusals import InvalidResource
from simulator.fhir.profile_check import LEXICAL, Profile, Rule, Slice, check_profile
from tests.practice_client import Json

URL = "https://example.nhs.uk/extension"
FORBIDDEN = "GP Connect does not allow this element; leave it out"


def profile(*rules: Rule, slices: tuple[Slice, ...] = ()) -> Profile:
    return Profile("Thing", "https://example.nhs.uk/thing", rules, slices)


def complaint(resource: Json, *rules: Rule, slices: tuple[Slice, ...] = ()) -> str | None:
    """Return what is said of a resource, or None where nothing is."""
    try:
        check_profile(resource, profile(*rules, slices=slices))
    except InvalidResource as refusal:
        return refusal.diagnostics
    return None


@pytest.mark.parametrize(
    ("rule", "resource", "said"),
    [
        (Rule("a", 1, 1), {"a": "x"}, None),
        (Rule("a", 1, 1), {}, "Thing.a: is missing; expected exactly 1"),
        (Rule("a", 1, None), {}, "Thing.a: is missing; expected at least 1"),
        (Rule("a", 0, 1), {}, None),
        (Rule("a", 0, 1), {"a": [1, 2]}, "Thing.a: came 2 times; expected 0 to 1"),
        (Rule("a", 0, None), {"a": [1, 2, 3]}, None),
        (Rule("a", 0, 0), {"a": 1}, f"Thing.a: {FORBIDDEN}"),
        (Rule("a", 0, 0), {}, None),
        (Rule("a.b", 1, 1), {"a": [{"b": 1}, {}]}, "Thing.a[1].b: is missing; expected exactly 1"),
        (Rule("a.b", 1, 1), {"a": {}}, "Thing.a.b: is missing; expected exactly 1"),
        (Rule("a.b", 1, 1), {}, None),
        (Rule("a.b", 1, 1), {"a": ["text"]}, None),
        (Rule("a.b.c", 0, 0), {"a": {"b": [{"c": 1}]}}, f"Thing.a.b[0].c: {FORBIDDEN}"),
        (Rule("a", 0, 1, codes=frozenset("xy")), {"a": "z"}, "Thing.a: 'z' was sent; expected one of x, y"),
        (Rule("a", 0, 1, codes=frozenset({"x"})), {"a": 1}, "Thing.a: 1 was sent; expected one of x"),
        (Rule("a", 0, 1, fixed="x"), {"a": "y"}, "Thing.a: 'y' was sent; expected x"),
        (Rule("a", 0, 1, fixed="x"), {"a": "x"}, None),
        (Rule("a", 0, 1, "text"), {"a": " "}, "Thing.a: ' ' was sent; expected a text that is not blank"),
        (Rule("a", 0, 1, "instant"), {"a": 5}, "Thing.a: 5 was sent; expected yyyy-mm-ddThh:mm:ss+hh:mm"),
    ],
)  # fmt: skip
def test_each_kind_of_rule_says_what_breaks_it(rule: Rule, resource: Json, said: str | None) -> None:
    assert complaint(resource, rule) == said


@pytest.mark.parametrize(
    ("kind", "text", "right"),
    [
        ("instant", "2026-07-01T09:00:00+01:00", True),
        ("instant", "2026-07-01T09:00:00Z", True),
        ("instant", "2026-07-01T09:00:00.123+01:00", True),
        ("instant", "2026-07-01T09:00:00", False),
        ("instant", "2026-07-01T09:00+01:00", False),
        ("instant", "2026-13-01T09:00:00Z", False),
        ("instant", "2026-07-01T24:00:00Z", False),
        ("instant", " 2026-07-01T09:00:00Z", False),
        ("instant", "2026-07-01T09:00:00Z\n", False),
        ("instant", "\u0662026-07-01T09:00:00Z", False),
        ("moment", "2026-07-01", False),
        ("moment", "2026-07-01T09:00:00Z", True),
        ("dateTime", "2026", True),
        ("dateTime", "2026-07", True),
        ("dateTime", "2026-07-01", True),
        ("dateTime", "2026-07-01T09:00:00Z", True),
        ("dateTime", "2026-07-01T09:00:00", False),
        ("dateTime", "26", False),
        ("date", "2026-07-01", True),
        ("date", "2026-07", True),
        ("date", "2026-07-32", False),
        ("text", "a\nb", True),
        ("text", "\n", False),
    ],
)
def test_a_primitive_has_its_form(kind: str, text: str, right: bool) -> None:
    assert (LEXICAL[kind][0].fullmatch(text) is not None) is right
    assert (complaint({"a": text}, Rule("a", 1, 1, kind)) is None) is right


def extensions(*values: Any) -> Json:
    return {"extension": [{"url": URL, "valueCode": each} for each in values]}


@pytest.mark.parametrize(
    ("piece", "resource", "word"),
    [
        (Slice(URL, 1, "valueCode"), extensions("a"), None),
        (Slice(URL, 1, "valueCode"), {}, None),
        (Slice(URL, 1, "valueCode"), extensions("a", "b"), "came 2 times; expected 0 to 1"),
        (Slice(URL, None, "valueCode"), extensions("a", "b"), None),
        (Slice(URL, 1, "valueCode", least=1), {}, "came 0 times; expected exactly 1"),
        (Slice(URL, 1, "valueString"), extensions("a"), "has valueCode; expected valueString"),
        (Slice("another", 0, "valueCode"), extensions("a"), None),
    ],
)
def test_an_extension_comes_so_often_with_one_kind_of_value(
    piece: Slice, resource: Json, word: str | None
) -> None:
    said = complaint(resource, slices=(piece,))
    assert said is None if word is None else said is not None and word in said


def test_a_resource_inside_another_is_named_by_its_place() -> None:
    with pytest.raises(InvalidResource, match=r"^Appointment\.contained\[0\]\.a: is missing"):
        check_profile({}, profile(Rule("a", 1, 1)), "Appointment.contained[0]")
