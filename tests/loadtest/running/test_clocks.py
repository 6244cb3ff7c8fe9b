from hypothesis import given
from hypothesis import strategies as st

from loadtest.running.clocks import Exchange, ReferenceClock, clock_from, uncertainty_over

NS = st.integers(0, 10**9)


@given(offset=st.integers(-(10**15), 10**15), journeys=st.lists(st.tuples(NS, NS), min_size=1))
def test_the_true_offset_lies_within_the_uncertainty_however_long_each_way_took(
    offset: int, journeys: list[tuple[int, int]]
) -> None:
    exchanges = [
        Exchange(asked=at, told=at + there + offset, answered=at + there + back)
        for at, (there, back) in enumerate(journeys)
    ]

    clock = clock_from(exchanges)

    assert abs(clock.offset - offset) <= clock.uncertainty
    assert clock.uncertainty <= min(there + back for there, back in journeys) // 2 + 1


@given(first=NS, drift=st.integers(-(10**6), 10**6), uncertainties=st.tuples(NS, NS))
def test_a_clock_that_drifted_is_trusted_no_further_than_it_drifted(
    first: int, drift: int, uncertainties: tuple[int, int]
) -> None:
    before, after = uncertainties
    told = ReferenceClock(first, before)

    uncertainty = uncertainty_over(told, ReferenceClock(first + drift, after))

    assert uncertainty >= before
    assert uncertainty >= abs(drift) + after


def test_the_reference_machine_needs_no_offset_and_is_sure_of_itself() -> None:
    assert ReferenceClock() == ReferenceClock(0, 0)
    assert ReferenceClock(5 * 10**18).now() > 5 * 10**18
