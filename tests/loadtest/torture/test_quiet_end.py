"""The end of a load, in which nothing is struck and nothing harmed."""

import time
from pathlib import Path

from loadtest.torture.blows import CALM_SECONDS
from loadtest.torture.server import Ending, OwnedServer
from tests.loadtest.torture.tormented import PATIENCE_SECONDS, blow, kinds_of, tormented, wait_until


class Punctual(OwnedServer):
    """Says that every start took so many seconds, whatever the machine has to do."""

    said_to_take = 0.0

    def start(self) -> float:
        super().start()
        return self.said_to_take


class Slow(Punctual):
    """Says that it takes ten minutes to start."""

    said_to_take = 600.0


class Lingering(Punctual):
    """Takes so long to stop that the relay has to be quiet meanwhile."""

    def stop(self, seconds: float) -> Ending:
        give_up = time.monotonic() + PATIENCE_SECONDS / 3
        while "hushed" not in kinds_of(self._log.parent) and time.monotonic() < give_up:
            time.sleep(0.02)
        return self.kill()


def test_the_relay_harms_until_the_quiet_end_of_the_load_however_early_the_last_blow_fell(
    tmp_path: Path,
) -> None:
    with tormented(tmp_path) as (tormentor, _):
        tormentor.begin([blow(1, "kill")], 600.0)
        wait_until(tormentor, 1)
        time.sleep(0.3)
        assert "quiet" not in kinds_of(tmp_path)
        tormentor.finish()


def test_the_relay_is_quiet_before_the_load_ends(tmp_path: Path) -> None:
    with tormented(tmp_path) as (tormentor, _):
        tormentor.begin([], CALM_SECONDS + 0.2)
        give_up = time.monotonic() + PATIENCE_SECONDS
        while "hushed" not in kinds_of(tmp_path) and time.monotonic() < give_up:
            time.sleep(0.02)
        assert kinds_of(tmp_path)[-3:] == ["unleashed", "quiet", "hushed"], "nobody had to end it"


def test_the_relay_is_quiet_in_time_though_a_stop_takes_for_ever(tmp_path: Path) -> None:
    with tormented(tmp_path, kind=Lingering) as (tormentor, told):
        tormentor.begin([blow(1, "stop")], CALM_SECONDS + 3.0)
        wait_until(tormentor, 1)
        tormentor.finish()

    assert [each.back_after for each in told] == [0.0], "it is up again nevertheless"
    kinds = kinds_of(tmp_path)
    assert kinds[kinds.index("stop") :] == ["stop", "quiet", "hushed", "ended", "start", "ready", "quiet"]


def test_no_blow_is_struck_after_which_the_server_would_start_into_the_quiet_end(tmp_path: Path) -> None:
    with tormented(tmp_path, kind=Slow) as (tormentor, told):
        tormentor.begin([blow(1, "kill")], CALM_SECONDS + Slow.said_to_take)
        time.sleep(1.0)
        tormentor.finish()

    assert told == []


def test_a_blow_that_waited_for_work_until_the_quiet_end_is_left_out(tmp_path: Path) -> None:
    with tormented(tmp_path, method="GET", rest=PATIENCE_SECONDS / 10, kind=Punctual) as (tormentor, told):
        tormentor.phase_begins(time.monotonic(), CALM_SECONDS + 1.0)
        tormentor.begin([blow(1, "kill")], CALM_SECONDS + 1.0)
        assert tormentor._thread is not None
        tormentor._thread.join(PATIENCE_SECONDS)
        tormentor.finish()

    assert told == []


def test_blows_for_which_the_load_is_too_short_are_left_out(tmp_path: Path) -> None:
    with tormented(tmp_path) as (tormentor, told):
        tormentor.begin([blow(1, "kill", at=0.0)], 0.0)
        time.sleep(1.0)
        tormentor.finish()

    assert told == []
    assert tormentor.failure is None
