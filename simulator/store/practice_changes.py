"""What changed at practices, counted, so that a process may keep what it has read of one.

Whoever makes a change, and in whatever process, the database itself takes note of it in the same transaction:
who looks here afterwards sees it.
"""

import sqlite3

PRACTICE_CHANGES = (
    "create table practice_changes (number integer primary key, organization_id integer, slot_id integer)"
)
"""One row a change: of the slot that was taken or let go; where there is none, of anything else."""


def _note(name: str, event: str, organization_id: str, slot_id: str) -> str:
    """Return a trigger that notes an event for each row that it concerns."""
    return (
        f"create trigger {name} after {event} begin insert into practice_changes (organization_id, slot_id)"
        f" values ({organization_id}, {slot_id}); end"
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
    """What a process asks to learn whether what it keeps of practices is still so."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._execute = connection.execute

    def last(self) -> int:
        """Return the number of the last change at any practice, 0 where there was none."""
        (number,) = self._execute("select coalesce(max(number), 0) from practice_changes").fetchone()
        return int(number)

    def since(self, number: int) -> list[tuple[int, int, int | None]]:
        """Return what changed after a change, in order: number, practice, and the slot concerned, if any."""
        return self._execute(
            "select number, organization_id, slot_id from practice_changes where number > ? order by number",
            (number,),
        ).fetchall()
