"""Draws a few requests as text: who asked what, when, with which answer, and bars on a shared scale."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from loadtest.ledger import Operation

WIDTH = 96
_BAR = 72
_INDENT = " " * 6
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def draw_timeline(operations: Sequence[Operation], seed: int | None) -> str:
    """Return the text, times in ms after the first request began, no line longer than `WIDTH`.

    Bars stand where the requests' own clocks put them; "±" says how far a clock may be off.
    """
    if not operations:
        return f"  {_seed(seed)}"
    origin = min(operation.start for operation in operations)
    span = max(1, max(operation.end for operation in operations) - origin)
    lines: list[str] = []
    for letter, operation in zip(_LETTERS, operations, strict=False):
        lines += _describe(letter, operation, origin)
    lines.append("")
    for letter, operation in zip(_LETTERS, operations, strict=False):
        first = (operation.start - origin) * (_BAR - 1) // span
        last = (operation.end - origin) * (_BAR - 1) // span
        bar = "|" if first == last else "|" + "=" * (last - first - 1) + "|"
        lines.append(f"  {letter} {' ' * first}{bar}")
    lines.append(f"    {'0 ms':<{_BAR - 16}}{_ms(span):>13} ms")
    lines.append(f"  {_seed(seed)}")
    return "\n".join(line.rstrip() for line in lines)


def _describe(letter: str, operation: Operation, origin: int) -> list[str]:
    asked = [operation.interaction, f"client {operation.client}", f"practice {operation.practice}"]
    if operation.slots:
        asked.append(_named("slot", operation.slots))
    if operation.patient is not None:
        asked.append(f"patient {operation.patient}")
    answer = str(operation.status) if operation.status is not None else operation.error or "no answer"
    answered = [answer if operation.code is None else f"{answer} {operation.code}"]
    if operation.appointment is not None:
        answered.append(f"appointment {operation.appointment}")
    began, ended = _ms(operation.start - origin), _ms(operation.end - origin)
    off = f" ± {_ms(operation.uncertainty)} ms" if operation.uncertainty else ""
    return [
        *wrap(", ".join(asked), WIDTH, initial_indent=f"  {letter} ", subsequent_indent=_INDENT),
        *wrap(
            f"{began} ms to {ended} ms{off}: {', '.join(answered)}",
            WIDTH,
            initial_indent=_INDENT,
            subsequent_indent=_INDENT,
        ),
        *wrap(
            f"trace {operation.trace}, phase {operation.phase}",
            WIDTH,
            initial_indent=_INDENT,
            subsequent_indent=_INDENT,
        ),
    ]


def _named(noun: str, ids: Sequence[str]) -> str:
    if len(ids) == 1:
        return f"{noun} {ids[0]}"
    more = f" and {len(ids) - 4} more" if len(ids) > 4 else ""
    return f"{noun}s {' '.join(ids[:4])}{more}"


def _seed(seed: int | None) -> str:
    return f"seed {'unknown' if seed is None else seed}"


def _ms(nanoseconds: int) -> str:
    return f"{nanoseconds / 1_000_000:.3f}"
