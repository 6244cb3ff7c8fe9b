"""The directory of certificates: which file holds what."""

from pathlib import Path

AUTHORITY = "authority.pem"
"""The certificates of the authority: the one that issues first, the one above it last."""

AUTHORITY_KEY = "authority-key.pem"
"""The key that issues: `openssl x509 -req` makes more certificates with it. Serving does not need it."""

REVOCATIONS = "authority-crl.pem"
"""The authority's list of the certificates it has revoked."""

SERVER = "server"
PROXY = "proxy"
CONSUMER = "consumer"
BAD = "bad"
"""Where certificates lie that are to be refused."""

KEY_ENDING = "-key.pem"


class TlsUnusable(Exception):
    """TLS cannot be spoken with what a directory holds; the message is one line that names the file."""


def certificate_file(directory: Path, name: str) -> Path:
    """Return where the certificate of a name is, followed by those of the authorities below the root."""
    return directory / f"{name}.pem"


def key_file(directory: Path, name: str) -> Path:
    """Return where the private key of a name's certificate is."""
    return directory / f"{name}{KEY_ENDING}"
