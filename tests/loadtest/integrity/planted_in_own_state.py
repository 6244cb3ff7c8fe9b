"""Alters the provider's own state after a correct day, so that it contradicts what clients were told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from loadtest.integrity import ProviderState
from loadtest.integrity.provider_state import OwnAppointment
from loadtest.ledger import Operation
from tests.loadtest.integrity.planted_faults import BOOK, CANCEL, acknowledged, kept_bookings
from tests.loadtest.integrity.simulated_day import PRACTICE

OwnFault = Callable[[list[Operation], ProviderState, Random], ProviderState | None]


def _altered(
    state: ProviderState, identifier: str | None, alter: Callable[[OwnAppointment], OwnAppointment | None]
) -> ProviderState:
    own = state.practices[PRACTICE].values()
    shown = (alter(each) if each.id == identifier else each for each in own)
    return ProviderState.of(each for each in shown if each is not None)


def _with_a_booking_altered(
    operations: list[Operation],
    state: ProviderState,
    chance: Random,
    alter: Callable[[OwnAppointment], OwnAppointment | None],
) -> ProviderState | None:
    """Alter one of several bookings that were told of: of one alone the list would seem to be another's."""
    told = {o.appointment for o in acknowledged(operations, BOOK) if o.appointment}
    kept = [o.appointment for o in kept_bookings(operations)]
    return _altered(state, chance.choice(kept), alter) if kept and len(told) > 1 else None


def forgotten(operations: list[Operation], state: ProviderState, chance: Random) -> ProviderState | None:
    """An acknowledged booking is not in the list."""
    return _with_a_booking_altered(operations, state, chance, lambda _: None)


def moved(operations: list[Operation], state: ProviderState, chance: Random) -> ProviderState | None:
    """An acknowledged booking is on another slot."""
    return _with_a_booking_altered(operations, state, chance, lambda own: replace(own, slots=("77",)))


def of_another(operations: list[Operation], state: ProviderState, chance: Random) -> ProviderState | None:
    """An acknowledged booking is another patient's."""
    return _with_a_booking_altered(operations, state, chance, lambda own: replace(own, patient="p77"))


def revived(operations: list[Operation], state: ProviderState, chance: Random) -> ProviderState | None:
    """An acknowledged cancellation is undone."""
    done = [o.appointment for o in acknowledged(operations, CANCEL)]
    if not done:
        return None
    return _altered(state, chance.choice(done), lambda own: replace(own, status="booked"))


def outdated(operations: list[Operation], state: ProviderState, chance: Random) -> ProviderState | None:
    """An acknowledged amendment is not in the list: its appointment is at an earlier version."""
    done = [o.appointment for o in acknowledged(operations, "amend_appointment")]
    return _altered(state, chance.choice(done), lambda own: replace(own, version="1")) if done else None


def held_twice(operations: list[Operation], state: ProviderState, chance: Random) -> ProviderState | None:
    """A slot is held by two live appointments, one of which no client was told of."""
    own = state.practices.get(PRACTICE, {}).values()
    live = [each for each in own if each.live]
    return ProviderState.of([*own, replace(chance.choice(live), id="a-planted")]) if live else None


OWN_FAULTS: dict[str, OwnFault] = {
    fault.__name__: fault for fault in (forgotten, moved, of_another, revived, outdated, held_twice)
}
