"""The tester's door: health, practices, and the page for people."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from simulator import __version__
from simulator.application import create_app
from simulator.control.appointments import list_appointments
from simulator.control.practices import PATIENTS_SHOWN
from simulator.domain.nhs_number import is_valid
from simulator.settings import Settings
from simulator.store.database import Store
from tests.conftest import STOPPED
from tests.diary import Diary
from tests.practice_client import Json, PracticeClient

AS_EVER = Settings()


@pytest.fixture
def served(database: Path, store: Store) -> Callable[..., TestClient]:
    """Return what serves the test's database with some settings changed."""

    def serve(settings: Settings = AS_EVER) -> TestClient:
        return TestClient(create_app(replace(settings, database=database), store, STOPPED))

    return serve


def listed(http: TestClient) -> list[Json]:
    response = http.get("/control/practices")
    assert response.status_code == 200
    return list(response.json())


def test_health_tells_that_it_is_ready_and_what_runs(shared_http: TestClient) -> None:
    response = shared_http.get("/control/health")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ready",
        "version": __version__,
        "today": "2026-03-16",
        "booking_mode": "safe",
        "durability": "normal",
        "personal_demographics_service": "up",
        "practices": 2,
        "practices_switched_off": 1,
    }


def test_a_database_that_was_removed_under_the_server_is_not_ready(
    served: Callable[..., TestClient], database: Path
) -> None:
    http = served()
    assert http.get("/control/health").status_code == 200
    database.rename(database.with_suffix(".gone"))
    response = http.get("/control/health")
    assert response.status_code == 503
    assert (response.json()["status"], response.json()["why"]) == (
        "not ready", f"{database} is no longer the file that is served: it was removed or replaced",
    )  # fmt: skip
    database.write_bytes(b"another")
    assert http.get("/control/health").status_code == 503


def test_a_database_that_cannot_be_written_is_not_ready(
    served: Callable[..., TestClient], store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("CRITICAL", "gpsim")
    http = served()
    store.connection.execute("pragma query_only = on")
    assert http.post("/Z90001/STU3/1/gpconnect/Appointment").status_code == 400
    response = http.get("/control/health")
    assert (response.status_code, response.json()["why"]) == (
        503, "the database cannot be written; the log says why",
    )  # fmt: skip
    store.connection.execute("pragma query_only = off")
    assert http.post("/Z90001/STU3/1/gpconnect/Appointment").status_code == 400
    assert http.get("/control/health").json()["status"] == "ready"


def test_health_tells_the_settings_that_matter(served: Callable[..., TestClient]) -> None:
    found = served(Settings(booking_mode="unsafe", durability="full")).get("/control/health").json()
    assert (found["booking_mode"], found["durability"]) == ("unsafe", "full")


def test_the_list_of_practices_has_the_shape_that_load_runs_read(shared_http: TestClient) -> None:
    practices = listed(shared_http)
    assert [each["ods_code"] for each in practices] == ["Z90001", "Z9A0A"]
    for practice in practices:
        assert practice.keys() == {"ods_code", "name", "service_root", "asid", "consumer", "patients"}
        assert practice["service_root"] == f"http://testserver/{practice['ods_code']}/STU3/1/gpconnect"
        assert practice["consumer"].keys() == {"asid", "ods_code", "organisation_type"}
        assert 0 < len(practice["patients"]) <= PATIENTS_SHOWN
        for patient in practice["patients"]:
            assert patient.keys() == {"nhs_number", "family", "given", "birth_date"}
            assert is_valid(patient["nhs_number"]) and patient["nhs_number"].startswith("999")


def test_every_patient_listed_can_be_found(visitor: PracticeClient) -> None:
    for patient in visitor.practice["patients"]:
        assert "entry" in visitor.find_patient(patient["nhs_number"]).json()


def test_only_patients_who_may_be_shown_are_listed(http: TestClient, diary: Diary) -> None:
    first = listed(http)[0]["patients"][0]["nhs_number"]
    diary.update("patients", 1, sensitive=1)
    assert first not in [each["nhs_number"] for each in listed(http)[0]["patients"]]


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("?limit=1", ["Z90001"]),
        ("?limit=0", []),
        ("?limit=" + "9" * 5_000, ["Z90001", "Z9A0A"]),
        ("?matching=brackenfold", ["Z9A0A"]),
        ("?matching=Z9&limit=1", ["Z90001"]),
        ("?matching=nowhere", []),
    ],
)
def test_the_list_of_practices_can_be_shortened(
    shared_http: TestClient, query: str, codes: list[str]
) -> None:
    response = shared_http.get(f"/control/practices{query}")
    assert [each["ods_code"] for each in response.json()] == codes


