"""Operations that took a given time."""

from loadtest.ledger import Operation, Outcome

MS = 1_000_000


def took(
    milliseconds: float,
    interaction: str = "book_appointment",
    *,
    start: int = 0,
    late: float | None = None,
    outcome: Outcome = "ok",
    status: int = 201,
    code: str | None = None,
    phase: str = "load",
    size: int = 0,
) -> Operation:
    begun = start * MS
    return Operation(
        interaction=interaction,
        client="1",
        trace="t",
        practice="A81001",
        phase=phase,
        start=begun,
        end=begun + round(milliseconds * MS),
        intended=None if late is None else begun - round(late * MS),
        outcome=outcome,
        status=status,
        code=code,
        bytes=size,
        slots=("12",),
    )
