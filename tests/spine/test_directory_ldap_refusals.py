"""LDAP beside searching: binds, TLS, controls, and what the directory does not do."""

import pytest

from simulator.domain.clock import Clock
from simulator.server.audit_trail import BATCH
from simulator.spine import ldap_messages as wire
from simulator.spine.directory_ldap import DirectoryLdap, Then
from simulator.spine.ldap_ber import BOOLEAN, SEQUENCE, element, integer, text
from simulator.spine.ldap_filters import NOT, OR
from simulator.spine.ldap_messages import ResultCode
from simulator.store.database import Store
from tests.diary import Diary
from tests.spine.ldap_client import (
    ANYTHING,
    SERVICES,
    answered,
    assert_refused,
    bind,
    extended,
    found,
    is_equal,
    read_replies,
    reply,
    search,
    sent,
)


@pytest.mark.parametrize("name", ["", "uid=consumer,ou=people,o=nhs", "cn=Smith\\, Jane,o=nhs"])
def test_anybody_may_bind(directory: DirectoryLdap, name: str) -> None:
    answer = reply(directory, bind(name, "secret" if name else ""))
    assert (answer.code, answer.tag) == (ResultCode.SUCCESS, wire.BIND_RESPONSE)


@pytest.mark.parametrize(
    ("operation", "code", "word"),
    [
        (bind(version=2), ResultCode.PROTOCOL_ERROR, "expected 3"),
        (bind("consumer", "secret"), ResultCode.INVALID_DN_SYNTAX, "consumer"),
        (bind("uid=consumer,o=nhs"), ResultCode.UNWILLING_TO_PERFORM, "password"),
        (
            element(wire.BIND, integer(3), text(""), element(wire.SASL, text("PLAIN"))),
            ResultCode.AUTH_METHOD_NOT_SUPPORTED,
            "SASL",
        ),
    ],
    ids=["version 2", "no name", "no password", "SASL"],
)
def test_a_bind_that_cannot_be_is_refused(
    directory: DirectoryLdap, operation: bytes, code: ResultCode, word: str
) -> None:
    answer = reply(directory, operation)
    assert_refused(answer, code, word)
    assert answer.tag == wire.BIND_RESPONSE


@pytest.mark.parametrize("tag", wire.OTHERS)
def test_whatever_would_change_the_directory_is_refused(directory: DirectoryLdap, tag: int) -> None:
    answer = reply(directory, element(tag, b"\x04\x00"))
    assert_refused(answer, ResultCode.UNWILLING_TO_PERFORM, "only read")
    assert answer.tag == wire.OTHERS[tag]


def test_an_operation_by_an_unknown_identifier_is_refused(directory: DirectoryLdap) -> None:
    answer = reply(directory, extended("1.3.6.1.4.1.4203.1.11.3"))
    assert_refused(answer, ResultCode.PROTOCOL_ERROR, "1.3.6.1.4.1.4203.1.11.3")
    assert answer.tag == wire.EXTENDED_RESPONSE


def test_an_abandoned_operation_is_over_already(directory: DirectoryLdap) -> None:
    answer = answered(directory, sent(element(wire.ABANDON, b"\x02")))
    assert (answer.data, answer.then) == (b"", Then.GO_ON)


def test_a_control_that_matters_is_refused_and_another_ignored(directory: DirectoryLdap) -> None:
    paged, critical = "1.2.840.113556.1.4.319", element(BOOLEAN, b"\xff")
    wanted = search(is_equal("nhsIDCode", "Z90001"))
    refused = reply(directory, wanted, element(SEQUENCE, text(paged), critical))
    assert_refused(refused, ResultCode.UNAVAILABLE_CRITICAL_EXTENSION, paged)
    for control in (
        element(SEQUENCE, text(paged)),
        element(SEQUENCE, text(paged), element(BOOLEAN, b"\0")),
        element(SEQUENCE, text(paged), text("value")),
    ):
        assert reply(directory, wanted, control).code == ResultCode.SUCCESS


def test_the_server_says_what_it_can_do(directory: DirectoryLdap, over_tls: DirectoryLdap) -> None:
    asked = search(base="", scope=0)
    assert found(directory, asked).only == {
        "objectClass": ["top"],
        "namingContexts": ["o=nhs"],
        "supportedLDAPVersion": ["3"],
    }
    assert found(over_tls, asked).only["supportedExtension"] == [wire.START_TLS]
    assert found(directory, search(is_equal("objectClass", "person"), base="", scope=0)).entries == {}


def test_where_there_are_certificates_only_tls_will_do(over_tls: DirectoryLdap) -> None:
    assert reply(over_tls, bind()).code == ResultCode.SUCCESS
    for operation in (bind("uid=a,o=nhs", "secret"), search()):
        assert_refused(reply(over_tls, operation), ResultCode.CONFIDENTIALITY_REQUIRED, "StartTLS")
        assert reply(over_tls, operation, is_secure=True).code == ResultCode.SUCCESS


def test_tls_begins_once_where_there_are_certificates(
    directory: DirectoryLdap, over_tls: DirectoryLdap
) -> None:
    start = extended(wire.START_TLS)
    answer = answered(over_tls, sent(start))
    assert answer.then is Then.START_TLS
    (agreed,) = read_replies(answer.data)
    assert (agreed.code, agreed.oid) == (ResultCode.SUCCESS, wire.START_TLS)
    assert_refused(reply(over_tls, start, is_secure=True), ResultCode.OPERATIONS_ERROR, "already")
    assert_refused(reply(directory, start), ResultCode.PROTOCOL_ERROR, "--tls")


def test_a_filter_that_nests_too_deep_is_refused(directory: DirectoryLdap) -> None:
    deep = ANYTHING
    for _ in range(33):
        deep = element(NOT, deep)
    assert_refused(reply(directory, search(deep)), ResultCode.ADMIN_LIMIT_EXCEEDED, "32 levels")


def test_a_failure_of_the_database_is_said_without_its_words(
    directory: DirectoryLdap, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    store.connection.execute("alter table accredited_systems rename to gone")
    answer = reply(directory, search(is_equal("nhsIDCode", "Z90001")))
    assert_refused(answer, ResultCode.OTHER, "unexpected failure")
    assert "accredited_systems" not in answer.why
    assert "no such table" in caplog.text


def test_a_search_is_audited_refused_ones_too(directory: DirectoryLdap, diary: Diary, clock: Clock) -> None:
    either = element(OR, is_equal("nhsIDCode", "Z90001"), is_equal("o", "a*b"))
    reply(directory, search(either, base=SERVICES))
    reply(directory, search(base="ou=fake\n,o=nhs"))
    reply(directory, search(base="fake"))
    for _ in range(BATCH):
        reply(directory, search(base="", scope=0))
    looked_up, missing, refused, *_ = diary.audited()
    assert (looked_up.surface, looked_up.status, looked_up.at) == ("directory", 200, clock.real())
    assert looked_up.record == "LDAP ou=services, o=nhs (|(nhsIDCode=Z90001)(o=a\\2ab))"
    assert (missing.status, missing.code) == (404, "noSuchObject")
    assert "\n" not in missing.record
    assert (refused.status, refused.code) == (400, "invalidDNSyntax")
