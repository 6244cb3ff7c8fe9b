"""How a row is hashed: the bytes are those that the page on the audit trail has anybody make."""

import hashlib
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from simulator.domain.audit import AuditEvent
from simulator.store.audit_chain import BEGINNING, chained, event_of, link
from simulator.store.schema import TABLES

TEXT = st.text(st.characters(exclude_categories=[]), max_size=30)
NUMBER = st.integers(-(2**63), 2**63 - 1)


def documented(previous: bytes, columns: list[object]) -> bytes:
    """Return a row's hash as `docs/audit.md` says that it is made."""
    text = json.dumps(columns, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(previous + text.encode()).digest()


@given(st.binary(max_size=32), st.lists(st.none() | NUMBER | st.text(max_size=30)))
@example(BEGINNING, ["".join(map(chr, range(0x100)))])
@example(BEGINNING, ['\x7f\u2028\u2029\ufeff\uffff\U0001f600\U0010ffff</script>\\"/'])
@example(BEGINNING, [2**63 - 1, -(2**63), 0, None, ""])
def test_a_hash_is_the_one_that_is_documented(previous: bytes, columns: list[object]) -> None:
    assert link(previous, columns) == documented(previous, columns)


EVENT = st.tuples(NUMBER, TEXT, TEXT, TEXT, st.none() | NUMBER).map(
    lambda said: AuditEvent(
        said[0], trace_id=said[1], user_name=said[2], record=said[3], request_bytes=said[4]
    )
)


@given(st.lists(EVENT, max_size=4))
@example([AuditEvent(1, trace_id="half \ud83d a pair"), AuditEvent(2, trace_id="whole \U0001f600")])
def test_whatever_events_say_their_rows_follow_each_other(events: list[AuditEvent]) -> None:
    head = b"h" * 32
    rows = chained(events, 41, head)
    assert [row[0] for row in rows] == [42 + number for number in range(len(events))]
    for row, event in zip(rows, events, strict=True):
        *columns, previous, digest = row
        assert len(row) == len(TABLES["audit"])
        assert previous == head
        assert digest == documented(previous, columns)
        head = digest
        storable = event._replace(
            **{
                name: getattr(event, name).encode("utf-8", "replace").decode()
                for name in ("trace_id", "user_name", "record")
            }
        )
        assert event_of(row) == storable


@pytest.mark.parametrize("value", [b"bytes", 2**64, -(2**63) - 1, object()])
def test_what_no_row_was_ever_written_with_has_no_hash(value: object) -> None:
    with pytest.raises(TypeError):
        link(BEGINNING, [1, value])
