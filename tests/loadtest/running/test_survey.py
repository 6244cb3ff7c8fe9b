from collections.abc import Callable
from datetime import date

import orjson
import pytest

from loadtest.audit_token import EndUser
from loadtest.consumer import Address, Consumer
from loadtest.ledger import FIRST_LOOK, READ_BACK, Operation
from loadtest.practices import read_practices
from loadtest.responses import Response
from loadtest.running.order import Diary
from loadtest.running.survey import SurveyError, Surveyor
from tests.loadtest.fake_provider import ODS, PATIENTS, FakeProvider, practices

DIARY = Diary(date(2030, 6, 4), date(2030, 7, 2))


class Recording:
    def __init__(self) -> None:
        self.operations: list[Operation] = []

    def write(self, operation: Operation) -> None:
        self.operations.append(operation)


class Direct:
    """Sends to a provider without a network; `faults` are answered first, one after the other."""

    def __init__(self, provider: FakeProvider, *faults: Response) -> None:
        self.provider = provider
        self.faults = list(faults)

    def send(self, method: str, url: str, headers: dict[str, str], body: bytes | None = None) -> Response:
        if self.faults:
            return self.faults.pop(0)
        status, content = self.provider.answer(method, url, body or b"")
        return Response(status, orjson.dumps(content))


@pytest.fixture
def surveyor() -> Callable[..., tuple[Surveyor, Recording]]:
    def make(sender: Direct, patience: float = 1.0) -> tuple[Surveyor, Recording]:
        (practice,) = read_practices(orjson.dumps(practices()), "test")
        ledger = Recording()
        consumer = Consumer(practice, Address(), EndUser("survey"))
        return Surveyor({ODS: consumer}, sender, ledger, "1-survey", patience), ledger

    return make


Make = Callable[..., tuple[Surveyor, Recording]]


def test_the_first_look_finds_patients_and_every_offer_and_records_it(surveyor: Make) -> None:
    survey, ledger = surveyor(Direct(FakeProvider(slots=60)))

    patients = survey.patients(ODS, PATIENTS[:2])
    offers = survey.offers(ODS, DIARY, FIRST_LOOK)

    assert patients == {PATIENTS[0]: "p0", PATIENTS[1]: "p1"}
    assert sorted(int(offer.slot) for offer in offers) == list(range(60))
    assert [operation.interaction for operation in ledger.operations] == ["find_patient"] * 2 + [
        "search_for_free_slots"
    ] * 3
    assert {operation.phase for operation in ledger.operations} == {FIRST_LOOK}


def test_the_read_back_covers_every_patient_and_every_window(surveyor: Make) -> None:
    survey, ledger = surveyor(Direct(FakeProvider()))

    survey.read_back({ODS: {PATIENTS[0]: "p0", PATIENTS[1]: "p1"}}, DIARY)

    retrieved = [o.patient for o in ledger.operations if o.interaction == "retrieve_patient_appointments"]
    searched = [o.window for o in ledger.operations if o.interaction == "search_for_free_slots"]
    assert retrieved == ["p0", "p1"]
    assert searched == [
        ("2030-06-04", "2030-06-17"),
        ("2030-06-18", "2030-07-01"),
        ("2030-07-02", "2030-07-02"),
    ]
    assert {operation.phase for operation in ledger.operations} == {READ_BACK}


def test_a_query_that_got_no_answer_is_asked_again_and_both_are_recorded(
    surveyor: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loadtest.running.survey._PAUSE_SECONDS", 0.0)
    survey, ledger = surveyor(Direct(FakeProvider(), Response(500), Response(0, error="connection refused")))
    told: list[str] = []
    survey.trouble = told.append

    assert survey.patients(ODS, PATIENTS[:1]) == {PATIENTS[0]: "p0"}
    assert [operation.outcome for operation in ledger.operations] == ["unknown", "unknown", "ok"]
    assert len({operation.trace for operation in ledger.operations}) == 3
    assert [line.partition(" (")[0] for line in told] == [
        "find_patient at practice A20047: HTTP 500",
        "find_patient at practice A20047: connection refused",
        "",
    ]
    assert told[0].endswith("/Patient); trying again, for 1 s yet")


def test_a_host_that_refuses_the_very_first_connection_is_not_waited_for(surveyor: Make) -> None:
    survey, ledger = surveyor(Direct(FakeProvider(), Response(0, error="connection refused")))

    with pytest.raises(SurveyError, match=r"connection refused \(.*\); is the provider running\?$"):
        survey.offers(ODS, DIARY, FIRST_LOOK)
    assert len(ledger.operations) == 1


def test_a_connection_that_was_not_kept_is_made_anew_at_once_and_without_a_word(
    surveyor: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loadtest.running.survey._PAUSE_SECONDS", 60.0)
    survey, ledger = surveyor(Direct(FakeProvider(), Response(0, error="connection reset")))
    told: list[str] = []
    survey.trouble = told.append

    assert survey.patients(ODS, PATIENTS[:1]) == {PATIENTS[0]: "p0"}
    assert [operation.outcome for operation in ledger.operations] == ["unknown", "ok"]
    assert not any(told)


def test_patience_with_a_provider_that_stays_away_comes_to_an_end(surveyor: Make) -> None:
    survey, _ = surveyor(Direct(FakeProvider(), Response(0, error="timeout")), patience=-1.0)

    with pytest.raises(SurveyError, match=r"first look: search_for_free_slots at practice A20047: timeout"):
        survey.offers(ODS, DIARY, FIRST_LOOK)


def test_a_refusal_ends_the_survey_with_the_providers_reason(surveyor: Make) -> None:
    provider = FakeProvider()
    provider.refusing = True
    survey, _ = surveyor(Direct(provider))

    with pytest.raises(SurveyError, match="HTTP 403 ACCESS_DENIED"):
        survey.offers(ODS, DIARY, FIRST_LOOK)


def test_a_refusal_of_a_proxy_is_told_in_its_own_words_and_without_the_query(surveyor: Make) -> None:
    said = "ENDPOINT_http://one_VARIES_FROM_TARGETURL_http://other"
    issue = {"details": {"coding": [{"code": "400"}]}, "diagnostics": said}
    survey, _ = surveyor(Direct(FakeProvider(), Response(400, orjson.dumps({"issue": [issue]}))))

    with pytest.raises(SurveyError, match=rf": HTTP 400: {said} \(https://[^?]+/Slot\)$"):
        survey.offers(ODS, DIARY, FIRST_LOOK)


def test_an_error_of_tls_does_not_pass_by_waiting(surveyor: Make) -> None:
    sender = Direct(FakeProvider(), *[Response(0, error="TLS: the server says: certificate required")] * 2)
    survey, ledger = surveyor(sender)

    with pytest.raises(SurveyError, match=r"certificate required .*; give it one by --cert FILE"):
        survey.offers(ODS, DIARY, FIRST_LOOK)
    assert len(ledger.operations) == 1
