"""A consumer for the tests: it sends correct requests, in JSON or XML, unless a test spoils one."""

import base64
import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import httpx2

from simulator.fhir import urls
from simulator.fhir.xml import read_xml, write_xml
from simulator.interactions.interaction import Format, Interaction
from simulator.interactions.registry import INTERACTIONS

Json = dict[str, Any]
BY_NAME = {interaction.name: interaction for interaction in INTERACTIONS}


def encode_part(value: Any) -> str:
    """Return one part of a token: JSON, base64url, no padding."""
    return encode_text(json.dumps(value))


def encode_text(text: str) -> str:
    """Return a text as base64url without padding."""
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def encode_token(claims: Json, header: Json | None = None) -> str:
    """Return an unsigned token of claims, with its final dot."""
    return f"{encode_part(header or {'alg': 'none', 'typ': 'JWT'})}.{encode_part(claims)}."


@dataclass
class PracticeClient:
    """Calls one practice as one consumer, in one format. `now` is the real time that tokens are made at."""

    http: httpx2.Client
    practice: Json
    now: Callable[[], float]
    today: date
    sent: list[httpx2.Request] = field(default_factory=list)
    format: Format = Format.JSON

    @property
    def root(self) -> str:
        """Return the path of the service root."""
        return f"/{self.practice['ods_code']}/STU3/1/gpconnect"

    def claims(self, scope: str) -> Json:
        """Return the ten claims of a correct token."""
        issued = int(self.now())
        consumer = self.practice["consumer"]
        return {
            "iss": "https://consumer.example.nhs.uk/",
            "sub": "user-1",
            "aud": self.practice["service_root"],
            "iat": issued,
            "exp": issued + 300,
            "reason_for_request": "directcare",
            "requested_scope": scope,
            "requesting_device": {
                "resourceType": "Device",
                "identifier": [{"system": "https://consumer.example.nhs.uk/Id/device", "value": "desk-1"}],
                "model": "Test consumer",
                "version": "1.0",
            },
            "requesting_organization": {
                "resourceType": "Organization",
                "identifier": [{"system": urls.ODS_ORGANIZATION_CODE, "value": consumer["ods_code"]}],
                "name": "Test consumer organisation",
            },
            "requesting_practitioner": {
                "resourceType": "Practitioner",
                "id": "user-1",
                "identifier": [
                    {"system": urls.SDS_USER_ID, "value": "UNK"},
                    {"system": urls.SDS_ROLE_PROFILE_ID, "value": "UNK"},
                    {"system": "https://consumer.example.nhs.uk/Id/user", "value": "u1"},
                ],
                "name": [{"family": "Okafor", "given": ["Muriel"], "prefix": ["Ms"]}],
            },
        }

    def headers(self, interaction: Interaction, claims: Json | None = None) -> dict[str, str]:
        """Return the headers of a correct request."""
        return {
            "Ssp-TraceID": str(uuid.uuid4()),
            "Ssp-From": self.practice["consumer"]["asid"],
            "Ssp-To": self.practice["asid"],
            "Ssp-InteractionID": interaction.id,
            "Authorization": f"Bearer {encode_token(claims or self.claims(interaction.scope))}",
            "Accept": f"{self.format};charset=utf-8",
        }

    def send(
        self,
        name: str,
        *,
        resource_id: Any = "",
        query: str = "",
        body: Any = None,
        claims: Json | None = None,
        headers: dict[str, str | None] | None = None,
        method: str | None = None,
        path: str | None = None,
    ) -> httpx2.Response:
        """Send an interaction by name; `headers` adds to, replaces or (None) removes a correct one."""
        interaction = BY_NAME[name]
        where = path if path is not None else interaction.path.replace("{id}", str(resource_id))
        sent: dict[str, str] = self.headers(interaction, claims)
        content = None
        if body is not None:
            sent["Content-Type"] = f"{self.format};charset=utf-8"
            content = body if isinstance(body, bytes) else self.written(body)
        for header, value in (headers or {}).items():
            sent.pop(header, None)
            if value is not None:
                sent[header] = value
        url = f"{self.root}{where}{'?' + query if query else ''}"
        request = self.http.build_request(method or interaction.method, url, content=content, headers=sent)
        for header, value in (headers or {}).items():
            if value is None:
                request.headers.pop(header, None)
        return self.http.send(request)

    def written(self, body: Any) -> bytes:
        """Return a body in this consumer's format; what is no resource there has only JSON."""
        in_xml = self.format is Format.XML and isinstance(body, dict) and "resourceType" in body
        return write_xml(body) if in_xml else json.dumps(body).encode()

    def find_patient(self, nhs_number: str) -> httpx2.Response:
        """Find a patient by NHS number."""
        return self.send("find_patient", query=f"identifier={urls.NHS_NUMBER}%7C{nhs_number}")

    def a_patient_id(self, number: int = 0) -> str:
        """Return the logical id of one of the practice's ordinary patients."""
        found = resource_of(self.find_patient(self.practice["patients"][number]["nhs_number"]))
        return str(found["entry"][0]["resource"]["id"])

    def slot_query(self, first: int = 1, last: int = 8, *extra: str) -> str:
        """Return the parameters of a search from and to a number of days from today."""
        start, end = self.today + timedelta(days=first), self.today + timedelta(days=last)
        return "&".join([f"status=free&_include=Slot:schedule&start=ge{start}&end=le{end}", *extra])

    def search(self, first: int = 1, last: int = 8, *extra: str) -> Json:
        """Search for free slots and return the bundle."""
        response = self.send("search_for_free_slots", query=self.slot_query(first, last, *extra))
        assert response.status_code == 200, response.text
        return resource_of(response)

    def free_slots(self, first: int = 1, last: int = 8, *extra: str) -> list[Json]:
        """Return the slots of a search."""
        return [
            each for each in resources(self.search(first, last, *extra)) if each["resourceType"] == "Slot"
        ]

    def booking(self, *slots: Json, patient_id: str | None = None) -> Json:
        """Return a correct booking of slots that follow each other."""
        consumer = self.practice["consumer"]
        day = (date.fromisoformat(slots[0]["start"][:10]) - self.today).days
        found = resources(self.search(day, day + 1))
        schedules = {each["id"]: each for each in found if each["resourceType"] == "Schedule"}
        schedule = schedules[slots[0]["schedule"]["reference"].partition("/")[2]]
        actors = [f"Patient/{patient_id or self.a_patient_id()}"]
        actors += [actor["reference"] for actor in schedule["actor"]]
        return {
            "resourceType": "Appointment",
            "meta": {"profile": [urls.APPOINTMENT]},
            "contained": [
                {
                    "resourceType": "Organization",
                    "id": "org1",
                    "meta": {"profile": [urls.ORGANIZATION]},
                    "identifier": [{"system": urls.ODS_ORGANIZATION_CODE, "value": consumer["ods_code"]}],
                    "name": "Test consumer organisation",
                    "telecom": [{"system": "phone", "value": "01632960500", "use": "work"}],
                }
            ],
            "extension": [{"url": urls.BOOKING_ORGANISATION, "valueReference": {"reference": "#org1"}}],
            "status": "booked",
            "description": "Earache, call back",
            "start": slots[0]["start"],
            "end": slots[-1]["end"],
            "slot": [{"reference": f"Slot/{slot['id']}"} for slot in slots],
            "created": f"{self.today}T09:00:00+00:00",
            "comment": "Prefers the afternoon",
            "participant": [{"actor": {"reference": actor}, "status": "accepted"} for actor in actors],
        }

    def book(self, body: Json) -> httpx2.Response:
        """Book."""
        return self.send("book_appointment", body=body)

    def booked(self, *slots: Json, patient_id: str | None = None) -> Json:
        """Book slots, by default the first free one, and return the appointment."""
        chosen = slots or (self.free_slots()[0],)
        response = self.book(self.booking(*chosen, patient_id=patient_id))
        assert response.status_code == 201, response.text
        return resource_of(response)

    def cancellation(self, appointment: Json, reason: str = "No longer needed") -> Json:
        """Return an appointment as it is sent to be cancelled."""
        extension = {"url": urls.CANCELLATION_REASON, "valueString": reason}
        return appointment | {
            "status": "cancelled",
            "extension": [*appointment["extension"], extension],
        }

    def cancel(self, appointment: Json, **send: Any) -> httpx2.Response:
        """Cancel an appointment that was read or booked."""
        body = self.cancellation(appointment)
        return self.send("cancel_appointment", resource_id=appointment["id"], body=body, **send)

    def adjacent_slots(self) -> tuple[Json, Json]:
        """Return two free slots that may be booked together."""
        slots = self.free_slots()
        for one in slots:
            for other in slots:
                if one["end"] == other["start"] and all(
                    one[key] == other[key] for key in ("schedule", "extension", "serviceType")
                ):
                    return one, other
        raise AssertionError("the practice has no adjacent free slots")


