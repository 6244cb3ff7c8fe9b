"""Check 9: the provider's own state agrees with what clients were told, where a list of it is given.

The list is taken after the run, nobody knows how long: what someone may have done since is a doubt. None may
have unmade an appointment, moved it, or revived one that was cancelled.
"""

from __future__ import annotations

from collections.abc import Mapping

from loadtest.integrity.findings import CheckResult, Inquiry
from loadtest.integrity.history import History
from loadtest.integrity.practice_history import PracticeHistory
from loadtest.integrity.provider_state import OwnAppointment, ProviderState
from loadtest.integrity.trail import Trail, is_number
from loadtest.ledger import Operation

NUMBER = 9
NAME = "provider's own state"


def check_own_state(history: History, state: ProviderState, seed: int | None) -> CheckResult:
    """Examine every appointment of the run, and every live one that the provider has.

    A violation's witness is the last that clients were told of it: of a slot held twice there may be none.
    """
    inquiry = Inquiry(NUMBER, NAME, seed)
    if _is_of_another(history, state):
        inquiry.doubted(
            "the list has none of the appointments that clients were told of: it is of another database, or"
            " was taken before the run"
        )
        return inquiry.result()
    for ods_code, own in state.practices.items():
        _examine_held_twice(inquiry, history.practices.get(ods_code), ods_code, own)
    for practice in history.practices.values():
        listed = state.practices.get(practice.ods_code)
        if listed is not None:
            _Comparison(inquiry, practice, listed).examine()
        elif _told(practice):
            inquiry.doubted(f"the list has no appointment of practice {practice.ods_code}")
    return inquiry.result()


def _told(practice: PracticeHistory) -> dict[str, Trail]:
    """The appointments that the run made for certain."""
    return {
        identifier: trail
        for identifier, trail in practice.unclashed.items()
        if trail.bookings and (trail.first_shown or any(each.outcome == "ok" for each in trail.bookings))
    }


def _is_of_another(history: History, state: ProviderState) -> bool:
    told = 0
    for practice in history.practices.values():
        own = state.practices.get(practice.ods_code, {})
        for identifier, trail in _told(practice).items():
            told += 1
            if identifier in own and own[identifier].patient == trail.patient:
                return False
    return told > 0


def _examine_held_twice(
    inquiry: Inquiry,
    practice: PracticeHistory | None,
    ods_code: str,
    own: Mapping[str, OwnAppointment],
) -> None:
    holders: dict[str, str] = {}
    reported: set[tuple[str, str]] = set()
    for appointment in own.values():
        if not appointment.live:
            continue
        inquiry.examined += 1
        for slot in dict.fromkeys(appointment.slots):
            holder = holders.setdefault(slot, appointment.id)
            if holder == appointment.id or (holder, appointment.id) in reported:
                continue
            reported.add((holder, appointment.id))
            known = {} if practice is None else practice.trails
            evidence = (_evidence(known.get(each)) for each in (holder, appointment.id))
            both = f"appointments {holder} and {appointment.id}"
            summary = f"slot {slot} of practice {ods_code} is held by {both}"
            inquiry.violated(summary, *(operation for operation in evidence if operation is not None))


def _evidence(trail: Trail | None) -> Operation | None:
    """What clients were told of an appointment first; None for one that they know nothing of."""
    if trail is None:
        return None
    return trail.bookings[0] if trail.bookings else trail.first_shown


