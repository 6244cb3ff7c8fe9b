"""The files that TLS is spoken with, and what is said of those that will not do, or of a handshake."""

import gc
import re
import shutil
import socket
import ssl
import struct
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from loadtest.cli import main
from loadtest.wire.provider import CannotRun, find_practices
from loadtest.wire.tls import TlsFiles, TlsFilesError, advice_on, speaks_tls, tls_error
from loadtest.wire.transport import Connection, connection_error
from tests.loadtest.fake_provider import FakeProvider, practices, serving
from tests.spine.tls_peers import GOOD_CONSUMER, TlsServer, tls_server


@pytest.fixture
def server(certificates: Path) -> Iterator[TlsServer]:
    with tls_server(certificates) as served:
        yield served


def files_of(directory: Path, name: str = GOOD_CONSUMER) -> TlsFiles:
    return TlsFiles(directory / f"{name}.pem", directory / f"{name}-key.pem", directory / "authority.pem")


def answer_to(server: TlsServer, files: TlsFiles) -> tuple[int, str | None]:
    connection = Connection(tls=files.context())
    answer = connection.send("GET", f"https://127.0.0.1:{server.port}/", {})
    connection.close()
    return answer.status, answer.error


def test_a_client_shows_its_certificate_and_checks_the_servers(server: TlsServer, certificates: Path) -> None:
    assert answer_to(server, files_of(certificates)) == (200, None)


def test_a_certificate_and_its_key_may_be_in_one_file(
    server: TlsServer, certificates: Path, tmp_path: Path
) -> None:
    apart, both = files_of(certificates), tmp_path / "both.pem"
    assert apart.cert is not None and apart.key is not None
    both.write_bytes(apart.key.read_bytes() + apart.cert.read_bytes())

    assert answer_to(server, TlsFiles(both, None, apart.cacert)) == (200, None)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        (None, "TLS: the server says: certificate required"),
        ("bad/consumer-expired", "TLS: the server says: certificate expired"),
        ("bad/consumer-revoked", "TLS: the server says: certificate revoked"),
    ],
)
def test_a_certificate_that_the_server_refuses_is_named(
    server: TlsServer, certificates: Path, name: str | None, error: str
) -> None:
    cacert = certificates / "authority.pem"
    files = files_of(certificates, name) if name else TlsFiles(cacert=cacert)

    assert answer_to(server, files) == (0, error)


def test_a_server_that_the_system_does_not_know_is_not_trusted(server: TlsServer, certificates: Path) -> None:
    files = files_of(certificates)

    status, error = answer_to(server, TlsFiles(files.cert, files.key))

    assert (status, advice_on(error)) == (
        0,
        "; nobody trusted here issued it: --cacert FILE names the authority to trust",
    )
    assert error == "TLS: the server's certificate does not pass: unable to get local issuer certificate"


def test_a_server_by_another_name_is_not_trusted(certificates: Path) -> None:
    with tls_server(certificates, "wrong-name") as server:
        status, error = answer_to(server, files_of(certificates))

    assert status == 0 and error is not None and "IP address mismatch" in error


def test_a_server_out_of_date_is_not_blamed_on_the_authority_that_was_given(certificates: Path) -> None:
    with tls_server(certificates, "expired") as server:
        _, error = answer_to(server, files_of(certificates))

    assert error == "TLS: the server's certificate does not pass: certificate has expired"
    assert advice_on(error) == "; the server must show one that is in date: nothing given here mends that"
    assert "another host" in advice_on("TLS: IP address mismatch, certificate is not valid for '127.0.0.1'.")


def test_tls_is_told_from_what_is_none_whoever_the_server_wants(server: TlsServer) -> None:
    with serving(FakeProvider()) as plain:
        assert not speaks_tls("127.0.0.1", int(plain.rpartition(":")[2]))
    assert speaks_tls("127.0.0.1", server.port)
    with socket.create_server(("127.0.0.1", 0)) as held:
        free = held.getsockname()[1]
    assert not speaks_tls("127.0.0.1", free)


