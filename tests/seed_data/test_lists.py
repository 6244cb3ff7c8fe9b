"""The sizes of practices' lists beside the published ones: NHS Digital, July 2020, and the mean of 2026."""

from collections import Counter

import pytest

from seed_data.lists import list_size
from seed_data.reference import read_reference

REFERENCE = read_reference()


def sizes(practices: int, seed: int = 1) -> list[int]:
    return [list_size(seed, number, REFERENCE) for number in range(1, practices + 1)]


def test_lists_of_a_country_are_as_long_as_published() -> None:
    country = sizes(6_000)
    assert sum(country) / 6_000 == pytest.approx(10_390, rel=0.01)
    assert sum(size < 2_000 for size in country) / 6_000 == pytest.approx(0.029, abs=0.002)
    assert sum(4_000 <= size < 6_000 for size in country) / 6_000 == pytest.approx(0.179, abs=0.002)
    assert sum(size >= 20_000 for size in country) / 6_000 == pytest.approx(0.039, abs=0.002)
    assert min(country) >= 1_000 and max(country) < 75_000


def test_most_practices_have_four_to_six_thousand_patients() -> None:
    bands = Counter(size // 2_000 for size in sizes(6_000))
    assert bands.most_common(1)[0][0] == 2


@pytest.mark.parametrize("practices", [50, 100, 500])
def test_a_small_country_is_in_proportion_too(practices: int) -> None:
    some = sizes(practices)
    assert sum(some) / practices == pytest.approx(10_390, rel=0.06)
    assert sum(size >= 20_000 for size in some) / practices == pytest.approx(0.039, abs=0.02)


def test_another_seed_gives_a_practice_another_list() -> None:
    assert sizes(10, seed=1) != sizes(10, seed=2)


def test_lists_within_a_band_are_of_every_size() -> None:
    within = [size for size in sizes(6_000) if 4_000 <= size < 6_000]
    assert len(set(within)) > 800
    assert sum(within) / len(within) == pytest.approx(5_000, rel=0.01)
