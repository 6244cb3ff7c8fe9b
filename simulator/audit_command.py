"""`gpsim audit`: proves that the audit trail is whole, and shows rows of it."""

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from simulator.command_group import CommandGroup
from simulator.database_option import database_option
from simulator.domain.audit import Surface
from simulator.domain.clock import LONDON, Instant, uk_local
from simulator.domain.nhs_number import is_valid, looks_like_one
from simulator.interaction_names import ids_by_name, meant
from simulator.store.audit import AuditRow, Sought
from simulator.store.audit_chain import EVENT_COLUMNS
from simulator.store.audit_verification import BrokenChain, ChainReader, Head, check_noted
from simulator.store.database import Store, Transaction
from simulator.store.database_file import DatabaseUnusable
from simulator.text_table import print_table

HASH = re.compile(r"[0-9a-fA-F]{64}\Z")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
_NHS_NUMBER_DIGITS = 10

_database = database_option("The database file; it may be served meanwhile.")
_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


@click.group(cls=CommandGroup)
def audit() -> None:
    """Prove that the audit trail is whole, or show rows of it."""


class HashType(click.ParamType[str]):
    """A SHA-256 hash as 64 hexadecimal digits."""

    name = "hash"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the hash in lower case."""
        if HASH.match(str(value)) is None:
            self.fail(f"{value!r} is not a hash; expected the 64 digits that `gpsim audit verify` printed")
        return str(value).lower()


@audit.command()
@_database
@click.option("--head", type=HashType(), metavar="HASH", help="The head that an earlier run printed.")
@click.option("--count", type=click.IntRange(0), metavar="N", help="The count that was printed with it.")
@_as_json
def verify(database: Path, head: str | None, count: int | None, as_json: bool) -> None:
    """Prove the chain: that no row was changed, removed or put between; print its count and its head.

    A chain alone cannot show that its last rows were cut off. Note count and head elsewhere, and give them
    later: then it can. Exits with 1 at the first row that does not fit, and says which and how.
    """
    if (head is None) != (count is None):
        raise click.UsageError("--head and --count go together: a head is the hash of one certain row")
    try:
        with closing(ChainReader(database)) as reader, _progress(reader.count()) as progress:
            reached = Head()
            for reached in reader.verified():
                progress(reached.count)
            if head is not None and count is not None:
                check_noted(reader, reached, Head(count, bytes.fromhex(head)))
    except DatabaseUnusable as error:
        raise click.ClickException(str(error)) from error
    except BrokenChain as fault:
        raise click.ClickException(f"{database}: {fault}") from fault
    if as_json:
        click.echo(json.dumps({"count": reached.count, "head": reached.hash.hex()}, indent=2))
    else:
        click.echo(f"{database}: every row of the audit trail is as it was written")
        click.echo(f"count {reached.count}\nhead {reached.hash.hex()}")


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar while rows are verified, if standard output is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("Verifying the audit"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(), transient=True, disable=not sys.stdout.isatty()) as bar:
        task = bar.add_task("", total=total)
        yield lambda done: bar.update(task, completed=done)


class InstantType(click.ParamType[Instant]):
    """A moment, in UK local time where it has no offset."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Instant:
        """Return the moment as an instant."""
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a time; expected 2026-03-16 or 2026-03-16T07:30:00")
        return int((moment if moment.tzinfo else moment.replace(tzinfo=LONDON)).timestamp())


class AppointmentType(click.ParamType[tuple[str, str]]):
    """An appointment, by the ODS code of its practice and its logical id."""

    name = "appointment"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Return the ODS code and the record's name."""
        if isinstance(value, tuple):
            return value
        ods_code, _, logical_id = str(value).partition("/")
        if not ods_code or not logical_id.isalnum():
            self.fail(f"{value!r} is no appointment; expected an ODS code and an id, as Z90001/7")
        return ods_code, f"Appointment/{logical_id}"


