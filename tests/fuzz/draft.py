"""A request while it can still be changed element by element, and the bytes that it becomes."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from simulator.interactions.interaction import Format, Interaction, Kind
from tests.fuzz.spoiled_json import dumps
from tests.fuzz.token import JOSE_HEADER, encoded
from tests.fuzz.wire import RawRequest
from tests.fuzz.xml_text import xml_text
from tests.practice_client import Json


@dataclass(slots=True)
class Draft:
    """A request in the making.

    What is None is made from the structured part when the request is sent: the token from `jose` and
    `claims`, the query from `parameters`, the pieces of the body from `resource`.
    """

    interaction: Interaction
    method: str
    path: str
    parameters: list[tuple[str, str]]
    headers: list[tuple[str, bytes]]
    claims: Any
    sends: Format = Format.JSON
    wants: Format = Format.JSON
    jose: Any = field(default_factory=lambda: dict(JOSE_HEADER))
    resource: Any = None
    token: bytes | None = None
    query: bytes | None = None
    body: tuple[bytes, ...] | None = None
    slot: Json | None = None
    appointment: Json | None = None

    @property
    def is_command(self) -> bool:
        """Tell whether the interaction changes something, and so has a body."""
        return self.interaction.kind is Kind.COMMAND

    def header(self, name: str, value: bytes) -> None:
        """Set a header, in place of any of that name."""
        self.headers = [each for each in self.headers if each[0] != name] + [(name, value)]

    def dumped(self) -> bytes:
        """Return the resource in the format of the body."""
        return dumps(self.resource) if self.sends is Format.JSON else xml_text(self.resource)

    def sent(self) -> RawRequest:
        """Return the request as it goes over the wire."""
        token = b"Bearer " + encoded(self.jose) + b"." + encoded(self.claims) + b"."
        authorization = ("authorization", token if self.token is None else self.token)
        query = "&".join(f"{quote(name, safe=':')}={_quoted(value)}" for name, value in self.parameters)
        body = self.body
        if body is None:
            body = (self.dumped(),) if self.is_command else ()
        return RawRequest(
            self.method,
            quote(self.path, safe="/%$;+").encode(),
            query.encode() if self.query is None else self.query,
            tuple((name.encode(), value) for name, value in (*self.headers, authorization)),
            body,
        )


def _quoted(value: str) -> str:
    return quote(value, safe=":+", errors="surrogatepass")
