"""Claims on slots: one appointment's hold on one slot, as bounds on when it began and ended."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import Literal

from loadtest.ledger import Operation

BEFORE = -(1 << 62)
NEVER = 1 << 62

Origin = Literal["run", "first look", "outside"]


@dataclass(slots=True)
class Claim:
    """One appointment's hold on one slot, as bounds on two instants (ns of the reference clock).

    It took the slot at some instant in [`taken_from`, `taken_by`], let it go in [`freed_from`, `freed_by`].
    `taken_by` is `NEVER` where it is not certain that it took the slot at all. `freed_by_run_from` leaves
    out cancellations by someone outside the run, of which a read showed the trace. `evidence` is the
    booking, or the first read that showed it; `settled` is false where only a read back never made could
    tell whether the booking took effect; `recognised` where that the run made it was inferred.
    """

    evidence: Operation
    appointment: str | None
    origin: Origin
    taken_from: int
    taken_by: int
    freed_from: int
    freed_by_run_from: int
    freed_by: int
    settled: bool = True
    recognised: bool = False

    @property
    def certain(self) -> bool:
        """True where the slot was surely taken at some time."""
        return self.taken_by < NEVER


class SlotHistory:
    """One slot: the claims on it, and the searches (by number) that showed it free."""

    __slots__ = ("claims", "sightings")

    def __init__(self) -> None:
        self.claims: list[Claim] = []
        self.sightings = array("I")
