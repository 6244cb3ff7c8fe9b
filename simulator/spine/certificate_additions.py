"""More consumers for an authority that is there already: nothing that is there is replaced."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from simulator.spine.certificate_authority import Authority, Validity, key_pem
from simulator.spine.certificate_files import AUTHORITY, AUTHORITY_KEY, certificate_file, key_file
from simulator.spine.certificate_guide import GUIDE, in_columns
from simulator.spine.certificates import (
    CLOCKS_DIFFER,
    CertificatesExist,
    Wanted,
    wanted_consumer,
    write_files,
)


class AuthorityUnusable(Exception):
    """The authority in a directory cannot issue; the message is one line that names the file."""


def has_authority(directory: Path) -> bool:
    """Tell whether a directory has an authority with the key that it issues with."""
    return (directory / AUTHORITY).exists() and (directory / AUTHORITY_KEY).exists()


def add_consumers(directory: Path, asids: Sequence[str], now: datetime, days: int) -> list[Wanted]:
    """Have a directory's authority issue certificates to consumers; return which.

    They are valid for some days, though no longer than the authority. Raises CertificatesExist where one of
    them is there, AuthorityUnusable, and OSError where the directory cannot be written.
    """
    wanted = [wanted_consumer(asid) for asid in asids]
    for each in wanted:
        for path in (certificate_file(directory, each.name), key_file(directory, each.name)):
            if path.exists():
                raise CertificatesExist(
                    f"{path} exists already, and nothing was added;"
                    f" --force replaces every certificate in {directory}, its authority too"
                )
    authority = _authority(directory, now)
    end = min(now + timedelta(days=days), authority.certificate.not_valid_after_utc)
    files = {}
    for each in wanted:
        issued = authority.issue(
            each.common_name, each.hosts, Validity(now - CLOCKS_DIFFER, end), server=False
        )
        files[certificate_file(directory, each.name)] = issued.certificate_pem()
        files[key_file(directory, each.name)] = key_pem(issued.key)
    write_files(files)
    with (directory / GUIDE).open("a", encoding="utf-8") as guide:
        rows = [(f"{each.name}.pem", each.purpose) for each in wanted]
        guide.write(f"\nAdded later, valid until {end:%Y-%m-%d}:\n\n{in_columns(rows)}\n")
    return wanted


def _authority(directory: Path, now: datetime) -> Authority:
    certificates, key_path = directory / AUTHORITY, directory / AUTHORITY_KEY
    anew = f"`gpsim certificates --out {directory} --force` makes all of them anew"
    try:
        issuing, *above = x509.load_pem_x509_certificates(certificates.read_bytes())
    except ValueError as error:
        raise AuthorityUnusable(f"{certificates}: is no certificate that can be read ({error})") from error
    try:
        key = load_pem_private_key(key_path.read_bytes(), None)
    except (TypeError, ValueError) as error:
        raise AuthorityUnusable(f"{key_path}: is no key, without a password, as PEM ({error})") from error
    if (
        not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
        or key.public_key() != issuing.public_key()
    ):
        raise AuthorityUnusable(f"{key_path}: is not the key of {certificates}; {anew}")
    if issuing.not_valid_after_utc <= now:
        raise AuthorityUnusable(f"{certificates}: expired on {issuing.not_valid_after_utc:%Y-%m-%d}; {anew}")
    return Authority(issuing, above[-1] if above else issuing, key)
