"""A consumer behind the proxy, and the directory over LDAP."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from simulator.domain.clock import Clock
from simulator.server.audit_trail import AuditTrail
from simulator.settings import Settings
from simulator.spine import certificate_authority
from simulator.spine.directory_ldap import DirectoryLdap
from simulator.store.database import Store
from tests.practice_client import PracticeClient
from tests.spine.ldap_client import PUBLISHED
from tests.spine.through_proxy import ThroughProxy, through_proxy


@pytest.fixture
def quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have keys made that take no time; only OpenSSL could tell them from those of a set in use."""
    monkeypatch.setattr(certificate_authority, "new_key", lambda: ec.generate_private_key(ec.SECP256R1()))


@pytest.fixture
def proxied(consumer: PracticeClient) -> ThroughProxy:
    """Return a correct consumer of the first practice that calls through the proxy."""
    return through_proxy(consumer)


@pytest.fixture
def address(proxied: ThroughProxy) -> str:
    """Return the service root of the first practice as it is published."""
    return str(proxied.practice["service_root"])


@pytest.fixture
def directory(store: Store, clock: Clock) -> Iterator[DirectoryLdap]:
    """Return the directory of the test's database over LDAP, without certificates."""
    audit = AuditTrail(store)
    yield DirectoryLdap(replace(Settings(), public_url=PUBLISHED), store, clock, audit)
    audit.close()


@pytest.fixture
def over_tls(store: Store, clock: Clock, certificates: Path) -> DirectoryLdap:
    """Return the directory of the test's database over LDAP, with certificates."""
    return DirectoryLdap(replace(Settings(), tls=certificates), store, clock, AuditTrail(store))
