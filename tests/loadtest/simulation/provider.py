"""A practice in memory that answers as the contract has it, unless a fault is planted in it."""

from collections.abc import Callable
from random import Random
from typing import Any

from tests.loadtest.fake_provider import FakeProvider, outcome

Answer = tuple[int, Any]
Resource = dict[str, Any]


class SimulatedProvider(FakeProvider):
    """`fault` names what is broken, and `chance` decides when; `planted` counts how often it was."""

    def __init__(self, slots: int, chance: Random, fault: str | None = None) -> None:
        super().__init__(slots)
        self.planted = 0
        self._chance = chance
        self._fault = fault

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        try:
            return super().answer(method, path, body)
        except KeyError:
            return 404, outcome("NO_RECORD_FOUND")

    def _strikes(self, fault: str, share: float = 0.3) -> bool:
        if self._fault != fault or self._chance.random() > share:
            return False
        self.planted += 1
        return True

    def _search(self, first: str, last: str) -> Resource:
        if self.live and self._strikes("stale search"):
            taken, holder = next(iter(self.live.items()))
            del self.live[taken]
            bundle = super()._search(first, last)
            self.live[taken] = holder
            return bundle
        bundle = super()._search(first, last)
        if "entry" in bundle and self._strikes("repeated resource"):
            bundle["entry"].append(bundle["entry"][0])
        return bundle

    def _book(self, appointment: Resource) -> Answer:
        ids = [slot["reference"].split("/")[1] for slot in appointment["slot"]]
        if any(key in self.live for key in ids):
            self.double_booking = self._strikes("double booking", 1.0)
        elif self._strikes("false refusal"):
            return 409, outcome("DUPLICATE_REJECTED")
        status, made = super()._book(appointment)
        if status == 201 and self._strikes("lost booking"):
            self._forget(made["id"])
        elif status == 201 and len(ids) > 1 and self._strikes("half a pair", 1.0):
            self.live.pop(ids[1], None)
            self.appointments[made["id"]] = {**made, "slot": made["slot"][:1]}
        elif status == 201 and self._strikes("another answer"):
            self.appointments[made["id"]] = {**made, "description": "Not what was booked"}
        return status, made

    def _update(self, appointment: Resource) -> Answer:
        identifier = appointment["id"]
        current = self.appointments[identifier]
        stands = current["meta"]["versionId"] == appointment["meta"]["versionId"]
        if not stands and not self._strikes("an If-Match used twice", 1.0):
            return 409, outcome("FHIR_CONSTRAINT_VIOLATION")
        if current["status"] == "cancelled":
            return 422, outcome("INVALID_RESOURCE")
        status, made = super()._update(appointment)
        if made["status"] != "cancelled" and self._strikes("a version that does not rise", 1.0):
            made = self.appointments[identifier] = {**made, "meta": current["meta"]}
        elif made["status"] == "cancelled" and self._strikes("lost cancellation"):
            self.appointments[identifier] = current
            for slot in current["slot"]:
                self.live.setdefault(slot["reference"].split("/")[1], identifier)
        return status, made

    def _forget(self, identifier: str) -> None:
        del self.appointments[identifier]
        self.live = {slot: holder for slot, holder in self.live.items() if holder != identifier}


FAULTS: dict[str, int] = {
    "double booking": 1,
    "false refusal": 2,
    "stale search": 3,
    "half a pair": 4,
    "a version that does not rise": 5,
    "lost booking": 6,
    "lost cancellation": 6,
    "repeated resource": 7,
    "another answer": 8,
}
"""What can be planted, and the number of the check that should find it."""

Make = Callable[[int, Random, str | None], SimulatedProvider]
