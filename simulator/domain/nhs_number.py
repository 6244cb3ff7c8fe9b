"""NHS numbers: ten digits, the last a modulus-11 check digit.

Numbers 999 000 0000 to 999 999 9999 are valid and never issued; only those are ever made here.
Source: NHS Data Dictionary, NHS NUMBER.
"""

from operator import mul

WEIGHTS = range(10, 1, -1)
"""What each of the first nine digits counts."""

SYNTHETIC_PREFIX = "999"
NOBODY = "9999999999"


def check_digit(first_nine: str) -> int | None:
    """Return the check digit of nine digits, or None where no number with them is valid."""
    remainder = 11 - sum(map(mul, map(int, first_nine), WEIGHTS)) % 11
    if remainder == 10:
        return None
    return 0 if remainder == 11 else remainder


def is_valid(value: str) -> bool:
    """Tell whether a text is an NHS number: ten ASCII digits with the right check digit."""
    return looks_like_one(value) and check_digit(value[:9]) == int(value[9])


def looks_like_one(value: str) -> bool:
    """Tell whether a text is ten digits, whether or not the last is a valid check digit."""
    return len(value) == 10 and value.isascii() and value.isdigit()
