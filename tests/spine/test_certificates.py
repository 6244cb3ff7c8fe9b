"""`gpsim certificates`: what it makes, for whom, and what it leaves alone."""

import shutil
import stat
import subprocess
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from seed_data.directory import TO_BE_REFUSED
from simulator.certificates_command import certificates as certificates_command
from simulator.spine.certificate_contents import names_of
from simulator.spine.certificates import CertificatesExist, make_certificates
from simulator.store.database import Store
from tests.spine.tls_peers import asked, client, tls_server
from tests.test_readme import needs

GOOD = ("server", "proxy", "consumer-200000000115", "consumer-200000000116")
BAD = tuple(
    f"bad/{role}-{flaw}"
    for role in ("server", "proxy", "consumer")
    for flaw in ("expired", "wrong-name", "wrong-authority", "revoked")
)


def run(*arguments: str) -> str:
    """Return what `gpsim certificates` prints; fail if it fails."""
    result = CliRunner().invoke(certificates_command, arguments)
    assert result.exit_code == 0, result.output
    return result.output


def first_of(path: Path) -> x509.Certificate:
    """Return the first certificate of a file."""
    return x509.load_pem_x509_certificates(path.read_bytes())[0]


def made_in(directory: Path) -> set[str]:
    """Return the certificates in a directory by name, those of authorities left out."""
    names = {str(path.relative_to(directory).with_suffix("")) for path in directory.rglob("*.pem")}
    return {name for name in names if not name.endswith("-key") and "authority" not in name.split("-")[0]} - {
        "bad/other-authority"
    }


def test_there_are_good_certificates_and_four_bad_ones_of_each_kind(certificates: Path) -> None:
    assert made_in(certificates) == {*GOOD, *BAD}
    issuer = x509.load_pem_x509_certificates((certificates / "authority.pem").read_bytes())[0]
    for name in (*GOOD, *BAD):
        is_ours = first_of(certificates / f"{name}.pem").issuer == issuer.subject
        assert is_ours is not name.endswith("wrong-authority"), name


def test_each_key_belongs_to_its_certificate_and_nobody_else_may_read_it(certificates: Path) -> None:
    for name in (*GOOD, *BAD):
        path = certificates / f"{name}-key.pem"
        key = load_pem_private_key(path.read_bytes(), None)
        assert key.public_key() == first_of(certificates / f"{name}.pem").public_key()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert stat.S_IMODE((certificates / "authority-key.pem").stat().st_mode) == 0o600


def test_the_names_are_those_of_the_asid_the_proxy_and_the_hosts(certificates: Path) -> None:
    assert names_of(certificates / "consumer-200000000116.pem") == {"200000000116.consumer.test"}
    assert names_of(certificates / "proxy.pem") == {"proxy.spine.test"}
    assert names_of(certificates / "server.pem") == {"gp.provider.test", "localhost"}
    others = first_of(certificates / "server.pem").extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    addresses = {str(each) for each in others.value.get_values_for_type(x509.IPAddress)}
    assert addresses == {"127.0.0.1", "::1"}


def test_only_the_expired_are_out_of_date_and_only_the_revoked_are_revoked(certificates: Path) -> None:
    revocations = x509.load_pem_x509_crl((certificates / "authority-crl.pem").read_bytes())
    now = datetime.now(UTC)
    for name in (*GOOD, *BAD):
        certificate = first_of(certificates / f"{name}.pem")
        in_date = certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc
        assert in_date is not name.endswith("expired"), name
        is_revoked = revocations.get_revoked_certificate_by_serial_number(certificate.serial_number)
        assert (is_revoked is not None) is name.endswith("revoked"), name


def test_the_guide_names_every_certificate_there_is(certificates: Path) -> None:
    said = (certificates / "README.txt").read_text()
    for path in certificates.rglob("*.pem"):
        if not path.name.endswith("-key.pem"):
            assert str(path.relative_to(certificates)) in said


@pytest.mark.usefixtures("quick_keys")
def test_certificates_that_exist_are_left_alone_unless_replacing_is_asked_for(tmp_path: Path) -> None:
    out = tmp_path / "tls"
    printed = run("--out", str(out), "--asid", "200000000777", "--days", "3")
    assert f"{out}/consumer-200000000777.pem" in printed
    before = {path: path.read_bytes() for path in out.rglob("*.pem")}
    refused = CliRunner().invoke(certificates_command, ["--out", str(out)])
    assert refused.exit_code == 1
    assert f"{out}/server.pem exists already: --force replaces" in refused.output
    assert {path: path.read_bytes() for path in out.rglob("*.pem")} == before
    (out / "mine.pem").write_text("the user's own")
    run("--out", str(out), "--asid", "200000000778", "--force")
    assert not (out / "consumer-200000000777.pem").exists()
    assert (out / "consumer-200000000778.pem").exists()
    assert (out / "mine.pem").read_text() == "the user's own"
    assert (out / "server-key.pem").read_bytes() != before[out / "server-key.pem"]


