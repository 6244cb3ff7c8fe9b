"""A page that comes in place of FHIR with status 200 is no answer, whoever put it there."""

import orjson
import pytest

from loadtest.responses import Exchange, Response, SlotIdReader, operation
from tests.loadtest.test_responses import CONSUMER, _bundle, _recorded, _search

PAGES = (
    b"<html>Please wait</html>",
    b"",
    b"[]",
    b'[1, {"a": null}]',
    b'{"resourceType": "OperationOutcome"}',
)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_in_place_of_slots_is_no_search_without_any_even_where_searches_are_scanned(
    page: bytes,
) -> None:
    reader = SlotIdReader()
    for body in (_bundle("1", "2"), _bundle("3")):
        assert reader.read("Z90001", body)
    assert reader.read("Z90001", page) is None
    found = operation(Exchange(_search(), Response(200, page), "1-0", "booking", 100, 200), reader)
    assert (found.outcome, found.error, found.seen) == ("unknown", "not a bundle", ())


def test_a_search_without_slots_is_an_answer_where_searches_are_scanned() -> None:
    reader = SlotIdReader()
    for body in (_bundle("1", "2"), _bundle()):
        found = operation(Exchange(_search(), Response(200, body), "1-0", "booking", 100, 200), reader)
        assert (found.outcome, found.error) == ("ok", None)


@pytest.mark.parametrize("page", [*PAGES, b'{"resourceType": "Bundle", "entry": [1]}'])
def test_a_page_in_place_of_patients_is_no_answer(page: bytes) -> None:
    found = _recorded(CONSUMER.find_patient("9990000018"), Response(200, page))
    assert (found.outcome, found.error) == ("unknown", "not a bundle")


@pytest.mark.parametrize("entries", [{}, {"entry": [{"resource": {"resourceType": "Patient", "id": "7"}}]}])
def test_patients_that_are_found_or_not_are_an_answer(entries: dict[str, object]) -> None:
    body = orjson.dumps({"resourceType": "Bundle"} | entries)
    found = _recorded(CONSUMER.find_patient("9990000018"), Response(200, body))
    assert (found.outcome, found.error) == ("ok", None)
