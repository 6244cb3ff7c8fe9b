"""The Personal Demographics Service: whose NHS number is not known."""

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.spine.pds_refusals import FORMS
from simulator.spine.person_search_parameters import KNOWN
from tests.diary import Diary
from tests.interactions.registrations import ADA
from tests.spine.trace import WORKER, ask, assert_refused, found, search

BESS, CLEO = "9434765919", "9990000018"
LARK = {"family": "Lark", "birthdate": "1980-02-03"}
TOO_FEW = "did not meet the minimum requirements"
NOT_FUZZY = "did not meet the fuzzy search criteria"


@pytest.fixture(autouse=True)
def larks(diary: Diary) -> None:
    """Put Ada and Bess Lark on the record, and Cleo Lark-Wren, who was a Lark before."""
    diary.national_record(ADA, mobile="07700 900001", email="ada@example.org")
    diary.national_record(
        BESS, given="Bess", gender="other", phone=None, postal_code="ZZ98 1AA", ods_code=None
    )
    before = {"former_family": "Lark", "former_postal_code": "ZZ97 1AA"}
    dates = {"birth_date": "1980-02-04", "deceased_on": "2026-01-02"}
    diary.national_record(CLEO, given="Cleo", family="Wren", **before, **dates)


@pytest.mark.parametrize(
    ("known", "numbers"),
    [
        ({}, [BESS, ADA]),
        ({"birthdate": "eq1980-02-03"}, [BESS, ADA]),
        ({"birthdate": "1980-02-04"}, []),
        ({"family": "LARK", "given": "ada"}, [ADA]),
        ({"family": "La*"}, [BESS, ADA]),
        ({"family": "La*", "given": "Be*"}, [BESS]),
        ({"gender": "Female"}, [ADA]),
        ({"address-postalcode": "zz991aa"}, [ADA]),
        ({"address-postcode": "ZZ98*"}, [BESS]),
        ({"general-practitioner": "Z90001"}, [ADA]),
        ({"phone": "01632960001"}, [ADA]),
        ({"phone": "07700 900001", "email": "ADA@example.org"}, [ADA]),
        ({"email": "bess@example.org"}, []),
        ({"family": "Wren", "birthdate": "1980-02-04", "death-date": "le2026-01-02"}, [CLEO]),
        ({"family": "Wren", "birthdate": "1980-02-04", "death-date": "ge2026-01-03"}, []),
        ({"birthdate": "1980-02-04", "_history": "true"}, [CLEO]),
        ({"birthdate": "1980-02-04", "_history": "false"}, []),
        ({"_exact-match": "true"}, [BESS, ADA]),
        ({"family": "La*", "_exact-match": "true"}, []),
        ({"birthdate": "1980-02-04", "_history": "true", "_exact-match": "true"}, []),
        ({"family": "Larke", "given": "Adda", "_fuzzy-match": "true"}, [ADA]),
        ({"family": "Ada", "given": "Lark", "_fuzzy-match": "true"}, [ADA]),
        ({"given": "Cleo", "birthdate": "1980-02-04", "_fuzzy-match": "true"}, [CLEO]),
        ({"given": "Ada", "_fuzzy-match": "true"}, [ADA]),
        ({"gender": "other", "address-postalcode": "ZZ98 1AA", "_fuzzy-match": "true"}, [BESS]),
        ({"family": "Smith", "given": "Ada", "_fuzzy-match": "true"}, []),
        ({"given": "Ada", "email": "ADA@example.org", "_fuzzy-match": "true"}, [ADA]),
        ({"given": "Ada", "email": "bess@example.org", "_fuzzy-match": "true"}, []),
        ({"given": "Ada", "phone": "01632 960002", "_fuzzy-match": "true"}, []),
        ({"given": "Ada", "general-practitioner": "Z98001", "_fuzzy-match": "true"}, [ADA]),
        ({"given": "Ada", "death-date": "2026-01-02", "_fuzzy-match": "true"}, [ADA]),
    ],
    ids=lambda value: "&".join(f"{k}={v}" for k, v in value.items()) if isinstance(value, dict) else "",
)  # fmt: skip
def test_who_is_known_by_something_is_found(
    http: httpx2.Client, known: dict[str, str], numbers: list[str]
) -> None:
    response = ask(http, "/Patient", list((LARK | known).items()), **WORKER)
    assert [number for number, _ in found(response)] == numbers


def test_a_range_of_days_takes_two_values_and_given_names_several(http: httpx2.Client) -> None:
    days = [("birthdate", "ge1980-02-01"), ("birthdate", "le1980-02-03")]
    asked = [("family", "Lark"), *days, ("given", "Ada"), ("given", "ADA")]
    assert [number for number, _ in found(ask(http, "/Patient", asked, **WORKER))] == [ADA]
    from_then_on = [("family", "Lark"), ("birthdate", "ge1980-02-03"), ("given", "Ada")]
    assert [number for number, _ in found(ask(http, "/Patient", from_then_on, **WORKER))] == [ADA]


