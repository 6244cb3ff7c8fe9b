"""Register a patient: what comes back, what is stored, and how the practice's own records decide."""

from dataclasses import replace

import pytest

from simulator.fhir import urls
from simulator.interactions.interaction import Format
from tests.diary import Diary
from tests.interactions.registrations import (
    ADA,
    ada,
    address,
    communication,
    email,
    nhs_number,
    parameters,
    phone,
    registered,
)
from tests.practice_client import Json, PracticeClient, assert_common_headers, assert_operation_outcome

pytestmark = pytest.mark.usefixtures("ada_on_record")


def details(patient: Json) -> dict[str, Json]:
    """Return the parts of the registration details, which stand there exactly once."""
    (found,) = [each for each in patient["extension"] if each["url"] == urls.REGISTRATION_DETAILS]
    return {part["url"]: part for part in found["extension"]}


def found(consumer: PracticeClient, number: str = ADA) -> Json:
    (entry,) = consumer.find_patient(number).json()["entry"]
    return dict(entry["resource"])


def telecom(patient: Json) -> set[tuple[str, str]]:
    return {(each["system"], each["use"]) for each in patient.get("telecom", [])}


def test_a_registration_answers_200_with_a_searchset_of_the_patient(consumer: PracticeClient) -> None:
    response = consumer.send("register_patient", body=parameters(ada()))
    assert response.status_code == 200
    assert_common_headers(response)
    assert not {"etag", "location"} & response.headers.keys()
    bundle = response.json()
    assert bundle["meta"] == {"profile": [urls.SEARCHSET]}
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "searchset")
    (entry,) = bundle["entry"]
    assert entry.keys() == {"resource"}


def test_a_registration_answers_with_the_patient_though_nothing_is_asked_back(
    consumer: PracticeClient,
) -> None:
    response = consumer.send("register_patient", body=parameters(ada()), headers={"Prefer": "return=minimal"})
    assert [each["resource"]["resourceType"] for each in response.json()["entry"]] == ["Patient"]


def test_the_patient_has_what_was_sent(consumer: PracticeClient) -> None:
    patient = registered(consumer)
    (identifier,) = patient["identifier"]
    assert (identifier["system"], identifier["value"]) == (urls.NHS_NUMBER, ADA)
    (status,) = identifier["extension"]
    assert status["valueCodeableConcept"]["coding"][0]["code"] == "01"
    (name,) = patient["name"]
    assert (name["use"], name["family"], name["given"]) == ("official", "Lark", ["Ada"])
    assert (patient["gender"], patient["birthDate"], patient["active"]) == ("female", "1980-02-03", True)
    assert patient["managingOrganization"] == {"reference": "Organization/1"}
    assert patient["meta"] == {"versionId": "1", "profile": [urls.PATIENT]}


def test_the_registration_is_temporary_and_lasts_three_months(consumer: PracticeClient) -> None:
    parts = details(registered(consumer))
    (kind,) = parts["registrationType"]["valueCodeableConcept"]["coding"]
    assert kind == {"system": urls.REGISTRATION_TYPES, "code": "T", "display": "Temporary"}
    assert parts["registrationPeriod"]["valuePeriod"] == {"start": "2026-03-16", "end": "2026-06-15"}
    assert "registrationStatus" not in parts


def test_who_is_registered_is_found_and_read_as_answered(consumer: PracticeClient) -> None:
    patient = registered(
        consumer,
        ada(
            address=[address("home"), address("temp")],
            telecom=[phone("home"), phone("work"), phone("mobile"), phone("temp"), email()],
            extension=[communication()],
            name=[{"use": "official", "family": "Lark", "given": ["Ada", "Beth", "Cleo"], "prefix": ["Dr"]}],
        ),
    )
    assert found(consumer) == patient
    assert consumer.send("read_patient", resource_id=patient["id"]).json() == patient


def test_who_is_registered_can_be_booked_for(consumer: PracticeClient) -> None:
    patient_id = registered(consumer)["id"]
    booked = consumer.booked(consumer.free_slots()[0], patient_id=patient_id)
    assert booked["participant"][0]["actor"]["reference"] == f"Patient/{patient_id}"


