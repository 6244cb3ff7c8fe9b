"""Consumers that call through the Spine Secure Proxy, and what the proxy itself answers."""

from dataclasses import replace

import httpx2

from simulator.spine.proxy_refusals import SYSTEM
from tests.practice_client import Json, PracticeClient


class ThroughProxy(PracticeClient):
    """A consumer that puts the proxy before the published service root, as it stands."""

    @property
    def root(self) -> str:
        """Return the path by which the proxy sends on to the service root."""
        return f"/{self.practice['service_root']}"


def through_proxy(consumer: PracticeClient, **practice: str) -> ThroughProxy:
    """Return a consumer that does what another does through the proxy; of the practice some may differ."""
    return ThroughProxy(
        consumer.http, {**consumer.practice, **practice}, consumer.now, consumer.today, format=consumer.format
    )


def as_sender(consumer: ThroughProxy, asid: str) -> ThroughProxy:
    """Return the same consumer with another ASID."""
    return replace(
        consumer, practice=consumer.practice | {"consumer": consumer.practice["consumer"] | {"asid": asid}}
    )


def assert_refused_by_proxy(response: httpx2.Response, status: int, issue_type: str, text: str) -> None:
    """Assert one of the proxy's own outcomes, which no practice answers with."""
    assert response.status_code == status, response.text
    outcome: Json = response.json()
    assert outcome.keys() == {"resourceType", "id", "issue"}
    (issue,) = outcome["issue"]
    assert issue == {
        "severity": "error",
        "code": issue_type,
        "details": {"coding": [{"system": SYSTEM, "code": str(status), "display": text}]},
        "diagnostics": text,
    }
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["content-type"] == "application/fhir+json;charset=utf-8"
    assert len(response.headers.multi_items()) == len(response.headers)
