"""A tiny GP Connect provider in threads: enough of one practice's book for the load lab's own tests."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

ODS = "A20047"
ROOT = f"https://gp.example/{ODS}/STU3/1/gpconnect"
TODAY = "2030-06-03"
PATIENTS = [f"99900000{n:02d}" for n in range(4)]


def practices(ods: str = ODS) -> list[dict[str, Any]]:
    """The practices list with one practice."""
    return [
        {
            "ods_code": ods,
            "name": "Fell Road Surgery",
            "service_root": f"https://gp.example/{ods}/STU3/1/gpconnect",
            "asid": "200000000042",
            "consumer": {"asid": "200000000077", "ods_code": "Z9U07", "organisation_type": "urgent-care"},
            "patients": [
                {"nhs_number": number, "family": "Wren", "given": "Ada", "birth_date": "1980-01-01"}
                for number in PATIENTS
            ],
        }
    ]


class FakeProvider:
    """State and faults. `double_booking` forgets to look; `silent` accepts a cancel and hangs up.

    `dawdling` lets every third booking wait that many seconds before it is looked at; `slow` every search.
    """

    def __init__(self, slots: int = 60) -> None:
        self.lock = threading.Lock()
        self.double_booking = False
        self.silent = False
        self.refusing = False
        self.dawdling = 0.0
        self.slow = 0.0
        self._bookings = count(1)
        self.received: list[tuple[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.live: dict[str, str] = {}
        self.appointments: dict[str, dict[str, Any]] = {}
        begin = datetime.fromisoformat(f"{TODAY}T09:00:00+01:00")
        self.slots = {
            str(n): _slot(
                str(n), begin + timedelta(days=1 + n // 10 % 5 + 7 * (n // 50), minutes=10 * (n % 10))
            )
            for n in range(slots)
        }

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        """Status and JSON of one request."""
        url = urlsplit(path)
        query = parse_qs(url.query)
        if url.path == "/control/practices":
            return 200, practices()
        if url.path == "/control/health":
            return 200, {"status": "ready", "today": TODAY}
        if self.refusing:
            return 403, outcome("ACCESS_DENIED")
        place = url.path.split("/gpconnect", 1)[1]
        if place == "/metadata":
            software = {"name": "Fake practice system", "version": "0.9"}
            return 200, {"resourceType": "CapabilityStatement", "software": software}
        if place == "/Slot":
            time.sleep(self.slow)
            return 200, self._search(query["start"][0][2:], query["end"][0][2:])
        if place == "/Patient":
            number = query["identifier"][0].split("|")[1]
            return 200, _bundle([{"resourceType": "Patient", "id": f"p{PATIENTS.index(number)}"}])
        if place.endswith("/Appointment") and method == "GET":
            wanted = f"Patient/{place.split('/')[2]}"
            return 200, _bundle(
                [a for a in self.appointments.values() if a["participant"][0]["actor"]["reference"] == wanted]
            )
        if method == "POST":
            return self._book(orjson.loads(body))
        if method == "PUT":
            return self._update(orjson.loads(body))
        return 200, self.appointments[place.rsplit("/", 1)[1]]

    def _search(self, first: str, last: str) -> dict[str, Any]:
        free = [
            slot
            for key, slot in self.slots.items()
            if key not in self.live and first <= slot["start"][:10] <= last
        ]
        actors = [{"reference": "Location/L1"}, {"reference": "Practitioner/P1"}]
        schedules = {slot["schedule"]["reference"].split("/")[1] for slot in free}
        return _bundle(
            free + [{"resourceType": "Schedule", "id": each, "actor": actors} for each in sorted(schedules)]
        )

    def _book(self, appointment: dict[str, Any]) -> tuple[int, Any]:
        ids = [slot["reference"].split("/")[1] for slot in appointment["slot"]]
        if self.dawdling and next(self._bookings) % 3 == 0:
            time.sleep(self.dawdling)
        with self.lock:
            if not self.double_booking and any(key in self.live for key in ids):
                return 409, outcome("DUPLICATE_REJECTED")
            identifier = str(900 + len(self.appointments))
            made = {**appointment, "id": identifier, "meta": {"versionId": "1"}}
            self.appointments[identifier] = made
            self.live.update(dict.fromkeys(ids, identifier))
            return 201, made

    def _update(self, appointment: dict[str, Any]) -> tuple[int, Any]:
        with self.lock:
            version = int(appointment["meta"]["versionId"]) + 1
            made = {**appointment, "meta": {"versionId": str(version)}}
            self.appointments[appointment["id"]] = made
            if made["status"] == "cancelled":
                for slot in appointment["slot"]:
                    self.live.pop(slot["reference"].split("/")[1], None)
            return 200, made


def _slot(identifier: str, start: datetime) -> dict[str, Any]:
    return {
        "resourceType": "Slot",
        "id": identifier,
        "extension": [
            {
                "url": "https://fhir.nhs.uk/STU3/StructureDefinition/Extension-GPConnect-DeliveryChannel-2",
                "valueCode": "In-person",
            }
        ],
        "serviceType": [{"text": "Consultation"}],
        "schedule": {"reference": f"Schedule/d{start:%m%d}-{int(identifier) // 3}"},
        "status": "free",
        "start": start.isoformat(),
        "end": (start + timedelta(minutes=10)).isoformat(),
    }


def _bundle(resources: list[dict[str, Any]]) -> dict[str, Any]:
    entries = [{"resource": resource} for resource in resources]
    return {"resourceType": "Bundle", "type": "searchset"} | ({"entry": entries} if entries else {})


def outcome(code: str) -> dict[str, Any]:
    """An OperationOutcome with this Spine code."""
    return {"resourceType": "OperationOutcome", "issue": [{"details": {"coding": [{"code": code}]}}]}


@contextmanager
def serving(provider: FakeProvider) -> Iterator[str]:
    """Serve the provider on a free port; gives its URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65536

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            provider.received.append((self.command, self.path))
            provider.headers.append(dict(self.headers.items()))
            status, content = provider.answer(self.command, self.path, body)
            if provider.silent and self.command == "PUT":
                self.close_connection = True
                return
            payload = orjson.dumps(content)
            self.send_response(status)
            self.send_header("Content-Type", "application/fhir+json;charset=utf-8")
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        do_POST = do_PUT = do_GET  # noqa: N815  (likewise)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 128
        daemon_threads = True

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def now() -> int:
    """Unix seconds."""
    return int(datetime.now(tz=UTC).timestamp())