def test_the_best_match_comes_first(http: httpx2.Client, diary: Diary) -> None:
    diary.national_record("0000000001", family="Wren", former_family="Lark")
    matches = found(search(http, **LARK, _history="true"))
    assert [number for number, _ in matches] == [BESS, ADA, "0000000001"]
    assert [score for _, score in matches][:2] == [1.0, 1.0]
    assert 0 < matches[2][1] < 1.0


def test_a_match_by_what_was_before_shows_what_is_now(http: httpx2.Client) -> None:
    response = search(http, family="Lark", birthdate="1980-02-04", _history="true")
    ((number, score),) = found(response)
    assert number == CLEO
    assert score < 1.0
    (name,) = response.json()["entry"][0]["resource"]["name"]
    assert (name["use"], name["family"]) == ("usual", "Wren")


def test_a_search_has_less_of_a_person_than_a_look_up(http: httpx2.Client, diary: Diary) -> None:
    (entry,) = search(http, **LARK, given="Ada").json()["entry"]
    looked_up = ask(http, f"/Patient/{ADA}").json()
    assert looked_up.keys() - entry["resource"].keys() == {"managingOrganization"}
    assert {name: looked_up[name] for name in entry["resource"]} == entry["resource"]


def test_nobody_comes_under_a_number_that_is_no_longer_theirs(http: httpx2.Client, diary: Diary) -> None:
    diary.national_record(ADA, superseded_by=CLEO)
    diary.national_record(BESS, given="Bess", invalid=1)
    assert found(search(http, **LARK)) == [(CLEO, 1.0)]
    diary.national_record(CLEO, invalid=1)
    assert found(search(http, **LARK)) == []


def test_who_is_sensitive_is_found_but_not_by_where_they_are(http: httpx2.Client, diary: Diary) -> None:
    diary.national_record(ADA, sensitive=1)
    response = search(http, **LARK, given="Ada")
    assert [number for number, _ in found(response)] == [ADA]
    resource = response.json()["entry"][0]["resource"]
    assert resource["meta"]["security"][0]["code"] == "R"
    assert not {"address", "telecom", "generalPractitioner"} & resource.keys()
    for where in (
        ("address-postalcode", "ZZ99 1AA"),
        ("address-postcode", "ZZ99*"),
        ("general-practitioner", "Z90001"),
    ):
        assert found(ask(http, "/Patient", [*LARK.items(), where], **WORKER)) == []


def test_more_than_were_asked_for_are_too_many(http: httpx2.Client) -> None:
    assert len(found(search(http, **LARK, _max_results="2"))) == 2
    too_many = search(http, **LARK, _max_results="1")
    assert_refused(too_many, 200, "TOO_MANY_MATCHES", severity="information")
    assert too_many.json()["issue"][0]["code"] == "multiple-matches"
    assert "entry" not in too_many.json()


def test_more_than_fifty_are_always_too_many(http: httpx2.Client, diary: Diary) -> None:
    for n in range(48):
        diary.national_record(f"{n:010d}", given="Ada")
    assert len(found(search(http, **LARK))) == 50
    diary.national_record("0000000048", given="Ada")
    assert_refused(search(http, **LARK), 200, "TOO_MANY_MATCHES", severity="information")


def test_an_application_finds_one_or_none(http: httpx2.Client) -> None:
    assert found(search(http, False, **LARK, given="Ada")) == [(ADA, 1.0)]
    assert found(search(http, False, **LARK, given="Ada", _max_results="1")) == [(ADA, 1.0)]
    assert found(search(http, False, **LARK, given="Zoe")) == []
    assert_refused(search(http, False, **LARK), 200, "TOO_MANY_MATCHES", severity="information")
    refused = search(http, False, **LARK, _max_results="2")
    assert_refused(refused, 403, "INVALID_VALUE", "application-restricted", "'2'")


