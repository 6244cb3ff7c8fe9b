"""The practices a run addresses: what a consumer knows of each before its first call.

The JSON is what `gpsim practices --json` prints and `/control/practices` serves: a list of
`{"ods_code", "name", "service_root", "asid", "consumer": {"asid", "ods_code", "organisation_type"},
"patients": [{"nhs_number", "family", "given", "birth_date"}, ...]}`.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson


class PracticesError(ValueError):
    """A practices list that cannot be used; the message names the key and what is expected there."""


@dataclass(frozen=True, slots=True)
class ConsumerOrganisation:
    """Whom the consumer acts for: ASID (12 digits), ODS code, GP Connect organisation type if it has one."""

    asid: str
    ods_code: str
    organisation_type: str | None


@dataclass(frozen=True, slots=True)
class Practice:
    """One practice: published service root (no trailing slash), ASID, its caller, NHS numbers known there."""

    ods_code: str
    name: str
    service_root: str
    asid: str
    consumer: ConsumerOrganisation
    nhs_numbers: tuple[str, ...]


def read_practices(body: bytes, source: str) -> tuple[Practice, ...]:
    """Practices in the JSON `body`; `source` (a file or URL) begins every error message."""
    try:
        entries = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise PracticesError(f"{source}: not JSON ({error})") from error
    if not isinstance(entries, list):
        raise PracticesError(f"{source}: expected a list of practices, found {_kind(entries)}")
    if not entries:
        raise PracticesError(f"{source}: the list of practices is empty")
    practices = tuple(
        _practice(entry, f"{source}: practices[{index}]") for index, entry in enumerate(entries)
    )
    seen: set[str] = set()
    for index, practice in enumerate(practices):
        if practice.ods_code in seen:
            raise PracticesError(
                f"{source}: practices[{index}].ods_code: {practice.ods_code} is there already"
            )
        seen.add(practice.ods_code)
    return practices


def to_json(practice: Practice) -> dict[str, Any]:
    """The practice as an entry of the list that `read_practices` reads."""
    return {
        "ods_code": practice.ods_code,
        "name": practice.name,
        "service_root": practice.service_root,
        "asid": practice.asid,
        "consumer": {
            "asid": practice.consumer.asid,
            "ods_code": practice.consumer.ods_code,
            "organisation_type": practice.consumer.organisation_type,
        },
        "patients": [{"nhs_number": number} for number in practice.nhs_numbers],
    }


def _practice(entry: Any, where: str) -> Practice:
    fields = _object(entry, where)
    root = _text(fields, "service_root", where).rstrip("/")
    if urlsplit(root).scheme not in ("http", "https") or not urlsplit(root).netloc:
        raise PracticesError(f"{where}.service_root: expected an http or https URL, found {root!r}")
    consumer = _object(fields.get("consumer"), f"{where}.consumer")
    patients = fields.get("patients", [])
    if not isinstance(patients, list):
        raise PracticesError(f"{where}.patients: expected a list, found {_kind(patients)}")
    kind = consumer.get("organisation_type")
    if kind is not None:
        kind = _text(consumer, "organisation_type", f"{where}.consumer")
    return Practice(
        ods_code=_text(fields, "ods_code", where),
        name=_text(fields, "name", where),
        service_root=root,
        asid=_text(fields, "asid", where),
        consumer=ConsumerOrganisation(
            asid=_text(consumer, "asid", f"{where}.consumer"),
            ods_code=_text(consumer, "ods_code", f"{where}.consumer"),
            organisation_type=kind,
        ),
        nhs_numbers=tuple(
            _text(_object(patient, f"{where}.patients[{n}]"), "nhs_number", f"{where}.patients[{n}]")
            for n, patient in enumerate(patients)
        ),
    )


def _object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise PracticesError(f"{where}: expected an object, found {_kind(value)}")
    return value


def _text(fields: dict[str, Any], key: str, where: str) -> str:
    if key not in fields:
        raise PracticesError(f"{where}.{key}: missing")
    value = fields[key]
    if not isinstance(value, str) or not value.strip():
        raise PracticesError(f"{where}.{key}: expected text, found {_kind(value)}")
    return value


def _kind(value: Any) -> str:
    if value is None:
        return "nothing"
    if value == "":
        return "empty text"
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", int: "a number"}
    return names.get(type(value), "a number")
