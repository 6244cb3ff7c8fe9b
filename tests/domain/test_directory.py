"""What may stand in the directory."""

import pytest

from simulator.domain.directory import (
    GP_CONNECT_INTERACTIONS,
    Endpoint,
    is_asid,
    is_endpoint_address,
    is_interaction_id,
    is_party_key,
)


@pytest.mark.parametrize(
    "address",
    [
        "https://gp.example.nhs.uk/Z90001/STU3/1/gpconnect",
        "http://127.0.0.1:8001/Z90001/STU3/1/gpconnect",
        "http://[::1]:8001/Z90001",
        "https://gp.example.nhs.uk",
    ],
)
def test_a_service_root_is_an_address(address: str) -> None:
    assert is_endpoint_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "gp.example.nhs.uk/Z90001",
        "ftp://gp.example.nhs.uk/Z90001",
        "file:///etc/passwd",
        "https://gp.example.nhs.uk/Z90001/",
        "https:///Z90001",
        "https://gp.example.nhs.uk/Z90001?x=y",
        "https://gp.example.nhs.uk/Z90001#x",
        "https://user:secret@gp.example.nhs.uk/Z90001",
        "https://gp.example.nhs.uk/a/../b",
        "https://gp.example.nhs.uk/%2e%2e/b",
        "https://gp.example.nhs.uk:port/b",
        "https://gp.example.nhs.uk:99999/b",
        "https://gp.example.nhs.uk:0/b",
        "https://[::1/b",
        "https://gp.example.nhs.uk/a b",
        "https://gp.example.nhs.uk/a\r\nHost: other",
        "https://gp.example.nhs.uk/a\n",
        "https://gp..nhs.uk/b",
        "https://.nhs.uk/b",
        f"https://{64 * 'a'}.nhs.uk/b",
        f"https://{127 * 'a.'}nhs.uk/b",
        "https://gp.example.nhs.uk:/b",
    ],
)
def test_what_could_lead_elsewhere_is_no_address(address: str) -> None:
    assert not is_endpoint_address(address)


def test_ids_of_the_spine_have_their_shapes() -> None:
    assert is_asid("200000000115") and not is_asid("20000000011") and not is_asid("200000000115\n")
    assert is_party_key("Z90001-800001") and is_party_key("YES-0000806") and not is_party_key("Z90001")
    assert is_interaction_id("urn:nhs:names:services:x") and not is_interaction_id("urn:a b")
    assert not is_interaction_id("search_for_free_slots")


def test_an_endpoint_has_an_identifier_of_its_own_for_each_interaction() -> None:
    endpoints = [
        Endpoint(f"S{number:012d}", "Z90001", "Z90001-800001", None, GP_CONNECT_INTERACTIONS)
        for number in range(20)
    ]
    ids = [each.mhs_id(interaction) for each in endpoints for interaction in each.interactions]
    assert len(set(ids)) == len(ids)
    assert all(is_asid(each) for each in ids)
    assert ids[0] == endpoints[0].mhs_id(GP_CONNECT_INTERACTIONS[0])