@pytest.mark.parametrize("limit", ["", "-1", "ten", "1.5", "\u0661"])
def test_a_limit_that_is_no_whole_number_is_refused(shared_http: TestClient, limit: str) -> None:
    response = shared_http.get("/control/practices", params={"limit": limit})
    assert response.status_code == 400
    assert response.json() == {"error": f"limit: {limit!r} was sent; expected a whole number"}


def test_a_list_of_very_many_practices_has_fewer_patients_of_each(
    http: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.control.practices.PATIENTS_IN_ALL", 10)
    assert [len(each["patients"]) for each in listed(http)] == [5, 5]
    one = http.get("/control/practices?limit=1").json()
    assert len(one[0]["patients"]) == 10


def test_the_front_page_of_many_practices_finds_one_of_them(
    http: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 'name="matching"' not in http.get("/").text
    monkeypatch.setattr("simulator.control.front_page.MOST_SHOWN", 1)
    page = http.get("/").text
    assert 'name="matching"' in page and "And 1 more" in page
    assert "<code>gpsim practices --limit 2</code> lists them all" in page
    assert "/Z90001/STU3" in page and "/Z9A0A/STU3" not in page
    page = http.get("/?matching=Z9A0A").text
    assert "/Z9A0A/STU3" in page and "/Z90001/STU3" not in page and "more:" not in page
    page = http.get("/", params={"matching": '"><script>'}).text
    assert "None whose ODS code or name" in page and "<script>" not in page
    assert '<a href="/">All practices</a>' in page and "Cases to try" not in page


def test_service_roots_are_those_of_the_host_that_was_asked(shared_http: TestClient) -> None:
    response = shared_http.get("/control/practices", headers={"Host": "gp.example.nhs.uk:8443"})
    assert response.json()[0]["service_root"] == "http://gp.example.nhs.uk:8443/Z90001/STU3/1/gpconnect"


def test_the_front_page_lists_practices_and_consumers_and_a_first_call(shared_http: TestClient) -> None:
    response = shared_http.get("/")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    for practice in listed(shared_http):
        for text in (practice["ods_code"], practice["name"], practice["service_root"], practice["asid"]):
            assert text.replace("'", "&#39;") in response.text
    assert "200000000115" in response.text and "200000000116" in response.text
    assert "gpload headers find_patient" in response.text
    assert "2026-03-16" in response.text and __version__ in response.text
    assert "Unsafe" not in response.text


def test_the_front_page_warns_of_the_unsafe_mode(served: Callable[..., TestClient]) -> None:
    assert "Unsafe booking mode" in served(Settings(booking_mode="unsafe")).get("/").text


def test_the_front_page_has_the_national_services_and_whether_they_are_on(
    served: Callable[..., TestClient],
) -> None:
    http = served()
    page = http.get("/").text
    for path in (
        "/http://testserver/Z90001/STU3/1/gpconnect",
        "/spine-directory/FHIR/R4",
        "/STU3/Organization/Z90001",
        "/personal-demographics/FHIR/R4",
    ):
        assert f"<code>http://testserver{path}</code>" in page
    for path in ("/spine-directory/FHIR/R4/Device", "/personal-demographics/FHIR/R4/Patient"):
        assert http.get(path).status_code != 404
    assert "off; --ldap-port starts it" in page and "down" not in page
    page = served(Settings(ldap_port=1389, ldaps_port=1636, pds_down=True)).get("/").text
    assert "ldap://127.0.0.1:1389, ldaps://127.0.0.1:1636" in page and "down, on purpose" in page
    page = served(Settings(public_url="https://spine.test")).get("/").text
    assert "http://testserver/https://spine.test/Z90001/STU3/1/gpconnect" in page


def test_the_front_page_has_the_consumers_that_are_refused_on_purpose(http: TestClient) -> None:
    page = http.get("/").text
    section = page[page.index("to be refused by the Spine Secure Proxy") : page.index("National services")]
    assert "200000099001" in section and "No practice shares data with it" in section
    assert "200000099002" in section
    assert "It may do read_metadata, search_for_free_slots, and no more." in section
    assert "200000000115" not in section
    http.delete("/control/directory/systems/200000099001")
    http.delete("/control/directory/systems/200000099002")
    assert "to be refused" not in http.get("/").text


def test_the_front_page_finds_practices_that_are_switched_off_too(http: TestClient) -> None:
    assert "<code>Z99001</code>" in http.get("/").text
    assert "<code>Z99001</code>" in http.get("/?matching=z99").text
    assert "<code>Z99001</code>" not in http.get("/?matching=Z9A0A").text


def test_the_front_page_tells_appointments_switched_off_from_all_switched_off(
    served: Callable[..., TestClient], diary: Diary
) -> None:
    diary.update("organizations", 1, appointments_enabled=0)
    page = served().get("/").text
    assert page.count("(appointments alone)") == 1
    assert page.index("<code>Z90001</code>") < page.index("(appointments alone)") < page.index("Z99001")


def test_the_front_page_counts_cases(served: Callable[..., TestClient], store: Store) -> None:
    assert " cases</summary>" in served().get("/").text
    first = "select min(key) from about where key like 'named_case:%' group by substr(key, 1, 17)"
    store.connection.execute(f"delete from about where key like 'named_case:%' and key not in ({first})")
    page = served().get("/").text
    assert ": 1 case</summary>" in page and "1 cases" not in page


def test_a_practice_without_patients_gets_no_first_call(
    served: Callable[..., TestClient], store: Store
) -> None:
    store.connection.execute("delete from patients")
    store.connection.execute("delete from about where key like 'named_case:%'")
    response = served().get("/")
    assert response.status_code == 200
    assert "A first call" not in response.text


def test_a_name_cannot_smuggle_markup_into_the_page(served: Callable[..., TestClient], diary: Diary) -> None:
    diary.update("organizations", 1, name="<script>alert(1)</script>")
    assert "<script>" not in served().get("/").text


@pytest.mark.parametrize("path", ["/", "/control/health", "/control/practices"])
def test_a_head_request_has_no_body(shared_http: TestClient, path: str) -> None:
    response = shared_http.head(path)
    assert (response.status_code, response.content) == (200, b"")


def test_the_list_of_appointments_has_the_provider_s_own_state(
    consumer: PracticeClient, store: Store
) -> None:
    booked = consumer.booked()
    consumer.cancel(booked)
    with store.reading() as transaction:
        everything = list(list_appointments(transaction))
        of_first = list(list_appointments(transaction, "Z90001"))
        assert list(list_appointments(transaction, "X00000")) == []
    assert {each["practice"] for each in everything} == {"Z90001", "Z9A0A", "Z99001"}
    assert of_first == [each for each in everything if each["practice"] == "Z90001"]
    assert {each["booked_by"] for each in everything if each["id"] != booked["id"]} == {None}
    (found,) = [each for each in everything if each["id"] == booked["id"]]
    assert found == {
        "id": booked["id"],
        "practice": "Z90001",
        "status": "cancelled",
        "version": "2",
        "start": booked["start"],
        "end": booked["end"],
        "slots": [each["reference"].removeprefix("Slot/") for each in booked["slot"]],
        "patient": booked["participant"][0]["actor"]["reference"].removeprefix("Patient/"),
        "description": booked["description"],
        "booked_by": "Z9U01",
    }