class _Comparison:
    """One practice: what clients were told against what the provider has."""

    def __init__(
        self, inquiry: Inquiry, practice: PracticeHistory, own: Mapping[str, OwnAppointment]
    ) -> None:
        self._inquiry = inquiry
        self._practice = practice
        self._own = own
        self._unnamed: dict[tuple[str, frozenset[str]], int] = {}

    def examine(self) -> None:
        """Compare both ways."""
        for identifier, trail in self._practice.unclashed.items():
            self._inquiry.examined += 1
            named = f"appointment {identifier} of practice {self._practice.ods_code}"
            appointment = self._own.get(identifier)
            if appointment is None:
                self._missing(named, trail)
            else:
                self._compare(named, trail, appointment)
        strangers = self._strangers()
        for booking in self._practice.unmatched:
            self._inquiry.examined += 1
            fitting = strangers.get((booking.patient, frozenset(booking.slots)))
            if fitting:
                fitting.pop()
            elif booking.outcome == "ok":
                slots = " and ".join(booking.slots)
                summary = f"the acknowledged booking of slot {slots} is not in the provider's own state"
                self._inquiry.violated(summary, booking)
        for appointment in (each for left in strangers.values() for each in left if each.live):
            self._stranger(appointment)

    def _strangers(self) -> dict[tuple[str | None, frozenset[str]], list[OwnAppointment]]:
        """Appointments that no client was told of, on slots that the run saw free or asked for."""
        practice = self._practice
        strangers: dict[tuple[str | None, frozenset[str]], list[OwnAppointment]] = {}
        for appointment in self._own.values():
            unknown = _evidence(practice.trails.get(appointment.id)) is None
            if unknown and any(slot in practice.slots for slot in appointment.slots):
                key = appointment.patient, frozenset(appointment.slots)
                strangers.setdefault(key, []).append(appointment)
        return strangers

    def _missing(self, named: str, trail: Trail) -> None:
        evidence = _evidence(trail)
        if evidence is not None and trail.bookings:
            self._inquiry.violated(f"{named} is not in the provider's own state: a lost booking", evidence)
        else:
            self._inquiry.doubted(f"{named}, which this run did not make, is not in the provider's own state")

    def _compare(self, named: str, trail: Trail, appointment: OwnAppointment) -> None:
        told = trail.bookings[0] if trail.bookings else None
        slots = " and ".join(appointment.slots)
        if told is not None and set(appointment.slots) != set(told.slots):
            summary = f"{named} was booked on slot {' and '.join(told.slots)}, the provider has it on {slots}"
            self._inquiry.violated(summary, told)
        if told is not None and told.patient not in (None, appointment.patient):
            summary = f"{named} was booked for patient {told.patient}, the provider has {appointment.patient}"
            self._inquiry.violated(summary, told)
        latest, own = _latest_version(trail), appointment.version
        if latest is not None and own is not None and is_number(own) and int(own) < int(latest):
            shown = trail.versions[latest].first
            summary = f"{named} was shown at version {latest}, the provider has version {own}"
            self._inquiry.violated(summary, shown)
        elif appointment.live:
            self._live(named, trail)
        elif not trail.cancellations and trail.first_cancelled is None and trail.first_live is not None:
            if own is not None and own == latest:
                summary = (
                    f"{named} is cancelled in the provider's own state, by nobody: its version is as shown"
                )
                self._inquiry.violated(summary, trail.first_live)
            else:
                self._inquiry.doubted(
                    f"{named} is cancelled in the provider's own state, and not by this run"
                )

    def _live(self, named: str, trail: Trail) -> None:
        done = [each for each in trail.cancellations if each.outcome == "ok"]
        cancelled = done[0] if done else trail.first_cancelled
        if cancelled is not None:
            self._inquiry.violated(
                f"{named} was cancelled, and is live in the provider's own state", cancelled
            )

    def _stranger(self, appointment: OwnAppointment) -> None:
        practice = self._practice
        slots = set(appointment.slots)
        refused = next(
            (
                booking
                for booking in (*practice.unmatched, *practice.refusals, *practice.refused_together)
                if booking.patient == appointment.patient and slots <= set(booking.slots)
            ),
            None,
        )
        asked = (
            ""
            if refused is None
            else f" (asked for by client {refused.client}, and {refused.outcome}: trace {refused.trace})"
        )
        self._inquiry.doubted(
            f"appointment {appointment.id} of practice {practice.ods_code} is live on slot"
            f" {' and '.join(appointment.slots)}, and no client made it or saw it{asked}: made by someone"
            " outside the run, or since"
        )


def _latest_version(trail: Trail) -> str | None:
    """The highest version shown; None where any is no number, or none was."""
    versions = [version for version in trail.versions if version is not None and is_number(version)]
    return max(versions, key=int) if versions and len(versions) == len(trail.versions) else None
