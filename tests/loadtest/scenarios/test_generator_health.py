from itertools import chain, repeat

import pytest

from loadtest.scenarios import generator_health
from loadtest.scenarios.generator_health import GeneratorHealth


class Clocks:
    """Stands for `time`: each reading is the next one given; a sleep lasts as long as nobody notices."""

    def __init__(self, cpu: list[float], wall: list[float]) -> None:
        self._cpu = chain(cpu, repeat(0.0))
        self._wall = iter(wall)

    def process_time(self) -> float:
        return next(self._cpu)

    def monotonic(self) -> float:
        return next(self._wall)

    def sleep(self, seconds: float) -> None:
        """Nothing."""


def test_the_cpu_share_is_of_the_time_from_the_first_request_to_the_latest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(generator_health, "time", Clocks([1.0, 2.0, 5.5], [100.0, 101.0, 105.0]))
    health = GeneratorHealth()
    assert health.cpu_share == 0.0
    for _ in range(3):
        health.requested()

    assert health.mark()["cpu_share"] == 0.9


def test_about_once_a_second_it_is_noted_how_busy_and_how_late_the_process_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wall = [10.0, 10.4, 20.0, 20.53, 11.1, 12.3]
    monkeypatch.setattr(generator_health, "time", Clocks([1.0, 1.2, 1.55, 2.75], wall))
    health = GeneratorHealth()
    health.requested()
    health.requested()
    health.sleep(0.5)
    health.requested()
    health.requested()

    assert health.samples == [
        {"at": 1.1, "cpu_share": 0.5, "lateness_ms": 30.0},
        {"at": 2.3, "cpu_share": 1.0, "lateness_ms": 0.0},
    ]


def test_the_worst_lateness_of_a_sleep_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generator_health, "time", Clocks([], [0.0, 0.51, 1.0, 1.7, 2.0, 2.5]))
    health = GeneratorHealth()
    for _ in range(3):
        health.sleep(0.5)

    assert health.mark()["worst_lateness_ms"] == 200.0
