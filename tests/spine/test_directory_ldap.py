"""The Spine Directory Service over LDAP: look-ups as consumers make them, and what is refused."""

import json
from pathlib import Path

import pytest

from simulator.domain.directory import GP_CONNECT_INTERACTIONS, AccreditedSystem, Endpoint
from simulator.spine import ldap_messages as wire
from simulator.spine.directory_ldap import DirectoryLdap, Then
from simulator.spine.ldap_ber import element
from simulator.spine.ldap_filters import NOT
from simulator.spine.ldap_messages import ResultCode
from simulator.spine.ldap_search import MOST_FOUND, MOST_LOOKED_AT
from simulator.store.database import Store
from tests.spine.ldap_client import (
    ANYTHING,
    ORGANISATIONS,
    PUBLISHED,
    SEARCH_ID,
    SERVICES,
    all_of,
    answered,
    assert_refused,
    found,
    is_equal,
    read_replies,
    reply,
    search,
)

SNAPSHOT = Path(__file__).parent / "snapshots" / "sds_ldap.json"
SYSTEM_DN = "uniqueIdentifier=200000100001,ou=Services,o=nhs"


def test_entries_are_as_the_snapshot_has_them(directory: DirectoryLdap, pytestconfig: pytest.Config) -> None:
    known = all_of(nhsIDCode="Z90001", nhsMhsSvcIA=SEARCH_ID)
    entries = found(directory, search(known)).entries
    entries |= found(directory, search(is_equal("uniqueIdentifier", "200000100001"))).entries
    entries |= found(directory, search(is_equal("uniqueIdentifier", "Z90001"), base=ORGANISATIONS)).entries
    text_ = json.dumps(entries, indent=2) + "\n"
    if pytestconfig.getoption("--update-snapshots"):
        SNAPSHOT.write_text(text_, encoding="utf-8")
    assert text_ == SNAPSHOT.read_text(encoding="utf-8")


def test_a_consumer_finds_its_way_to_a_practice(directory: DirectoryLdap) -> None:
    """In the two steps of the specification, and in the spelling of its pages."""
    mhs = all_of(nhsIDCode="Z90001", objectClass="nhsMhs", nhsMhsSvcIA=SEARCH_ID)
    endpoint = found(directory, search(mhs, "nhsMhsEndPoint", "nhsMhsPartyKey")).only
    assert endpoint == {
        "nhsMhsEndPoint": [f"{PUBLISHED}/Z90001/STU3/1/gpconnect"],
        "nhsMhsPartyKey": ["Z90001-800001"],
    }
    as_ = all_of(nhsIDCode="Z90001", objectClass="nhsAs", nhsMhsPartyKey=endpoint["nhsMhsPartyKey"][0])
    assert found(directory, search(as_, "uniqueIdentifier")).only == {"uniqueIdentifier": ["200000100001"]}


def test_a_consumer_finds_its_own_asid(directory: DirectoryLdap) -> None:
    own = {"nhsIDCode": "Z9U01", "objectClass": "nhsAs", "nhsAsSvcIA": SEARCH_ID}
    answer = found(directory, search(all_of(**own, nhsMhsManufacturerOrg="Z9S04"), "uniqueIdentifier"))
    assert answer.only == {"uniqueIdentifier": ["200000000115"]}
    assert found(directory, search(all_of(**own, nhsMhsManufacturerOrg="Z9S01"))).entries == {}
    assert found(directory, search(all_of(nhsIDCode="Z9U01", objectClass="nhsMhs"))).entries == {}


def test_the_request_of_a_real_ldapsearch_is_read(directory: DirectoryLdap) -> None:
    """Bytes that OpenLDAP 2.5 sent: an anonymous bind, the first look-up, and good-bye."""
    asked = bytes.fromhex(
        "3081c20201026381bc04126f753d73657276696365732c206f3d6e68730a01020a0100020100020100010100a075a31304"
        "096e68734944436f646504065a3930303031a315040b6f626a656374436c61737304066e68734d6873a347040b6e68734d"
        "68735376634941043875726e3a6e68733a6e616d65733a73657276696365733a6770636f6e6e6563743a666869723a7265"
        "73743a7365617263683a736c6f742d313020040e6e68734d6873456e64506f696e74040e6e68734d687350617274794b65"
        "79"
    )
    (bound,) = read_replies(answered(directory, bytes.fromhex("300c020101600702010304008000")).data)
    assert (bound.code, bound.tag) == (ResultCode.SUCCESS, wire.BIND_RESPONSE)
    (reply_,) = read_replies(answered(directory, asked).data)
    assert reply_.only["nhsMhsPartyKey"] == ["Z90001-800001"]
    assert answered(directory, bytes.fromhex("30050201034200")).then is Then.HANG_UP


