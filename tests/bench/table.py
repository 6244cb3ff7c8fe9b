"""What a run says, for a person at a terminal."""

from rich.console import Console
from rich.table import Table

from tests.bench.rates import Amount, Ratio, Run

WIDE = 140
"""A table is no use wrapped, so it is never narrower than this."""


def show(run: Run, before: Run | None) -> None:
    """Print a run, with the ratios of an earlier one beside it where there is one."""
    console = Console(width=max(Console().width, WIDE))
    console.print(
        f"{run.machine}; medians of {run.rounds} rounds; {run.slots_a_search:g} slots a search\n"
        "The floor is a bare Starlette application that returns a fixed body of the same size."
    )
    earlier = {(each.work, each.way): each.ratio for each in before.ratios} if before else {}
    heads = ("work", "", "requests/s", "floor", "of floor", "rounds", "at least", "verdict")
    table = Table(*heads, *(("last time",) if before else ()), box=None)
    for each in run.ratios:
        last = earlier.get((each.work, each.way))
        row = [
            each.work, each.way, f"{each.ours:,.0f}", f"{each.floor:,.0f}", f"{each.ratio:.3f}",
            f"{each.lowest:.3f} to {each.highest:.3f}", f"{each.target:.2f}", verdict(each),
        ]  # fmt: skip
        if before:
            row.append("" if last is None else f"{last:.3f} ({each.ratio - last:+.3f})")
        table.add_row(*row)
    console.print(table)
    for amount in run.amounts:
        console.print(f"{amount.name}: {_said(amount)}")


def verdict(ratio: Ratio) -> str:
    """Say whether a target is met, and by how much it is missed."""
    return "met" if ratio.ratio >= ratio.target else f"missed by {ratio.target - ratio.ratio:.3f}"


def _said(amount: Amount) -> str:
    held = f"{'at most' if amount.most else 'at least'} {amount.target:,g}"
    missed = abs(amount.value - amount.target)
    return f"{amount.value:,g} {amount.unit} ({held}: {'met' if amount.is_met else f'missed by {missed:,g}'})"
