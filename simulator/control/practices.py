"""The list of practices: what a load run, a script or a person needs to call each."""

from collections.abc import Iterable, Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse

from simulator.domain.organization import Organization
from simulator.fhir.resource import Json
from simulator.fhir.urls import service_root
from simulator.settings import Settings
from simulator.store.database import Store, Transaction

PATIENTS_SHOWN = 50
PATIENTS_IN_ALL = 30_000
"""A list of very many practices has fewer patients of each, so that it stays short enough to be fetched."""


def open_practices(organizations: Iterable[Organization], matching: str = "") -> list[Organization]:
    """Return those of some practices that can be called, and whose ODS code or name has a text in it.

    One where GP Connect or Appointment Management is switched off is left out: it refuses every booking.
    """
    return [
        each
        for each in matching_practices(organizations, matching)
        if each.enabled and each.appointments_enabled
    ]


def matching_practices(organizations: Iterable[Organization], matching: str) -> list[Organization]:
    """Return those of some practices whose ODS code or name has a text in it, switched off or not."""
    wanted = matching.strip().casefold()
    return [
        each for each in organizations if wanted in each.ods_code.casefold() or wanted in each.name.casefold()
    ]


def describe_practices(
    transaction: Transaction, organizations: Sequence[Organization], base_url: str
) -> list[Json]:
    """Return practices as they are listed: ODS code, name, service root, ASID, consumer and patients.

    The shape is the contract between the simulator and a load run; patients are up to 50 ordinary ones.
    """
    caller = transaction.practices.consumers()[0]
    patients = min(PATIENTS_SHOWN, PATIENTS_IN_ALL // max(1, len(organizations)))
    return [
        {
            "ods_code": organization.ods_code,
            "name": organization.name,
            "service_root": service_root(base_url, organization.ods_code),
            "asid": organization.asid,
            "consumer": {
                "asid": caller.asid,
                "ods_code": caller.ods_code,
                "organisation_type": caller.organisation_type,
            },
            "patients": [
                {
                    "nhs_number": patient.nhs_number,
                    "family": patient.family,
                    "given": patient.given,
                    "birth_date": patient.birth_date.isoformat(),
                }
                for patient in transaction.patients.first(organization.id, patients)
            ],
        }
        for organization in organizations
    ]


def list_practices(
    transaction: Transaction, base_url: str, matching: str = "", limit: int | None = None
) -> list[Json]:
    """Return practices that can be called as they are listed: all, those that match, or the first of them."""
    wanted = open_practices(transaction.practices.all(), matching)
    return describe_practices(transaction, wanted[:limit], base_url)


async def practices(request: Request) -> JSONResponse:
    """Answer `/control/practices`; service roots are as the directories publish them.

    `?matching=` and `?limit=` shorten the list; what is not a whole number as limit is 400.
    """
    store: Store = request.app.state.store
    settings: Settings = request.app.state.settings
    base_url = settings.public_url or str(request.base_url)
    limit = request.query_params.get("limit")
    if limit is not None and not (limit.isascii() and limit.isdigit()):
        return JSONResponse({"error": f"limit: {limit!r} was sent; expected a whole number"}, 400)
    with store.reading() as transaction:
        listed = list_practices(
            transaction,
            base_url.rstrip("/"),
            request.query_params.get("matching", ""),
            None if limit is None else int(limit[:9]),
        )
        return JSONResponse(listed)