@pytest.mark.parametrize("number", [1, 2, 5])
def test_every_given_name_comes_back(consumer: PracticeClient, number: int) -> None:
    given = ["Ada", *(f"Name{each}" for each in range(number))]
    patient = registered(consumer, ada(name=[{"use": "official", "family": "Lark", "given": given}]))
    assert patient["name"][0]["given"] == given


def test_names_of_other_uses_may_be_sent(consumer: PracticeClient) -> None:
    official = {"use": "official", "text": "LARK, Ada (Ms)", "family": "Lark", "given": ["Ada"]}
    patient = registered(consumer, ada(name=[{"use": "nickname", "family": "Larkie"}, official]))
    assert [(each["use"], each["family"]) for each in patient["name"]] == [("official", "Lark")]


@pytest.mark.parametrize(
    "uses", [("temp",), ("home",), ("home", "temp"), ("temp", "home")], ids=lambda uses: "+".join(uses)
)
def test_addresses_come_back_by_use(consumer: PracticeClient, uses: tuple[str, ...]) -> None:
    patient = registered(consumer, ada(address=[address(use, f"{use}ton") for use in uses]))
    came = {each["use"]: each for each in patient["address"]}
    assert came["home"]["city"] == ("hometon" if "home" in uses else "Leeds")
    assert came.get("temp", {}).get("city") == ("tempton" if "temp" in uses else None)


def test_what_is_temporary_ends_with_the_registration(consumer: PracticeClient) -> None:
    patient = registered(consumer, ada(address=[address("home"), address("temp")], telecom=[phone("temp")]))
    ends = {each["use"]: each.get("period") for each in [*patient["address"], *patient["telecom"]]}
    assert ends["temp"] == {"end": details(patient)["registrationPeriod"]["valuePeriod"]["end"]}
    assert ends["home"] is None


@pytest.mark.parametrize(
    ("sent", "lines"),
    [
        ({"use": "home", "line": ["1 Row"], "city": "York"}, ["1 Row"]),
        ({"use": "home", "text": "The boat at the bridge"}, ["The boat at the bridge"]),
        ({"use": "home", "type": "physical", "postalCode": "ZZ99 3VZ"}, None),
    ],
)
def test_an_address_of_few_parts_is_kept(
    consumer: PracticeClient, sent: Json, lines: list[str] | None
) -> None:
    (came,) = registered(consumer, ada(address=[sent]))["address"]
    assert came.get("line") == lines
    assert found(consumer)["address"] == [came]


def test_an_address_that_says_nothing_is_topped_up(consumer: PracticeClient) -> None:
    (came,) = registered(consumer, ada(address=[{"use": "home", "country": "GBR"}]))["address"]
    assert came["line"] == ["1 Mill Lane"]


TELECOM = {
    "phone home": phone("home"),
    "phone work": phone("work"),
    "phone mobile": phone("mobile"),
    "phone temp": phone("temp"),
    "email": email(),
}
KINDS = list(TELECOM)


@pytest.mark.parametrize("one", KINDS)
@pytest.mark.parametrize("other", KINDS)
def test_telecoms_of_different_kinds_come_back_and_the_same_twice_is_refused(
    consumer: PracticeClient, one: str, other: str
) -> None:
    body = parameters(ada(telecom=[TELECOM[one], TELECOM[other]]))
    response = consumer.send("register_patient", body=body)
    if one == other:
        assert_operation_outcome(response, 400, "BAD_REQUEST", "Patient.telecom")
        return
    assert response.status_code == 200, response.text
    came = telecom(response.json()["entry"][0]["resource"])
    uses = {(each["system"], each["use"]) for each in (TELECOM[one], TELECOM[other])}
    assert came == uses | {("phone", "home")}


@pytest.mark.parametrize("use", ["home", "work", "mobile", "temp", None])
def test_an_email_address_may_have_any_use(consumer: PracticeClient, use: str | None) -> None:
    sent = {name: value for name, value in email(use or "").items() if value}
    assert ("email", use or "home") in telecom(registered(consumer, ada(telecom=[sent])))


def test_an_address_comes_back_with_its_country_and_parts_are_of_one_line(consumer: PracticeClient) -> None:
    sent = {"use": "home", "line": ["1 Rue Neuve"], "city": "Lille", "postalCode": "99999", "country": "FRA"}
    patient = registered(consumer, ada(address=[sent]))
    found = consumer.send("read_patient", resource_id=patient["id"]).json()
    assert patient["address"] == found["address"] == [sent]
    spoilt = parameters(ada(address=[sent | {"line": ["1 Rue\nNeuve"]}]))
    response = consumer.send("register_patient", body=spoilt)
    assert_operation_outcome(response, 422, "INVALID_RESOURCE", "Patient.address[0].line", "line end")