def resource_of(response: httpx2.Response) -> Json:
    """Return the resource in a response of either format."""
    in_xml = response.headers["content-type"].startswith(Format.XML)
    return read_xml(response.content) if in_xml else dict(response.json())


def resources(bundle: Json) -> list[Json]:
    """Return the resources of a bundle."""
    return [entry["resource"] for entry in bundle.get("entry", [])]


def assert_searchset(response: httpx2.Response) -> list[Json]:
    """Assert that a response is a searchset as GP Connect has them, and return its resources.

    No totals, links or full URLs, no empty `entry`, no id twice, relative references only.
    """
    assert response.status_code == 200, response.text
    bundle = resource_of(response)
    assert bundle.keys() <= {"resourceType", "type", "entry"}
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "searchset")
    assert bundle.get("entry") != []
    assert all(entry.keys() == {"resource"} for entry in bundle.get("entry", []))
    found = resources(bundle)
    ids = [(each["resourceType"], each["id"]) for each in found]
    assert len(set(ids)) == len(ids)
    assert_common_headers(response, None)
    assert_references_are_relative(bundle)
    return found


def assert_common_headers(response: httpx2.Response, expected: Format | None = Format.JSON) -> None:
    """Assert the headers that every response with a body carries; None leaves the format open.

    Each has one value: consumers read them so.
    """
    assert response.headers["cache-control"] == "no-store"
    named = response.headers["content-type"]
    assert named in [f"{each};charset=utf-8" for each in Format if expected in (None, each)]
    assert len(response.headers.multi_items()) == len(response.headers)


def assert_references_are_relative(resource: Any) -> None:
    """Assert that all references anywhere in a resource are relative or to something contained."""
    for reference in re.findall(r'"reference": "([^"]*)"', json.dumps(resource)):
        assert re.fullmatch(r"#\w+|[A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64}", reference), reference


def assert_operation_outcome(
    response: httpx2.Response, status: int, spine_code: str, *words: str, in_format: Format = Format.JSON
) -> None:
    """Assert an OperationOutcome with a status, a Spine code, and words in its diagnostics."""
    assert response.status_code == status, response.text
    outcome = resource_of(response)
    assert outcome["resourceType"] == "OperationOutcome"
    assert outcome["meta"]["profile"] == [urls.OPERATION_OUTCOME]
    (issue,) = outcome["issue"]
    (coding,) = issue["details"]["coding"]
    assert issue["severity"] == "error"
    assert coding["system"] == urls.SPINE_ERROR_CODES
    assert coding["code"] == spine_code, issue
    assert coding["display"]
    assert_common_headers(response, in_format)
    for word in words:
        assert word in issue["diagnostics"], issue["diagnostics"]
