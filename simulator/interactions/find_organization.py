"""Find an organisation by ODS code: a practice knows itself."""

from simulator.domain.ods_code import is_ods_code
from simulator.domain.refusals import InvalidIdentifierValue, shown
from simulator.fhir import urls
from simulator.fhir.organization import render_organization
from simulator.fhir.search_parameters import read_identifier
from simulator.fhir.searchset import render_searchset
from simulator.interactions.interaction import InteractionRequest, InteractionResponse, Practice


def find_organization(request: InteractionRequest, practice: Practice) -> InteractionResponse:
    """Return a Bundle of the practice, if the ODS code is its own; empty otherwise.

    Raises InvalidIdentifierValue and what reading the identifier raises. Source: specification, page "Find an
    organisation".
    """
    ods_code = read_identifier(request.parameters, urls.ODS_ORGANIZATION_CODE)
    if not is_ods_code(ods_code):
        raise InvalidIdentifierValue(
            f"parameter identifier: {shown(ods_code)} is not an ODS code;"
            " expected three to eight capital letters and digits"
        )
    found = [practice.organization] if practice.organization.ods_code == ods_code else []
    return InteractionResponse(render_searchset(map(render_organization, found)))
