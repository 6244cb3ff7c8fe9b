"""The directory as OpenLDAP's `ldapsearch` meets it: a program that knows nothing of ours."""

import os
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from simulator.serving import ldap_listening
from simulator.settings import Settings
from simulator.spine.certificate_files import AUTHORITY, certificate_file, key_file
from simulator.spine.ldap_connections import NO_LDAP
from tests.conftest import TODAY
from tests.races.served import PATIENCE_SECONDS, Served, free_port, serving
from tests.races.test_cannot_serve import refusal
from tests.running_server import RunningServer
from tests.spine.ldap_client import SEARCH_ID
from tests.spine.tls_peers import GOOD_CONSUMER, client
from tests.test_readme import needs

OF_A_PRACTICE = f"(&(nhsIDCode=Z90001)(objectClass=nhsMhs)(nhsMhsSvcIA={SEARCH_ID}))"
HANDSHAKE_FAILED = "Can't contact LDAP server"


class Ldap:
    """A running server, with the port of LDAP and, with certificates, the one of LDAP over TLS."""

    def __init__(
        self, served: Served, port: int, tls_port: int = 0, certificates: Path | None = None
    ) -> None:
        self.served, self.port, self.tls_port, self.certificates = served, port, tls_port, certificates

    def search(
        self,
        *arguments: str,
        base: str = "ou=services, o=nhs",
        over_tls: bool = False,
        name: str | None = GOOD_CONSUMER,
    ) -> "subprocess.CompletedProcess[str]":
        """Search as a consumer whose certificate has a name, if there are any."""
        environment = {**os.environ, "LDAPNOINIT": "1"}
        if self.certificates is not None:
            environment = {**os.environ, "LDAPTLS_CACERT": str(self.certificates / AUTHORITY)}
            if name is not None:
                environment["LDAPTLS_CERT"] = str(certificate_file(self.certificates, name))
                environment["LDAPTLS_KEY"] = str(key_file(self.certificates, name))
        url = f"ldaps://127.0.0.1:{self.tls_port}" if over_tls else f"ldap://127.0.0.1:{self.port}"
        return subprocess.run(
            ["ldapsearch", "-x", "-LLL", "-o", "ldif-wrap=no", "-H", url, "-b", base, *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )


def values(found: "subprocess.CompletedProcess[str]") -> list[str]:
    """Return the lines of what was found, without names."""
    assert found.returncode == 0, found.stderr
    return [line for line in found.stdout.splitlines() if line and not line.startswith("dn:")]


@contextmanager
def serving_well(database: Path, *options: str, tls: ssl.SSLContext | None = None) -> Iterator[Served]:
    """Serve, and see that it ends as it should, without a word too many."""
    with serving(database, *options, tls=tls) as served:
        yield served
        assert served.stop() == 0
        assert "Traceback" not in served.said


@pytest.fixture(scope="module")
def own_database(
    running_server: RunningServer | None, template_database: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return a database for all tests here: they only look things up."""
    needs("ldapsearch")
    if running_server is not None:
        pytest.skip("needs the process of the provider")
    return Path(shutil.copy(template_database, tmp_path_factory.mktemp("ldap") / "practices.db"))


@pytest.fixture(scope="module")
def ldap(own_database: Path) -> Iterator[Ldap]:
    """Serve without certificates, in two processes."""
    port = free_port()
    options = ("--ldap-port", str(port), "--workers", "2", "--today", TODAY.isoformat())
    with serving_well(own_database, *options) as served:
        yield Ldap(served, port)


@pytest.fixture(scope="module")
def secure_ldap(own_database: Path, certificates: Path) -> Iterator[Ldap]:
    """Serve with certificates."""
    port, tls_port = free_port(), free_port()
    options = ("--ldap-port", str(port), "--ldaps-port", str(tls_port), "--tls", str(certificates))
    with serving_well(own_database, *options, tls=client(certificates)) as served:
        yield Ldap(served, port, tls_port, certificates)


def test_a_consumer_finds_its_way_to_a_practice(ldap: Ldap) -> None:
    endpoint = ldap.search(OF_A_PRACTICE, "nhsMhsEndPoint", "nhsMhsPartyKey")
    assert values(endpoint) == [
        "nhsMhsPartyKey: Z90001-800001",
        f"nhsMhsEndPoint: {ldap.served.url}/Z90001/STU3/1/gpconnect",
    ]
    of_system = "(&(nhsIDCode=Z90001)(objectClass=nhsAs)(nhsMhsPartyKey=Z90001-800001))"
    assert values(ldap.search(of_system, "uniqueIdentifier")) == ["uniqueIdentifier: 200000100001"]
    in_directory = ldap.search("(uniqueidentifier=Z90001)", "o", base="ou=organisations, o=nhs")
    assert values(in_directory) == ["o: ALDERWICK SURGERY"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("-b", "ou=fake,o=nhs"), 32, "No such object"),
        (("-b", "fake"), 34, "Invalid DN syntax"),
        (("-z", "2"), 4, "Size limit exceeded"),
        (("-P", "2"), 2, "expected 3"),
        (("-D", "uid=a,o=nhs", "-w", "", "(objectClass=*)"), 53, "password"),
        (("-MM",), 12, "Critical extension is unavailable"),
        (("-ZZ",), 2, "--tls"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else None,
)
def test_each_refusal_is_the_one_that_ldapsearch_names(
    ldap: Ldap, arguments: tuple[str, ...], code: int, words: str
) -> None:
    refused = ldap.search(*arguments)
    assert refused.returncode in (code, 1), refused
    assert words in refused.stderr
    assert f"({code})" in refused.stderr


def test_options_of_a_search_are_kept_to(ldap: Ldap) -> None:
    assert values(ldap.search("-A", OF_A_PRACTICE, "nhsIDCode")) == ["nhsIDCode:"]
    assert values(ldap.search("-s", "base", "ou")) == ["ou: Services"]
    bound = ldap.search("-D", "uid=consumer,o=nhs", "-w", "secret", OF_A_PRACTICE, "1.1")
    assert values(bound) == []
    assert bound.stdout.startswith("dn: uniqueIdentifier=")
    paged = ldap.search("-E", "pr=2/noprompt", "(nhsIDCode=Z90001)", "1.1")
    assert paged.stdout.count("dn: ") == 16


def test_a_port_that_processes_share_answers_each_time(ldap: Ldap) -> None:
    for _ in range(8):
        assert values(ldap.search(OF_A_PRACTICE, "nhsIDCode")) == ["nhsIDCode: Z90001"]


@pytest.mark.parametrize("options", [("-ZZ",), ()], ids=["StartTLS", "LDAPS"])
def test_over_tls_only_good_certificates_are_let_in(secure_ldap: Ldap, options: tuple[str, ...]) -> None:
    over_tls = not options
    good = secure_ldap.search(*options, OF_A_PRACTICE, "nhsMhsEndPoint", over_tls=over_tls)
    assert values(good) == [f"nhsMhsEndPoint: {secure_ldap.served.url}/Z90001/STU3/1/gpconnect"]
    for name in ("bad/consumer-revoked", "bad/consumer-expired", "bad/consumer-wrong-authority", None):
        turned_away = secure_ldap.search(*options, OF_A_PRACTICE, over_tls=over_tls, name=name)
        assert turned_away.returncode != 0
        assert turned_away.stdout == ""
    for why in ("is revoked", "has expired", "of an unknown authority", "the client has no certificate"):
        assert why in secure_ldap.served.said


def test_where_there_are_certificates_nothing_is_told_in_the_clear(secure_ldap: Ldap) -> None:
    refused = secure_ldap.search(OF_A_PRACTICE)
    assert (refused.returncode, refused.stdout) == (13, "")
    assert "StartTLS" in refused.stderr
    server = secure_ldap.search("-s", "base", "supportedExtension", base="")
    assert values(server) == ["supportedExtension: 1.3.6.1.4.1.1466.20037"]


def test_nobody_listens_unless_asked_to() -> None:
    with ldap_listening(Settings()) as listeners:
        assert listeners == NO_LDAP
    port, tls_port = free_port(), free_port()
    with ldap_listening(replace(Settings(), ldap_port=port, ldaps_port=tls_port)) as listeners:
        held = [each.getsockname()[1] for each in (listeners.plain, listeners.over_tls) if each]
    assert held == [port, tls_port]


def test_a_port_that_cannot_be_had_is_one_line(database: Path) -> None:
    with serving(database) as served:
        line = refusal(database, "--ldap-port", str(served.port))
    assert f"port {served.port}" in line
    assert "--ldap-port" in line
    assert "--ldaps-port is for TLS: give --tls too" in refusal(database, "--ldaps-port", str(free_port()))
