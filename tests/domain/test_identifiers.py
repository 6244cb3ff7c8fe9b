"""NHS numbers and ODS codes."""

import pytest

from simulator.domain.nhs_number import NOBODY, check_digit, is_valid
from simulator.domain.ods_code import is_ods_code, is_practice_code


@pytest.mark.parametrize("number", ["9434765919", "9990000018", "4010232137", NOBODY])
def test_a_number_with_the_right_check_digit_is_valid(number: str) -> None:
    assert is_valid(number)


@pytest.mark.parametrize(
    "number",
    [
        "9434765918",
        "943476591",
        "94347659190",
        "",
        "943476591X",
        " 434765919",
        "\u0669434765919",
        "943 476 5919",
    ],
)
def test_anything_else_is_no_nhs_number(number: str) -> None:
    assert not is_valid(number)


def test_some_nine_digits_make_no_number_at_all() -> None:
    assert check_digit("999000014") is None
    assert check_digit("999000005") == 0
    assert not any(is_valid(f"999000014{last}") for last in range(10))


@pytest.mark.parametrize("digit", range(10))
def test_every_single_wrong_digit_is_caught(digit: int) -> None:
    right = "9990000018"
    for place in range(10):
        wrong = right[:place] + str(digit) + right[place + 1 :]
        assert is_valid(wrong) == (wrong == right)


@pytest.mark.parametrize("code", ["A81001", "Y00001", "Z9U01", "RR8", "A1B2C", "VM12345X"])
def test_ods_codes_are_letters_and_digits(code: str) -> None:
    assert is_ods_code(code)


@pytest.mark.parametrize("code", ["", "AB", "a81001", "A81001\n", "A81 001", "A8100100X", "Z9-01"])
def test_anything_else_is_no_ods_code(code: str) -> None:
    assert not is_ods_code(code)


@pytest.mark.parametrize(
    ("code", "practice"),
    [("A81001", True), ("Y01234", True), ("Z9A0A", True), ("Z9U01", False), ("RR8", False), ("A8100", False)],
)
def test_practices_have_codes_of_two_shapes(code: str, practice: bool) -> None:
    assert is_practice_code(code) is practice
