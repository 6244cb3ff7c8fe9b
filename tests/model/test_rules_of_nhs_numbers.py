"""The check digit: what it must catch, which is what it is for."""

from hypothesis import assume, given
from hypothesis import strategies as st

from simulator.domain.nhs_number import check_digit, is_valid

NINE_DIGITS = st.from_regex(r"\A[0-9]{9}\Z")
VALID = NINE_DIGITS.filter(lambda digits: check_digit(digits) is not None).map(
    lambda digits: f"{digits}{check_digit(digits)}"
)


@given(NINE_DIGITS)
def test_at_most_one_tenth_digit_makes_a_number_valid(digits: str) -> None:
    valid = [digit for digit in "0123456789" if is_valid(digits + digit)]
    due = check_digit(digits)
    assert valid == ([] if due is None else [str(due)])


@given(VALID)
def test_a_valid_number_is_one_by_the_weighted_sum(number: str) -> None:
    weights = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert sum(int(digit) * weight for digit, weight in zip(number, weights, strict=True)) % 11 == 0


@given(VALID, st.integers(0, 9), st.integers(1, 9))
def test_one_wrong_digit_is_always_caught(number: str, place: int, by: int) -> None:
    wrong = str((int(number[place]) + by) % 10)
    assert not is_valid(number[:place] + wrong + number[place + 1 :])


@given(VALID, st.integers(0, 8))
def test_two_neighbouring_digits_swapped_are_always_caught(number: str, place: int) -> None:
    assume(number[place] != number[place + 1])
    assert not is_valid(number[:place] + number[place + 1] + number[place] + number[place + 2 :])


@given(st.text(max_size=12) | st.from_regex(r"\A\d{10}\Z"))
def test_nothing_but_ten_plain_digits_is_a_number(text: str) -> None:
    if is_valid(text):
        assert len(text) == 10
        assert set(text) <= set("0123456789")
