"""Spoiling the compression of a body."""

import gzip
import random
import zlib

from tests.fuzz.draft import Draft
from tests.fuzz.practice_world import PracticeWorld
from tests.fuzz.spoiled_queries import Mutation

CODINGS = (
    b"gzip",
    b"GZIP",
    b" gzip ",
    b"deflate",
    b"br",
    b"gzip, gzip",
    b"identity",
    b"",
    b"\xff",
    b"x" * 900,
)


def gzipped(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Send the body gzipped, as it should be, in one piece or several, one member or several."""
    whole = draft.dumped()
    middle = len(whole) // 2
    packed = gzip.compress(whole, mtime=0)
    members = gzip.compress(whole[:middle], mtime=0), gzip.compress(whole[middle:], mtime=0)
    draft.body = chance.choice(((packed,), (packed[:9], packed[9:]), members))
    draft.header("content-encoding", b"gzip")


def broken_gzip(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Send what is not quite gzip."""
    whole = draft.dumped()
    packed = gzip.compress(whole, mtime=0)
    cut = chance.randrange(len(packed))
    flipped = packed[:cut] + bytes([packed[cut] ^ 0x10]) + packed[cut + 1 :]
    broken = (
        b"", whole, packed[:cut], flipped, packed + b"\x00\x00", packed + whole,
        gzip.compress(packed, mtime=0), zlib.compress(whole), packed[:3], b"\x1f\x8b",
        packed[:-8] + b"\x00" * 8,
    )  # fmt: skip
    draft.body = (chance.choice(broken),)
    draft.header("content-encoding", b"gzip")


def growing_gzip(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Send little that becomes more than is read, at once or member by member."""
    bomb = gzip.compress(b" " * chance.choice((1_000_001, 30_000_000)), mtime=0)
    members = gzip.compress(b" " * 400_000, mtime=0) * 40
    draft.body = (chance.choice((bomb, members, bomb + gzip.compress(draft.dumped(), mtime=0))),)
    draft.header("content-encoding", b"gzip")


def another_coding(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Name a coding that the body does not have, or that nobody knows."""
    draft.header("content-encoding", chance.choice(CODINGS))


GZIPPED: tuple[Mutation, ...] = (gzipped, broken_gzip, broken_gzip, growing_gzip, another_coding)