def test_an_organisation_is_found_as_the_appointment_checker_reads_it(directory: DirectoryLdap) -> None:
    wanted = ("nhsIDCode", "o", "postalAddress", "postalCode", "nhsOrgTypeCode")
    asked = search(is_equal("uniqueidentifier", "Z90001"), *wanted, base=ORGANISATIONS)
    practice = found(directory, asked).only
    assert set(practice) == set(wanted)
    assert (practice["nhsIDCode"], practice["nhsOrgTypeCode"]) == (["Z90001"], ["PR"])
    *_, town, county = practice["postalAddress"][0].split("$")
    assert practice["postalAddress"][0].count("$") == 4
    assert town
    assert county
    supplier = found(directory, search(is_equal("nhsIDCode", "Z9S01"), base=ORGANISATIONS)).only
    assert (supplier["objectClass"], supplier["nhsOrgTypeCode"]) == (["nhsOrg", "top"], ["AP"])


def test_each_interaction_of_a_practice_has_an_entry_and_its_system_one(directory: DirectoryLdap) -> None:
    entries = found(directory, search(is_equal("nhsIDCode", "Z90001"))).entries
    assert len(entries) == len(GP_CONNECT_INTERACTIONS) + 1
    assert entries[SYSTEM_DN]["nhsAsSvcIA"] == list(GP_CONNECT_INTERACTIONS)
    named = [values["nhsMhsSvcIA"][0] for values in entries.values() if "nhsMhsSvcIA" in values]
    assert named == list(GP_CONNECT_INTERACTIONS)
    first = next(values for values in entries.values() if "nhsMhsSvcIA" in values)
    assert first["nhsMHsSN"] == ["urn:nhs:names:services:gpconnect"]
    assert first["nhsMHsIN"] == ["fhir:rest:read:metadata-1"]
    for dn, values in entries.items():
        by_id = found(directory, search(is_equal("uniqueIdentifier", values["uniqueIdentifier"][0])))
        assert by_id.entries == {dn: values}


@pytest.mark.parametrize(
    "filter_",
    [
        all_of(nhsIDCode="Z99999", objectClass="nhsMhs"),
        all_of(nhsIDCode="z90001"),
        all_of(nhsIDCode="Z90001", objectClass="nhsMhs", nhsMhsSvcIA="urn:nhs:names:services:other"),
        all_of(nhsMhsPartyKey="Z90001-999999"),
        is_equal("uniqueIdentifier", "000000000000"),
        is_equal("nosuchattribute", "Z90001"),
        element(NOT, is_equal("nosuchattribute", "Z90001")),
        all_of(nhsIDCode="Z90001", objectClass="nhsGPPractice"),
    ],
    ids=["unknown", "small letters", "interaction", "party key", "id", "attribute", "not attribute", "class"],
)
def test_what_nobody_has_is_no_entry_and_success(directory: DirectoryLdap, filter_: bytes) -> None:
    assert found(directory, search(filter_)).entries == {}


@pytest.mark.parametrize(
    "base",
    ["ou=services,o=nhs", "ou=services, o=nhs", "OU = Services , O=NHS", "ou=\\73ervices,o=nhs", "o=nhs"],
)
def test_spaces_case_and_escapes_in_the_base_do_not_matter(directory: DirectoryLdap, base: str) -> None:
    known = all_of(nhsIDCode="Z90001", objectclass="NHSAS")
    assert list(found(directory, search(known, base=base)).entries) == [SYSTEM_DN]


@pytest.mark.parametrize(
    ("base", "scope", "names"),
    [
        ("o=nhs", 0, ["o=nhs"]),
        ("o=nhs", 1, ["ou=Services,o=nhs", "ou=Organisations,o=nhs"]),
        (SERVICES, 0, ["ou=Services,o=nhs"]),
        (SYSTEM_DN, 0, [SYSTEM_DN]),
        (SYSTEM_DN, 2, [SYSTEM_DN]),
        (SYSTEM_DN, 1, []),
        (f"uniqueIdentifier=z90001,{ORGANISATIONS}", 0, ["uniqueIdentifier=Z90001,ou=Organisations,o=nhs"]),
    ],
)  # fmt: skip
def test_a_scope_is_kept_to(directory: DirectoryLdap, base: str, scope: int, names: list[str]) -> None:
    assert list(found(directory, search(ANYTHING, base=base, scope=scope)).entries) == names


def test_one_level_has_what_is_right_below_and_nothing_else(directory: DirectoryLdap) -> None:
    below = found(directory, search(ANYTHING, "1.1", base=ORGANISATIONS, scope=1)).entries
    whole = found(directory, search(ANYTHING, "1.1", base=ORGANISATIONS, scope=2)).entries
    assert set(whole) - set(below) == {"ou=Organisations,o=nhs"}
    everything = found(directory, search(ANYTHING, "1.1", base="o=nhs", scope=2)).entries
    services = found(directory, search(ANYTHING, "1.1", base=SERVICES, scope=2)).entries
    assert set(everything) == {"o=nhs"} | set(whole) | set(services)


