"""Chance that repeats: the same seed, the same choices."""

from random import Random


def repeatable(*seeds: object) -> Random:
    """A source of chance that depends on the seeds and on nothing else."""
    return Random("/".join(map(str, seeds)))  # noqa: S311  (repeatable on purpose; nothing is secret)