def test_a_single_file_in_the_way_is_enough_to_refuse(tmp_path: Path) -> None:
    (tmp_path / "proxy-key.pem").write_text("precious")
    with pytest.raises(CertificatesExist, match=r"proxy-key\.pem exists"):
        make_certificates(tmp_path, ["200000000115"], [], datetime.now(UTC), 1)
    assert [path.name for path in tmp_path.iterdir()] == ["proxy-key.pem"]


@pytest.mark.usefixtures("quick_keys")
def test_consumers_are_those_of_the_database_or_else_of_the_default_profile(
    database: Path, tmp_path: Path
) -> None:
    in_database = run("--out", str(tmp_path / "seeded"), "--database", str(database))
    by_default = run("--out", str(tmp_path / "unseeded"), "--database", str(tmp_path / "none.db"))
    for printed in (in_database, by_default):
        assert "consumer-200000000115.pem" in printed
        assert "consumer-200000000116.pem" in printed
        for refused in TO_BE_REFUSED:
            assert f"consumer-{refused.asid}.pem" in printed


@pytest.mark.usefixtures("quick_keys")
def test_a_consumer_that_was_registered_later_gets_a_certificate_and_one_that_was_removed_none(
    database: Path, tmp_path: Path
) -> None:
    with closing(Store(database)) as store, store.writing() as transaction:
        system = transaction.directory.system("200000099001")
        assert system is not None
        transaction.directory.put_system(replace(system, asid="200000000999"))
        transaction.directory.remove_system("200000099002")
    printed = run("--out", str(tmp_path / "tls"), "--database", str(database))
    assert "consumer-200000000999.pem" in printed
    assert "200000099002" not in printed
    assert "200000100001" not in printed


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--asid", "../../etc/passwd", "twelve digits"),
        ("--asid", "20000000011", "twelve digits"),
        ("--host", "https://gp.test/", "no host name"),
        ("--host", "gp test", "no host name"),
        ("--days", "0", "1<=x<=3650"),
    ],
)
def test_what_cannot_stand_in_a_certificate_is_refused_by_name(
    tmp_path: Path, option: str, value: str, said: str
) -> None:
    result = CliRunner().invoke(certificates_command, ["--out", str(tmp_path / "tls"), option, value])
    assert result.exit_code == 2
    assert option in result.output
    assert said in result.output
    assert not (tmp_path / "tls").exists()


@pytest.mark.usefixtures("quick_keys")
def test_a_host_name_too_long_for_a_common_name_is_there_all_the_same(tmp_path: Path) -> None:
    host = f"{60 * 'a'}.provider.test"
    run("--out", str(tmp_path / "tls"), "--host", host)
    names = names_of(tmp_path / "tls" / "server.pem")
    assert {host, "localhost"} <= names


@pytest.mark.usefixtures("quick_keys")
def test_a_place_where_nothing_can_be_written_is_named() -> None:
    result = CliRunner().invoke(certificates_command, ["--out", "/proc/tls"])
    assert result.exit_code == 1
    assert "/proc/tls: cannot be written" in result.output


def test_a_certificate_made_with_openssl_as_the_guide_says_is_let_in(
    certificates: Path, tmp_path: Path
) -> None:
    needs("openssl")
    own = Path(shutil.copytree(certificates, tmp_path / "own"))
    guide = (own / "README.txt").read_text().replace("\\\n", "")
    commands = [line.strip() for line in guide.splitlines() if line.strip().startswith("openssl ")][:2]
    assert len(commands) == 2
    subprocess.run(["sh", "-euc", "\n".join(commands)], cwd=own, check=True, capture_output=True, timeout=60)
    with tls_server(own) as server:
        assert asked(server.port, client(own, "mine"))["names"] == ["200000000115"]


def test_the_curl_commands_of_the_guide_do_as_it_says(certificates: Path) -> None:
    needs("curl")
    guide = (certificates / "README.txt").read_text()
    commands = [line.split() for line in guide.splitlines() if line.strip().startswith("curl ")]
    with tls_server(certificates) as server:
        codes = [
            subprocess.run(
                [part.replace("localhost:8000", f"localhost:{server.port}") for part in [*command, "-sS"]],
                cwd=certificates,
                capture_output=True,
                timeout=60,
                check=False,
            ).returncode
            for command in commands
        ]
    assert codes[0] == 0
    assert len(codes) == 4
    assert 0 not in codes[1:3]
    assert codes[3] == 0


def test_the_root_revokes_nothing_and_says_so_for_who_checks_the_whole_chain(certificates: Path) -> None:
    text = (certificates / "authority-crl.pem").read_text()
    end = "-----END X509 CRL-----\n"
    lists = [x509.load_pem_x509_crl((part + end).encode()) for part in text.split(end)[:-1]]
    authorities = x509.load_pem_x509_certificates((certificates / "authority.pem").read_bytes())
    assert [each.issuer for each in lists] == [each.subject for each in authorities]
    assert [len(each) > 0 for each in lists] == [True, False]
    assert all(
        each.is_signature_valid(authority.public_key())  # type: ignore[arg-type]
        for each, authority in zip(lists, authorities, strict=True)
    )
