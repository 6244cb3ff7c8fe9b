"""hot_slot: every client of every process books the same slot at the agreed instant, round after round."""

from collections import deque
from typing import Any

from loadtest.responses import parsed
from loadtest.running.contest import ANSWERED_WITHIN_SECONDS
from loadtest.running.order import Round
from loadtest.scenarios.dealings import LONGEST_PAUSE_AT_THE_END_SECONDS, cancel
from loadtest.scenarios.session import Client
from loadtest.scenarios.steps import Pause, Scenario, Steps, Until, ask

_TOO_LATE_SECONDS = 0.02
_POLL_SECONDS = 0.1
_WAIT_AT_THE_END_SECONDS = 12.0


class HotSlot(Scenario):
    """Takes part in each round it is in time for, and cancels what it won once no other client can be in it.

    A cancel while a rival's booking is unanswered would give the slot a second, rightful winner and hide what
    is looked for: so it comes after the time within which every client has its answer or has given up, or
    once the clients of all processes have told that they have no more to book.
    """

    def __init__(self, me: Client) -> None:
        super().__init__(me)
        self._won: deque[tuple[Round, dict[str, Any]]] = deque()
        self._next = 0
        self._booking_is_over = False

    @property
    def over(self) -> bool:
        """Whether all rounds are past."""
        return self._next >= len(self.me.order.rounds)

    def work(self) -> Steps[None]:
        """The next round."""
        number, self._next = self._next, self._next + 1
        contest = self.me.order.rounds[number]
        if self._seconds_since(contest) > _TOO_LATE_SECONDS:
            self.me.session.rounds_missed += 1
            return
        self.me.session.rounds_made += 1
        practice = self.me.practice(contest.practice)
        patients = sorted(self.me.order.patients[practice.ods_code].values())
        patient = patients[(self.me.number + number) % len(patients)]
        request = self.me.consumer(practice).book_appointment((contest.offer,), patient)
        yield Until(self._instant(contest))
        booked, body = yield from ask(request)
        appointment = parsed(body)
        if booked.outcome == "ok" and appointment is not None:
            self._won.append((contest, appointment))
        while self._won and self._seconds_since(self._won[0][0]) > ANSWERED_WITHIN_SECONDS:
            yield from self._cancel_oldest()

    def finish(self) -> Steps[None]:
        """Give back what is still held, when the others are done too or should be."""
        session = self.me.session
        if not self._booking_is_over:
            self._booking_is_over = True
            session.booking_is_over(self.me)
        give_up = session.now() + int(_WAIT_AT_THE_END_SECONDS * 1e9)
        while self._won and not session.all_booking_is_over and session.now() < give_up:
            yield Pause(_POLL_SECONDS)
        while self._won:
            yield Pause(self.me.random.uniform(0, LONGEST_PAUSE_AT_THE_END_SECONDS))
            yield from self._cancel_oldest()

    def _instant(self, contest: Round) -> int:
        return self.me.session.begins + contest.at

    def _seconds_since(self, contest: Round) -> float:
        return (self.me.session.now() - self._instant(contest)) / 1e9

    def _cancel_oldest(self) -> Steps[None]:
        contest, appointment = self._won.popleft()
        yield from cancel(self.me, self.me.practice(contest.practice), appointment)
