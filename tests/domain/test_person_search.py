"""Who matches what is known of a person, and how well."""

from datetime import date
from typing import Any

import pytest

from simulator.domain.national_record import NationalRecord
from simulator.domain.organization import Address
from simulator.domain.person_search import Days, PersonSearch, folded, score, soundex

BORN = date(1980, 2, 3)
HOME = Address(("1 Mill Lane",), "Leeds", "West Yorkshire", "ZZ99 1AA")
ADA = NationalRecord(
    "9990000018", "Ms", "Ada Jane", "Smith-O'Neill", "female", BORN, HOME, "01632 960001", "Z90001",
    mobile="07700 900001", email="ada@example.org", former_family="Lark", former_postal_code="ZZ98 2BB",
)  # fmt: skip
ON_THE_DAY = Days(BORN, BORN)


def plain(**known: Any) -> float | None:
    """Return Ada's score in a plain search."""
    return score(ADA, PersonSearch(**{"born": ON_THE_DAY, "family": "Smith O'Neill", **known}))


def fuzzy(record: NationalRecord = ADA, **known: Any) -> float | None:
    """Return the score of somebody in a fuzzy search."""
    named = {"born": ON_THE_DAY, "family": "Smith-ONeill", "given": ("Ada Jane",), **known}
    return score(record, PersonSearch(is_fuzzy=True, **named))


@pytest.mark.parametrize(
    "known",
    [
        {},
        {"family": "SMITH-O'NEILL"},
        {"family": "sm\u00efth-oneill"},
        {"given": ("Ada",)},
        {"given": ("jane", "ADA")},
        {"given": ("Ada Jane",)},
        {"gender": "female", "ods_code": "z90001", "email": "ADA@example.org"},
        {"phone": "01632960001"},
        {"phone": "07700900001"},
        {"postal_code": "zz991aa"},
        {"born": Days(None, BORN)},
        {"born": Days(BORN, None)},
    ],
)
def test_what_agrees_in_everything_is_exact(known: dict[str, Any]) -> None:
    assert plain(**known) == 1.0


@pytest.mark.parametrize(
    "known",
    [
        {"family": "Smith"},
        {"family": "Smythe-O'Neill"},
        {"family": "Lark"},
        {"given": ("Adam",)},
        {"given": ("Ada", "Mary")},
        {"gender": "male"},
        {"ods_code": "Z90002"},
        {"email": "ada@example.com"},
        {"phone": "01632960002"},
        {"postal_code": "ZZ98 2BB"},
        {"died": Days(None, BORN)},
        {"born": Days(None, date(1980, 2, 2))},
        {"born": Days(date(1980, 2, 4), None)},
    ],
)
def test_in_a_plain_search_one_thing_that_differs_is_enough(known: dict[str, Any]) -> None:
    assert plain(**known) is None


@pytest.mark.parametrize(
    "known",
    [
        {"family": "Sm*"},
        {"family": "sm*ill"},
        {"given": ("Ad*",)},
        {"postal_code": "ZZ99*"},
        {"postal_code": "ZZ99 1*"},
        {"family": "Lark", "in_history": True},
        {"family": "La*", "in_history": True},
        {"postal_code": "zz98*", "in_history": True},
    ],
)
def test_wildcards_and_what_was_before_match_less_well(known: dict[str, Any]) -> None:
    found = plain(**known)
    assert found is not None
    assert 0.8 < found < 1.0


def test_a_dot_is_no_wildcard() -> None:
    assert plain(family="Smi.h-O'Neill") is None
    assert plain(family="Sm[a-z]*") is None


def test_a_day_of_death_is_compared_where_there_is_one() -> None:
    dead = ADA._replace(deceased_on=date(2026, 1, 2))
    search = PersonSearch(ON_THE_DAY, "Smith-O'Neill", died=Days(date(2026, 1, 1), date(2026, 1, 2)))
    assert score(dead, search) == 1.0
    assert score(ADA, search) is None


@pytest.mark.parametrize(
    ("known", "other"),
    [
        ({}, {"family": "Smythe-O'Neal"}),
        ({}, {"family": "Ada", "given": ("Smith O'Neill",)}),
        ({}, {"family": "Lark"}),
        ({"postal_code": "ZZ99 1AA"}, {"postal_code": "ZZ98 2BB"}),
        ({"postal_code": "ZZ98 2BB"}, {"postal_code": "ZZ97 1AA"}),
        ({"ods_code": "Z90001"}, {"ods_code": "Z90002"}),
        ({}, {"died": ON_THE_DAY}),
        ({}, {"gender": "male"}),
    ],
)
def test_a_fuzzy_search_finds_what_differs_a_little_and_scores_it_lower(
    known: dict[str, Any], other: dict[str, Any]
) -> None:
    found, worse = fuzzy(**known), fuzzy(**other)
    assert found is not None
    assert worse is not None
    assert 0.7 <= worse < found <= 1.0


@pytest.mark.parametrize(
    "known",
    [
        {"family": "Jones"},
        {"given": ("Mary",)},
        {"email": "eda@example.org"},
        {"phone": "01632 960002"},
        {"born": Days(date(1981, 2, 3), date(1981, 2, 3))},
        {
            "family": "Smythe-O'Neal",
            "postal_code": "ZZ97 1AA",
            "gender": "male",
            "ods_code": "Z90002",
            "died": ON_THE_DAY,
        },
    ],
)
def test_a_fuzzy_search_does_not_find_just_anybody(known: dict[str, Any]) -> None:
    assert fuzzy(**known) is None


@pytest.mark.parametrize("name", [{"family": None}, {"given": ()}])
def test_with_one_name_the_facts_must_hold(name: dict[str, Any]) -> None:
    facts = {**name, "gender": "female", "postal_code": "ZZ99 1AA"}
    assert fuzzy(**facts) == 1.0
    assert fuzzy(**facts, ods_code="Z90002") is not None
    assert fuzzy(**(facts | {"gender": "male"})) is None
    assert fuzzy(**(facts | {"postal_code": "ZZ97 1AA"})) is None


def test_who_had_no_other_name_is_not_found_by_none() -> None:
    assert score(ADA._replace(former_family=None), PersonSearch(ON_THE_DAY, "", in_history=True)) is None


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("robert", "r163"), ("rupert", "r163"), ("rubin", "r150"), ("ashcraft", "a261"), ("tymczak", "t522"),
        ("pfister", "p236"), ("honeyman", "h555"), ("smith", "s530"), ("smythe", "s530"), ("a", "a000"),
    ],
)  # fmt: skip
def test_names_that_sound_alike_have_one_code(name: str, code: str) -> None:
    assert soundex(name) == code


def test_names_are_compared_without_what_is_written_differently() -> None:
    assert folded(" O\u2019Brien-Kociński ") == folded("obrien  KOCINSKI")
    assert PersonSearch(ON_THE_DAY, "Éclair", ("Ada", "Ann")).initials in ("ea", "ae")
