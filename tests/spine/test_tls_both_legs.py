"""From a consumer to the proxy, and from there to a practice elsewhere: each leg with its certificates."""

import shutil
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.conftest import TODAY
from tests.practice_client import Json, PracticeClient
from tests.races.served import Served, serving
from tests.spine.tls_peers import GOOD_CONSUMER, client


@contextmanager
def proxy_before(provider: Served, database: Path, certificates: Path) -> Iterator[tuple[Served, Json]]:
    """Serve a proxy whose directory has the first practice at a provider; yield it and the practice."""
    options = ("--tls", str(certificates), "--bind-asid", "--today", TODAY.isoformat())
    with (
        serving(database, *options, tls=client(certificates)) as proxy,
        closing(httpx2.Client(base_url=proxy.url, verify=client(certificates))) as tester,
    ):
        practice = tester.get("/control/practices").json()[0]
        address = practice["service_root"].replace(proxy.url, provider.url)
        changed = tester.put(f"/control/directory/systems/{practice['asid']}", json={"address": address})
        assert changed.status_code == 200, changed.text
        yield proxy, practice


def asked_through(
    proxy: Served, provider: Served, practice: Json, certificates: Path, name: str = GOOD_CONSUMER
) -> httpx2.Response:
    """Return what the proxy answers a consumer, with a certificate, that asks a practice elsewhere."""
    base = f"{proxy.url}/{provider.url}"
    with closing(httpx2.Client(base_url=base, verify=client(certificates, name))) as http:
        return PracticeClient(http, practice, time.time, TODAY).send("read_metadata")


@pytest.fixture
def elsewhere(database: Path) -> Path:
    """Return the database of a provider elsewhere, which has the same practices."""
    return Path(shutil.copy(database, database.with_name("elsewhere.db")))


def test_a_consumer_reaches_a_practice_elsewhere_over_two_legs_of_tls(
    database: Path, elsewhere: Path, certificates: Path
) -> None:
    options = ("--tls", str(certificates), "--bind-asid", "--log-level", "info")
    with (
        serving(elsewhere, *options, tls=client(certificates)) as provider,
        proxy_before(provider, database, certificates) as (proxy, practice),
    ):
        answer = asked_through(proxy, provider, practice, certificates)
        assert answer.status_code == 200, answer.text
        assert answer.json()["resourceType"] == "CapabilityStatement"
        assert len(answer.headers.get_list("strict-transport-security")) == 1
        refused = asked_through(proxy, provider, practice, certificates, "bad/consumer-wrong-name")
        assert refused.status_code == 403
        assert "ASID_CHECK_FAILED_MESSAGESENDER_200000000115" in refused.text
        said = "'200000000115' was sent, and the client certificate is for 000000000000.consumer.test"
        assert proxy.said.count(said) == 1
        # What a request leaves in the log may come after its answer; it is there when the server has stopped.
        assert provider.stop() == 0
        assert provider.said.count("/metadata metadata-1 200") == 1


@pytest.mark.parametrize(
    ("chosen", "why"), [("wrong-name", "mismatch"), ("revoked", "certificate revoked")], ids=lambda each: each
)
def test_the_proxy_does_not_talk_to_a_practice_with_a_bad_certificate_and_says_why(
    database: Path, elsewhere: Path, certificates: Path, chosen: str, why: str
) -> None:
    unwary = client(certificates)
    unwary.check_hostname = False
    options = ("--tls", str(certificates), "--server-certificate", chosen)
    with (
        serving(elsewhere, *options, tls=unwary) as provider,
        proxy_before(provider, database, certificates) as (proxy, practice),
    ):
        answer = asked_through(proxy, provider, practice, certificates)
        (line,) = [each for each in proxy.said.splitlines() if provider.url in each]
        assert "could not be asked: its certificate does not pass: " in line
        assert why in line
    assert answer.status_code == 502
    assert f"ERROR_COMMUNICATING_TO_ENDPOINT_URL_{provider.url}" in answer.text
