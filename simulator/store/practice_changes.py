"""What changed at each practice, counted, so that a process may keep what it has read of one.

Whoever makes a change, and in whatever process, the database itself takes note of it in the same transaction:
who looks here afterwards sees it.
"""

import sqlite3
from collections.abc import Iterator

PRACTICE_CHANGES = (
    "create table practice_changes (organization_id integer, number integer, slot_id integer,"
    " primary key (organization_id, number)) without rowid"
)
"""One row a change: of the slot that was taken or let go; where there is none, of anything else."""


def _note(name: str, event: str, organization_id: str, slot_id: str) -> str:
    """Return a trigger that notes an event for each row that it concerns.

    It inserts values: a query of the table it inserts into would be copied first, with every booking.
    """
    last = f"select max(number) from practice_changes where organization_id = {organization_id}"
    return (
        f"create trigger {name} after {event} begin insert into practice_changes"
        f" values ({organization_id}, coalesce(({last}), 0) + 1, {slot_id}); end"
    )


NOTE_CHANGES = (
    _note(
        "slots_taken_or_let_go",
        "update of status on slots",
        "(select organization_id from schedules where id = new.schedule_id)",
        "new.id",
    ),
    _note("organizations_update", "update on organizations", "new.id", "null"),
    # Slots that are added come with their schedule, in one transaction.
    *(
        _note(f"{table}_{verb}", f"{verb} on {table}", f"{row}.organization_id", "null")
        for table in ("schedules", "locations", "practitioners", "access_profiles")
        for verb, row in (("insert", "new"), ("update", "new"), ("delete", "old"))
    ),
)
"""The triggers that take the notes; they are made after the rows of a new database."""


class PracticeChanges:
    """What a process asks to learn whether what it keeps of a practice is still so."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._execute = connection.execute

    def last(self, organization_id: int) -> int:
        """Return the number of a practice's last change, 0 where there was none."""
        (number,) = self._execute(
            "select coalesce(max(number), 0) from practice_changes where organization_id = ?",
            (organization_id,),
        ).fetchone()
        return int(number)

    def since(self, organization_id: int, number: int) -> Iterator[tuple[int, int | None]]:
        """Return what changed after a change, in order: numbers, and the slots concerned, if any."""
        return self._execute(
            "select number, slot_id from practice_changes where organization_id = ? and number > ?",
            (organization_id, number),
        )
