"""The guide that lies beside the certificates: what each is for, and the commands to try them with."""

from collections.abc import Sequence
from datetime import datetime

GUIDE = "README.txt"

_HEAD = """\
Certificates of a development Spine, made by `gpsim certificates`; they are valid until {end:%Y-%m-%d}.
For tests alone: whoever has these files can pass for any of their holders.

NAME.pem is a certificate with that of the SubCA above it; NAME-key.pem is its key.
"""

_AUTHORITY = (
    ("authority.pem", "the SubCA that issues, and the root above it: what a consumer trusts"),
    ("authority-key.pem", "the SubCA's key, to issue more with; `gpsim serve` does not need it"),
    (
        "authority-crl.pem",
        "the lists of revoked certificates, the SubCA's and the root's, read when the server starts",
    ),
)

_COMMANDS = """\
Serve, and call with a consumer's certificate. Everything is behind it, /control and / too:

  gpsim serve --tls DIR
  curl --cacert authority.pem --cert {consumer}.pem --key {consumer}-key.pem https://localhost:8000/control/health

Refused, each with one line in the server's log that says why:

  curl --cacert authority.pem https://localhost:8000/
  curl --cacert authority.pem --cert bad/consumer-expired.pem --key bad/consumer-expired-key.pem https://localhost:8000/

See whether a consumer refuses a bad server, here one whose certificate has expired:

  gpsim serve --tls DIR --server-certificate expired

Who asks for revocation too, as this does, lets the good server pass, and refuses the revoked one:

  curl --crlfile authority-crl.pem --cacert authority.pem --cert {consumer}.pem --key {consumer}-key.pem https://localhost:8000/control/health

A certificate of your own. Its common name is the ASID, or begins with it and a dot:

  openssl req -new -newkey rsa:2048 -nodes -subj /CN={asid} -keyout mine-key.pem -out mine.csr
  openssl x509 -req -in mine.csr -CA authority.pem -CAkey authority-key.pem -CAcreateserial \\
    -days 30 -out mine.pem

A consumer more, issued by the same authority; nothing else changes:

  gpsim certificates --out DIR --asid 200000000999

For a browser, .NET or Java, certificate and key in one file. OpenSSL asks for a password of your choice,
which whoever opens the file needs; `-passout pass:PASSWORD` gives it without being asked:

  openssl pkcs12 -export -in {consumer}.pem -inkey {consumer}-key.pem -out {consumer}.p12
"""


def guide(certificates: Sequence[tuple[str, str]], end: datetime) -> str:
    """Return the guide to certificates, given as names and purposes, that are valid until `end`."""
    consumer = next(name for name, _ in certificates if name.startswith("consumer-"))
    rows = [*_AUTHORITY, *((f"{name}.pem", purpose) for name, purpose in certificates)]
    commands = _COMMANDS.format(consumer=consumer, asid=consumer.partition("-")[2])
    return f"{_HEAD.format(end=end)}\n{in_columns(rows)}\n\n{commands}"


def in_columns(rows: Sequence[tuple[str, str]]) -> str:
    """Return two columns that line up, a row on each line."""
    width = max(len(left) for left, _ in rows)
    return "\n".join(f"{left:<{width}}  {right}" for left, right in rows)
