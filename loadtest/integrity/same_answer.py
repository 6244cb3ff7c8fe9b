"""Check 8: what GET returns is what POST returned: one version of an appointment has one content.

Compared are the responses that were one Appointment (to a booking, an amendment, a cancellation, a read by
id), by a digest of the whole resource; bundles tell no digest.
"""

from __future__ import annotations

from loadtest.counting import count_of
from loadtest.integrity.findings import CheckResult, Inquiry
from loadtest.integrity.history import History

NUMBER = 8
NAME = "GET returns what POST returned"


def check_same_answer(history: History, seed: int | None) -> CheckResult:
    """Examine every response that was one Appointment; the witness is two that differ at one version."""
    inquiry = Inquiry(NUMBER, NAME, seed)
    inquiry.examined = history.wholes - history.undigested
    for practice in history.practices.values():
        for identifier, trail in practice.unclashed.items():
            for version, shown in trail.versions.items():
                if shown.whole is None or shown.differing is None:
                    continue
                named = f"appointment {identifier} of practice {practice.ods_code}"
                if version is None:
                    inquiry.doubted(f"{named} was shown with two contents, and without a version")
                else:
                    summary = f"{named} was answered with two contents at version {version}"
                    inquiry.violated(summary, shown.whole, shown.differing)
    if history.undigested:
        without = count_of(history.undigested, "response was", "responses were")
        inquiry.noted(f"{without} recorded without a digest, and not compared")
    return inquiry.result()
