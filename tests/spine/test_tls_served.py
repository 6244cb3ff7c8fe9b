"""`gpsim serve --tls` as a person starts it: one process or several, and what it says when it cannot."""

import shutil
import socket
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
import uvicorn
from starlette.applications import Starlette

from simulator.serving import CannotServe, check_tls, server_config
from simulator.settings import Settings
from tests.conftest import TODAY
from tests.practice_client import PracticeClient, assert_operation_outcome
from tests.races.served import serving
from tests.races.test_cannot_serve import refusal
from tests.spine.tls_peers import client, connected, turned_away

CONNECTIONS = 4
"""Several, so that with two workers both are likely to be met."""


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_practice_answers_over_tls_those_alone_whose_certificate_names_them(
    database: Path, certificates: Path, workers: str
) -> None:
    good = client(certificates)
    options = ("--tls", str(certificates), "--bind-asid", "--workers", workers, "--today", TODAY.isoformat())
    with serving(database, *options, tls=good) as served:
        for _ in range(CONNECTIONS):
            with closing(httpx2.Client(base_url=served.url, verify=good)) as http:
                practice = http.get("/control/practices").json()[0]
                consumer = PracticeClient(http, practice, time.time, TODAY)
                assert practice["service_root"].startswith(served.url)
                answer = consumer.send("read_metadata")
                assert (answer.status_code, answer.headers["strict-transport-security"][:8]) == (
                    200,
                    "max-age=",
                )
            for name in ("consumer-200000000116", "bad/consumer-wrong-name", "bad/proxy-wrong-name"):
                with closing(httpx2.Client(base_url=served.url, verify=client(certificates, name))) as http:
                    answer = PracticeClient(http, practice, time.time, TODAY).send("read_metadata")
                    assert_operation_outcome(answer, 400, "BAD_REQUEST", "Ssp-From", "200000000115")
            turned = turned_away(served.port, client(certificates, "bad/consumer-revoked"))
            assert f"port {turned.port} failed: the client's certificate is revoked" in served.said
        assert served.stop() == 0
    assert "Traceback" not in served.said


def test_a_booking_is_made_over_tls_by_the_proxy(database: Path, certificates: Path) -> None:
    proxy = client(certificates, "proxy")
    options = ("--tls", str(certificates), "--bind-asid", "--today", TODAY.isoformat())
    with (
        serving(database, *options, tls=proxy) as served,
        closing(httpx2.Client(base_url=served.url, verify=proxy)) as http,
    ):
        consumer = PracticeClient(http, http.get("/control/practices").json()[0], time.time, TODAY)
        answer = consumer.book(consumer.booking(consumer.free_slots()[0]))
        assert answer.status_code == 201
        assert answer.headers["location"].startswith(f"{served.url}/")


def test_a_client_that_never_hangs_up_does_not_keep_the_server_from_stopping(
    database: Path, certificates: Path
) -> None:
    good = client(certificates)
    with serving(database, "--tls", str(certificates), tls=good) as served:
        with connected(served.port, good), socket.create_connection(("127.0.0.1", served.port)):
            assert served.stop() == 0
        assert "exceeded" not in served.said


def test_a_certificate_that_is_bad_on_purpose_is_announced(database: Path, certificates: Path) -> None:
    good = client(certificates)
    good.check_hostname = False
    options = ("--tls", str(certificates), "--server-certificate", "wrong-name")
    with serving(database, *options, tls=good) as served:
        assert "SHOWING A BAD CERTIFICATE (wrong-name)" in served.said
        turned = turned_away(served.port, client(certificates))
    assert turned.reason == "CERTIFICATE_VERIFY_FAILED"


def test_without_a_directory_of_certificates_there_is_one_line_that_names_it(
    database: Path, certificates: Path, tmp_path: Path
) -> None:
    assert f"{tmp_path}/none/authority.pem: No such file" in refusal(database, "--tls", f"{tmp_path}/none")
    own = Path(shutil.copytree(certificates, tmp_path / "own"))
    (own / "server-key.pem").unlink()
    assert f"{own}/server-key.pem: No such file" in refusal(database, "--tls", str(own), "--workers", "2")


@pytest.mark.parametrize(
    ("settings", "option"),
    [
        (replace(Settings(), bind_asid=True), "--bind-asid"),
        (replace(Settings(), server_certificate="expired"), "--server-certificate"),
    ],
)
def test_what_is_for_tls_alone_needs_it(settings: Settings, option: str) -> None:
    with pytest.raises(CannotServe, match=f"{option} is for TLS: give --tls too"):
        check_tls(settings)


def test_without_tls_nothing_of_it_is_said(certificates: Path) -> None:
    plain = server_config(Starlette, Settings())
    assert type(plain) is uvicorn.Config
    assert plain.headers == []
    assert Settings().base_url.startswith("http://")
    assert replace(Settings(), tls=certificates).base_url.startswith("https://")
