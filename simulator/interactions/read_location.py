"""Read a location: one of the practice's surgeries."""

from simulator.domain.refusals import NoRecordFound
from simulator.fhir.location import render_location
from simulator.fhir.resource import our_id
from simulator.interactions.interaction import (
    InteractionRequest,
    InteractionResponse,
    Practice,
    read_response,
)


def read_location(request: InteractionRequest, practice: Practice) -> InteractionResponse:
    """Return a surgery with its version; raise NoRecordFound where the practice has none such.

    Source: specification, page "Read a location".
    """
    number = our_id(request.resource_id)
    with practice.store.reading() as transaction:
        found = None if number is None else transaction.practices.location(practice.organization.id, number)
    if found is None:
        raise NoRecordFound(f"Location/{request.resource_id}: does not exist at this practice")
    return read_response(render_location(found))
