"""The leg from the proxy to a practice elsewhere, and directories that TLS cannot be spoken with."""

import shutil
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from simulator.domain.client_certificate import ClientCertificate
from simulator.domain.clock import Clock
from simulator.spine.certificate_contents import check_in_date
from simulator.spine.certificate_files import TlsUnusable
from simulator.spine.certificates import make_certificates
from simulator.spine.tls import CIPHERS, client_context, read_client_certificate, server_context
from simulator.tls_serving import check_directory
from tests.conftest import ASIDS
from tests.spine.tls_peers import asked, client, connected, tls_server, turned_away


def test_the_proxy_shows_its_certificate_to_a_practice_elsewhere(certificates: Path) -> None:
    with tls_server(certificates) as practice:
        known = asked(practice.port, client_context(certificates))
    assert known["of_proxy"] is True


@pytest.mark.parametrize(
    ("chosen", "why"),
    [
        ("expired", "certificate has expired"),
        ("wrong-name", "Hostname mismatch"),
        ("wrong-authority", "unable to get local issuer certificate"),
        ("revoked", "certificate revoked"),
    ],
)
def test_the_proxy_sends_nothing_to_a_practice_with_a_bad_certificate(
    certificates: Path, chosen: str, why: str
) -> None:
    with (
        tls_server(certificates, chosen) as practice,
        pytest.raises(ssl.SSLCertVerificationError, match=why),
        connected(practice.port, client_context(certificates)),
    ):
        pytest.fail("shook hands")


def test_a_server_logs_that_a_client_does_not_know_its_authority(certificates: Path) -> None:
    with tls_server(certificates, "wrong-authority") as server:
        turned = turned_away(server.port, client(certificates))
        assert "does not know the authority of the server" in server.log.about(turned.port)
    assert turned.reason == "CERTIFICATE_VERIFY_FAILED"


@pytest.mark.parametrize("make", [server_context, client_context], ids=["server", "client"])
def test_both_sides_speak_tls_1_2_at_least_with_the_ciphers_of_the_specification(
    certificates: Path, make: Callable[[Path], ssl.SSLContext]
) -> None:
    context = make(certificates)
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.verify_flags & ssl.VERIFY_CRL_CHECK_LEAF
    names = [each["name"] for each in context.get_ciphers() if each["protocol"] != "TLSv1.3"]
    assert names.index("ECDHE-RSA-AES128-GCM-SHA256") < names.index("DHE-RSA-AES256-GCM-SHA384")
    assert names.index("DHE-RSA-AES128-GCM-SHA256") < names.index("ECDHE-RSA-AES256-SHA384")
    assert names.index("ECDHE-RSA-AES256-SHA") < names.index("DHE-RSA-AES256-SHA256")
    assert all("AES" in name and "DHE" in name and "ADH" not in name for name in names)
    assert CIPHERS.startswith("AESGCM+EECDH:AESGCM+EDH:AES256+EECDH:AES256+EDH")


@pytest.fixture
def own(certificates: Path, tmp_path: Path) -> Path:
    """Return a copy of the certificates that a test may spoil."""
    return Path(shutil.copytree(certificates, tmp_path / "own"))


@pytest.mark.parametrize(
    "name",
    ["authority.pem", "authority-crl.pem", "server.pem", "server-key.pem", "proxy.pem", "proxy-key.pem"],
)
def test_a_file_that_is_missing_or_spoilt_is_named(own: Path, name: str) -> None:
    check_directory(own, "good", Clock())
    (own / name).write_bytes(b"no certificate\n")
    with pytest.raises(TlsUnusable, match=f"{name}: is not"):
        check_directory(own, "good", Clock())
    (own / name).unlink()
    with pytest.raises(TlsUnusable, match=f"{name}: No such file or directory; `gpsim certificates --out"):
        check_directory(own, "good", Clock())


def test_the_authoritys_key_is_not_needed(own: Path) -> None:
    (own / "authority-key.pem").unlink()
    check_directory(own, "good", Clock())


def test_a_certificate_with_the_key_of_another_is_named(own: Path) -> None:
    shutil.copy(own / "proxy-key.pem", own / "server-key.pem")
    with pytest.raises(
        TlsUnusable, match=r"server\.pem: is not a certificate whose key.* is server-key\.pem"
    ):
        check_directory(own, "good", Clock())


def test_certificates_where_the_list_of_revocations_should_be_are_named(own: Path) -> None:
    shutil.copy(own / "authority.pem", own / "authority-crl.pem")
    with pytest.raises(TlsUnusable, match=r"authority-crl\.pem: holds no list of revoked certificates"):
        check_directory(own, "good", Clock())


def test_certificates_out_of_date_are_found_before_anything_is_served(tmp_path: Path) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=40)
    make_certificates(tmp_path, ASIDS[:1], [], long_ago, 30)
    with pytest.raises(TlsUnusable, match=r"authority\.pem: expired on .* --force` makes all of them anew"):
        check_directory(tmp_path, "good", Clock())


def test_one_certificate_out_of_date_is_found_before_anything_is_served(own: Path) -> None:
    for ending in (".pem", "-key.pem"):
        shutil.copy(own / f"bad/server-expired{ending}", own / f"server{ending}")
    with pytest.raises(TlsUnusable, match=r"server\.pem: expired on"):
        check_directory(own, "good", Clock())


def test_a_key_with_a_password_is_named(own: Path) -> None:
    path = own / "server-key.pem"
    key = load_pem_private_key(path.read_bytes(), None)
    secret = BestAvailableEncryption(b"secret")
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, secret))
    with pytest.raises(TlsUnusable, match=r"whose key, without a password, is server-key\.pem"):
        check_directory(own, "good", Clock())


def test_what_is_checked_for_its_date_is_the_certificate_asked_for(certificates: Path) -> None:
    now = datetime.now(UTC)
    check_in_date(certificates, "server", now)
    with pytest.raises(TlsUnusable, match=r"server-expired\.pem: expired on"):
        check_in_date(certificates, "bad/server-expired", now)
    check_directory(certificates, "expired", Clock())


def test_an_address_is_no_name_of_a_client_certificate() -> None:
    peer = {
        "subject": ((("organizationName", "Somebody"),), (("commonName", "200000000115"),)),
        "subjectAltName": (("DNS", "one.test"), ("IP Address", "192.0.2.1"), ("DNS", "two.test")),
    }
    assert read_client_certificate(peer, {"two.test"}) == ClientCertificate(
        "200000000115", ("one.test", "two.test"), of_proxy=True
    )
    assert read_client_certificate(peer, {"three.test"}) == ClientCertificate(
        "200000000115", ("one.test", "two.test")
    )
    assert read_client_certificate({}, {"two.test"}) is None
    assert read_client_certificate(None, {"two.test"}) is None
