"""TLS as `gpload` speaks it: whom it trusts, which certificate it shows, and what to say of a failure."""

import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

TLS_ERROR = "TLS: "
"""How the name of every error of TLS itself begins; asking again does not mend one."""

_VARIABLES = {"cert": "GPLOAD_CERT", "key": "GPLOAD_KEY", "cacert": "GPLOAD_CACERT"}
_ALERT = re.compile(r"^(tlsv\d+|sslv3) alert ")
_ADVICE = (
    ("has expired", "; the server must show one that is in date: nothing given here mends that"),
    ("is not yet valid", "; by this machine's clock it is not valid yet"),
    ("mismatch", "; it is for another host than the one of the URL"),
    ("does not pass", "; nobody trusted here issued it: --cacert FILE names the authority to trust"),
    ("certificate required", "; give it one by --cert FILE and --key FILE"),
    ("handshake failure", "; it may want a client certificate: --cert FILE and --key FILE"),
    ("wrong version number", "; is it http:// there?"),
    ("it is spoken there", "; is it https:// there?"),
)
_PROBE_SECONDS = 2.0
_ALERT_RECORD, _HANDSHAKE_RECORD = b"\x15", b"\x16"
"""How what a server first says begins, where that is TLS. Source: RFC 8446, section 5.1."""


class TlsFilesError(Exception):
    """Files that TLS cannot be spoken with; the message is one line that names the file."""


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files: client certificate, its private key, the authorities to trust, each as curl has it.

    The certificate's file may hold the key too. Without `cacert` those are trusted that the system trusts.
    """

    cert: Path | None = None
    key: Path | None = None
    cacert: Path | None = None

    @classmethod
    def of_environment(cls, environment: Mapping[str, str]) -> "TlsFiles":
        """The files that `environment` of the process that started this one named."""
        named = {name: environment.get(variable) for name, variable in _VARIABLES.items()}
        return cls(**{name: Path(path) for name, path in named.items() if path})

    def environment(self) -> dict[str, str]:
        """Environment variables that tell a process of the generator of these files."""
        named = {variable: getattr(self, name) for name, variable in _VARIABLES.items()}
        return {variable: str(path.resolve()) for variable, path in named.items() if path is not None}

    def arguments(self) -> list[str]:
        """Options that name these files, for curl as for `gpload`."""
        named = ((name, getattr(self, name)) for name in _VARIABLES)
        return [part for name, path in named if path is not None for part in (f"--{name}", str(path))]

    def context(self) -> ssl.SSLContext:
        """What a client's connection needs: it checks the server's certificate and name, and shows its own.

        Raises TlsFilesError.
        """
        if self.key is not None and self.cert is None:
            raise TlsFilesError(f"--key {self.key}: a key needs its certificate; give --cert too")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if self.cacert is None:
            context.load_default_certs()
        else:
            _read(self.cacert)
            with _naming(self.cacert, "the certificates of authorities, in PEM"):
                context.load_verify_locations(self.cacert)
        if self.cert is not None:
            self._show_certificate(context, self.cert)
        return context

    def _show_certificate(self, context: ssl.SSLContext, cert: Path) -> None:
        # OpenSSL says neither which of the two it could not read nor that a password was wanted.
        if b"-BEGIN CERTIFICATE-" not in _read(cert):
            raise TlsFilesError(f"{cert}: is no certificate in PEM")
        key = self.key or cert
        text = _read(key)
        if b" PRIVATE KEY-" not in text:
            without = "" if self.key else "; --key FILE names it"
            raise TlsFilesError(f"{key}: holds no private key in PEM{without}")
        if b"ENCRYPTED" in text:
            raise TlsFilesError(f"{key}: has a password; `openssl pkey -in FILE -out FILE` takes it off")
        with _naming(cert, f"a certificate whose key is in {key}"):
            context.load_cert_chain(cert, key, password="")


IS_SPOKEN = f"{TLS_ERROR}it is spoken there, and was not here"
"""The error of a plain request to a server that speaks TLS."""

NO_FILES = TlsFiles()
"""Nothing of one's own: no certificate to show, and the system's authorities."""


def tls_error(error: ssl.SSLError) -> str:
    """A short name for a failure of TLS, the same from every transport."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{TLS_ERROR}the server's certificate does not pass: {error.verify_message}"
    # Those that Python itself raises have no reason.
    reason = (getattr(error, "reason", None) or str(error)).lower().replace("_", " ")
    return TLS_ERROR + _ALERT.sub("the server says: ", reason)


def speaks_tls(host: str, port: int) -> bool:
    """Whether a server answers a greeting of TLS in TLS, be it a refusal; False where nobody is."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    greeting = ssl.MemoryBIO()
    # A socket of Python's `ssl` is left open where the connection is reset as it begins.
    with suppress(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), greeting, server_hostname=host).do_handshake()
    try:
        with socket.create_connection((host, port), _PROBE_SECONDS) as plain:
            plain.sendall(greeting.read())
            return plain.recv(1) in (_ALERT_RECORD, _HANDSHAKE_RECORD)
    except OSError:
        return False


def advice_on(error: str | None) -> str:
    """What to do about an error that `tls_error` named, to end a message with; empty where it is none."""
    if error is None or not error.startswith(TLS_ERROR):
        return ""
    return next((advice for sign, advice in _ADVICE if sign in error), "")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise TlsFilesError(f"{path}: {error.strerror or error}") from error


@contextmanager
def _naming(path: Path, expected: str) -> Iterator[None]:
    try:
        yield
    except ssl.SSLError as error:
        raise TlsFilesError(f"{path}: is not {expected} ({error.reason or error})") from error
