"""Pages of other origins: allowed as the settings say, by a true preflight; all else is a wrong verb."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from simulator.application import create_app
from simulator.settings import Settings
from simulator.store.database import Store
from tests.conftest import STOPPED, a_consumer
from tests.practice_client import PracticeClient, assert_operation_outcome

PORTAL = "https://portal.example.nhs.uk"
OTHER = "https://evil.example.org"


@pytest.fixture
def allowing(database: Path, store: Store) -> Callable[[str], PracticeClient]:
    """Return what makes a consumer of an application that allows some origins."""

    def allow(origins: str) -> PracticeClient:
        settings = replace(Settings(), database=database, cors_origin=origins)
        app = create_app(settings, store, STOPPED)
        return a_consumer(TestClient(app, raise_server_exceptions=False), STOPPED, 0)

    return allow


def preflight(origin: str | None, method: str | None = "POST") -> dict[str, str | None]:
    headers: dict[str, str | None] = {"Access-Control-Request-Headers": "authorization, ssp-to"}
    if origin:
        headers["Origin"] = origin
    if method:
        headers["Access-Control-Request-Method"] = method
    return headers


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
@pytest.mark.parametrize("origins", [PORTAL, f"https://a.example , {PORTAL}", "*"])
def test_a_preflight_of_an_allowed_origin_is_answered(
    allowing: Callable[[str], PracticeClient], origins: str, method: str
) -> None:
    client = allowing(origins)
    headers = {name: value for name, value in preflight(PORTAL, method).items() if value}
    response = client.http.options(f"{client.root}/Appointment", headers=headers)
    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] in (PORTAL, "*")
    assert method in response.headers["access-control-allow-methods"]
    assert response.headers["access-control-allow-headers"] == "authorization, ssp-to"
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("origin", "method"), [(None, None), (PORTAL, None), (None, "POST"), (OTHER, "POST"), (PORTAL, "DELETE")]
)
def test_any_other_options_is_a_wrong_verb(
    allowing: Callable[[str], PracticeClient], origin: str | None, method: str | None
) -> None:
    client = allowing(PORTAL)
    response = client.send("read_metadata", method="OPTIONS", headers=preflight(origin, method))
    assert_operation_outcome(response, 400, "BAD_REQUEST", "verb OPTIONS", "expected GET")
    is_preflight = origin is not None and method is not None
    assert ("--cors-origin" in response.text) is is_preflight


def test_without_the_setting_a_preflight_is_a_wrong_verb(consumer: PracticeClient) -> None:
    response = consumer.send("read_metadata", method="OPTIONS", headers=preflight(PORTAL))
    assert_operation_outcome(response, 400, "BAD_REQUEST", "verb OPTIONS")
    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize("origins", [PORTAL, "*"])
def test_an_answer_says_that_the_page_may_read_it(
    allowing: Callable[[str], PracticeClient], origins: str
) -> None:
    client = allowing(origins)
    answer = client.send("read_metadata", headers={"Origin": PORTAL, "Accept-Encoding": "gzip"})
    refusal = client.send("find_patient", headers={"Origin": PORTAL})
    for response in (answer, refusal):
        assert response.headers["access-control-allow-origin"] == origins
        assert "ETag" in response.headers["access-control-expose-headers"]
        assert response.headers["vary"] == "Origin"
        assert len(response.headers.multi_items()) == len(response.headers)


@pytest.mark.parametrize("origin", [OTHER, None])
def test_an_answer_to_anyone_else_says_nothing_of_it(
    allowing: Callable[[str], PracticeClient], origin: str | None
) -> None:
    response = allowing(PORTAL).send("read_metadata", headers={"Origin": origin})
    assert response.status_code == 200
    assert not {name for name in response.headers if name.startswith("access-control")}
    assert "vary" not in response.headers


def test_start_and_stop_pass_through(database: Path, store: Store) -> None:
    settings = replace(Settings(), database=database, cors_origin=PORTAL)
    with TestClient(create_app(settings, store, STOPPED)) as client:
        assert client.get("/control/health").status_code == 200


def test_a_preflight_that_is_not_answered_says_who_asked_whatever_else_it_lacks(
    consumer: PracticeClient,
) -> None:
    headers = {name: value for name, value in preflight(OTHER, "POST").items() if value}
    response = consumer.http.options(f"{consumer.root}/Appointment", headers=headers)
    said = f"is a browser's preflight for 'POST' by a page of '{OTHER}'"
    assert_operation_outcome(response, 400, "BAD_REQUEST", "verb OPTIONS", said, "--cors-origin")
