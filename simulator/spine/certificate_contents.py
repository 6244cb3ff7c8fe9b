"""What stands in the files of certificates: names, and until when they are good.

The library that reads them is slow to load, so it is apart from what every start of the server needs.
"""

from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID

from simulator.spine.certificate_files import AUTHORITY, REVOCATIONS, TlsUnusable, certificate_file


def names_of(path: Path) -> frozenset[str]:
    """Return the common name and the host names of a file's first certificate; raise TlsUnusable."""
    certificate = _certificates_of(path)[0]
    names = {str(each.value) for each in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)}
    try:
        others = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names.update(others.get_values_for_type(x509.DNSName))
    except x509.ExtensionNotFound:
        pass
    return frozenset(names)


def check_in_date(directory: Path, name: str, now: datetime) -> None:
    """Raise TlsUnusable where the authority, its list of revocations or the certificate `name` has expired.

    With any of the three out of date every handshake would fail.
    """
    ends = [
        (path, certificate.not_valid_after_utc)
        for path in (directory / AUTHORITY, certificate_file(directory, name))
        for certificate in _certificates_of(path)
    ]
    revocations = directory / REVOCATIONS
    for path, end in (*ends, (revocations, _end_of_revocations(revocations))):
        if end is not None and end <= now:
            raise TlsUnusable(
                f"{path}: expired on {end:%Y-%m-%d};"
                f" `gpsim certificates --out {directory} --force` makes all of them anew"
            )


def _certificates_of(path: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        raise TlsUnusable(f"{path}: is no certificate that can be read ({error})") from error


def _end_of_revocations(path: Path) -> datetime | None:
    try:
        return x509.load_pem_x509_crl(path.read_bytes()).next_update_utc
    except (OSError, ValueError) as error:
        raise TlsUnusable(f"{path}: is no list of revoked certificates that can be read ({error})") from error
