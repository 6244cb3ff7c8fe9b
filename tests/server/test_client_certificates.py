"""`--bind-asid` at a practice: the sender is who the client certificate of the connection is for."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from simulator.application import create_app
from simulator.domain.client_certificate import CLIENT_CERTIFICATE, ClientCertificate
from simulator.settings import Settings
from simulator.store.database import Store
from tests.conftest import STOPPED, a_consumer
from tests.diary import Diary
from tests.practice_client import PracticeClient, assert_operation_outcome

OTHER = "200000000116.consumer.test"

CalledWith = Callable[[ClientCertificate | None], PracticeClient]


@pytest.fixture
def called_with(database: Path, store: Store) -> CalledWith:
    """Return what makes a consumer whose connections come with a certificate."""
    app = create_app(replace(Settings(), database=database, bind_asid=True), store, STOPPED)

    def with_certificate(certificate: ClientCertificate | None) -> PracticeClient:
        async def over_tls(scope: Scope, receive: Receive, send: Send) -> None:
            extensions = {} if certificate is None else {CLIENT_CERTIFICATE: certificate}
            await app({**scope, "extensions": extensions}, receive, send)

        return a_consumer(TestClient(over_tls, raise_server_exceptions=False), STOPPED, 0)

    return with_certificate


def test_a_consumer_may_call_as_the_asid_that_its_certificate_names(called_with: CalledWith) -> None:
    consumer = called_with(ClientCertificate("200000000115.consumer.test"))
    assert consumer.practice["consumer"]["asid"] == "200000000115"
    assert consumer.send("read_metadata").status_code == 200


def test_the_proxy_may_hand_on_for_any_asid(called_with: CalledWith) -> None:
    proxy = called_with(ClientCertificate("proxy.spine.test", of_proxy=True))
    assert proxy.send("read_metadata").status_code == 200
    assert proxy.send("read_metadata", headers={"Ssp-From": "200000000999"}).status_code == 200


def test_one_who_calls_as_somebody_else_is_refused_and_told_both_names(called_with: CalledWith) -> None:
    response = called_with(ClientCertificate(OTHER)).send("read_metadata")
    assert_operation_outcome(response, 400, "BAD_REQUEST", "header Ssp-From", "200000000115", OTHER)


def test_one_without_a_certificate_is_refused(called_with: CalledWith) -> None:
    response = called_with(None).send("read_metadata")
    assert_operation_outcome(response, 400, "BAD_REQUEST", "header Ssp-From", "no client certificate")


def test_the_refusal_of_a_command_is_audited_and_nothing_is_booked(
    called_with: CalledWith, diary: Diary
) -> None:
    good = called_with(ClientCertificate("200000000115.consumer.test"))
    body = good.booking(good.free_slots()[0])
    before = len(diary.audited())
    assert called_with(ClientCertificate(OTHER)).book(body).status_code == 400
    (event,) = [each for each in diary.audited()[before:] if each.status == 400]
    assert (event.code, event.sender_asid) == ("BAD_REQUEST", "200000000115")
    assert good.book(body).status_code == 201


def test_without_the_option_a_certificate_binds_nobody(consumer: PracticeClient) -> None:
    assert consumer.send("read_metadata", headers={"Ssp-From": "200000000999"}).status_code == 200