@audit.command()
@_database
@click.option("--trace-id", help="Only of this Ssp-TraceID.")
@click.option("--patient", metavar="ID|NHS", help="Only about this patient: logical id or NHS number.")
@click.option("--appointment", type=AppointmentType(), metavar="ODS/ID", help="Only about this appointment.")
@click.option("--interaction", metavar="NAME", help="Only of this interaction: its name, or its id in full.")
@click.option("--practice", metavar="ODS", help="Only of this practice.")
@click.option("--surface", type=click.Choice([str(each) for each in Surface]), help="Only of this surface.")
@click.option("--since", type=InstantType(), metavar="TIME", help="Only from this real UK time on.")
@click.option("--changes", is_flag=True, help="Only what made or changed a record: who made which version.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="The last so many.")
@_as_json
def show(
    database: Path, trace_id: str | None, patient: str | None, appointment: tuple[str, str] | None,
    interaction: str | None, practice: str | None, surface: str | None, since: Instant | None, changes: bool,
    limit: int, as_json: bool,
) -> None:  # fmt: skip
    """Show rows of the trail, the last ones, oldest first. What is not asked for may be anything.

    Commands stand in the trail before they are answered, queries within half a second. --json has all that is
    recorded, the user's id, role and device too.
    """
    ids = ids_by_name()
    ods_code, record = appointment or (practice, None)
    patient = patient and _without_spaces(patient)
    by_number = patient is not None and looks_like_one(patient)
    sought = Sought(
        trace_id=trace_id,
        interaction=ids.get(interaction, interaction) if interaction else None,
        surface=Surface(surface) if surface else None,
        ods_code=ods_code,
        patient_id=None if by_number or patient is None else patient.removeprefix("Patient/"),
        nhs_number=patient if by_number else None,
        record=record,
        since=since,
        changes=changes,
    )
    try:
        with closing(Store(database)) as store, store.reading() as transaction:
            rows = transaction.audit.find(sought, limit)
            if not rows:
                _check(transaction, sought, ids)
    except DatabaseUnusable as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps([_as_object(row) for row in rows], indent=2, ensure_ascii=False))
    elif rows:
        names = {id_: name for name, id_ in ids.items()}
        texts = [_as_texts(row, names) for row in rows]
        print_table(_HEADS, [columns for columns, _ in texts], [below for _, below in texts])
    else:
        click.echo("No row of the audit trail is like that.", err=True)


def _without_spaces(patient: str) -> str:
    """Return an NHS number without the spaces or hyphens in it, and anything else as it is."""
    number = patient.replace(" ", "").replace("-", "")
    return number if looks_like_one(number) else patient


def _check(transaction: Transaction, sought: Sought, ids: dict[str, str]) -> None:
    """Refuse what nobody can have asked for, where no row of the trail has it either: it is mistyped.

    The trail also has what was refused for being wrong, and what other providers were asked.
    """
    patient = sought.patient_id or sought.nhs_number or ""
    has_form_of_id = patient.isdecimal() and len(patient) < _NHS_NUMBER_DIGITS
    ods_code, trace_id, interaction = sought.ods_code or "", sought.trace_id or "", sought.interaction or ""
    for option, alone, is_right, what in (
        ("--trace-id", Sought(trace_id=sought.trace_id), _UUID.match(trace_id) is not None,
         f"{trace_id!r} is no UUID"),
        ("--interaction", Sought(interaction=sought.interaction), interaction in ids.values(),
         f"{interaction!r} is no interaction ({meant(interaction, ids)})"),
        ("--appointment" if sought.record else "--practice", Sought(ods_code=sought.ods_code),
         transaction.practices.with_ods_code(ods_code) is not None,
         f"no practice of the database has ODS code {ods_code!r}"),
        ("--patient", Sought(patient_id=sought.patient_id, nhs_number=sought.nhs_number),
         transaction.patients.known(int(patient)) if has_form_of_id else is_valid(patient),
         f"no patient of the database has the logical id {patient!r}" if has_form_of_id else
         f"{patient!r} is neither a logical id nor an NHS number: ten digits, the last a check digit"),
    ):  # fmt: skip
        if alone != Sought() and not is_right and not transaction.audit.find(alone, 1):
            raise click.BadParameter(f"{what}, and no row of the trail has it", param_hint=option)


_HEADS = ("Row", "Time", "Surface", "Practice", "Interaction", "Outcome")
_LONGEST_INTERACTION = 29
_LONGEST_CODE = 26


def _as_texts(row: AuditRow, names: dict[str, str]) -> tuple[tuple[str, ...], str]:
    """Return a row's columns, and what stands below them, with what is too long for its column."""
    event = row.event
    interaction, code = names.get(event.interaction, event.interaction), event.code
    below = [f"trace {event.trace_id}"] if event.trace_id else []
    if len(code) > _LONGEST_CODE:
        below.append(code)
        code = "..."
    if len(interaction) > _LONGEST_INTERACTION:
        below.append(interaction)
        interaction = "..."
    if event.record:
        below.append(event.record if event.version is None else f"{event.record} version {event.version}")
    if event.patient_id or event.nhs_number:
        below.append(f"patient {event.patient_id or event.nhs_number}")
    who = " of ".join(filter(None, (event.user_name or event.user_id, event.organisation)))
    if who:
        below.append(f"by {who}")
    outcome = f"{event.status} {code}".strip()
    columns = (str(row.sequence), uk_local(event.at), event.surface, event.ods_code, interaction, outcome)
    return columns, ", ".join(below)


def _as_object(row: AuditRow) -> dict[str, Any]:
    """Return a row as JSON has it: every column by its name, times and hashes as texts."""
    event = {name: getattr(row.event, name) for name in EVENT_COLUMNS}
    chain = {"previous": row.previous.hex(), "hash": row.hash.hex()}
    return {"sequence": row.sequence} | event | {"at": uk_local(row.event.at)} | chain
