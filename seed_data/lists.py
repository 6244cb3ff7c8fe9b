"""The registered lists of practices: how many patients each looks after, in the published proportions.

A country has sixty times as many patients as there are NHS numbers to give, so only a share of a list is
made; the rest are there as the slots that they hold.
"""

from dataclasses import dataclass, fields

from seed_data.chance import chance_for
from seed_data.declared import Declared
from seed_data.reference import Reference

GOLDEN_RATIO = (5**0.5 - 1) / 2


@dataclass(frozen=True, slots=True)
class Lists:
    """What follows from the size of a practice's list.

    `patients_made`: share of the patients on the lists who are made. `bookings_made`: share of the booked
    slots whose patient is one of those; the others are just taken. `patients_per_practitioner`: how long the
    list is for each clinician.
    """

    patients_made: float
    bookings_made: float
    patients_per_practitioner: int


def read_lists(top: Declared) -> Lists | None:
    """Return what a declaration says of lists; None where its practices are all of one size."""
    if "lists" not in top.values:
        return None
    lists = top.table("lists", [field.name for field in fields(Lists)])
    return Lists(
        patients_made=lists.share("patients_made"),
        bookings_made=lists.share("bookings_made"),
        patients_per_practitioner=lists.whole("patients_per_practitioner", 100, 100_000),
    )


def list_size(seed: int, number: int, reference: Reference) -> int:
    """Return how many patients the `number`th practice has on its list.

    The practices are laid evenly over the published distribution, golden ratio by golden ratio: any run of
    them is in proportion, and more of them leave the earlier ones as they were.
    """
    point = (chance_for(seed, "lists").random() + number * GOLDEN_RATIO) % 1
    (first, last), within = reference.list_sizes.place(point)
    return first + int(within * (last + 1 - first))