@pytest.mark.parametrize("interpreter", [True, False])
def test_a_language_comes_back_once(consumer: PracticeClient, interpreter: bool) -> None:
    patient = registered(consumer, ada(extension=[communication("de", interpreter)]))
    (came,) = [each for each in patient["extension"] if each["url"] == urls.NHS_COMMUNICATION]
    assert came == communication("de", interpreter)


def test_a_language_without_a_word_of_an_interpreter_needs_none(consumer: PracticeClient) -> None:
    patient = registered(consumer, ada(extension=[communication("pl", None)]))
    assert communication("pl", False) in patient["extension"]


def test_identifiers_of_other_systems_may_be_sent(consumer: PracticeClient) -> None:
    other = {"system": "https://consumer.example.nhs.uk/Id/case", "value": "7"}
    assert len(registered(consumer, ada(identifier=[nhs_number(), other]))["identifier"]) == 1


@pytest.mark.parametrize(
    "sent",
    [
        {"meta": None},
        {"gender": None},
        {"id": "7"},
        {"text": {"status": "generated", "div": "<div xmlns='http://www.w3.org/1999/xhtml'>Ada</div>"}},
        {"identifier": [{"system": urls.NHS_NUMBER, "value": ADA}]},
    ],
    ids=lambda sent: next(iter(sent)),
)
def test_what_consumers_send_or_leave_out_is_tolerated(consumer: PracticeClient, sent: Json) -> None:
    assert registered(consumer, ada(**sent))["gender"] == "female"


def test_what_was_not_sent_comes_from_the_national_record(consumer: PracticeClient) -> None:
    patient = registered(consumer, ada(gender=None))
    assert patient["gender"] == "female"
    assert patient["name"][0]["prefix"] == ["Ms"]
    assert patient["address"][0]["line"] == ["1 Mill Lane"]
    assert patient["telecom"] == [phone("home", "01632 960001")]


def test_what_was_sent_wins_over_the_national_record(consumer: PracticeClient, diary: Diary) -> None:
    diary.national_record(ADA, birth_date="1980-02-04")
    patient = registered(consumer, ada(gender="other", telecom=[phone("home", "01632 960999")]))
    assert (patient["birthDate"], patient["gender"]) == ("1980-02-03", "other")
    assert patient["telecom"] == [phone("home", "01632 960999")]


def test_the_national_record_may_know_little(consumer: PracticeClient, diary: Diary) -> None:
    nothing = dict.fromkeys(("lines", "city", "district", "postal_code", "phone", "ods_code"))
    diary.national_record(ADA, **nothing)
    patient = registered(consumer)
    assert not {"address", "telecom"} & patient.keys()
    assert found(consumer) == patient


@pytest.mark.parametrize("spoken", list(Format), ids=lambda spoken: spoken.name)
@pytest.mark.parametrize("accept", [None, *Format], ids=str)
@pytest.mark.parametrize("parameter", [None, *Format], ids=str)
def test_a_registration_is_answered_in_the_format_asked_for(
    consumer: PracticeClient, spoken: Format, accept: Format | None, parameter: Format | None
) -> None:
    response = replace(consumer, format=spoken).send(
        "register_patient",
        body=parameters(ada(extension=[communication()], address=[address("temp")])),
        query=f"_format={parameter.replace('+', '%2B')}" if parameter else "",
        headers={"Accept": accept, "Content-Type": f"{spoken}; charset=utf-8"},
    )
    assert response.status_code == 200, response.text
    assert_common_headers(response, parameter or accept or spoken)


def test_a_refused_registration_stores_nothing(consumer: PracticeClient, diary: Diary) -> None:
    before = diary.connection.execute("select count(*), max(version) from patients").fetchone()
    for patient in (ada(birthDate=None), ada("9434765919"), ada(active=True)):
        assert consumer.send("register_patient", body=parameters(patient)).status_code >= 400
    assert diary.connection.execute("select count(*), max(version) from patients").fetchone() == before
