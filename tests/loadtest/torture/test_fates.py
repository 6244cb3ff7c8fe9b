from collections import Counter

from loadtest.torture.fates import Delay, DelayPoint, Drop, DropPoint, Fates

EXCHANGES = [(connection, exchange) for connection in range(1, 201) for exchange in range(1, 51)]


def test_the_same_seed_has_the_same_fates_and_another_seed_has_others() -> None:
    def drawn(seed: int) -> list[object]:
        fates = Fates(seed, drop=0.2, delay=0.2, patience=15.0)
        return [fates.of(*each) for each in EXCHANGES]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_the_fate_of_an_exchange_does_not_depend_on_what_came_before() -> None:
    fates = Fates(3, drop=0.3, delay=0.3, patience=15.0)

    assert [fates.of(*each) for each in EXCHANGES] == [fates.of(*each) for each in reversed(EXCHANGES)][::-1]


def test_every_kind_of_drop_and_delay_occurs_about_as_often_as_was_asked_for() -> None:
    fates = Fates(1, drop=0.1, delay=0.2, patience=15.0)
    met = [fates.of(*each) for each in EXCHANGES]
    drops = [fate for fate in met if isinstance(fate, Drop)]
    delays = [fate for fate in met if isinstance(fate, Delay)]

    assert 0.08 < len(drops) / len(met) < 0.12
    assert 0.17 < len(delays) / len(met) < 0.23
    assert min(Counter(drop.point for drop in drops)[point] for point in DropPoint) > len(drops) / 8
    assert min(Counter(delay.point for delay in delays)[point] for point in DelayPoint) > len(delays) / 4
    assert {drop.reset for drop in drops} == {True, False}
    assert all(0 < drop.passed < 1 for drop in drops)


def test_most_delays_stay_within_the_patience_of_a_client_and_some_outlast_it() -> None:
    fates = Fates(1, drop=0.0, delay=1.0, patience=3.0)
    delays = [fate for each in EXCHANGES if isinstance(fate := fates.of(*each), Delay)]

    assert len(delays) == len(EXCHANGES)
    assert all((delay.seconds > 3.0) == delay.beyond for delay in delays)
    assert all(0 < delay.seconds <= 1.5 for delay in delays if not delay.beyond)
    assert 0.02 < sum(delay.beyond for delay in delays) / len(delays) < 0.1


def test_without_drops_and_delays_everything_passes_unharmed() -> None:
    fates = Fates(1, drop=0.0, delay=0.0, patience=15.0)

    assert {fates.of(*each) for each in EXCHANGES} == {None}
