"""Spoiling any body: its elements, its bytes, its size."""

import random

from simulator.interactions.interaction import Format
from tests.fuzz.draft import Draft
from tests.fuzz.practice_world import PracticeWorld
from tests.fuzz.spoiled_json import TEXTS, nested, raw, spoil
from tests.fuzz.spoiled_queries import Mutation

BODIES = (
    b"", b" ", b"{", b"}", b"{}", b"[]", b"null", b"true", b"0", b'"text"', b"\xff\xfe\x00",
    b"\xef\xbb\xbf{}", b"<Appointment/>", b"{'status': 'booked'}", b'{"resourceType": "Appointment"}',
    b'{"resourceType": "Bundle", "type": "searchset"}', b'{"resourceType": null}',
    b'{"resourceType": ["Appointment"]}', b"[" * 100_000, b'{"a":' * 20_000, b"NaN", b"{}{}",
    b'{"resourceType": "Appointment", "resourceType": "Slot"}',
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
)  # fmt: skip


def element(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Spoil any element of the resource."""
    draft.resource = spoil(draft.resource, chance)


def top_element(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Drop or replace one of the resource's own elements."""
    if isinstance(draft.resource, dict) and draft.resource:
        name = chance.choice(list(draft.resource))
        if chance.random() < 0.5:
            del draft.resource[name]
        else:
            draft.resource[name] = chance.choice((*TEXTS, None, 1, {}, [], raw("1e400"), nested(60, chance)))


def texts(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Send more text than is kept, or none."""
    if isinstance(draft.resource, dict):
        name, limit = chance.choice((("description", 100), ("comment", 500)))
        draft.resource[name] = chance.choice(
            ("", " ", "\u00e9" * limit, "x" * (limit + 1), "x" * 900_000, "\u0000", 7)
        )


def raw_body(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Send a body that is hardly a resource."""
    whole = draft.dumped()
    cut = chance.randrange(len(whole))
    flipped = whole[:cut] + bytes([whole[cut] ^ 0x80]) + whole[cut + 1 :]
    draft.body = (
        chance.choice(
            (
                chance.choice(BODIES),
                whole[:cut],
                flipped,
                whole + whole,
                whole.decode("utf-8", "replace").encode("utf-16"),
            )
        ),
    )


def huge_body(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Send more than is read, in one piece or in many, declared or not."""
    size = chance.choice((1_000_001, 1_500_000, 3_000_000))
    body = b" " * size + draft.dumped()
    pieces = chance.choice((1, 7, 40))
    step = len(body) // pieces + 1
    draft.body = tuple(body[start : start + step] for start in range(0, len(body), step))
    if chance.random() < 0.5:
        draft.header("content-length", str(len(body)).encode())


def chunked_body(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Send the body in many small pieces, some of them empty; spoilt or not."""
    if chance.random() < 0.7:
        draft.resource = spoil(draft.resource, chance)
    body = draft.dumped()
    draft.body = (*(body[start : start + 97] for start in range(0, len(body), 97)), b"", b"")


def another_format(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Send a body in the format that `Content-Type` does not name, or name none."""
    if chance.random() < 0.7:
        draft.sends = Format.XML if draft.sends is Format.JSON else Format.JSON
    else:
        draft.headers = [each for each in draft.headers if each[0] != "content-type"]


ANY_BODY: tuple[Mutation, ...] = (
    element, element, element, element, element, top_element, top_element, texts, raw_body, huge_body,
    chunked_body, another_format,
)  # fmt: skip