def test_a_server_that_hangs_up_at_once_leaves_nothing_open(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.create_connection
    with socket.create_server(("127.0.0.1", 0)) as server:

        def connected_and_reset(address: tuple[str, int], timeout: float) -> socket.socket:
            connection = connect(address, timeout)
            accepted, _ = server.accept()
            accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            accepted.close()
            return connection

        monkeypatch.setattr(socket, "create_connection", connected_and_reset)
        assert not speaks_tls("127.0.0.1", server.getsockname()[1])
    # What was left open is complained of when it is collected.
    gc.collect()


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_called_by_the_wrong_scheme_is_told_at_once_and_leaves_no_report(
    server: TlsServer, certificates: Path, tmp_path: Path, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking_again_would_fail = -1.0
    monkeypatch.setattr("loadtest.running.survey._PAUSE_SECONDS", asking_again_would_fail)
    file, report = tmp_path / "practices.json", tmp_path / "report"
    file.write_bytes(orjson.dumps(practices()))
    with serving(FakeProvider()) as plain:
        place = (
            f"https://{plain.partition('://')[2]}" if scheme == "https" else f"http://127.0.0.1:{server.port}"
        )
        asked = ("run", "booking", "--practices", str(file), "--proxy", place, "--report", str(report))
        result = CliRunner().invoke(main, [*asked, "--cacert", str(certificates / "authority.pem")])

    assert result.exit_code == 2
    there = "http" if scheme == "https" else "https"
    assert result.stderr.rstrip().endswith(f"; is it {there}:// there?"), result.stderr
    assert not report.exists()


def test_practices_are_not_found_behind_tls_without_what_it_needs(
    server: TlsServer, certificates: Path
) -> None:
    context = TlsFiles(cacert=certificates / "authority.pem").context()

    with pytest.raises(CannotRun, match=r"certificate required; give it one by --cert FILE and --key FILE$"):
        find_practices(f"https://127.0.0.1:{server.port}", None, context)
    with pytest.raises(
        CannotRun, match=r"TLS: it is spoken there, and was not here; is it https:// there\?$"
    ):
        find_practices(f"http://127.0.0.1:{server.port}", None)


def test_an_error_of_tls_is_named_and_one_of_the_connection_is_not_taken_for_one() -> None:
    assert tls_error(ssl.SSLError(1, "no reason is given")) == "TLS: no reason is given"
    assert connection_error(ssl.SSLEOFError("the server was killed")) == "connection reset"
    assert advice_on("connection reset") == advice_on(None) == advice_on("TLS: unheard of") == ""


@pytest.fixture
def wrong(certificates: Path, tmp_path: Path) -> Path:
    """Files that will not do beside those that would."""
    for name in (f"{GOOD_CONSUMER}.pem", f"{GOOD_CONSUMER}-key.pem", "server-key.pem", "authority.pem"):
        shutil.copy(certificates / name, tmp_path)
    (tmp_path / "text.pem").write_text("not PEM")
    garbled = (tmp_path / f"{GOOD_CONSUMER}.pem").read_text().replace("M", "!")
    (tmp_path / "garbled.pem").write_text(garbled)
    (tmp_path / "locked-key.pem").write_text("-----BEGIN ENCRYPTED PRIVATE KEY-----\n")
    return tmp_path


@pytest.mark.parametrize(
    ("cert", "key", "cacert", "complaint"),
    [
        ("none.pem", None, None, "none.pem: No such file or directory"),
        (None, None, "none.pem", "none.pem: No such file or directory"),
        (".", None, None, ": Is a directory"),
        ("text.pem", f"{GOOD_CONSUMER}-key.pem", None, "text.pem: is no certificate in PEM"),
        (
            "garbled.pem",
            f"{GOOD_CONSUMER}-key.pem",
            None,
            f"garbled.pem: is not a certificate whose key is in .*/{GOOD_CONSUMER}-key.pem ",
        ),
        (f"{GOOD_CONSUMER}.pem", "text.pem", None, "text.pem: holds no private key in PEM$"),
        (
            f"{GOOD_CONSUMER}.pem",
            None,
            None,
            f"{GOOD_CONSUMER}.pem: holds no private key in PEM; --key FILE names it",
        ),
        (f"{GOOD_CONSUMER}.pem", "locked-key.pem", None, "locked-key.pem: has a password; `openssl pkey"),
        (
            f"{GOOD_CONSUMER}.pem",
            "server-key.pem",
            None,
            "is not a certificate whose key is in .*server-key.pem .KEY_VALUES_MISMATCH.",
        ),
        (None, "server-key.pem", None, "server-key.pem: a key needs its certificate; give --cert too"),
        (None, None, "text.pem", "text.pem: is not the certificates of authorities, in PEM"),
    ],
)
@pytest.mark.parametrize(
    "command",
    [
        ("run", "booking"),
        ("run", "--worker", "127.0.0.1:9"),
        ("headers", "find_patient", "--practice", "A20047"),
    ],
    ids=["run", "worker", "headers"],
)
def test_a_file_that_will_not_do_is_refused_in_one_line(
    wrong: Path,
    command: tuple[str, ...],
    cert: str | None,
    key: str | None,
    cacert: str | None,
    complaint: str,
) -> None:
    given = {"--cert": cert, "--key": key, "--cacert": cacert}
    options = [part for name, file in given.items() if file for part in (name, str(wrong / file))]
    report = () if command[0] == "headers" else ("--report", str(wrong / "report"))

    result = CliRunner().invoke(main, [*command, *options, *report])

    assert result.exit_code == 2
    (line,) = [each for each in result.stderr.splitlines() if not each.startswith("[")]
    assert line.startswith("gpload: ")
    assert re.search(complaint, line), line
    assert not list((wrong / "report").glob("ledger-*"))


def test_a_process_of_the_generator_is_told_of_the_files_by_its_environment(tmp_path: Path) -> None:
    files = TlsFiles(tmp_path / "a.pem", tmp_path / "b.pem", tmp_path / "c.pem")

    assert TlsFiles.of_environment(files.environment()) == files
    assert TlsFiles.of_environment({}) == TlsFiles()
    assert TlsFiles().environment() == {}


def test_a_context_cannot_be_made_of_a_file_that_has_gone(tmp_path: Path) -> None:
    with pytest.raises(TlsFilesError, match=r"c\.pem: No such file"):
        TlsFiles(cacert=tmp_path / "c.pem").context()
