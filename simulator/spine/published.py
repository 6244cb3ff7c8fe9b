"""Under which address the directories publish a practice of this simulator, and the proxy knows it."""

from simulator.domain.directory import Endpoint
from simulator.fhir.urls import service_root
from simulator.settings import Settings


def published_base(settings: Settings, asked: str) -> str:
    """Return the scheme, host and port to publish to somebody who asked at `asked`, as `http://host:port`.

    A directory that is not asked over HTTP passes `settings.base_url`.
    """
    return settings.public_url.rstrip("/") or asked


def published_address(endpoint: Endpoint, base: str) -> str:
    """Return an endpoint's service root, where our own practices are published at `base`."""
    return endpoint.address or service_root(base, endpoint.ods_code)
