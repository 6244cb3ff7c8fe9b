"""A correct GP Connect consumer of one practice: it builds requests, and leaves the sending to others.

Every request carries the four Spine headers, a fresh trace id and a fresh audit token. Source: pages
*Spine Secure Proxy*, *General API guidance* and the page of each interaction.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit
from uuid import uuid4

import orjson

from loadtest.appointments import (
    ODS_CODE,
    ORGANISATION_TYPES,
    Offer,
    booking_body,
    cancellation_body,
    logical_id,
)
from loadtest.audit_token import EndUser, audit_token
from loadtest.interactions import INTERACTIONS, Interaction
from loadtest.practices import Practice

NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
SDS_USER_ID = "https://fhir.nhs.uk/Id/sds-user-id"
_FHIR_JSON = "application/fhir+json;charset=utf-8"


@dataclass(frozen=True, slots=True)
class Address:
    """Where requests go: `target` replaces scheme and host of the service root, `proxy` goes before it.

    With a proxy the published service root stays as it is, as the Spine Secure Proxy demands.
    """

    target: str | None = None
    proxy: str | None = None

    def base_url(self, service_root: str) -> str:
        """The URL that stands for the published `service_root`, without a trailing slash."""
        if self.proxy is not None:
            return f"{self.proxy.rstrip('/')}/{service_root}"
        if self.target is None:
            return service_root
        wanted = urlsplit(self.target)
        return urlunsplit((wanted.scheme, wanted.netloc, urlsplit(service_root).path, "", ""))


@dataclass(frozen=True, slots=True)
class Request:
    """One request ready to send, with what the ledger wants to know of it.

    `window` is the pair of date parameters of a search; `slots`, `patient` and `appointment` are logical ids.
    """

    interaction: Interaction
    practice: str
    url: str
    headers: Mapping[str, str]
    trace: str
    body: bytes | None = None
    slots: tuple[str, ...] = ()
    patient: str | None = None
    appointment: str | None = None
    if_match: str | None = None
    window: tuple[str, str] | None = None


class Consumer:
    """Builds the requests of one end user to one practice. `clock` gives Unix seconds, `new_id` UUIDs."""

    def __init__(
        self,
        practice: Practice,
        address: Address,
        user: EndUser,
        clock: Callable[[], float] = time.time,
        new_id: Callable[[], object] = uuid4,
    ) -> None:
        self.practice = practice
        self._base = address.base_url(practice.service_root)
        self._user = user
        self._clock = clock
        self._new_id = new_id

    def headers(self, interaction: Interaction, if_match: str | None = None) -> dict[str, str]:
        """Headers of one request: Spine headers, a fresh token and trace id, media types, `If-Match`."""
        practice = self.practice
        token = audit_token(
            practice.service_root, interaction.scope, practice.consumer, self._user, int(self._clock())
        )
        headers = {
            "Ssp-TraceID": str(self._new_id()),
            "Ssp-From": practice.consumer.asid,
            "Ssp-To": practice.asid,
            "Ssp-InteractionID": interaction.id,
            "Authorization": f"Bearer {token}",
            "Accept": _FHIR_JSON,
        }
        if interaction.method != "GET":
            headers["Content-Type"] = _FHIR_JSON
        if if_match is not None:
            headers["If-Match"] = f'W/"{if_match}"'
        return headers

    def read_metadata(self) -> Request:
        """The capability statement."""
        return self._request("read_metadata", "/metadata")

    def find_patient(self, nhs_number: str) -> Request:
        """The patient with an NHS number; the answer gives the logical id."""
        return self._find("find_patient", "Patient", NHS_NUMBER, nhs_number)

    def read_patient(self, patient: str) -> Request:
        """One patient by logical id."""
        return self._request("read_patient", f"/Patient/{quote(patient, safe='')}", patient=patient)

    def find_practitioner(self, sds_user_id: str) -> Request:
        """The practitioner with an SDS user id."""
        return self._find("find_practitioner", "Practitioner", SDS_USER_ID, sds_user_id)

    def read_practitioner(self, practitioner: str) -> Request:
        """One practitioner by logical id."""
        return self._request("read_practitioner", f"/Practitioner/{quote(practitioner, safe='')}")

    def find_organization(self, ods_code: str) -> Request:
        """The organisation with an ODS code."""
        return self._find("find_organization", "Organization", ODS_CODE, ods_code)

    def read_organization(self, organization: str) -> Request:
        """One organisation by logical id."""
        return self._request("read_organization", f"/Organization/{quote(organization, safe='')}")

    def read_location(self, location: str) -> Request:
        """One location by logical id."""
        return self._request("read_location", f"/Location/{quote(location, safe='')}")

    def search_for_free_slots(self, first: date, last: date) -> Request:
        """Free slots of the days `first` to `last`, as this organisation and its type may see them.

        The provider takes at most 14 days between the two.
        """
        window = (first.isoformat(), last.isoformat())
        consumer = self.practice.consumer
        query = [
            ("status", "free"),
            ("start", f"ge{window[0]}"),
            ("end", f"le{window[1]}"),
            ("_include", "Slot:schedule"),
            ("_include:recurse", "Schedule:actor:Practitioner"),
            ("_include:recurse", "Schedule:actor:Location"),
            ("_include:recurse", "Location:managingOrganization"),
            ("searchFilter", f"{ODS_CODE}|{consumer.ods_code}"),
        ]
        if consumer.organisation_type is not None:
            query.append(("searchFilter", f"{ORGANISATION_TYPES}|{consumer.organisation_type}"))
        return self._request("search_for_free_slots", f"/Slot?{query_string(query)}", window=window)

    def retrieve_patient_appointments(self, patient: str, first: date, last: date) -> Request:
        """A patient's appointments that start on the days `first` (today or later) to `last`."""
        query = query_string([("start", f"ge{first.isoformat()}"), ("start", f"le{last.isoformat()}")])
        path = f"/Patient/{quote(patient, safe='')}/Appointment?{query}"
        return self._request("retrieve_patient_appointments", path, patient=patient)

    def book_appointment(self, offers: Sequence[Offer], patient: str) -> Request:
        """Books `offers` (one, or adjacent ones in time order) for the patient with this logical id."""
        created = datetime.fromtimestamp(self._clock(), tz=UTC)
        body = booking_body(offers, patient, self.practice.consumer, created)
        slots = tuple(offer.slot for offer in offers)
        return self._request("book_appointment", "/Appointment", body, slots=slots, patient=patient)

    def read_appointment(self, appointment: str) -> Request:
        """One appointment by logical id."""
        path = f"/Appointment/{quote(appointment, safe='')}"
        return self._request("read_appointment", path, appointment=appointment)

    def amend_appointment(self, appointment: Mapping[str, Any], description: str) -> Request:
        """Sends the appointment back as last read, with another description."""
        return self._update("amend_appointment", appointment, {**appointment, "description": description})

    def cancel_appointment(self, appointment: Mapping[str, Any], reason: str) -> Request:
        """Cancels the appointment as last read."""
        return self._update("cancel_appointment", appointment, cancellation_body(appointment, reason))

    def _find(self, name: str, resource_type: str, system: str, value: str) -> Request:
        return self._request(name, f"/{resource_type}?{query_string([('identifier', f'{system}|{value}')])}")

    def _update(self, name: str, last_read: Mapping[str, Any], body: Mapping[str, Any]) -> Request:
        identifier = str(last_read["id"])
        return self._request(
            name,
            f"/Appointment/{quote(identifier, safe='')}",
            body,
            slots=tuple(logical_id(slot["reference"]) for slot in last_read.get("slot", ())),
            appointment=identifier,
            if_match=last_read.get("meta", {}).get("versionId"),
        )

    def _request(
        self,
        name: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        slots: tuple[str, ...] = (),
        patient: str | None = None,
        appointment: str | None = None,
        if_match: str | None = None,
        window: tuple[str, str] | None = None,
    ) -> Request:
        interaction = INTERACTIONS[name]
        headers = self.headers(interaction, if_match)
        return Request(
            interaction=interaction,
            practice=self.practice.ods_code,
            url=self._base + path,
            headers=headers,
            trace=headers["Ssp-TraceID"],
            body=None if body is None else orjson.dumps(body),
            slots=slots,
            patient=patient,
            appointment=appointment,
            if_match=if_match,
            window=window,
        )


def query_string(parameters: Sequence[tuple[str, str]]) -> str:
    """Parameters in order, percent-encoded so that `+` and `|` survive every decoder."""
    return "&".join(f"{_quoted(name, ':_')}={_quoted(value, ':')}" for name, value in parameters)


_quoted = lru_cache(maxsize=4096)(quote)
"""Names and values of parameters percent-encoded: the same come again and again."""