def test_a_leaf_that_fails_the_filter_is_there_all_the_same(directory: DirectoryLdap) -> None:
    asked = search(is_equal("objectClass", "nhsMhs"), base=SYSTEM_DN)
    assert found(directory, asked).entries == {}


@pytest.mark.parametrize(
    ("base", "matched"),
    [
        ("ou=fake,o=nhs", "o=nhs"),
        ("ou=organisations", ""),
        ("ou=organisations, o=fakeobject", ""),
        ("uniqueIdentifier=000000000000,ou=services,o=nhs", "ou=Services,o=nhs"),
        (f"cn=x,{SYSTEM_DN}", "ou=Services,o=nhs"),
        ("", ""),
    ],
)
def test_a_base_that_is_not_there_says_how_far_it_is(
    directory: DirectoryLdap, base: str, matched: str
) -> None:
    answer = reply(directory, search(base=base))
    assert_refused(answer, ResultCode.NO_SUCH_OBJECT, "base", "ou=Services,o=nhs")
    assert answer.matched_dn == matched


@pytest.mark.parametrize("base", ["services", "o=nhs,", "=nhs", "ou=a+b=c,o=nhs", "o="])
def test_a_base_that_is_no_name_is_refused(directory: DirectoryLdap, base: str) -> None:
    assert_refused(reply(directory, search(base=base)), ResultCode.INVALID_DN_SYNTAX, base)


@pytest.mark.parametrize("scope", [3, 100])
def test_a_scope_that_is_none_is_refused(directory: DirectoryLdap, scope: int) -> None:
    assert_refused(reply(directory, search(scope=scope)), ResultCode.PROTOCOL_ERROR, "scope", str(scope))


def test_attributes_come_as_they_are_asked_for_once(directory: DirectoryLdap) -> None:
    known = all_of(nhsIDCode="Z90001", objectClass="nhsAs")
    asked = search(known, "NHSIDCODE", "nhsidcode", "nosuchattribute", "uniqueidentifier")
    assert found(directory, asked).only == {"NHSIDCODE": ["Z90001"], "uniqueidentifier": ["200000100001"]}
    assert found(directory, search(known, "1.1")).only == {}
    everything = found(directory, search(known)).only
    assert "nhsMHSPartyKey" in everything
    for wildcard in ("*", "+"):
        assert found(directory, search(known, wildcard)).only == everything
    assert found(directory, search(known, "*", "nhsidcode")).only.keys() > {"nhsidcode", "objectClass"}


def test_types_alone_have_no_values(directory: DirectoryLdap) -> None:
    asked = search(all_of(nhsIDCode="Z90001", objectClass="nhsAs"), "nhsIDCode", types_only=True)
    assert found(directory, asked).only == {"nhsIDCode": []}


def test_a_size_limit_is_kept_to_and_said(directory: DirectoryLdap) -> None:
    known = is_equal("nhsIDCode", "Z90001")
    answer = reply(directory, search(known, size_limit=3))
    assert answer.code == ResultCode.SIZE_LIMIT_EXCEEDED
    assert len(answer.entries) == 3
    assert found(directory, search(known, size_limit=16)).entries


def with_many(store: Store, systems: int, endpoints: int) -> None:
    """Register many systems and endpoints of one organisation."""
    interactions = tuple(f"urn:nhs:names:services:many:{n}" for n in range(100))
    with store.writing() as transaction:
        for n in range(systems):
            system = AccreditedSystem(f"3{n:011d}", "Z9X99", f"Z9X99-{n:06d}", "Z9S01", "Many", interactions)
            transaction.directory.put_system(system)
        for n in range(endpoints):
            endpoint = Endpoint(f"X{n}", "Z9X98", f"Z9X98-{n:06d}", "https://x.test", interactions)
            transaction.directory.put_endpoint(endpoint)


def test_no_search_finds_more_than_the_directory_gives(directory: DirectoryLdap, store: Store) -> None:
    with_many(store, MOST_FOUND + 1, 0)
    answer = reply(directory, search(is_equal("nhsIDCode", "Z9X99"), "1.1", size_limit=MOST_FOUND * 2))
    assert (answer.code, len(answer.entries)) == (ResultCode.SIZE_LIMIT_EXCEEDED, MOST_FOUND)


def test_a_search_that_would_look_at_everything_is_given_up(directory: DirectoryLdap, store: Store) -> None:
    with_many(store, 0, MOST_LOOKED_AT // 100)
    vague = reply(directory, search(is_equal("nhsMhsFQDN", "nowhere"), "1.1"))
    assert_refused(vague, ResultCode.ADMIN_LIMIT_EXCEEDED, "nhsIDCode")
    assert found(directory, search(all_of(nhsIDCode="Z90001", nhsMhsFQDN="nowhere"))).entries == {}
