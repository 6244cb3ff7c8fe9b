"""Each interaction needs one scope, exactly."""

import pytest

from simulator.interactions.registry import INTERACTIONS
from simulator.server.audit_token import SCOPES
from tests.practice_client import PracticeClient, assert_operation_outcome

SCOPE_OF = {
    "read_metadata": "organization/*.read",
    "find_patient": "patient/*.read",
    "read_patient": "patient/*.read",
    "register_patient": "patient/*.write",
    "find_practitioner": "organization/*.read",
    "read_practitioner": "organization/*.read",
    "find_organization": "organization/*.read",
    "read_organization": "organization/*.read",
    "read_location": "organization/*.read",
    "search_for_free_slots": "organization/*.read",
    "retrieve_patient_appointments": "patient/*.read",
    "book_appointment": "patient/*.write",
    "read_appointment": "patient/*.read",
    "amend_appointment": "patient/*.write",
    "cancel_appointment": "patient/*.write",
}


def test_every_interaction_of_the_contract_is_in_the_registry() -> None:
    assert {each.name: each.scope for each in INTERACTIONS} == SCOPE_OF


@pytest.mark.parametrize(
    ("name", "scope"),
    [(name, scope) for name, right in SCOPE_OF.items() for scope in SCOPES if scope != right],
)
def test_any_other_scope_is_refused(consumer: PracticeClient, name: str, scope: str) -> None:
    response = consumer.send(name, resource_id="1", claims=consumer.claims(scope))
    assert_operation_outcome(
        response, 400, "BAD_REQUEST", "claim requested_scope", scope, name, f"expects {SCOPE_OF[name]}"
    )


def test_scope_is_checked_before_whether_there_is_such_a_patient(consumer: PracticeClient) -> None:
    claims = consumer.claims("organization/*.read")
    response = consumer.send("read_patient", resource_id="0", claims=claims)
    assert_operation_outcome(response, 400, "BAD_REQUEST", "requested_scope")
