"""What a run says, as rows of text: for a person at a terminal, and for the page on performance."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from tests.bench.results import Amount, Cost, Measured, Ratio, Run, number

WIDE = 170
"""A table is no use wrapped, so it is never narrower than this."""


@dataclass(frozen=True, slots=True)
class Said:
    """A table in words: what it is about, the heads of its columns, and its rows."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(run: Run, before: Run | None = None) -> tuple[Said, ...]:
    """Return the tables of a run that have rows, with how each number moved where there is an earlier run."""
    found, earlier = run.found, before.found if before else None
    last = ("since last time",) if before else ()
    beside = tuple(dict.fromkeys(each.beside for each in found.ratios))
    said = [_ratios(each, found.ratios, earlier.ratios if earlier else None, last) for each in beside]
    costs = _rows(map(_cost, found.costs), found.costs, earlier.costs if earlier else None)
    amounts = _rows(map(_amount, found.amounts), found.amounts, earlier.amounts if earlier else None)
    said += [
        Said("Our own code, in process", ("work", "µs a request", "rounds", *last), costs),
        Said("The rest", ("about", "what", "measured", "wanted", "verdict", "", *last), amounts),
        Said("Not measured", ("", "why"), tuple((each.name, each.reason) for each in found.unmeasured)),
    ]
    return tuple(each for each in said if each.rows)


def _ratios(
    beside: str, found: Sequence[Ratio], before: Sequence[Ratio] | None, last: tuple[str, ...]
) -> Said:
    """Return the table of the ratios to one thing."""
    chosen = [each for each in found if each.beside == beside]
    heads = ("work", "requests/s", f"{beside}, requests/s", "ratio", "rounds", "wanted", "verdict", "", *last)
    return Said(f"Beside {beside}, over a socket", heads, _rows(map(_ratio, chosen), chosen, before))


def show(run: Run, before: Run | None) -> None:
    """Print a run, with how it moved from an earlier one where there is one, and what is missed."""
    console = Console(width=max(Console().width, WIDE), highlight=False)
    console.print(f"{run.machine}; medians of {run.rounds} rounds")
    for said in tables(run, before):
        table = Table(*said.heads, box=None, title=said.title, title_justify="left", title_style="bold")
        for row in said.rows:
            table.add_row(*row)
        console.print(table)
    missed = list(run.found.missed)
    console.print(f"Missed: {'; '.join(missed)}" if missed else "Every target is met.", soft_wrap=True)


def _rows(
    rows: Iterable[tuple[str, ...]], now: Sequence[Measured], before: Sequence[Measured] | None
) -> tuple[tuple[str, ...], ...]:
    """Return the rows, each with how its number moved from the earlier one of its name."""
    if before is None:
        return tuple(rows)
    earlier = {each.name: each.measured for each in before}
    return tuple(
        (*row, _moved(each.measured, earlier.get(each.name))) for row, each in zip(rows, now, strict=True)
    )


def _moved(now: float, before: float | None) -> str:
    """Return by how much a number is more or less than it was."""
    if before is None:
        return "new"
    if not before:
        return f"{now - before:+,.3g}"
    return f"{(now - before) / before:+.1%}"


def _ratio(each: Ratio) -> tuple[str, ...]:
    return (
        each.work,
        f"{each.ours:,.0f}",
        f"{each.other:,.0f}",
        f"{each.ratio:.2f}",
        f"{each.lowest:.2f} to {each.highest:.2f}",
        "" if each.target is None else f"at least {each.target:.2f}",
        _verdict(each),
        each.note,
    )


def _cost(each: Cost) -> tuple[str, ...]:
    return each.work, f"{each.microseconds:,.0f}", f"{each.lowest:,.0f} to {each.highest:,.0f}"


def _amount(each: Amount) -> tuple[str, ...]:
    wanted = "" if each.target is None else f"at {'most' if each.most else 'least'} {number(each.target)}"
    return each.about, each.what, f"{number(each.value)} {each.unit}", wanted, _verdict(each), each.note


def _verdict(each: Ratio | Amount) -> str:
    if each.target is None:
        return ""
    return f"missed by {each.missed}" if each.missed else "met"
