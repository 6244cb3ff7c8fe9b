"""What of a request goes on to the provider: all that is not about the connection it came by."""

from dataclasses import dataclass

from starlette.types import Scope

Header = tuple[bytes, bytes]

HOP_BY_HOP = frozenset(
    (
        b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection",
        b"te", b"trailer", b"transfer-encoding", b"upgrade",
    )
)  # fmt: skip
"""Headers that are about one connection, not about the message (RFC 9110, section 7.6.1)."""

REPLACED = HOP_BY_HOP | {b"host", b"forwarded", b"expect"}
"""What the provider gets of the proxy's own, or not at all: the proxy itself has answered `Expect`."""


_ABOUT_ITSELF = frozenset((b"keep-alive", b"close"))
"""What `Connection` says, as a rule, that names no other header."""


@dataclass(frozen=True, slots=True)
class ProviderCall:
    """One request to a provider outside: where the directory says it is, the head to send, what follows it.

    `address` is the directory's; `url` is what the request was for, without its query.
    """

    address: str
    url: str
    head: bytes
    has_body: bool
    chunked: bool


def end_to_end(headers: list[Header]) -> list[Header]:
    """Return the headers to send on: without those of the connection, and those it names itself."""
    left_out = _left_out(headers, HOP_BY_HOP)
    return [header for header in headers if header[0] not in left_out]


def _left_out(headers: list[Header], always: frozenset[bytes]) -> frozenset[bytes]:
    for name, value in headers:
        if name == b"connection" and value.lower() not in _ABOUT_ITSELF:
            always = always | {each.strip().lower() for each in value.split(b",")}
    return always


def request_headers(scope: Scope, authority: str) -> list[Header]:
    """Return the headers that a provider at `authority` gets; `Forwarded` discloses the proxy (RFC 7239)."""
    headers: list[Header] = scope["headers"]
    replaced = _left_out(headers, REPLACED)
    sent_on = [header for header in headers if header[0] not in replaced]
    host = dict(headers).get(b"host", b"")
    forwarded = b"".join([value + b", " for name, value in headers if name == b"forwarded"])
    client = scope.get("client")
    sender = client[0] if client else "unknown"
    if ":" in sender:
        sender = f"[{sender}]"
    here = b'for="%b";host="%b";proto=%b' % (sender.encode(), host, scope["scheme"].encode())
    return [(b"host", authority.encode()), (b"forwarded", forwarded + here), *sent_on]


def provider_call(scope: Scope, address: str, url: str, path: str, query: bytes) -> ProviderCall:
    """Return a request as it is sent to a provider outside, framed as it came, whatever `Connection` says.

    The server lets nobody in whose framing is in doubt: a `Transfer-Encoding` ends with chunked.
    """
    sent = dict(scope["headers"])
    framing = next((name for name in (b"transfer-encoding", b"content-length") if name in sent), b"")
    headers = request_headers(scope, url.partition("://")[2].partition("/")[0])
    headers = [header for header in headers if header[0] != b"content-length"]
    if framing:
        headers.append((framing, sent[framing]))
    elif scope["method"] != "GET":
        headers.append((b"content-length", b"0"))
    target = (path or "/").encode() + (b"?" + query if query else b"")
    lines = [scope["method"].encode() + b" " + target + b" HTTP/1.1"]
    lines += [name + b": " + value for name, value in headers]
    head = b"\r\n".join(lines) + b"\r\n\r\n"
    return ProviderCall(address, url, head, bool(framing), chunked=framing == b"transfer-encoding")
