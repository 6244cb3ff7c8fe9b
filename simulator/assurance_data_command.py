"""`gpsim assurance-data`: the mapping files by which a conformance run finds our data."""

import csv
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import click

from simulator.database_option import database_option
from simulator.store import mappings
from simulator.store.database import Store
from simulator.store.database_file import DatabaseUnusable

HEADERS = {
    mappings.PATIENTS: ("NATIVE_NHS_NUMBER", "PROVIDER_NHS_NUMBER"),
    mappings.ORGANISATIONS: ("NATIVE_ODS_CODE", "PROVIDER_ODS_CODE"),
    mappings.PRACTITIONERS: ("NATIVE_PRACTITIONER_CODE", "PROVIDER_PRACTITIONER_CODE"),
    mappings.LOCATIONS: ("Location", "LogicalIdentifier"),
}
"""The header row of each file of keys, as the suite reads them."""

CANDIDATES = "RegisterPatients"
CANDIDATES_HEADER = ("SPINE_NHS_NUMBER", "NAME_FAMILY", "NAME_GIVEN", "GENDER", "DOB")


@click.command("assurance-data")
@database_option("A database of the assurance profile.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Where to write them."
)
def assurance_data(database: Path, out: Path) -> None:
    """Write the mapping files of a conformance run: which of our records its keys stand for.

    People who have been registered meanwhile are no longer among those to register.
    """
    try:
        tables = _tables(database)
    except DatabaseUnusable as error:
        raise click.ClickException(str(error)) from error
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, header, rows in tables:
            path = out / f"{name}.csv"
            number = _write(path, header, rows)
            click.echo(f"{path}: {number} rows")
    except OSError as error:
        raise click.ClickException(f"{out}: cannot be written: {error.strerror or error}") from error


Table = tuple[str, tuple[str, ...], list[tuple[str, ...]]]
"""A file's name without its ending, its header and its rows."""


def _tables(database: Path) -> list[Table]:
    """Return every file's content, all of one moment. Raises DatabaseUnusable."""
    with closing(Store(database)) as store, store.reading():
        tables: list[Table] = [
            (name, header, list(mappings.mappings(store.connection, name)))
            for name, header in HEADERS.items()
        ]
        if not any(rows for _, _, rows in tables):
            raise DatabaseUnusable(
                f"{database}: maps nothing for a conformance run;"
                " `gpsim seed --profile assurance --database FILE` makes one that does"
            )
        candidates: list[tuple[str, ...]] = [
            (each.nhs_number, each.family, each.given, each.gender.upper(), each.birth_date.isoformat())
            for each in mappings.registration_candidates(store.connection)
        ]
    return [*tables, (CANDIDATES, CANDIDATES_HEADER, candidates)]


def _write(path: Path, header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> int:
    """Write one file; return how many rows it has below its header."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        written = list(rows)
        writer.writerows(written)
    return len(written)
