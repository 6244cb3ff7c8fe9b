"""From a correct request to a spoilt one."""

import random
from dataclasses import dataclass

from simulator.interactions.interaction import Format
from simulator.interactions.registry import INTERACTIONS
from tests.fuzz import (
    spoiled_body,
    spoiled_commands,
    spoiled_gzip,
    spoiled_headers,
    spoiled_queries,
    spoiled_xml,
)
from tests.fuzz.correct_requests import a_draft
from tests.fuzz.draft import Draft
from tests.fuzz.practice_world import PracticeWorld
from tests.fuzz.spoiled_json import dumps
from tests.fuzz.spoiled_queries import Mutation
from tests.fuzz.wire import RawRequest

BENDS_THE_FORMAT = {
    "media_type", "junk_header", "drop_header", "repeat_header", "output_format", "parameter",
    "raw_query", "another_format",
}  # fmt: skip
"""The mutations after which it is open which format the answer has."""

NAMES = tuple(each.name for each in INTERACTIONS)
COMMANDS = tuple(each.name for each in INTERACTIONS if each.method != "GET")


@dataclass(frozen=True, slots=True)
class Spoilt:
    """A spoilt request: what it was made from, how, and what is sent."""

    draft: Draft
    how: tuple[str, ...]
    request: RawRequest

    @property
    def format(self) -> Format | None:
        """Return the format that the answer must have, None where that is open."""
        return None if BENDS_THE_FORMAT & set(self.how) else self.draft.wants

    def __str__(self) -> str:
        """Return all there is to know of it."""
        claims = dumps(self.draft.claims)[:2000]
        return f"{self.draft.interaction.name}, {', '.join(self.how)}\n{self.request}\n  claims {claims!r}"


def spoilt(world: PracticeWorld, chance: random.Random) -> Spoilt:
    """Return a request that was correct before one to three mutations; half of them change something."""
    draft = a_draft(world, chance.choice(COMMANDS if chance.random() < 0.35 else NAMES))
    how = []
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        mutation = chance.choice(_group(draft, chance))
        mutation(draft, world, chance)
        how.append(mutation.__name__)
    return Spoilt(draft, tuple(how), draft.sent())


def _group(draft: Draft, chance: random.Random) -> tuple[Mutation, ...]:
    """Return mutations of one part of a request: mostly of what its interaction reads."""
    kind = chance.random()
    if kind < 0.17:
        return spoiled_headers.HEADERS
    if kind < 0.28:
        return spoiled_headers.TOKENS
    if not draft.is_command or kind > 0.97:
        return spoiled_queries.QUERIES.get(draft.interaction.name, spoiled_queries.ANY_QUERY)
    if kind < 0.33:
        return spoiled_gzip.GZIPPED
    if draft.sends is Format.XML and kind < 0.6:
        return spoiled_xml.XML
    if kind < 0.8:
        return spoiled_body.ANY_BODY
    return spoiled_commands.COMMANDS[draft.interaction.name]
