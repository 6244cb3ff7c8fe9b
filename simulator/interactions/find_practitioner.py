"""Find a practitioner by SDS user id."""

import re

from simulator.domain.refusals import InvalidIdentifierValue, shown
from simulator.fhir import urls
from simulator.fhir.practitioner import render_practitioner
from simulator.fhir.search_parameters import read_identifier
from simulator.fhir.searchset import render_searchset
from simulator.interactions.interaction import InteractionRequest, InteractionResponse, Practice

_SDS_USER_ID = re.compile(r"[A-Za-z0-9]{1,32}\Z")


def find_practitioner(request: InteractionRequest, practice: Practice) -> InteractionResponse:
    """Return a Bundle of the practitioners with an SDS user id; empty where there is none.

    Raises InvalidIdentifierValue and what reading the identifier raises. Source: specification, page "Find a
    practitioner".
    """
    sds_user_id = read_identifier(request.parameters, urls.SDS_USER_ID)
    if _SDS_USER_ID.match(sds_user_id) is None:
        raise InvalidIdentifierValue(
            f"parameter identifier: {shown(sds_user_id)} is not an SDS user id;"
            " expected at most 32 letters and digits"
        )
    with practice.store.reading() as transaction:
        found = transaction.practices.with_sds_user_id(practice.organization.id, sds_user_id)
    return InteractionResponse(render_searchset(render_practitioner(each) for each in found))
