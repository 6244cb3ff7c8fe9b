"""A development authority: a root, an authority below it that issues, and its list of revocations.

Two levels, as on the Spine, where a SubCA issues and a RootCA stands above it.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

KEY_BITS = 2048
"""RSA, which the cipher suites of the conformance checks ask of a server, and the shortest that passes."""

ORGANISATION = "GP appointment simulator (development only)"

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
"""What certificates are made for; those made here are RSA."""


@dataclass(frozen=True, slots=True)
class Validity:
    """From when until when something is valid."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate, the certificates above it that its holder sends along, and its key."""

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    key: Key

    def certificate_pem(self) -> bytes:
        """Return the certificate and those above it as PEM."""
        return b"".join(pem(each) for each in (self.certificate, *self.chain))


@dataclass(frozen=True, slots=True)
class Authority:
    """Who issues: its own certificate, the root's, its key, and the serial numbers it has revoked.

    `root_revocations` is the root's list, as PEM: there is nothing in it, and the root's key is not kept.
    """

    certificate: x509.Certificate
    root: x509.Certificate
    key: Key
    revoked: list[int] = field(default_factory=list)
    root_revocations: bytes = b""

    def issue(self, common_name: str, hosts: tuple[str, ...], validity: Validity, *, server: bool) -> Issued:
        """Return a new certificate for some hosts (names or addresses): a server's, or else a client's."""
        key = new_key()
        purpose = ExtendedKeyUsageOID.SERVER_AUTH if server else ExtendedKeyUsageOID.CLIENT_AUTH
        certificate = (
            _begun(common_name, key, self.certificate.subject, validity)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(issuing=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
            .add_extension(x509.SubjectAlternativeName([_host(each) for each in hosts]), critical=False)
            .add_extension(_issuer(self.key), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        return Issued(certificate, (self.certificate,), key)

    def certificates_pem(self) -> bytes:
        """Return what others trust: the issuing authority and the root."""
        return pem(self.certificate) + pem(self.root)

    def revocations_pem(self, validity: Validity) -> bytes:
        """Return the lists of what is revoked: who checks a whole chain needs one of each issuer in it."""
        own = _revocations(self.certificate.subject, self.key, validity, self.revoked)
        return own + self.root_revocations


def _revocations(issuer: x509.Name, key: Key, validity: Validity, numbers: Iterable[int]) -> bytes:
    revocations = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer)
        .last_update(validity.start)
        .next_update(validity.end)
        .add_extension(_issuer(key), critical=False)
        .add_extension(x509.CRLNumber(1), critical=False)
    )
    for number in numbers:
        entry = x509.RevokedCertificateBuilder(number, validity.start)
        revocations = revocations.add_revoked_certificate(entry.build())
    return revocations.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def new_authority(name: str, validity: Validity) -> Authority:
    """Return a new authority of a name, with a root of its own."""
    root_key, key = new_key(), new_key()
    root_name = _name(f"{name} root")
    root = _authority_certificate(f"{name} root", root_key, root_name, root_key, validity, levels=1)
    issuing = _authority_certificate(name, key, root_name, root_key, validity, levels=0)
    return Authority(issuing, root, key, root_revocations=_revocations(root_name, root_key, validity, ()))


def new_key() -> Key:
    """Return a new private key."""
    return rsa.generate_private_key(public_exponent=65_537, key_size=KEY_BITS)


def key_pem(key: Key) -> bytes:
    """Return a private key as PEM, without a password."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def pem(certificate: x509.Certificate) -> bytes:
    """Return a certificate as PEM."""
    return certificate.public_bytes(serialization.Encoding.PEM)


def _authority_certificate(
    name: str, key: Key, issuer: x509.Name, issuing_key: Key, validity: Validity, *, levels: int
) -> x509.Certificate:
    return (
        _begun(name, key, issuer, validity)
        .add_extension(x509.BasicConstraints(ca=True, path_length=levels), critical=True)
        .add_extension(_usage(issuing=True), critical=True)
        .add_extension(_issuer(issuing_key), critical=False)
        .sign(issuing_key, hashes.SHA256())
    )


def _begun(common_name: str, key: Key, issuer: x509.Name, validity: Validity) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(common_name))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(validity.start)
        .not_valid_after(validity.end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _name(common_name: str) -> x509.Name:
    parts = ((NameOID.ORGANIZATION_NAME, ORGANISATION), (NameOID.COMMON_NAME, common_name))
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in parts])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _issuer(key: Key) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _usage(*, issuing: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not issuing,
        content_commitment=False,
        key_encipherment=not issuing,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=issuing,
        crl_sign=issuing,
        encipher_only=False,
        decipher_only=False,
    )