@pytest.mark.parametrize(
    ("parameters", "code", "words"),
    [
        ([], "UNSUPPORTED_SERVICE", ["family"]),
        ([("year", "2003")], "ADDITIONAL_PROPERTIES", ["('year' was unexpected)"]),
        ([("model", "a"), ("year", "b")], "ADDITIONAL_PROPERTIES", ["('model', 'year' were unexpected)"]),
        ([("Family", "Lark"), ("birthdate", "1980-02-03")], "ADDITIONAL_PROPERTIES", ["'Family'"]),
        ([("gender", "female")], "MISSING_VALUE", ["birth_date/birth_date_range_start/birth_date_range_end"]),
        ([("birthdate", "1980-02-03")], "INVALID_SEARCH_DATA", [TOO_FEW]),
        ([("birthdate", "1980-02-03"), ("given", "Ada")], "INVALID_SEARCH_DATA", [TOO_FEW]),
        ([("family", "Lark"), ("birthdate", "19800203")], "INVALID_VALUE", ["'19800203' in field"]),
        ([("family", "Lark"), ("birthdate", "gt1980-02-03")], "INVALID_VALUE", ["birthdate"]),
        ([("family", "Lark"), ("birthdate", "1980-02-30")], "INVALID_VALUE", ["birthdate"]),
        ([("family", "Lark"), ("death-date", "x")], "INVALID_VALUE", ["'x' in field 'death-date'"]),
        ([*LARK.items(), ("birthdate", "1980-02-04")], "INVALID_VALUE", ["birthdate", "ge"]),
        ([*LARK.items(), *[("birthdate", "ge1980-02-04")] * 2], "INVALID_VALUE", ["birthdate", "2 times"]),
        ([*LARK.items(), ("family", "Wren")], "INVALID_VALUE", ["'Lark, Wren' in field 'family'"]),
        ([*LARK.items(), ("gender", "mal")], "INVALID_VALUE", ["'mal' in field 'gender'", "female"]),
        ([*LARK.items(), ("_history", "yes")], "INVALID_VALUE", ["'yes' in field '_history'"]),
        ([*LARK.items(), ("_exact-match", "1")], "INVALID_VALUE", ["_exact-match"]),
        ([*LARK.items(), ("_max-results", "0")], "INVALID_VALUE", ["'0' in field '_max-results'", "1 to 50"]),
        ([*LARK.items(), ("_max-results", "51")], "INVALID_VALUE", ["'51'"]),
        ([*LARK.items(), ("_max-results", "two")], "INVALID_VALUE", ["'two'"]),
        ([*LARK.items(), ("email", " ")], "INVALID_VALUE", ["'email'"]),
        ([("family", "L*"), ("birthdate", "1980-02-03")], "INVALID_VALUE", ["'L*' in field 'family'"]),
        ([*LARK.items(), ("given", "*da")], "INVALID_VALUE", ["'*da' in field 'given'"]),
        ([*LARK.items(), ("address-postcode", "Z*")], "INVALID_VALUE", ["'Z*'"]),
        ([*LARK.items(), ("_fuzzy-match", "true")], "INVALID_SEARCH_DATA", [NOT_FUZZY]),
        ([*LARK.items(), ("given", "Ad*"), ("_fuzzy-match", "true")], "INVALID_SEARCH_DATA", [NOT_FUZZY]),
        ([*LARK.items(), ("gender", "female"), ("_fuzzy-match", "true")], "INVALID_SEARCH_DATA", [NOT_FUZZY]),
    ],
)  # fmt: skip
def test_a_search_wants_its_parameters_right(
    http: httpx2.Client, parameters: list[tuple[str, str]], code: str, words: list[str]
) -> None:
    assert_refused(ask(http, "/Patient", parameters, **WORKER), 400, code, *words)


names = st.one_of(st.sampled_from(KNOWN), st.text(max_size=5))
values = st.one_of(
    st.sampled_from(["Lark", "L*", "La**", "true", "TRUE", "50", "female", "ZZ99*", "Z90001", "%", "\0"]),
    st.text(max_size=12),
)
days = st.sampled_from(
    ["1980-02-03", "ge1980-02-03", "le9999-12-31", "eq0001-01-01", "1980-02-30", "ge0000-01-01", "le"]
)
one = st.tuples(names, values) | st.tuples(st.sampled_from(["birthdate", "death-date"]), days)
asked = st.lists(one, max_size=5)


def test_whatever_is_asked_there_is_an_answer_or_a_refusal_that_is_known(http: httpx2.Client) -> None:
    @given(asked, asked, st.booleans())
    @settings(max_examples=100)
    def check(known: list[tuple[str, str]], more: list[tuple[str, str]], is_fuzzy: bool) -> None:
        needed = [*LARK.items(), ("_fuzzy-match", "true")] if is_fuzzy else [*LARK.items()]
        for parameters in (known, needed + [each for each in more if each[0] not in dict(needed)]):
            response = ask(http, "/Patient", parameters, **WORKER)
            assert response.status_code < 500
            body = response.json()
            if body["resourceType"] == "Bundle":
                found(response)
                continue
            code = body["issue"][0]["details"]["coding"][0]["code"]
            assert_refused(response, FORMS[code].status, code, severity=FORMS[code].severity)

    check()
