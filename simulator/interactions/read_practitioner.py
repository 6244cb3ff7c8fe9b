"""Read a practitioner."""

from simulator.domain.refusals import PractitionerNotFound
from simulator.fhir.practitioner import render_practitioner
from simulator.fhir.resource import our_id
from simulator.interactions.interaction import (
    InteractionRequest,
    InteractionResponse,
    Practice,
    read_response,
)


def read_practitioner(request: InteractionRequest, practice: Practice) -> InteractionResponse:
    """Return a practitioner with its version; raise PractitionerNotFound where the practice has none such.

    Source: specification, page "Read a practitioner".
    """
    number = our_id(request.resource_id)
    with practice.store.reading() as transaction:
        found = (
            None if number is None else transaction.practices.practitioner(practice.organization.id, number)
        )
    if found is None:
        raise PractitionerNotFound(f"Practitioner/{request.resource_id}: does not exist at this practice")
    return read_response(render_practitioner(found))
