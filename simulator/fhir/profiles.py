"""What a profile asks beyond the base resource, as a table, and the check that reads the table.

The STU3 models know the base: names, nesting and types of elements. They know no cardinality of a profile, no
prohibited element, no binding and no fixed value, and they let a number stand for an instant; that is here.
Source: the published GP Connect structure definitions, and the interaction pages where those ask for more.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from simulator.domain.refusals import InvalidResource, shown
from simulator.fhir import urls
from simulator.fhir.resource import Json

_TIME = r"T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]\d{2}:\d{2})"
_DAY = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"

LEXICAL = {
    "instant": (re.compile(_DAY + _TIME, re.ASCII), "yyyy-mm-ddThh:mm:ss+hh:mm"),
    "dateTime": (
        re.compile(rf"\d{{4}}(-(0[1-9]|1[0-2])|{_DAY[5:]}({_TIME})?)?", re.ASCII),
        "yyyy-mm-ddThh:mm:ss+hh:mm",
    ),
    "moment": (re.compile(_DAY + _TIME, re.ASCII), "a dateTime with time and offset"),
    "date": (re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", re.ASCII), "yyyy-mm-dd"),
    "text": (re.compile(r"(?s).*\S.*"), "a text that is not blank"),
}
"""How the text of a primitive must look, and how to say so. `moment` is a dateTime GP Connect wants whole."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One element of a profile: how often it stands in its parent, and what its value may be.

    `path` leads from the resource by names; `kind` names a lexical form; `codes` is a required binding.
    """

    path: str
    least: int
    most: int | None
    kind: str | None = None
    codes: frozenset[str] | None = None
    fixed: str | None = None


@dataclass(frozen=True, slots=True)
class Slice:
    """An extension of a profile: how often it may come, and the one value key it carries."""

    url: str
    most: int | None
    value: str
    least: int = 0


@dataclass(frozen=True, slots=True)
class Profile:
    """The rules of one profile."""

    resource_type: str
    url: str
    rules: tuple[Rule, ...]
    slices: tuple[Slice, ...] = ()


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


_IDENTIFIER = (
    Rule("identifier.system", 1, 1, "text"),
    Rule("identifier.value", 1, 1, "text"),
    *(Rule(f"identifier.{name}", 0, 0) for name in ("use", "type", "period", "assigner")),
)

APPOINTMENT = Profile(
    "Appointment",
    urls.APPOINTMENT,
    (
        *_IDENTIFIER,
        Rule(
            "status", 1, 1,
            codes=_codes("proposed pending booked arrived fulfilled cancelled noshow entered-in-error"),
        ),
        *(
            Rule(name, 0, 0)
            for name in (
                "appointmentType", "indication", "supportingInformation", "incomingReferral",
                "requestedPeriod", "reason", "specialty",
            )
        ),
        Rule("description", 1, 1, "text"),
        Rule("start", 1, 1, "instant"),
        Rule("end", 1, 1, "instant"),
        Rule("slot", 1, None),
        Rule("slot.reference", 1, 1, "text"),
        Rule("created", 0, 1, "moment"),
        Rule("participant", 1, None),
        Rule("participant.actor", 1, 1),
        Rule("participant.actor.reference", 1, 1, "text"),
        Rule("participant.status", 1, 1, codes=_codes("accepted declined tentative needs-action")),
        Rule("participant.required", 0, 1, codes=_codes("required optional information-only")),
    ),
    (
        Slice(urls.BOOKING_ORGANISATION, 1, "valueReference"),
        Slice(urls.CANCELLATION_REASON, 1, "valueString"),
        Slice(urls.PRACTITIONER_ROLE, None, "valueCodeableConcept"),
        Slice(urls.DELIVERY_CHANNEL, 1, "valueCode"),
    ),
)  # fmt: skip

ORGANIZATION = Profile(
    "Organization",
    urls.ORGANIZATION,
    (
        *_IDENTIFIER,
        Rule("type", 0, 1),
        Rule("name", 1, 1, "text"),
        Rule("address.state", 0, 0),
        Rule("telecom.system", 1, 1, codes=_codes("phone fax email pager url sms other")),
        Rule("telecom.value", 1, 1, "text"),
        Rule("telecom.use", 0, 1, codes=_codes("work temp old mobile")),
    ),
)


def check_profile(resource: Json, profile: Profile, where: str | None = None) -> None:
    """Raise InvalidResource that names the first element breaking a profile, what came and what is expected.

    `where` is the path to show for the resource, its type unless it stands inside another.
    """
    start = where or profile.resource_type
    for rule in profile.rules:
        *parents, name = rule.path.split(".")
        for parent, path in _reached(resource, parents, start):
            _check_element(parent.get(name), rule, f"{path}.{name}")
    for piece in profile.slices:
        _check_slice(resource, piece, start)


def _reached(element: Any, parents: list[str], path: str) -> Iterator[tuple[Json, str]]:
    """Yield every element that a list of names leads to, with its path."""
    if not parents:
        if isinstance(element, dict):
            yield element, path
        return
    child = element.get(parents[0]) if isinstance(element, dict) else None
    if isinstance(child, list):
        for number, each in enumerate(child):
            yield from _reached(each, parents[1:], f"{path}.{parents[0]}[{number}]")
    elif child is not None:
        yield from _reached(child, parents[1:], f"{path}.{parents[0]}")


def _check_element(value: Any, rule: Rule, path: str) -> None:
    values = value if isinstance(value, list) else [] if value is None else [value]
    if rule.most == 0 and values:
        raise InvalidResource(f"{path}: GP Connect does not allow this element; leave it out")
    if len(values) < rule.least:
        raise InvalidResource(f"{path}: is missing; expected {_cardinality(rule.least, rule.most)}")
    if rule.most is not None and len(values) > rule.most:
        raise InvalidResource(
            f"{path}: came {len(values)} times; expected {_cardinality(rule.least, rule.most)}"
        )
    for each in values:
        _check_value(each, rule, path)


def _cardinality(least: int, most: int | None) -> str:
    if least == most:
        return f"exactly {least}"
    return f"at least {least}" if most is None else f"{least} to {most}"


def _check_value(value: Any, rule: Rule, path: str) -> None:
    if rule.kind is not None:
        pattern, form = LEXICAL[rule.kind]
        if not isinstance(value, str) or pattern.fullmatch(value) is None:
            raise InvalidResource(f"{path}: {shown(value)} was sent; expected {form}")
    if rule.codes is not None and (not isinstance(value, str) or value not in rule.codes):
        raise InvalidResource(
            f"{path}: {shown(value)} was sent; expected one of {', '.join(sorted(rule.codes))}"
        )
    if rule.fixed is not None and value != rule.fixed:
        raise InvalidResource(f"{path}: {shown(value)} was sent; expected {rule.fixed}")


def _check_slice(resource: Json, piece: Slice, start: str) -> None:
    found = [each for each in resource.get("extension", []) if each.get("url") == piece.url]
    path = f"{start}.extension({piece.url})"
    if len(found) < piece.least or (piece.most is not None and len(found) > piece.most):
        raise InvalidResource(
            f"{path}: came {len(found)} times; expected {_cardinality(piece.least, piece.most)}"
        )
    for each in found:
        others = [key for key in each if key.startswith("value") and key != piece.value]
        if others:
            raise InvalidResource(f"{path}: has {others[0]}; expected {piece.value}")
