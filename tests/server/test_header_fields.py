"""Header fields: the first of several, all of them in order, and a list that came in several lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.server.header_fields import HeaderFields

NAME = st.sampled_from(["accept", "prefer", "ssp-from", "x-\u00e9"])
FIELDS = st.lists(st.tuples(NAME, st.text(st.characters(max_codepoint=255), max_size=5)), max_size=6)


def fields(*lines: tuple[str, str]) -> HeaderFields:
    return HeaderFields([(name.encode("latin-1"), value.encode("latin-1")) for name, value in lines])


@given(FIELDS, NAME)
def test_of_fields_that_came_more_than_once_the_first_is_told_and_all_are_there(
    lines: list[tuple[str, str]], name: str
) -> None:
    values = [value for key, value in lines if key == name]
    found = fields(*lines)
    assert found.getlist(name) == values
    assert found.get(name, "absent") == (values[0] if values else "absent")
    assert found.line(name) == ",".join(values)


def test_a_field_that_is_not_there_is_empty() -> None:
    assert (fields().get("accept"), fields().getlist("accept"), fields().line("accept")) == ("", [], "")
    assert fields(("prefer", "")).get("prefer", "absent") == ""


@pytest.mark.parametrize("other", [(), (("accept", "a"), ("accept", "b"))])
def test_a_field_is_read_alike_whether_or_not_others_repeat(other: tuple[tuple[str, str], ...]) -> None:
    found = fields(*other, ("prefer", "\u00a3"))
    assert (found.get("prefer"), found.getlist("prefer"), found.line("prefer")) == (
        "\u00a3",
        ["\u00a3"],
        "\u00a3",
    )
