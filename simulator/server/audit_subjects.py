"""Whom and what a request is about, for the audit trail, as far as path, query and body say it."""

import re
from itertools import islice

from simulator.fhir import urls
from simulator.fhir.search_parameters import Parameters

AUDITED = 200
"""How many characters of what a request says are kept for audit."""

_NHS_NUMBER = re.compile(
    rb'/nhs-number"[^0-9]{0,80}"([0-9]{10})"'
    rb'|"([0-9]{10})"\s{0,80},\s{0,80}"system"\s{0,80}:\s{0,80}"[^"]{0,80}/nhs-number"'
)
_NHS_NUMBER_SYSTEM = b"/nhs-number"
_REFERENCES = tuple(
    # As `\b` before it, but a pattern that begins with plain text is found many times as fast.
    re.compile(rb"(%b)(?<!\w%b)\\?/([A-Za-z0-9.-]{1,64})\"" % (resource_type, resource_type))
    for resource_type in (b"Patient", b"Slot")
)
_MOST_SUBJECTS = 30
_NUMBER = "NHS number "
_PATIENT = "Patient/"


def patient_in_path(path: str) -> str:
    """Return the logical id of the patient whom a path below the service root names, or nothing."""
    if not path.startswith(_PATIENT):
        return ""
    logical_id = path.removeprefix(_PATIENT).partition("/")[0]
    return "" if logical_id.startswith("$") else logical_id[:AUDITED]


def number_in_query(parameters: Parameters) -> str:
    """Return the NHS number, valid or not, that a search is for, or nothing."""
    for name, value in parameters:
        if name == "identifier" and value.startswith(f"{urls.NHS_NUMBER}|"):
            return value.removeprefix(f"{urls.NHS_NUMBER}|")[:AUDITED]
    return ""


def subjects(body: bytes) -> list[str]:
    """Return whom and what a body in JSON or XML is about, however broken it is: no parser is asked.

    In order: NHS numbers of ten digits, and the patients and slots referred to; each once, the first of many.
    """
    by_number = _found(_NHS_NUMBER, body) if _NHS_NUMBER_SYSTEM in body else []
    numbers = (_NUMBER.encode() + (one or other) for one, other in by_number)
    references = (b"/".join(parts) for each in _REFERENCES for parts in _found(each, body))
    return list(dict.fromkeys(found.decode() for found in (*numbers, *references)))


def first_patient(named: list[str]) -> tuple[str, str]:
    """Return the first logical id and the first NHS number of a patient among `subjects`, each or nothing."""
    return _first(_PATIENT, named), _first(_NUMBER, named)


def _first(kind: str, named: list[str]) -> str:
    return next((each.removeprefix(kind) for each in named if each.startswith(kind)), "")


def _found(pattern: re.Pattern[bytes], body: bytes) -> list[tuple[bytes, bytes]]:
    return [(each[1], each[2]) for each in islice(pattern.finditer(body), _MOST_SUBJECTS)]
