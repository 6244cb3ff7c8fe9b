import pytest

from loadtest.counting import count_of


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 slots"), (1, "1 slot"), (2, "2 slots"), (12_345, "12,345 slots")]
)
def test_one_thing_is_said_in_the_singular_and_any_other_number_in_the_plural(count: int, said: str) -> None:
    assert count_of(count, "slot") == said


def test_a_plural_that_is_not_made_with_an_s_is_given() -> None:
    assert count_of(1, "process is", "processes are") == "1 process is"
    assert count_of(3, "process is", "processes are") == "3 processes are"
