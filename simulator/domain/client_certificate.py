"""Whose client certificate a connection came with, and which ASIDs it may speak for."""

from dataclasses import dataclass

from simulator.domain.refusals import shown

CLIENT_CERTIFICATE = "gpsim.client_certificate"
"""The extension under which the server hands a connection's ClientCertificate on with each request."""


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """What a verified client certificate says of its holder; `of_proxy` is set for the proxy's own name."""

    common_name: str
    host_names: tuple[str, ...] = ()
    of_proxy: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Return its common name and host names, each once."""
        return tuple(dict.fromkeys(name for name in (self.common_name, *self.host_names) if name))

    def is_for(self, asid: str) -> bool:
        """Tell whether one of its names is the ASID, or begins with it as its first label.

        So both `200000000115` and `200000000115.consumer.example.nhs.uk` are for 200000000115.
        """
        return asid in {name.partition(".")[0] for name in self.names}


def why_not_from(certificate: ClientCertificate | None, sender_asid: str) -> str | None:
    """Return why a request may not say that it is from an ASID; None where it may.

    The proxy hands on the requests of others, and may do so for any ASID. Source: specification, page "Spine
    Secure Proxy": the common name of the client's session matches what is declared.
    """
    if certificate is None:
        return f"{shown(sender_asid)} was sent, and the connection came with no client certificate"
    if certificate.of_proxy or certificate.is_for(sender_asid):
        return None
    names = ", ".join(certificate.names) or "nobody"
    return f"{shown(sender_asid)} was sent, and the client certificate is for {names}"
