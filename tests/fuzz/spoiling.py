"""From a correct request to a spoilt one, and to the bytes that are sent."""

import random
from dataclasses import dataclass
from urllib.parse import quote

from simulator.interactions.interaction import Kind
from tests.fuzz import spoiled_content, spoiled_headers
from tests.fuzz.practice_world import Draft, PracticeWorld, not_there_yet, there
from tests.fuzz.spoiled_content import Mutation
from tests.fuzz.spoiled_headers import encoded
from tests.fuzz.spoiled_json import dumps
from tests.fuzz.wire import RawRequest


@dataclass(frozen=True, slots=True)
class Spoilt:
    """A spoilt request: what it was made from, how, and what is sent."""

    draft: Draft
    how: tuple[str, ...]
    request: RawRequest

    def __str__(self) -> str:
        """Return all there is to know of it."""
        claims = dumps(self.draft.claims)[:2000]
        return f"{self.draft.interaction.name}, {', '.join(self.how)}\n{self.request}\n  claims {claims!r}"


def spoilt(world: PracticeWorld, chance: random.Random) -> Spoilt:
    """Return a request that was correct before one to three mutations."""
    absent = not_there_yet()
    name = chance.choice(absent) if absent and chance.random() < 0.12 else chance.choice(there())
    draft = world.draft(name)
    how = []
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        mutation = chance.choice(_group(draft, chance))
        mutation(draft, world, chance)
        how.append(mutation.__name__)
    return Spoilt(draft, tuple(how), sent(draft))


def _group(draft: Draft, chance: random.Random) -> tuple[Mutation, ...]:
    """Return mutations of one part of a request: mostly of what its interaction reads."""
    kind = chance.random()
    if kind < 0.17:
        return spoiled_headers.HEADERS
    if kind < 0.3:
        return spoiled_headers.TOKENS
    if draft.interaction.kind is Kind.COMMAND and kind < 0.95:
        return spoiled_content.COMMANDS.get(draft.interaction.name, spoiled_content.ANY_COMMAND)
    return spoiled_content.QUERIES.get(draft.interaction.name, spoiled_content.ANY_QUERY)


def sent(draft: Draft) -> RawRequest:
    """Return a draft as it goes over the wire."""
    token = b"Bearer " + encoded(draft.jose) + b"." + encoded(draft.claims) + b"."
    authorization = ("authorization", token if draft.token is None else draft.token)
    query = "&".join(f"{quote(name, safe=':')}={_quoted(value)}" for name, value in draft.parameters)
    body = (dumps(draft.resource),) if draft.interaction.kind is Kind.COMMAND else ()
    return RawRequest(
        draft.method,
        quote(draft.path, safe="/%$;+").encode(),
        query.encode() if draft.query is None else draft.query,
        tuple((name.encode(), value) for name, value in (*draft.headers, authorization)),
        body if draft.body is None else draft.body,
    )


def _quoted(value: str) -> str:
    return quote(value, safe=":+", errors="surrogatepass")
