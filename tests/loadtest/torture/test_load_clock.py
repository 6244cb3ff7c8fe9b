from loadtest.torture.load_clock import LoadClock


def test_before_the_load_no_time_of_it_has_gone_by() -> None:
    assert LoadClock().elapsed(100.0) == 0.0


def test_a_load_runs_from_its_first_command_until_its_phase_is_told() -> None:
    clock = LoadClock()
    clock.met_command(100.0)
    assert clock.elapsed(101.5) == 1.5

    clock.phase_begins(101.5, 30.0)
    assert clock.elapsed(102.0) == 0.5


def test_the_clock_stands_still_between_phases_and_after_the_last() -> None:
    clock = LoadClock()
    clock.phase_begins(100.0, 10.0)
    assert [clock.elapsed(now) for now in (105.0, 110.0, 117.0)] == [5.0, 10.0, 10.0]

    clock.phase_begins(120.0, 20.0)
    assert [clock.elapsed(now) for now in (120.0, 130.0, 140.0, 150.0)] == [10.0, 20.0, 30.0, 30.0]


def test_a_phase_that_is_told_before_its_clients_begin_counts_from_when_they_do() -> None:
    clock = LoadClock()
    clock.phase_begins(100.0, 10.0)
    assert [clock.elapsed(now) for now in (99.1, 100.0, 101.0)] == [0.0, 0.0, 1.0]

    clock.phase_begins(120.0, 20.0)
    assert clock.elapsed(119.1) == 10.0
