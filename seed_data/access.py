"""Opening some of a template week's slots to outside organisations, as the profile plans it."""

from collections.abc import Sequence

from seed_data.access_plans import AccessPlan
from seed_data.chance import Chance, below, pick
from seed_data.week_templates import Session
from simulator.domain.availability import AccessProfile

TRIES = 20


def open_slots(
    sessions: Sequence[Session],
    plans: Sequence[AccessPlan],
    profiles: Sequence[AccessProfile],
    chance: Chance,
    filler: int | None = None,
    list_size: int | None = None,
) -> None:
    """Give slots of each weekday's sessions to the access profiles, in runs of adjacent ones.

    Only sessions whose job role GP Connect allows take part. The first run that is open to all is kept by the
    practice, so that every working day has adjacent free slots. A day too short for the plan gets what fits.
    `list_size` is the practice's, for plans that go by it;
    `filler` is the practitioner whose slots are never kept, because some weeks all of them are booked.
    """
    for weekday in sorted({session.weekday for session in sessions}):
        bookable = [
            session for session in sessions if session.weekday == weekday and session.is_bookable_by_others
        ]
        others = [session for session in bookable if session.practitioner_id != filler]
        kept = False
        for plan, profile in zip(plans, profiles, strict=True):
            wanted = plan.slots_for(list_size)
            while wanted:
                run = min(plan.run, wanted)
                keeps = plan.is_open_to_all and run > 1 and not kept
                place = _place(others, run, chance) if keeps else None
                keeps = place is not None
                place = place or _place(bookable, run, chance)
                if place is None:
                    break
                session, first = place
                session.access[first : first + run] = [profile.id] * run
                if keeps:
                    session.kept.update(range(first, first + run))
                    kept = True
                wanted -= run


def _place(sessions: Sequence[Session], run: int, chance: Chance) -> tuple[Session, int] | None:
    """Return a session and a slot of it from which a run fits, or None where none does."""
    if not sessions:
        return None
    for _ in range(TRIES):
        session = pick(chance, tuple(sessions))
        first = below(chance, len(session.starts))
        if session.follow_on(first, run):
            return session, first
    return next(
        (
            (session, first)
            for session in sessions
            for first in range(len(session.starts))
            if session.follow_on(first, run)
        ),
        None,
    )
