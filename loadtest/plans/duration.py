"""Lengths of time as people write them."""

import re

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}


def seconds_of(text: str) -> float | None:
    """The seconds that `45`, `45s`, `2m` or `1.5h` mean; None for anything else."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh]?)", text.strip(), re.ASCII)
    return float(found[1]) * _UNITS[found[2]] if found else None
