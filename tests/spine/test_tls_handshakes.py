"""Real handshakes: who is let in, who is turned away, and what both sides learn of it."""

import json
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.spine.tls_peers import (
    GOOD_CONSUMER,
    PATIENCE_SECONDS,
    TlsServer,
    ask,
    asked,
    client,
    connected,
    tls_server,
    turned_away,
)

VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)

CONFORMANCE_SUITES = (
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-SHA384",
    "ECDHE-RSA-AES256-SHA",
    "DHE-RSA-AES128-GCM-SHA256",
    "DHE-RSA-AES256-GCM-SHA384",
    "DHE-RSA-AES256-SHA256",
    "DHE-RSA-AES256-SHA",
)


@pytest.fixture(scope="module", params=["uvloop", "asyncio"])
def server(request: pytest.FixtureRequest, certificates: Path) -> Iterator[TlsServer]:
    if request.param == "uvloop":
        pytest.importorskip("uvloop")
    with tls_server(certificates, loop=request.param) as running:
        yield running


@pytest.mark.parametrize("version", VERSIONS, ids=lambda each: each.name)
def test_a_consumer_with_a_good_certificate_is_let_in_and_known(
    server: TlsServer, version: ssl.TLSVersion
) -> None:
    with connected(server.port, client(server.directory, version=version)) as connection:
        known = json.loads(ask(connection)[1])
        port = connection.getsockname()[1]
    assert known == {
        "names": ["200000000115.consumer.test"],
        "of_proxy": False,
        "body": 0,
        "scheme": "https",
        "client": ["127.0.0.1", port],
    }


def test_the_proxy_is_known_as_the_proxy(server: TlsServer) -> None:
    known = asked(server.port, client(server.directory, "proxy"))
    assert (known["names"], known["of_proxy"]) == (["proxy.spine.test"], True)
    other = asked(server.port, client(server.directory, "bad/proxy-wrong-name"))
    assert (other["names"], other["of_proxy"]) == (["somewhere-else.test"], False)


def test_every_request_of_a_connection_comes_with_its_certificate(server: TlsServer) -> None:
    with connected(server.port, client(server.directory)) as connection:
        bodies = [json.loads(ask(connection, body=b"x" * size)[1]) for size in (0, 10, 300_000)]
    assert [each["body"] for each in bodies] == [0, 10, 300_000]
    assert {tuple(each["names"]) for each in bodies} == {("200000000115.consumer.test",)}


def test_answers_over_tls_tell_browsers_to_stay_with_it(server: TlsServer) -> None:
    with connected(server.port, client(server.directory)) as connection:
        head, _ = ask(connection)
    assert "\r\nstrict-transport-security: max-age=" in head.lower()


@pytest.mark.parametrize("version", VERSIONS, ids=lambda each: each.name)
@pytest.mark.parametrize(
    ("name", "said", "heard"),
    [
        ("bad/consumer-expired", "has expired", "CERTIFICATE_EXPIRED"),
        ("bad/consumer-wrong-authority", "is of an unknown authority", "UNKNOWN_CA"),
        ("bad/consumer-revoked", "is revoked", "CERTIFICATE_REVOKED"),
        ("bad/proxy-expired", "has expired", "CERTIFICATE_EXPIRED"),
        ("bad/proxy-wrong-authority", "is of an unknown authority", "UNKNOWN_CA"),
        ("bad/proxy-revoked", "is revoked", "CERTIFICATE_REVOKED"),
        ("server", "is not one for clients", "UNSUPPORTED_CERTIFICATE"),
        (None, "has no certificate", "CERTIFICATE_REQUIRED HANDSHAKE_FAILURE"),
    ],
)
def test_a_bad_certificate_is_refused_and_both_sides_learn_why(
    server: TlsServer, version: ssl.TLSVersion, name: str | None, said: str, heard: str
) -> None:
    turned = turned_away(server.port, client(server.directory, name, version))
    line = server.log.about(turned.port)
    assert line.startswith(f"TLS handshake with 127.0.0.1 port {turned.port} failed: ")
    assert line.endswith(said)
    assert any(turned.reason.endswith(each) for each in heard.split()), turned


