"""NHS numbers for synthetic patients: valid, never issued, each given once.

Only 999 000 0000 to 999 999 9999 are used; 909,091 of them have a valid check digit, and 9999999999 is kept
free as the number that nobody has. Source: NHS Data Dictionary, NHS NUMBER.
"""

from collections.abc import Iterator

from seed_data.chance import Chance, below
from simulator.domain.nhs_number import NOBODY, SYNTHETIC_PREFIX, check_digit

SERIALS = 1_000_000
CAPACITY = 909_090
"""How many numbers there are to give: the valid ones of the range but 9999999999."""


def nhs_numbers(chance: Chance) -> Iterator[str]:
    """Yield every number there is to give, once, in an order of chance.

    A shuffle that is dealt card by card: the first numbers do not depend on how many are drawn after them.
    """
    moved: dict[int, int] = {}
    for dealt in range(SERIALS):
        place = dealt + below(chance, SERIALS - dealt)
        serial = moved.get(place, place)
        moved[place] = moved.pop(dealt, dealt)
        first_nine = f"{SYNTHETIC_PREFIX}{serial:06d}"
        digit = check_digit(first_nine)
        if digit is not None and (number := f"{first_nine}{digit}") != NOBODY:
            yield number
