"""Get the FHIR capability statement: what this provider can do, as its registry of interactions says."""

from simulator.fhir.capability_statement import Declared, render_capability_statement
from simulator.interactions.interaction import InteractionRequest, InteractionResponse, Practice


def read_metadata(request: InteractionRequest, practice: Practice) -> InteractionResponse:
    """Return the capability statement, derived from the interactions that are there.

    Source: specification, page "Get the FHIR capability statement".
    """
    declared = [
        Declared(each.method, each.segments, each.search, each.includes) for each in request.interactions
    ]
    return InteractionResponse(render_capability_statement(declared, request.software_version))
