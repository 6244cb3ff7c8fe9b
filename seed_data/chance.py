"""Chance, always from a seed and always passed along: nothing here keeps state of its own."""

import random
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import inf
from typing import Generic, TypeVar

Chance = random.Random
"""A source of chance. Only its `random()` is relied on, which Python promises never to change."""

Value = TypeVar("Value")


def chance_for(seed: int, *purpose: object) -> Chance:
    """Return a source of chance of its own for a purpose, such as a practice and what is drawn for it.

    One practice's draws then never disturb another's: adding practices leaves the earlier ones as they were.
    """
    return Chance("/".join(map(str, (seed, *purpose))))


def below(chance: Chance, bound: int) -> int:
    """Return a whole number from 0 to `bound` - 1, all equally likely."""
    return int(chance.random() * bound)


def between(chance: Chance, first: int, last: int) -> int:
    """Return a whole number from `first` to `last`, all equally likely."""
    return first + below(chance, last - first + 1)


def pick(chance: Chance, values: Sequence[Value]) -> Value:
    """Return one of some values, all equally likely."""
    return values[int(chance.random() * len(values))]


@dataclass(frozen=True, slots=True)
class Shares(Generic[Value]):
    """Values and how large a share of the whole each has; the shares need not sum to one."""

    values: tuple[Value, ...]
    bounds: tuple[float, ...]

    @classmethod
    def of(cls, pairs: Iterable[tuple[Value, float]]) -> "Shares[Value]":
        """Return shares from (value, share) pairs."""
        values, shares = zip(*pairs, strict=True)
        total = sum(shares)
        bounds = accumulate(share / total for share in shares[:-1])
        return cls(tuple(values), (*bounds, inf))

    def at(self, point: float) -> Value:
        """Return the value at a point from 0 to 1 of the whole."""
        return self.values[bisect_right(self.bounds, point)]

    def place(self, point: float) -> tuple[Value, float]:
        """Return the value at a point from 0 to 1 of the whole, and how far into its share that is."""
        n = bisect_right(self.bounds, point)
        begin, end = (0.0, *self.bounds)[n], min(self.bounds[n], 1.0)
        return self.values[n], (point - begin) / (end - begin)

    def draw(self, chance: Chance) -> Value:
        """Return one value, each as likely as its share."""
        return self.at(chance.random())

    def spread(self, chance: Chance, count: int) -> list[Value]:
        """Return `count` values in proportion: each as often as its share of `count`, rounded down or up."""
        offset = chance.random()
        return [self.at((offset + n) / count) for n in range(count)]
