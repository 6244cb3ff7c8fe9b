"""CapabilityStatement in its STU3 shape, derived from the interactions that are there.

Source: specification, page "Get the FHIR capability statement".
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from simulator.fhir import urls
from simulator.fhir.resource import Json

GP_CONNECT_VERSION = "1.2.7"
PUBLISHED = "2020-01-15"
RELEASED = "2026-12-01"
"""When the statement was published, and when this version of the software was released."""


@dataclass(frozen=True, slots=True)
class Declared:
    """One interaction as far as it is declared: method, path segments, search parameters, includes."""

    method: str
    segments: tuple[str, ...]
    search: tuple[tuple[str, str], ...]
    includes: tuple[str, ...]

    @property
    def resource_type(self) -> str:
        """Return the type that is read, searched, created or changed: the last one the path names."""
        return [segment for segment in self.segments if segment[0].isupper()][-1]

    @property
    def code(self) -> str:
        """Return the FHIR interaction code."""
        by_method = {"POST": "create", "PUT": "update"}
        return by_method.get(self.method) or ("read" if self.segments[-1] == "{id}" else "search-type")


def render_capability_statement(declared: Iterable[Declared], software_version: str) -> Json:
    """Return the capability statement of a provider with these interactions."""
    typed = [each for each in declared if each.segments[0][0].isupper()]
    operations = [each for each in typed if each.segments[-1].startswith("$")]
    plain = [each for each in typed if each not in operations]
    rest: Json = {
        "mode": "server",
        "security": {"cors": True},
        "resource": list(_resources(plain)),
    }
    rest["operation"] = [
        {
            "name": each.segments[-1].removeprefix("$"),
            "definition": {"reference": urls.REGISTER_PATIENT_OPERATION},
        }
        for each in operations
    ]
    # The conformance suite asks every provider to declare the structured record's operation as well.
    rest["operation"].append(
        {"name": "gpc.getstructuredrecord", "definition": {"reference": urls.STRUCTURED_RECORD_OPERATION}}
    )
    return {
        "resourceType": "CapabilityStatement",
        "version": GP_CONNECT_VERSION,
        "name": "GP Connect",
        "status": "active",
        "date": PUBLISHED,
        "publisher": "GP appointment simulator",
        "contact": [{"name": "GP appointment simulator maintainers"}],
        "description": f"This server implements GP Connect {GP_CONNECT_VERSION} on synthetic data.",
        "copyright": "Specification: copyright NHS Digital. Data: synthetic.",
        "kind": "capability",
        "software": {
            "name": "GP appointment simulator",
            "version": software_version,
            "releaseDate": f"{RELEASED}T00:00:00+00:00",
        },
        "fhirVersion": "3.0.1",
        "acceptUnknown": "both",
        "format": ["application/fhir+json", "application/fhir+xml"],
        "profile": [{"reference": profile} for profile in urls.DECLARED_PROFILES],
        "rest": [rest],
    }


def _resources(declared: list[Declared]) -> Iterator[Json]:
    """Yield one entry a resource type, in the order in which the interactions name them."""
    for resource_type in dict.fromkeys(each.resource_type for each in declared):
        of_type = [each for each in declared if each.resource_type == resource_type]
        codes = dict.fromkeys(each.code for each in of_type)
        entry: Json = {"type": resource_type, "interaction": [{"code": code} for code in codes]}
        if "update" in codes:
            entry["updateCreate"] = False
        includes = [include for each in of_type for include in each.includes]
        if includes:
            entry["searchInclude"] = includes
        search = [parameter for each in of_type for parameter in each.search]
        if search:
            entry["searchParam"] = [{"name": name, "type": kind} for name, kind in search]
        yield entry
