"""`gpsim certificates --asid` where there is an authority: a consumer more, and nothing replaced."""

import re
import shutil
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from simulator.certificates_command import certificates as certificates_command
from simulator.spine.certificate_additions import AuthorityUnusable, add_consumers
from simulator.spine.certificates import make_certificates
from tests.spine.test_certificates import first_of, run
from tests.spine.tls_peers import asked, client, tls_server


def test_a_consumer_is_added_to_an_authority_that_is_there_and_let_in_by_a_server_that_runs(
    certificates: Path, tmp_path: Path
) -> None:
    own = Path(shutil.copytree(certificates, tmp_path / "own"))
    before = {path: path.read_bytes() for path in own.rglob("*.pem")}
    guide = (own / "README.txt").read_text()
    with tls_server(own) as server:
        printed = run("--out", str(own), "--asid", "200000000999", "--days", "3650")
        known = asked(server.port, client(own, "consumer-200000000999"))
    assert known["names"] == ["200000000999.consumer.test"]
    assert f"{own}/consumer-200000000999.pem  a consumer, ASID 200000000999\n" in printed
    assert {path: path.read_bytes() for path in before} == before
    added = {path.name for path in own.rglob("*.pem") if path not in before}
    assert added == {"consumer-200000000999.pem", "consumer-200000000999-key.pem"}
    assert stat.S_IMODE((own / "consumer-200000000999-key.pem").stat().st_mode) == 0o600
    said = (own / "README.txt").read_text()
    assert said.startswith(guide) and "consumer-200000000999.pem" in said.removeprefix(guide)
    ends = [
        first_of(own / name).not_valid_after_utc for name in ("consumer-200000000999.pem", "authority.pem")
    ]
    assert ends[0] == ends[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("--asid", "200000000999", "--asid", "200000000115"),
            "consumer-200000000115.pem exists already, and",
        ),
        (("--asid", "200000000999", "--host", "gp.test"), "--host: .* has a server's certificate already"),
    ],
)
def test_what_is_there_is_not_replaced_by_adding(
    certificates: Path, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    own = Path(shutil.copytree(certificates, tmp_path / "own"))
    before = {path: path.read_bytes() for path in own.rglob("*") if path.is_file()}
    refused = CliRunner().invoke(certificates_command, ["--out", str(own), *arguments])
    assert refused.exit_code == 1
    assert re.search(said, refused.output)
    assert {path: path.read_bytes() for path in own.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("authority.pem", "x", "authority.pem: is no certificate that can be read"),
        ("authority-key.pem", "x", "authority-key.pem: is no key, without a password, as PEM"),
        ("authority-key.pem", "server-key.pem", "authority-key.pem: is not the key of .*; `gpsim cert"),
        ("authority.pem", "bad/server-expired.pem", "is not the key of"),
    ],
)
def test_an_authority_that_cannot_issue_is_told_by_its_file(
    certificates: Path, tmp_path: Path, name: str, content: str, said: str
) -> None:
    own = Path(shutil.copytree(certificates, tmp_path / "own"))
    other = own / content
    (own / name).write_bytes(other.read_bytes() if other.is_file() else content.encode())
    refused = CliRunner().invoke(certificates_command, ["--out", str(own), "--asid", "200000000999"])
    assert refused.exit_code == 1
    assert re.search(said, refused.output), refused.output
    assert not (own / "consumer-200000000999.pem").exists()


@pytest.mark.usefixtures("quick_keys")
def test_an_authority_that_has_expired_issues_nothing_more(tmp_path: Path) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=60)
    make_certificates(tmp_path, ["200000000115"], [], long_ago, 30)
    with pytest.raises(
        AuthorityUnusable, match=r"authority\.pem: expired on .* --force` makes all of them anew"
    ):
        add_consumers(tmp_path, ["200000000999"], datetime.now(UTC), 1)
