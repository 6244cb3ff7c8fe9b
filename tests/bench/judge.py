"""How long the judge takes over a long history, and how much memory: `python -m tests.bench.judge`.

The history is that of a provider which does everything right, written to ledgers as a run leaves them, and
read and judged by a process of its own, whose peak memory is then known.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Literal

from loadtest.integrity import judge
from loadtest.ledger import (
    FIRST_LOOK,
    READ_BACK,
    AppointmentSeen,
    LedgerHeader,
    LedgerWriter,
    Operation,
    read_ledger,
)

MS = 1_000_000
PATIENTS = 200
SHOWN = 30
WINDOW = ("2030-06-04", "2030-06-17")
Ending = Literal["ok", "refused", "unknown"]


@dataclass(slots=True)
class BusyPractice:
    """One practice: its slots, who holds them, and every appointment that was ever made."""

    ods_code: str
    slots: int
    random: Random
    made: int = 0
    holders: dict[str, str] = field(default_factory=dict)
    live: list[str] = field(default_factory=list)
    appointments: dict[str, AppointmentSeen] = field(default_factory=dict)
    of_patient: dict[str, list[str]] = field(default_factory=dict)

    def free(self) -> tuple[str, ...]:
        """Return free slots, as many as a search shows."""
        first = self.random.randrange(self.slots)
        names = (str((first + place) % self.slots) for place in range(self.slots))
        free = (name for name in names if name not in self.holders)
        return tuple(name for name, _ in zip(free, range(SHOWN), strict=False))

    def book(self, slots: tuple[str, ...], patient: str) -> AppointmentSeen | None:
        """Take the slots, or none of them."""
        if any(slot in self.holders for slot in slots):
            return None
        self.made += 1
        made = AppointmentSeen(str(self.made), "booked", "1", slots, patient, self._digest())
        self.holders.update(dict.fromkeys(slots, made.id))
        self.live.append(made.id)
        self.of_patient.setdefault(patient, []).append(made.id)
        self.appointments[made.id] = made
        return made

    def write(self, identifier: str, cancels: bool) -> AppointmentSeen:
        """Amend or cancel a live appointment."""
        before = self.appointments[identifier]
        version = str(int(before.version or 0) + 1)
        after = replace(before, version=version, digest=self._digest())
        if cancels:
            after = replace(after, status="cancelled")
            self.live.remove(identifier)
            for slot in before.slots:
                del self.holders[slot]
        self.appointments[identifier] = after
        return after

    def _digest(self) -> str:
        return f"{self.random.getrandbits(48):012x}"


class BusyDay:
    """A run of `operations` requests: a third searches that show `SHOWN` slots each."""

    def __init__(self, operations: int, practices: int, slots: int, seed: int = 1) -> None:
        self.random = Random(seed)
        self.requests = operations
        self.practices = [BusyPractice(f"A8{number:04}", slots, self.random) for number in range(practices)]
        self.now = 0

    def operations(self) -> Iterator[Operation]:
        """Yield the whole run, in the order in which its requests took effect."""
        yield from self._look(FIRST_LOOK)
        for _ in range(self.requests):
            yield self._request()
        self.now += 10_000 * MS
        yield from self._look(READ_BACK)

    def _look(self, phase: str) -> Iterator[Operation]:
        for practice in self.practices:
            free = tuple(str(slot) for slot in range(practice.slots) if str(slot) not in practice.holders)
            yield self._record(practice, "search_for_free_slots", phase, seen=free, window=WINDOW)
            for number in range(PATIENTS):
                yield self._retrieve(practice, f"p{number}", phase)

    def _request(self) -> Operation:
        practice = self.random.choice(self.practices)
        kind = self.random.random()
        if kind < 1 / 3 or (kind > 5 / 9 and not practice.live):
            return self._record(practice, "search_for_free_slots", seen=practice.free(), window=WINDOW)
        if kind < 5 / 9:
            return self._book(practice)
        if kind < 0.56:
            return self._retrieve(practice, f"p{self.random.randrange(PATIENTS)}", "load")
        identifier = practice.live[0]
        if kind < 0.70:
            shown = practice.appointments[self.random.choice(practice.live)]
            return self._record(practice, "read_appointment", appointment=shown.id, appointments=(shown,))
        return self._write(practice, identifier, cancels=kind > 0.78)

    def _book(self, practice: BusyPractice) -> Operation:
        first = self.random.randrange(practice.slots - 1)
        slots = (str(first), str(first + 1)) if self.random.random() < 0.2 else (str(first),)
        patient = f"p{self.random.randrange(PATIENTS)}"
        made = practice.book(slots, patient)
        if self.random.random() < 0.001:
            return self._record(practice, "book_appointment", "load", "unknown", slots=slots, patient=patient)
        if made is None:
            return self._record(
                practice, "book_appointment", "load", "refused", slots=slots, patient=patient, status=409,
                code="DUPLICATE_REJECTED",
            )  # fmt: skip
        return self._record(
            practice, "book_appointment", slots=slots, patient=patient, appointment=made.id, version="1",
            appointments=(made,),
        )  # fmt: skip

    def _write(self, practice: BusyPractice, identifier: str, cancels: bool) -> Operation:
        matched = practice.appointments[identifier].version
        after = practice.write(identifier, cancels)
        interaction = "cancel_appointment" if cancels else "amend_appointment"
        return self._record(
            practice, interaction, slots=after.slots, appointment=identifier, if_match=matched,
            version=after.version, appointments=(after,),
        )  # fmt: skip

    def _retrieve(self, practice: BusyPractice, patient: str, phase: str) -> Operation:
        theirs = (practice.appointments[each] for each in practice.of_patient.get(patient, ()))
        shown = tuple(replace(each, digest=None) for each in theirs)
        return self._record(
            practice, "retrieve_patient_appointments", phase, patient=patient, appointments=shown
        )

    def _record(
        self,
        practice: BusyPractice,
        interaction: str,
        phase: str = "load",
        outcome: Ending = "ok",
        **what: object,
    ) -> Operation:
        self.now += self.random.randrange(MS // 2, MS)
        trace = f"{self.random.getrandbits(128):032x}"
        start = self.now - self.random.randrange(5 * MS)
        end = self.now + self.random.randrange(5 * MS)
        client = f"{self.random.randrange(4)}-{self.random.randrange(25)}"
        given: dict[str, object] = {"status": 200, "bytes": 1000} | what
        return Operation(
            interaction, client, trace, practice.ods_code, phase, start, end, outcome,
            **given,  # type: ignore[arg-type]  # the fields each interaction has
        )  # fmt: skip


def write_ledgers(directory: Path, day: BusyDay) -> None:
    """Write the run as four processes would have."""
    writers = [
        LedgerWriter(directory, LedgerHeader("bench", "here", pid, "bench", 0, 0, 1)) for pid in range(4)
    ]
    for operation in day.operations():
        writers[int(operation.client[0])].write(operation)
    for writer in writers:
        writer.close()


def judge_ledgers(directory: Path) -> dict[str, object]:
    """Read once without judging, then judge; return seconds of both, peak memory and what was found."""
    ledger = read_ledger(directory)
    began = time.perf_counter(), time.process_time()
    operations = sightings = 0
    for operation in ledger:
        operations += 1
        sightings += len(operation.seen)
    read = time.perf_counter(), time.process_time()
    findings = judge(ledger, 1)
    judged = time.perf_counter(), time.process_time()
    return {
        "operations": operations,
        "sightings": sightings,
        "reading": [read[0] - began[0], read[1] - began[1]],
        "judging": [judged[0] - read[0], judged[1] - read[1]],
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "results": {check.number: [check.result, check.examined] for check in findings.checks},
        "doubts": [doubt for check in findings.checks for doubt in check.doubts[:3]],
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operations", type=int, default=1_000_000)
    parser.add_argument("--practices", type=int, default=50)
    parser.add_argument("--slots", type=int, default=400, help="of each practice: few make for contention")
    parser.add_argument("--ledgers", type=Path, help="judge these and print what was measured as JSON")
    given = parser.parse_args()
    if given.ledgers:
        print(json.dumps(judge_ledgers(given.ledgers)))
        return
    with tempfile.TemporaryDirectory(prefix="gpload-judge-") as directory:
        write_ledgers(Path(directory), BusyDay(given.operations, given.practices, given.slots))
        command = [sys.executable, "-m", "tests.bench.judge", "--ledgers", directory]
        found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    print(f"{found['operations']:,} operations, {found['sightings']:,} sightings of a slot")
    for what, key in (("read", "reading"), ("read and judged", "judging")):
        elapsed, busy = found[key]
        print(f"{what} in {elapsed:.1f} s, {busy:.1f} s of them on the processor")
    print(f"at most {found['peak_mib']:,.0f} MiB of memory")
    for number, (result, examined) in found["results"].items():
        print(f"check {number}: {result}, {examined:,} examined")
    for doubt in found["doubts"]:
        print(doubt)


if __name__ == "__main__":
    main()
