"""Tells of a session once a second, in a greenlet of its own: whatever its clients wait for."""

import gevent

from loadtest.scenarios.session import Session

_EVERY_SECONDS = 1.0


def keep_telling(session: Session, every_seconds: float = _EVERY_SECONDS) -> "gevent.Greenlet[..., None]":
    """Have a session tell how things stand, from the phase's start until it is closed."""
    return gevent.spawn(_tell_again, session, every_seconds)


def _tell_again(session: Session, every_seconds: float) -> None:
    gevent.sleep(max(0.0, (session.begins - session.now()) / 1e9))
    while not session.closed:
        session.tell()
        gevent.sleep(every_seconds)
