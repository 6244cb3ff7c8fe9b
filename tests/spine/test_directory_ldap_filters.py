"""Filters, and the reading of bytes that anybody may have made up."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from simulator.spine.directory_ldap import DirectoryLdap
from simulator.spine.ldap_ber import (
    SEQUENCE,
    Elements,
    Malformed,
    element,
    end_of_first,
    integer,
    number,
    text,
)
from simulator.spine.ldap_entries import KNOWN, container_entries
from simulator.spine.ldap_filters import (
    AND,
    ANY,
    AT_LEAST,
    AT_MOST,
    EXTENSIBLE,
    FINAL,
    INITIAL,
    NOT,
    OR,
    PRESENT,
    SIMILAR,
    SUBSTRINGS,
    read_filter,
    required,
)
from simulator.spine.ldap_messages import read_message
from tests.spine.ldap_client import ANYTHING, all_of, bind, extended, is_equal, read_replies, search, sent

ENTRY = {"o": ("Alderwick  Surgery",), "nhsidcode": ("Z90001",), "l": None, "nhsassvcia": ("urn:a", "urn:b")}
TRUE, FALSE, UNDEFINED = is_equal("o", "alderwick surgery"), is_equal("o", "x"), is_equal("cn", "x")


def like(attribute: str, *parts: bytes) -> bytes:
    """Return the filter that a value has parts in order."""
    return element(SUBSTRINGS, text(attribute), element(SEQUENCE, *parts))


def compared(tag: int, attribute: str, value: str) -> bytes:
    """Return a comparison of another kind than equality."""
    return element(tag, text(attribute), text(value))


@pytest.mark.parametrize(
    ("filter_", "holds", "written"),
    [
        (TRUE, True, "(o=alderwick surgery)"),
        (is_equal("nhsIDCode", "Z90001"), True, "(nhsIDCode=Z90001)"),
        (is_equal("nhsIDCode", "z90001"), False, "(nhsIDCode=z90001)"),
        (is_equal("nhsAsSvcIA", "urn:b"), True, "(nhsAsSvcIA=urn:b)"),
        (UNDEFINED, None, "(cn=x)"),
        (is_equal("l", "x"), False, "(l=x)"),
        (compared(SIMILAR, "o", "ALDERWICK SURGERY"), True, "(o~=ALDERWICK SURGERY)"),
        (compared(AT_LEAST, "nhsIDCode", "Z90001"), True, "(nhsIDCode>=Z90001)"),
        (compared(AT_LEAST, "nhsIDCode", "Z90002"), False, "(nhsIDCode>=Z90002)"),
        (compared(AT_MOST, "nhsIDCode", "Z90001"), True, "(nhsIDCode<=Z90001)"),
        (compared(AT_MOST, "nhsIDCode", "Z90000"), False, "(nhsIDCode<=Z90000)"),
        (text("o", PRESENT), True, "(o=*)"),
        (text("l", PRESENT), False, "(l=*)"),
        (text("cn", PRESENT), None, "(cn=*)"),
        (like("o", text("ALDER", INITIAL)), True, "(o=ALDER*)"),
        (like("o", text("SURGERY", FINAL)), True, "(o=*SURGERY)"),
        (like("o", text("wick", ANY)), True, "(o=*wick*)"),
        (like("o", text("a", INITIAL), text("w", ANY), text("y", FINAL)), True, "(o=a*w*y)"),
        (like("o", text("a", INITIAL), text("s", ANY), text("w", ANY)), False, "(o=a*s*w*)"),
        (like("o", text("w", INITIAL)), False, "(o=w*)"),
        (like("nhsIDCode", text("Z900", INITIAL), text("0001", FINAL)), False, "(nhsIDCode=Z900*0001)"),
        (like("nhsIDCode", text("z9", INITIAL)), False, "(nhsIDCode=z9*)"),
        (like("nhsAsSvcIA", text("urn:", INITIAL), text("b", FINAL)), True, "(nhsAsSvcIA=urn:*b)"),
        (like("cn", text("x", ANY)), None, "(cn=*x*)"),
        (like("l", text("x", ANY)), False, "(l=*x*)"),
        (element(EXTENSIBLE, text("2.4.6.8", 0x81), text("cn", 0x82), text("v", 0x83)), None, "(cn:=)"),
        (is_equal("o", "(*)\\\0"), False, "(o=\\28\\2a\\29\\5c\\00)"),
    ],
)  # fmt: skip
def test_a_filter_holds_or_not_or_is_undefined(filter_: bytes, holds: bool | None, written: str) -> None:
    read = read_filter(Elements(filter_))
    assert read.holds(ENTRY) is holds
    assert str(read) == written
    assert read_filter(Elements(element(NOT, filter_))).holds(ENTRY) is (None if holds is None else not holds)


@pytest.mark.parametrize(
    ("tag", "parts", "holds"),
    [
        (AND, (), True), (AND, (TRUE, TRUE), True), (AND, (TRUE, FALSE), False),
        (AND, (TRUE, UNDEFINED), None), (AND, (FALSE, UNDEFINED), False), (OR, (), False),
        (OR, (FALSE, TRUE), True),
        (OR, (FALSE, FALSE), False), (OR, (FALSE, UNDEFINED), None), (OR, (UNDEFINED, TRUE), True),
    ],
)  # fmt: skip
def test_what_is_undefined_goes_through_and_and_or(
    tag: int, parts: tuple[bytes, ...], holds: bool | None
) -> None:
    assert read_filter(Elements(element(tag, *parts))).holds(ENTRY) is holds


def test_only_what_every_entry_found_must_have_is_looked_up_by() -> None:
    both = element(AND, all_of(nhsIDCode=" Z90001 ", objectClass="nhsAs"), element(NOT, is_equal("o", "x")))
    assert required(read_filter(Elements(both))) == {"nhsidcode": "Z90001", "objectclass": "nhsas"}
    either = element(OR, is_equal("nhsIDCode", "Z90001"), is_equal("nhsIDCode", "Z90002"))
    assert required(read_filter(Elements(either))) == {}
    assert required(read_filter(Elements(compared(AT_LEAST, "nhsIDCode", "Z90001")))) == {}


def test_every_attribute_of_an_entry_is_known() -> None:
    for entry in container_entries():
        assert {name.lower() for name, _ in entry.attributes} <= KNOWN


@given(st.integers(0, 2**62))
@example(0)
@example(127)
@example(128)
def test_a_number_is_read_as_it_was_written(value: int) -> None:
    assert Elements(integer(value)).integer() == value


@given(st.binary(max_size=400))
@example(b"x" * 127)
@example(b"x" * 128)
@example(b"x" * 70_000)
def test_an_element_is_read_as_it_was_written(content: bytes) -> None:
    whole = element(SEQUENCE, content)
    assert end_of_first(whole) == len(whole)
    assert Elements(whole).bytes(SEQUENCE) == content
    for length in (0, 1, len(whole) - 1):
        with pytest.raises(Malformed):
            Elements(whole[:length]).take()


@pytest.mark.parametrize(
    "data",
    [
        "3080", "30ff", "3085000000000000", "3f0102", "3003020100", "3000", "300502010a4300",
        "3006020100420042", "300a0201010a0302010161", "30050201ff4200", "3007020500000000014200",
        "300e020109630904006161610161ff0101",
    ],
)  # fmt: skip
def test_bytes_that_are_no_message_are_malformed(data: str) -> None:
    with pytest.raises(Malformed):
        read_message(bytes.fromhex(data))


@pytest.mark.parametrize("header", ["3080", "3085", "30ff", "1f01"])
def test_a_message_that_will_never_be_one_is_known_by_its_first_bytes(header: str) -> None:
    with pytest.raises(Malformed):
        end_of_first(bytes.fromhex(header))
    assert end_of_first(bytes.fromhex("30")) is None
    assert end_of_first(bytes.fromhex("308201")) is None


def test_a_length_may_take_more_bytes_than_it_needs() -> None:
    assert read_message(bytes.fromhex("30840000000502010142 00")).id == 1


@pytest.mark.parametrize("content", [b"", b"123456789"])
def test_a_number_of_no_ordinary_size_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        number(content)


@pytest.mark.parametrize(
    "filter_",
    [
        like("o"),
        like("o", text("a", ANY), text("b", INITIAL)),
        like("o", text("a", FINAL), text("b", FINAL)),
        text("x", 0xAA),
        element(NOT),
        element(AND, b"\xa3"),
    ],
)
def test_a_filter_that_is_none_is_malformed(filter_: bytes) -> None:
    with pytest.raises(Malformed):
        read_message(sent(search(filter_)))


CORRECT = (
    sent(bind("uid=a,o=nhs", "secret")),
    sent(extended("1.2.3")),
    sent(search(element(OR, all_of(nhsIDCode="Z90001", objectClass="nhsAs"), like("o", text("A", INITIAL))))),
    sent(
        search(element(NOT, ANYTHING), "nhsIDCode", "*"), 9, element(SEQUENCE, text("1.2"), b"\x01\x01\xff")
    ),
)


@st.composite
def spoilt(draw: st.DrawFn) -> bytes:
    """Return a correct message with some bytes changed, left out or put in."""
    data = bytearray(draw(st.sampled_from(CORRECT)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data) - 1))
        data[at : at + draw(st.integers(0, 2))] = draw(st.binary(max_size=2))
        if not data:
            return b""
    return bytes(data)


def check_read(directory: DirectoryLdap, data: bytes) -> None:
    """Read a message, if it is one, and have it answered; nothing but Malformed may come of it."""
    try:
        message = read_message(data)
    except Malformed:
        return
    read_replies(directory.answer(message, False).data)


def test_spoilt_messages_are_malformed_or_answered(directory: DirectoryLdap) -> None:
    @given(st.one_of(spoilt(), st.binary(max_size=60)))
    @settings(max_examples=600)
    def check(data: bytes) -> None:
        check_read(directory, data)

    check()
