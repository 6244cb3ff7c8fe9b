"""Tables for people, in columns that line up; unlike drawn ones they can be cut and grepped."""

import textwrap
from collections.abc import Sequence
from itertools import zip_longest

import click

WIDTH = 120
"""Where what stands below a row is folded."""


def print_table(heads: Sequence[str], rows: Sequence[Sequence[str]], below: Sequence[str] = ()) -> None:
    """Print rows of texts below their heads, two spaces between columns, and below each row its text, if any.

    What stands below is indented past the first column and folded. What a terminal would obey, or break a
    line at, is shown as its escape: some texts came over the wire.
    """
    shown = [[_printable(text) for text in row] for row in [heads, *rows]]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    indent = " " * (widths[0] + 2)
    for row, text in zip_longest(shown, ["", *below], fillvalue=""):
        click.echo("  ".join(each.ljust(width) for each, width in zip(row, widths, strict=True)).rstrip())
        for line in textwrap.wrap(
            _printable(text), WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
        ):
            click.echo(line)


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
