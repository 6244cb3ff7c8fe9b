"""The provider's own state: a list of its appointments, as `gpsim appointments --json` prints it.

The file is a JSON list with one object for each appointment, live or cancelled. Another provider's list needs
no more than these keys, and may have others:

- `id`, `practice`, `patient`: texts: the appointment's logical id, the practice's ODS code, the Patient's
  logical id;
- `slots`: a list of texts: the logical ids of its Slots, at least one;
- `status`: a text: `cancelled`, or anything else for an appointment that holds its slots;
- `version`: a text, may be left out: `meta.versionId`.

It is to be taken after the run's read back, of every practice of the run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

_TEXTS = ("id", "practice", "patient", "status")


class ProviderStateError(Exception):
    """A file that is no list of appointments; says in one line where, and which key."""


@dataclass(frozen=True, slots=True)
class OwnAppointment:
    """An appointment as the provider has it: logical ids, ODS code of the practice, version if it is told."""

    id: str
    practice: str
    patient: str
    status: str
    slots: tuple[str, ...]
    version: str | None = None

    @property
    def live(self) -> bool:
        """Whether it holds its slots."""
        return self.status != "cancelled"


@dataclass(frozen=True, slots=True)
class ProviderState:
    """Appointments by ODS code of the practice, and there by logical id."""

    practices: Mapping[str, Mapping[str, OwnAppointment]] = field(default_factory=dict)

    @classmethod
    def of(cls, appointments: Iterable[OwnAppointment]) -> ProviderState:
        """The state with these appointments. Raises ValueError for an id that a practice has twice."""
        practices: dict[str, dict[str, OwnAppointment]] = {}
        for appointment in appointments:
            theirs = practices.setdefault(appointment.practice, {})
            if appointment.id in theirs:
                raise ValueError(f"'id' {appointment.id} stands twice at practice {appointment.practice}")
            theirs[appointment.id] = appointment
        return cls(practices)


def read_provider_state(path: Path) -> ProviderState:
    """The state in a file. Raises ProviderStateError where it cannot be read or is none."""
    try:
        content = orjson.loads(path.read_bytes())
    except OSError as error:
        raise ProviderStateError(f"{path}: {error.strerror}") from error
    except orjson.JSONDecodeError as error:
        raise ProviderStateError(f"{path} is not JSON: {error}") from error
    if not isinstance(content, list):
        raise ProviderStateError(f"{path} is not a list, as `gpsim appointments --json` prints one")
    try:
        return ProviderState.of(_appointment(number, entry) for number, entry in enumerate(content, 1))
    except ValueError as error:
        raise ProviderStateError(f"{path}: {error}") from error


def _appointment(number: int, entry: Any) -> OwnAppointment:
    if not isinstance(entry, dict):
        raise ValueError(f"appointment {number} is not an object")
    for key in _TEXTS:
        if not isinstance(entry.get(key), str) or not entry[key]:
            raise ValueError(f"appointment {number}: '{key}' must be a text, not {_short(entry.get(key))}")
    slots, version = entry.get("slots"), entry.get("version")
    if not isinstance(slots, list) or not slots or not all(isinstance(slot, str) for slot in slots):
        raise ValueError(f"appointment {number}: 'slots' must be a list of texts, not {_short(slots)}")
    if version is not None and not isinstance(version, str):
        raise ValueError(f"appointment {number}: 'version' must be a text, not {_short(version)}")
    return OwnAppointment(
        entry["id"], entry["practice"], entry["patient"], entry["status"], tuple(slots), version
    )


def _short(value: object) -> str:
    return "absent" if value is None else repr(value)[:40]
