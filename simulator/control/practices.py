"""The list of practices: what a load run, a script or a person needs to call each."""

from starlette.requests import Request
from starlette.responses import JSONResponse

from simulator.fhir.resource import Json
from simulator.fhir.urls import service_root
from simulator.settings import Settings
from simulator.store.database import Store, Transaction

PATIENTS_SHOWN = 50


def list_practices(transaction: Transaction, base_url: str) -> list[Json]:
    """Return every practice that can be called: ODS code, name, service root, ASID, consumer and patients.

    One where GP Connect or Appointment Management is switched off is left out: it refuses every booking.
    The shape is the contract between the simulator and a load run; patients are up to 50 ordinary ones.
    """
    caller = transaction.practices.consumers()[0]
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
                for patient in transaction.patients.first(organization.id, PATIENTS_SHOWN)
            ],
        }
        for organization in transaction.practices.all()
        if organization.enabled and organization.appointments_enabled
    ]


async def practices(request: Request) -> JSONResponse:
    """Answer `/control/practices`; service roots are as the directories publish them."""
    store: Store = request.app.state.store
    settings: Settings = request.app.state.settings
    base_url = settings.public_url or str(request.base_url)
    with store.reading() as transaction:
        return JSONResponse(list_practices(transaction, base_url.rstrip("/")))
