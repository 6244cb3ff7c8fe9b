"""hot_slot: every client of every process books the same slot at the agreed instant, round after round."""

import time
from collections import deque
from typing import Any

from locust.env import Environment
from locust.exception import StopUser

from loadtest.contest import ANSWERED_WITHIN_SECONDS
from loadtest.order import Round
from loadtest.responses import parsed
from loadtest.scenarios.client import GpConnectUser

_TOO_LATE_SECONDS = -0.02
_POLL_SECONDS = 0.1
_WAIT_AT_THE_END_SECONDS = 12.0


class HotSlotUser(GpConnectUser):
    """Takes part in each round it is in time for, and cancels what it won once no other client can be in it.

    A cancel while a rival's booking is unanswered would give the slot a second, rightful winner and hide what
    is looked for: so it comes after the time within which every client has its answer or has given up, or
    once the clients of all processes have told that they have no more to book.
    """

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self._won: deque[tuple[Round, dict[str, Any]]] = deque()
        self._booking_is_over = False

    def work(self) -> None:
        """All rounds of the work order; then this client is done."""
        for number, contest in enumerate(self.me.order.rounds):
            if self.stopping:
                break
            if self.me.seconds_until(contest.at) < _TOO_LATE_SECONDS:
                self.session.rounds_missed += 1
                continue
            self.session.rounds_made += 1
            self._contest(number, contest)
            while self._won and self.me.seconds_until(self._won[0][0].at) < -ANSWERED_WITHIN_SECONDS:
                self._cancel_oldest()
        self.on_stop()
        raise StopUser

    def on_stop(self) -> None:
        """Give back what is still held, when the others are done too or should be."""
        if not self._booking_is_over:
            self._booking_is_over = True
            self.session.booking_is_over(self.me)
        give_up = time.monotonic() + _WAIT_AT_THE_END_SECONDS
        while self._won and not self.session.all_booking_is_over and time.monotonic() < give_up:
            time.sleep(_POLL_SECONDS)
        while self._won:
            self.pause_at_the_end()
            self._cancel_oldest()

    def _contest(self, number: int, contest: Round) -> None:
        practice = next(p for p in self.me.order.practices if p.ods_code == contest.practice)
        patients = sorted(self.me.order.patients[practice.ods_code].values())
        patient = patients[(self.me.number + number) % len(patients)]
        request = self.me.consumer(practice).book_appointment((contest.offer,), patient)
        self.session.health.sleep(max(0.0, self.me.seconds_until(contest.at)))
        booked, body = self.ask(request)
        appointment = parsed(body)
        if booked.outcome == "ok" and appointment is not None:
            self._won.append((contest, appointment))

    def _cancel_oldest(self) -> None:
        contest, appointment = self._won.popleft()
        practice = next(p for p in self.me.order.practices if p.ods_code == contest.practice)
        self.ask(self.me.consumer(practice).cancel_appointment(appointment, "No longer needed"))
