"""Read an organisation: the practice itself."""

from simulator.domain.refusals import OrganisationNotFound
from simulator.fhir.organization import render_organization
from simulator.interactions.interaction import (
    InteractionRequest,
    InteractionResponse,
    Practice,
    read_response,
)


def read_organization(request: InteractionRequest, practice: Practice) -> InteractionResponse:
    """Return the practice with its version; raise OrganisationNotFound for any other id.

    Source: specification, page "Read an organisation".
    """
    if request.resource_id != str(practice.organization.id):
        raise OrganisationNotFound(f"Organization/{request.resource_id}: does not exist at this practice")
    return read_response(render_organization(practice.organization))
