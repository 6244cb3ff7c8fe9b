"""TLS as GP Connect has it: version 1.2 or later, both sides with a certificate, and few ciphers.

A directory holds what is needed, PEM files under fixed names; `gpsim certificates` makes one.
Source: specification, page "Security".
"""

import ssl
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from simulator.domain.client_certificate import ClientCertificate
from simulator.spine.certificate_files import (
    AUTHORITY,
    PROXY,
    REVOCATIONS,
    SERVER,
    TlsUnusable,
    certificate_file,
    key_file,
)
from simulator.spine.handshakes import ServerContext

CIPHERS = "AESGCM+EECDH:AESGCM+EDH:AES256+EECDH:AES256+EDH:!aNULL"
"""The specification's cipher strings, most preferred first; it has none without a certificate in mind."""

_DIFFIE_HELLMAN = Path(__file__).with_name("ffdhe2048.pem")
"""The group ffdhe2048 of RFC 7919: without one a server offers no DHE cipher."""


def server_context(directory: Path, name: str = SERVER) -> ServerContext:
    """Return the context of a server: it shows the certificate `name` and wants the client's.

    A client without a certificate of the authority, or with one that has expired or is revoked, is refused.
    Raises TlsUnusable.
    """
    context = ServerContext(ssl.PROTOCOL_TLS_SERVER)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_dh_params(str(_DIFFIE_HELLMAN))
    _equip(context, directory, name)
    return context


def client_context(directory: Path, name: str = PROXY) -> ssl.SSLContext:
    """Return the context of a client: it shows the certificate `name` and checks the server's, host included.

    A server whose certificate is another authority's, another host's, expired or revoked is refused. Raises
    TlsUnusable.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    _equip(context, directory, name)
    return context


def _equip(context: ssl.SSLContext, directory: Path, name: str) -> None:
    """Give a context what both sides have: lowest version, ciphers, authority, revocations, certificate."""
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.set_ciphers(CIPHERS)
    authority, revocations = directory / AUTHORITY, directory / REVOCATIONS
    with _naming(authority, "the certificates of an authority"):
        context.load_verify_locations(authority)
    with _naming(revocations, "a list of revoked certificates"):
        context.load_verify_locations(revocations)
    if not context.cert_store_stats()["crl"]:
        raise TlsUnusable(f"{revocations}: holds no list of revoked certificates")
    context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    certificate, key = certificate_file(directory, name), key_file(directory, name)
    # OpenSSL does not say which of the two it could not read, and would ask a terminal for a password.
    with _naming(key, "a private key"):
        if b" PRIVATE KEY-" not in key.read_bytes():
            raise TlsUnusable(f"{key}: is not a private key as PEM")
    with _naming(certificate, f"a certificate whose key, without a password, is {key.name}"):
        context.load_cert_chain(certificate, key, password="")


@contextmanager
def _naming(path: Path, expected: str) -> Iterator[None]:
    """Turn any failure to read a file into TlsUnusable that names it."""
    try:
        yield
    except ssl.SSLError as error:
        raise TlsUnusable(f"{path}: is not {expected} ({error.reason or error.strerror})") from error
    except OSError as error:
        raise TlsUnusable(
            f"{path}: {error.strerror or error}; `gpsim certificates --out DIR` makes what TLS needs"
        ) from error


def read_client_certificate(
    peer_certificate: Mapping[str, Any] | None, proxy_names: Collection[str]
) -> ClientCertificate | None:
    """Return whose certificate a client has shown, from what `ssl` tells of it; None where it has none."""
    if not peer_certificate:
        return None
    subject = {key: value for part in peer_certificate.get("subject", ()) for key, value in part}
    others = peer_certificate.get("subjectAltName", ())
    names = tuple(value for kind, value in others if kind == "DNS")
    common_name = subject.get("commonName", "")
    return ClientCertificate(common_name, names, not {common_name, *names}.isdisjoint(proxy_names))
