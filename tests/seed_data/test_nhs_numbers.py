from itertools import islice

import pytest

from seed_data.chance import chance_for
from seed_data.nhs_numbers import CAPACITY, nhs_numbers
from simulator.domain.nhs_number import NOBODY, is_valid


def test_numbers_come_once_each_and_in_an_order_of_chance() -> None:
    numbers = list(islice(nhs_numbers(chance_for(1, "numbers")), 20_000))
    assert len(set(numbers)) == 20_000
    assert all(is_valid(number) and number.startswith("999") for number in numbers)
    assert numbers != sorted(numbers)


def test_first_numbers_do_not_depend_on_how_many_follow() -> None:
    few = list(islice(nhs_numbers(chance_for(1)), 10))
    assert list(islice(nhs_numbers(chance_for(1)), 1_000))[:10] == few
    assert list(islice(nhs_numbers(chance_for(2)), 10)) != few


def test_capacity_is_the_valid_numbers_of_the_range_but_nobodys() -> None:
    """Count serials by the remainder of their weighted sum: a remainder of 1 has no check digit."""
    remainders = [0] * 11
    remainders[(9 * 10 + 9 * 9 + 9 * 8) % 11] = 1
    for weight in range(7, 1, -1):
        grown = [0] * 11
        for remainder, number in enumerate(remainders):
            for digit in range(10):
                grown[(remainder + digit * weight) % 11] += number
        remainders = grown
    assert is_valid(NOBODY)
    assert sum(remainders) - remainders[1] - 1 == CAPACITY


def test_the_number_nobody_has_is_never_dealt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seed_data.nhs_numbers.SYNTHETIC_PREFIX", "999999")
    monkeypatch.setattr("seed_data.nhs_numbers.SERIALS", 1)
    monkeypatch.setattr("seed_data.nhs_numbers.below", lambda chance, bound: 0)
    monkeypatch.setattr("seed_data.nhs_numbers.check_digit", lambda first_nine: 9)
    monkeypatch.setattr("seed_data.nhs_numbers.NOBODY", "9999990000009")
    assert list(nhs_numbers(chance_for(1))) == []
