import pytest

from loadtest.plans.duration import seconds_of


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("45", 45), ("45s", 45), (" 2m ", 120), ("1.5h", 5400), ("0.5 s", 0.5), ("0", 0)],
)
def test_a_length_of_time_is_read_as_people_write_it(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "s", "-5s", "5 days", "1m30s", "1e3", "٣s", "nan", ".5s"])
def test_anything_else_is_no_length_of_time(text: str) -> None:
    assert seconds_of(text) is None
