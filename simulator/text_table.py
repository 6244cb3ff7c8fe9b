"""Tables for people, in columns that line up; unlike drawn ones they can be cut and grepped."""

from collections.abc import Sequence

import click


def print_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows of texts below their heads, two spaces between columns.

    What a terminal would obey, or break a line at, is shown as its escape: some texts came over the wire.
    """
    shown = [[_printable(text) for text in row] for row in [heads, *rows]]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    for row in shown:
        click.echo("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
