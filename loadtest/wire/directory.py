"""Who is registered at a simulator's own door: what a list of practices to be called leaves out."""

import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import orjson

from loadtest.practices import ConsumerOrganisation, Practice
from loadtest.wire.provider import CannotRun, fetch, find_practice

_DIRECTORY = "/control/directory"


def practice_at(
    target: str | None, ods_code: str, listed: tuple[Practice, ...], tls: ssl.SSLContext | None
) -> Practice:
    """The practice with this ODS code: of the list, or, if it is switched off there, as it is registered.

    Raises CannotRun where neither knows it; the error names the codes of the list.
    """
    if target is None or any(each.ods_code == ods_code for each in listed):
        return find_practice(listed, ods_code)
    for system in _systems(target, tls, ods_code):
        endpoint = system.get("endpoint")
        if endpoint:
            return Practice(
                ods_code, ods_code, endpoint["address"], system["asid"], listed[0].consumer, nhs_numbers=()
            )
    return find_practice(listed, ods_code)


def consumer_at(
    target: str | None, asid: str, listed: tuple[Practice, ...], tls: ssl.SSLContext | None
) -> ConsumerOrganisation | None:
    """The organisation whose system has this ASID: of the list, or as registered; None where neither has it.

    The type of an organisation stands in the list alone.
    """
    for practice in listed:
        if practice.consumer.asid == asid:
            return practice.consumer
    if target is not None:
        for system in _systems(target, tls):
            if system["asid"] == asid:
                return ConsumerOrganisation(asid, system["ods_code"], None)
    return None


def _systems(target: str, tls: ssl.SSLContext | None, ods_code: str | None = None) -> list[Mapping[str, Any]]:
    """The systems registered, all or those of an organisation; none where a provider has no such door."""
    query = "" if ods_code is None else f"?ods_code={quote(ods_code, safe='')}"
    try:
        listed = orjson.loads(fetch(f"{target.rstrip('/')}{_DIRECTORY}{query}", tls))
        return [each for each in listed["systems"] if {"asid", "ods_code"} <= each.keys()]
    except (CannotRun, orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        return []
