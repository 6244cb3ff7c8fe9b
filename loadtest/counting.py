"""Counts of things as English says them: `1 slot`, `1,234 slots`."""


def count_of(count: int, one: str, several: str | None = None) -> str:
    """The count and the words that go with it: `one`, or `several`, which is `one` and an s where not given.

    Both may go on as far as the number changes them: `count_of(2, "is left", "are left")` is "2 are left".
    """
    words = one if count == 1 else several or f"{one}s"
    return f"{count:,} {words}"
