"""Which format a consumer sends and wants.

Source: specification, page "General API guidance", content negotiation.
"""

import zlib
from functools import lru_cache

from simulator.domain.refusals import BadRequest, BodyTooLarge, UnsupportedFormat, shown
from simulator.fhir.search_parameters import Parameters, values_of
from simulator.interactions.interaction import Format
from simulator.server.header_fields import HeaderFields

FORMATS = {each.value: each for each in Format} | {"json": Format.JSON, "xml": Format.XML}
"""What `_format` may say, and the format it means."""

EXPECTED = " or ".join(Format)
ANYTHING = frozenset({"*/*", "application/*"})
OUTDATED = frozenset({"application/json+fhir", "application/xml+fhir"})
"""What the two formats were called before GP Connect 1.0."""

MOST_MEMBERS = 64
"""How many gzips may come one after the other in a body: each is work, and copies what is left."""

KEPT = 256
"""Of how many values of a header the meaning is kept: a consumer sends the same ones all day."""


def asked_format(parameters: Parameters) -> Format | None:
    """Return the format that `_format` asks for, which goes before all headers; None where it did not come.

    Raises UnsupportedFormat.
    """
    asked = values_of(parameters, "_format")
    if not asked:
        return None
    name = _media_type(asked[0])
    if name not in FORMATS:
        raise _unsupported("parameter _format", asked[0])
    return FORMATS[name]


def accepted_format(headers: HeaderFields) -> Format:
    """Return the format that headers ask for: `Accept` over `Content-Type`, else JSON.

    Raises UnsupportedFormat where nothing that was asked for can be had.
    """
    accept = headers.line("accept")
    if accept.strip():
        return _accepted(accept)
    return sent_format(headers)


def sent_format(headers: HeaderFields) -> Format:
    """Return the format of the request body, JSON where none is named; raise UnsupportedFormat."""
    return _format_named(headers.get("content-type"))


@lru_cache(maxsize=KEPT)
def _format_named(value: str) -> Format:
    """Return the format that a `Content-Type` names."""
    name, charset = _media_type(value), _parameter(value, "charset")
    if name and name not in FORMATS:
        raise _unsupported("header Content-Type", value)
    if charset not in ("", "utf-8"):
        raise UnsupportedFormat(f"header Content-Type: charset {shown(charset)} was sent; expected utf-8")
    return FORMATS[name] if name else Format.JSON


@lru_cache(maxsize=KEPT)
def _accepted(accept: str) -> Format:
    """Return the most wanted format of an `Accept` list that can be had.

    Where anything will do it is JSON, unless the list says that JSON will not.
    """
    choices = accept.split(",")
    unwanted = {FORMATS.get(_media_type(each)) for each in choices if _weight(each) <= 0}
    for each in sorted(choices, key=_weight, reverse=True):
        name = _media_type(each)
        if _weight(each) <= 0:
            continue
        if name in FORMATS:
            return FORMATS[name]
        left = [choice for choice in Format if choice not in unwanted]
        if name in ANYTHING and left:
            return left[0]
    raise _unsupported("header Accept", accept)


def _unsupported(where: str, sent: str) -> UnsupportedFormat:
    named = {_media_type(each) for each in sent.split(",")}
    outdated = "; what was sent is of before GP Connect 1.0" if named & OUTDATED else ""
    return UnsupportedFormat(f"{where}: {shown(sent)} was sent; expected {EXPECTED}{outdated}")


def _weight(choice: str) -> float:
    """Return how much one choice of a list is wanted, 0 to 1 (RFC 9110, quality values)."""
    try:
        return float(_parameter(choice, "q") or 1)
    except ValueError:
        return 0.0


def _media_type(value: str) -> str:
    return value.partition(";")[0].strip().lower()


def _parameter(value: str, wanted: str) -> str:
    for parameter in value.split(";")[1:]:
        name, _, text = parameter.partition("=")
        if name.strip().lower() == wanted:
            return text.strip().strip('"').lower()
    return ""


def wants_minimal(headers: HeaderFields) -> bool:
    """Tell whether the consumer asked for no body."""
    return "return=minimal" in headers.line("prefer").replace(" ", "").lower()


def wants_gzip(headers: HeaderFields) -> bool:
    """Tell whether the consumer asked for a gzipped answer; one that did not could not read it."""
    return _accepts_gzip(headers.line("accept-encoding"))


@lru_cache(maxsize=KEPT)
def _accepts_gzip(accept_encoding: str) -> bool:
    choices = accept_encoding.split(",")
    return any(_media_type(each) == "gzip" and _weight(each) > 0 for each in choices)


def decoded_body(body: bytes, headers: HeaderFields, limit: int) -> bytes:
    """Return a request body out of its content encoding, at most `limit` bytes of it.

    Raises UnsupportedFormat (another encoding than gzip), BadRequest (not gzip, or in too many pieces) and
    BodyTooLarge.
    """
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding == "identity":
        return body
    if encoding != "gzip":
        raise UnsupportedFormat(f"header Content-Encoding: {shown(encoding)} was sent; expected gzip")
    plain, rest, members = b"", body, 0
    # A gzip may have several members, one after the other (RFC 1952); zeros are common behind the last.
    while True:
        inflate = zlib.decompressobj(wbits=31)
        try:
            plain += inflate.decompress(rest, limit + 1)
        except zlib.error as error:
            raise BadRequest(f"body: is not gzip, as Content-Encoding says: {error}") from None
        if len(plain) > limit:
            raise BodyTooLarge(f"body: is over {limit} bytes when unzipped; expected at most that")
        if not inflate.eof:
            raise BadRequest("body: is cut short; its gzip has no end")
        rest = inflate.unused_data
        if not rest.strip(b"\0"):
            return plain
        members += 1
        if members == MOST_MEMBERS:
            raise BadRequest(f"body: its gzip has over {MOST_MEMBERS} members; expected at most that")
