"""What `gpload` itself asks: the first look before the load, the planning of hot slots, the read back after.

The judge starts from the first look and settles unknown outcomes by the read back, so both are written to
the ledger like everything else.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

from loadtest.appointments import Offer, offers_in
from loadtest.consumer import Consumer, Request
from loadtest.ledger import FIRST_LOOK, READ_BACK, Operation
from loadtest.responses import (
    Exchange,
    Response,
    SlotIdReader,
    operation,
    outcome_of,
    parsed,
    resources_of,
)
from loadtest.running.order import Diary
from loadtest.wire.tls import TLS_ERROR, advice_on
from loadtest.wire.transport import HUNG_UP, REFUSED

_PAUSE_SECONDS = 0.5


class SurveyError(Exception):
    """The provider did not answer what a run needs to know; the message says who was asked and what came."""


class Sender(Protocol):
    """Sends one request; a connection that failed is a Response with its `error` set."""

    def send(self, method: str, url: str, headers: dict[str, str], body: bytes | None = None) -> Response:
        """The response."""
        ...


class Recorder(Protocol):
    """Keeps operations, as a ledger does."""

    def write(self, operation: Operation) -> None:
        """Add one."""
        ...


@dataclass(slots=True)
class Surveyor:
    """Reads state practice by practice with one connection and records what it saw.

    A query without a definite answer is asked again for `patience` seconds: a provider that was killed on
    purpose needs time to come back. Only where a host refuses the first connection of all it is not: nothing
    listens there. `trouble` is told, before each new try, why and for how many seconds yet there will be
    such, and "" once an answer came. `now` gives ns of the reference clock.
    """

    consumers: Mapping[str, Consumer]
    sender: Sender
    ledger: Recorder
    client: str
    patience: float = 15.0
    now: Callable[[], int] = time.monotonic_ns
    step: Callable[[str], None] = lambda _: None
    trouble: Callable[[str], None] = lambda _: None
    _met: set[str] = field(default_factory=set)
    _reader: SlotIdReader = field(default_factory=lambda: SlotIdReader(every=1))

    def provider(self, practice: str) -> dict[str, str]:
        """The provider's software by its capability statement: `name` and `version`, or nothing."""
        try:
            body = self._ask(FIRST_LOOK, self.consumers[practice].read_metadata)
        except SurveyError:
            # Good to know and no more: a run does not depend on it.
            return {}
        software = (parsed(body) or {}).get("software")
        given = software if isinstance(software, dict) else {}
        return {key: str(given[key]) for key in ("name", "version") if key in given}

    def patients(self, practice: str, nhs_numbers: Iterable[str]) -> dict[str, str]:
        """NHS number to logical id, for those the practice finds; recorded as first look."""
        found: dict[str, str] = {}
        for nhs_number in nhs_numbers:
            body = self._ask(FIRST_LOOK, self.consumers[practice].find_patient, nhs_number)
            for patient in resources_of(parsed(body) or {}, "Patient"):
                found[nhs_number] = str(patient["id"])
        return found

    def offers(self, practice: str, diary: Diary, phase: str) -> list[Offer]:
        """Every offer of the practice in the diary's days, window by window."""
        offers: list[Offer] = []
        for first, last in diary.windows():
            body = self._ask(phase, self.consumers[practice].search_for_free_slots, first, last)
            offers += offers_in(parsed(body) or {})
        return offers

    def appointments(self, practice: str, patients: Iterable[str], diary: Diary, phase: str) -> None:
        """Retrieve each patient's appointments of the diary's days; the ledger is the result."""
        retrieve = self.consumers[practice].retrieve_patient_appointments
        for patient in patients:
            self._ask(phase, retrieve, patient, diary.first, diary.last)

    def read_back(self, patients: Mapping[str, Mapping[str, str]], diary: Diary) -> None:
        """The whole state once more: every patient of the run, every practice's free slots."""
        for practice in self.consumers:
            self.appointments(practice, patients.get(practice, {}).values(), diary, READ_BACK)
            self.offers(practice, diary, READ_BACK)

    def _ask(self, phase: str, build: Callable[..., Request], *arguments: object) -> bytes:
        give_up = self.now() + int(self.patience * 1e9)
        tries = 0
        while True:
            tries += 1
            request = build(*arguments)
            self.step(request.interaction.name)
            start = self.now()
            response = self.sender.send(
                request.interaction.method, request.url, dict(request.headers), request.body
            )
            end = self.now()
            record = operation(Exchange(request, response, self.client, phase, start, end), self._reader)
            self.ledger.write(record)
            host = urlsplit(request.url).netloc
            nobody_there = record.error == REFUSED and host not in self._met
            if not nobody_there:
                self._met.add(host)
            if record.outcome == "ok":
                if tries > 1:
                    self.trouble("")
                return response.body
            hopeless = (record.error or "").startswith(TLS_ERROR) or outcome_of(response) == "refused"
            if hopeless or nobody_there or self.now() > give_up:
                advice = "; is the provider running?" if nobody_there else ""
                raise SurveyError(f"{record.phase}: {_complaint(request, record)}{advice}")
            if record.error == HUNG_UP and tries == 1:
                # Some providers close a connection that was kept for the next request: a new one will do.
                continue
            seconds = max(0.0, (give_up - self.now()) / 1e9)
            self.trouble(f"{_complaint(request, record)}; trying again, for {seconds:.0f} s yet")
            time.sleep(_PAUSE_SECONDS)


def _complaint(request: Request, record: Operation) -> str:
    """Who was asked what, and what came of it."""
    answer = record.error or f"HTTP {record.answer}"
    name = request.interaction.name
    if record.reason:
        answer = f"{answer}: {record.reason}"
    where = request.url.partition("?")[0]
    advice = advice_on(record.error)
    return f"{name} at practice {request.practice}: {answer} ({where}){advice}"
