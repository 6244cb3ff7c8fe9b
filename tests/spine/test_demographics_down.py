"""What becomes of everybody while the Personal Demographics Service is down."""

import time
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from starlette.testclient import TestClient

from simulator.application import create_app
from simulator.domain.clock import Clock
from simulator.settings import Settings
from simulator.store.database import Store
from tests.conftest import TODAY
from tests.diary import Diary
from tests.interactions.registrations import ADA, ada, parameters
from tests.practice_client import PracticeClient, assert_operation_outcome, assert_searchset
from tests.races.served import serving
from tests.spine.trace import ask, assert_as_in_snapshot, assert_refused, cases, search

SERVICE = "Personal Demographics Service"


@pytest.fixture
def while_down(database: Path, store: Store, clock: Clock) -> TestClient:
    """Return a client of a simulator whose demographics service is down."""
    app = create_app(replace(Settings(), database=database, pds_down=True), store, clock)
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture
def practice(while_down: TestClient, clock: Clock) -> PracticeClient:
    """Return a consumer of a practice that cannot ask the service."""
    listed = while_down.get("/control/practices").json()[0]
    return PracticeClient(while_down, listed, clock.wall, clock.today())


def test_nobody_is_traced(while_down: TestClient) -> None:
    for response in (ask(while_down, f"/Patient/{ADA}"), search(while_down, family="a", birthdate="x")):
        assert_refused(response, 503, "SERVICE_UNAVAILABLE", "X-Request-ID")
        assert response.headers["retry-after"] == "5"


def test_answers_are_as_the_snapshot_has_them(
    while_down: TestClient, practice: PracticeClient, diary: Diary, pytestconfig: pytest.Config
) -> None:
    number = cases(diary)["unverified"]
    answers = {
        "trace": ask(while_down, f"/Patient/{ADA}", X_Correlation_ID="mine"),
        "search": search(while_down, family="Lark", birthdate="1980-02-03"),
        "register_patient": practice.send("register_patient", body=parameters(ada())),
        "find_patient": practice.find_patient(number),
    }
    assert_as_in_snapshot(pytestconfig, "pds_down.json", answers)


def test_nobody_is_registered_and_nothing_changes(practice: PracticeClient, diary: Diary) -> None:
    diary.national_record(ADA)
    before = diary.connection.execute("select * from patients order by id").fetchall()
    response = practice.send("register_patient", body=parameters(ada()))
    assert_operation_outcome(response, 500, "INTERNAL_SERVER_ERROR", SERVICE, ADA)
    assert diary.connection.execute("select * from patients order by id").fetchall() == before
    refused = diary.audited()[-1]
    assert (refused.status, refused.code, refused.nhs_number) == (500, "INTERNAL_SERVER_ERROR", ADA)


@pytest.mark.parametrize("case", ["no_appointments", "inactive", "deceased", "sensitive", "superseded"])
def test_the_service_is_asked_before_the_practice_looks_at_its_own_record(
    practice: PracticeClient, diary: Diary, case: str
) -> None:
    response = practice.send("register_patient", body=parameters(ada(cases(diary)[case])))
    assert_operation_outcome(response, 500, "INTERNAL_SERVER_ERROR", SERVICE)


def test_what_is_wrong_with_a_registration_itself_is_said_all_the_same(practice: PracticeClient) -> None:
    response = practice.send("register_patient", body=parameters(ada("9000000000")))
    assert_operation_outcome(response, 400, "INVALID_NHS_NUMBER")
    assert_operation_outcome(practice.send("register_patient", body=parameters()), 422, "INVALID_RESOURCE")


def test_only_who_was_never_verified_cannot_be_found(practice: PracticeClient, diary: Diary) -> None:
    numbers = cases(diary)
    (found,) = assert_searchset(practice.find_patient(numbers["no_appointments"]))
    response = practice.find_patient(numbers["unverified"])
    assert_operation_outcome(response, 500, "INTERNAL_SERVER_ERROR", SERVICE)
    read = practice.send("read_patient", path=f"/Patient/{found['id']}")
    assert read.status_code == 200


@pytest.mark.parametrize(("is_down", "shown"), [(False, "up"), (True, "down")])
def test_the_door_tells_whether_it_is_down(
    database: Path, store: Store, clock: Clock, is_down: bool, shown: str
) -> None:
    app = create_app(replace(Settings(), database=database, pds_down=is_down), store, clock)
    health = TestClient(app).get("/control/health").json()
    assert health["personal_demographics_service"] == shown


def test_serving_takes_it_away_in_every_process_and_says_so(database: Path) -> None:
    with (
        serving(database, "--pds-down", "--workers", "2", "--today", TODAY.isoformat()) as served,
        httpx2.Client(base_url=served.url) as http,
    ):
        assert f"THE {SERVICE.upper()} IS DOWN" in served.said
        practice = PracticeClient(http, http.get("/control/practices").json()[0], time.time, TODAY)
        for _ in range(6):
            assert ask(http, f"/Patient/{ADA}").status_code == 503
            response = practice.send("register_patient", body=parameters(ada()))
            assert_operation_outcome(response, 500, "INTERNAL_SERVER_ERROR", SERVICE)
        assert practice.send("read_metadata").status_code == 200
        assert served.stop() == 0