@pytest.mark.parametrize("version", VERSIONS, ids=lambda each: each.name)
def test_with_tls_1_3_a_client_learns_at_its_first_read_that_it_is_refused(
    server: TlsServer, version: ssl.TLSVersion
) -> None:
    turned = turned_away(server.port, client(server.directory, "bad/consumer-revoked", version))
    assert turned.had_shaken_hands is (version is ssl.TLSVersion.TLSv1_3)


def test_one_who_is_refused_while_still_sending_learns_why_all_the_same(server: TlsServer) -> None:
    eager = client(server.directory, "bad/consumer-expired", ssl.TLSVersion.TLSv1_3)
    turned = turned_away(server.port, eager, body=b"x" * 5_000_000)
    assert turned.reason.endswith("CERTIFICATE_EXPIRED"), turned


@pytest.mark.parametrize(
    "version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1], ids=lambda each: each.name
)
def test_an_old_version_of_tls_is_refused(server: TlsServer, version: ssl.TLSVersion) -> None:
    old = client(server.directory, version=version, ciphers="DEFAULT:@SECLEVEL=0")
    turned = turned_away(server.port, old)
    assert turned.reason.endswith("PROTOCOL_VERSION"), turned
    assert server.log.about(turned.port).endswith("a version of TLS before 1.2")


@pytest.mark.parametrize("suite", CONFORMANCE_SUITES)
def test_every_suite_of_the_conformance_checks_is_spoken(server: TlsServer, suite: str) -> None:
    only = client(server.directory, version=ssl.TLSVersion.TLSv1_2, ciphers=suite)
    with connected(server.port, only) as connection:
        assert ask(connection)[1]
        spoken = connection.cipher()
        assert spoken is not None
        assert (spoken[0], connection.version()) == (suite, "TLSv1.2")


@pytest.mark.parametrize(
    "suite",
    ["NULL-MD5", "AES128-SHA256", "AES256-GCM-SHA384", "ECDHE-RSA-AES128-SHA", "ECDHE-RSA-CHACHA20-POLY1305"],
)
def test_any_other_suite_is_refused(server: TlsServer, suite: str) -> None:
    only = client(server.directory, version=ssl.TLSVersion.TLSv1_2, ciphers=f"{suite}:@SECLEVEL=0")
    turned = turned_away(server.port, only)
    assert turned.reason.endswith("HANDSHAKE_FAILURE"), turned
    assert server.log.about(turned.port).endswith("none of the permitted ciphers")


def test_the_servers_order_of_ciphers_goes(server: TlsServer) -> None:
    backwards = ":".join(reversed(CONFORMANCE_SUITES))
    order = client(server.directory, version=ssl.TLSVersion.TLSv1_2, ciphers=backwards)
    with connected(server.port, order) as connection:
        chosen = connection.cipher()
    assert chosen is not None
    assert chosen[0] == "ECDHE-RSA-AES256-GCM-SHA384"


def test_plain_http_is_hung_up_on_without_an_answer(server: TlsServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port), PATIENCE_SECONDS) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        received = b""
        while more := plain.recv(4096):
            received += more
        line = server.log.about(plain.getsockname()[1])
    assert b"HTTP" not in received
    assert line.endswith("the client speaks plain HTTP")


def test_a_client_that_just_hangs_up_is_no_cause_for_a_warning(server: TlsServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port), PATIENCE_SECONDS) as plain:
        port = plain.getsockname()[1]
    server.log.about(port)
    (record,) = [each for each in server.log.said if f" port {port} " in each.getMessage()]
    assert record.levelname == "INFO"


def test_one_who_is_refused_keeps_nobody_else_waiting(server: TlsServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port), PATIENCE_SECONDS):
        turned_away(server.port, client(server.directory, None))
        assert asked(server.port, client(server.directory))["names"] == ["200000000115.consumer.test"]


def test_a_session_taken_up_again_still_says_whose_it_is(server: TlsServer) -> None:
    context = client(server.directory, version=ssl.TLSVersion.TLSv1_2)
    with connected(server.port, context) as first:
        ask(first)
        session = first.session
    with (
        socket.create_connection(("127.0.0.1", server.port), PATIENCE_SECONDS) as plain,
        context.wrap_socket(plain, server_hostname="localhost", session=session) as again,
    ):
        assert again.session_reused
        assert json.loads(ask(again)[1])["names"] == [f"{GOOD_CONSUMER.partition('-')[2]}.consumer.test"]
