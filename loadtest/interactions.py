"""The interactions of Foundations and Appointment Management, as a consumer addresses them.

Source: the interaction tables of the GP Connect 1.2.7 pages *Foundations* and *Appointment Management*;
scopes as the page *Security* gives them, classes as *Volumetric and performance* does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Kind = Literal["command", "query"]


@dataclass(frozen=True, slots=True)
class Interaction:
    """One interaction: our name, its Spine interaction id, verb, token scope and latency class."""

    name: str
    id: str
    method: str
    scope: str
    kind: Kind


_TABLE: tuple[tuple[str, str, str, str, Kind], ...] = (
    ("read_metadata", "rest:read:metadata", "GET", "organization/*.read", "query"),
    ("find_patient", "rest:search:patient", "GET", "patient/*.read", "query"),
    ("read_patient", "rest:read:patient", "GET", "patient/*.read", "query"),
    ("register_patient", "operation:gpc.registerpatient", "POST", "patient/*.write", "command"),
    ("find_practitioner", "rest:search:practitioner", "GET", "organization/*.read", "query"),
    ("read_practitioner", "rest:read:practitioner", "GET", "organization/*.read", "query"),
    ("find_organization", "rest:search:organization", "GET", "organization/*.read", "query"),
    ("read_organization", "rest:read:organization", "GET", "organization/*.read", "query"),
    ("read_location", "rest:read:location", "GET", "organization/*.read", "query"),
    ("search_for_free_slots", "rest:search:slot", "GET", "organization/*.read", "query"),
    ("retrieve_patient_appointments", "rest:search:patient_appointments", "GET", "patient/*.read", "query"),
    ("book_appointment", "rest:create:appointment", "POST", "patient/*.write", "command"),
    ("read_appointment", "rest:read:appointment", "GET", "patient/*.read", "query"),
    ("amend_appointment", "rest:update:appointment", "PUT", "patient/*.write", "command"),
    ("cancel_appointment", "rest:cancel:appointment", "PUT", "patient/*.write", "command"),
)

INTERACTIONS: Mapping[str, Interaction] = MappingProxyType(
    {
        name: Interaction(name, f"urn:nhs:names:services:gpconnect:fhir:{suffix}-1", method, scope, kind)
        for name, suffix, method, scope, kind in _TABLE
    }
)
