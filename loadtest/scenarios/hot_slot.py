"""hot_slot: every client of every process books the same slot at the agreed instant, round after round."""

import time
from collections import deque
from typing import Any

from locust.env import Environment
from locust.exception import StopUser

from loadtest.order import Round
from loadtest.responses import parsed
from loadtest.scenarios.client import GpConnectUser

ROUNDS_BEFORE_CANCEL = 2
_TOO_LATE_SECONDS = -0.02


class HotSlotUser(GpConnectUser):
    """Takes part in each round it is in time for, and cancels what it won once that round is long over.

    A cancel during the round would give the slot a second, rightful winner and hide what is looked for.
    """

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self._won: deque[tuple[int, Round, dict[str, Any]]] = deque()

    def work(self) -> None:
        """All rounds of the work order; then this client is done."""
        rounds = self.me.order.rounds
        for number, contest in enumerate(rounds):
            if self.stopping:
                break
            if self.me.seconds_until(contest.at) < _TOO_LATE_SECONDS:
                self.session.rounds_missed += 1
                continue
            self.session.rounds_made += 1
            self._contest(number, contest)
            while self._won and self._won[0][0] <= number - ROUNDS_BEFORE_CANCEL:
                self._cancel_oldest()
        if len(rounds) > 1:
            time.sleep(ROUNDS_BEFORE_CANCEL * (rounds[1].at - rounds[0].at) / 1e9)
        self.on_stop()
        raise StopUser

    def on_stop(self) -> None:
        """Give back what is still held."""
        while self._won:
            self._cancel_oldest()

    def _contest(self, number: int, contest: Round) -> None:
        practice = next(p for p in self.me.order.practices if p.ods_code == contest.practice)
        patients = sorted(self.me.order.patients[practice.ods_code].values())
        patient = patients[(self.me.number + number) % len(patients)]
        request = self.me.consumer(practice).book_appointment((contest.offer,), patient)
        time.sleep(max(0.0, self.me.seconds_until(contest.at)))
        booked, body = self.ask(request)
        appointment = parsed(body)
        if booked.outcome == "ok" and appointment is not None:
            self._won.append((number, contest, appointment))

    def _cancel_oldest(self) -> None:
        _, contest, appointment = self._won.popleft()
        practice = next(p for p in self.me.order.practices if p.ods_code == contest.practice)
        self.ask(self.me.consumer(practice).cancel_appointment(appointment, "No longer needed"))
