"""The audit trail as the store keeps it: it only grows, at its end, whoever writes."""

import sqlite3
import subprocess
import sys
import threading
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.domain.audit import AuditEvent, Surface
from simulator.store.audit import Sought
from simulator.store.audit_chain import BEGINNING, EVENT_COLUMNS, chained, event_of
from simulator.store.audit_verification import Head
from simulator.store.database import Store
from simulator.store.unsafe import UnsafeStore
from tests.races.parties import in_parallel
from tests.store.chains import an_event, copied, make_chain, verdict

REFUSED = "the audit trail only grows, and only at its end"


@pytest.fixture
def chain(tmp_path: Path) -> Path:
    path = tmp_path / "chain.db"
    make_chain(path, 3)
    return path


def record(store: Store, *events: AuditEvent) -> None:
    with store.writing() as transaction:
        transaction.audit.record(events)


def sequences(store: Store, **sought: Any) -> list[int]:
    with store.reading() as transaction:
        return [row.sequence for row in transaction.audit.find(replace(Sought(), **sought), 100)]


def test_rows_come_out_as_they_went_in(store: Store) -> None:
    events = [an_event(number) for number in (5, 3, 4)] + [AuditEvent(1), AuditEvent(2, version=1)]
    record(store, *events[:2])
    record(store, *events[2:])
    with store.reading() as transaction:
        assert list(transaction.audit.all()) == list(enumerate(events, 1))


def test_each_row_carries_the_hash_of_the_one_before(store: Store) -> None:
    record(store, an_event(1))
    record(store, an_event(2), an_event(3))
    with store.reading() as transaction:
        rows = transaction.audit.find(Sought(), 100)
        assert transaction.audit.head() == (3, rows[-1].hash)
    assert [row.previous for row in rows] == [BEGINNING, rows[0].hash, rows[1].hash]
    assert len({row.hash for row in rows}) == 3


def test_a_row_that_was_undone_leaves_no_gap(store: Store, database: Path) -> None:
    record(store, an_event(1))
    with pytest.raises(ZeroDivisionError), store.writing() as transaction:
        transaction.audit.record([an_event(2)])
        raise ZeroDivisionError
    record(store, an_event(3))
    with store.reading() as transaction:
        assert list(transaction.audit.all()) == [(1, an_event(1)), (2, an_event(3))]
    assert isinstance(verdict(database), Head)


def test_rows_undone_among_several_writings_leave_no_gap(store: Store, database: Path) -> None:
    assert store.begin_several()
    with store.committing_several():
        record(store, an_event(1))
        with pytest.raises(ZeroDivisionError), store.writing() as transaction:
            transaction.audit.record([an_event(2), an_event(3)])
            raise ZeroDivisionError
        record(store, an_event(4), an_event(5))
    with store.reading() as transaction:
        assert list(transaction.audit.all()) == [(1, an_event(1)), (2, an_event(4)), (3, an_event(5))]
    assert isinstance(verdict(database), Head)


def test_two_processes_follow_each_other(store: Store, database: Path) -> None:
    with closing(Store(database)) as other:
        for number, turn in enumerate((store, other, other, store, store, other)):
            record(turn, an_event(number), an_event(number))
    with store.reading() as transaction:
        assert [event for _, event in transaction.audit.all()] == [
            an_event(number) for number in range(6) for _ in range(2)
        ]
    assert isinstance(verdict(database), Head)


def test_recording_nothing_changes_nothing(store: Store) -> None:
    with store.reading() as transaction:
        before = transaction.audit.head()
    record(store)
    with store.reading() as transaction:
        assert transaction.audit.head() == before


@pytest.mark.parametrize(
    "statement",
    [
        "update audit set user_name = 'Nobody'",
        "update audit set sequence = 9 where sequence = 3",
        "update or replace audit set sequence = 1 where sequence = 2",
        "delete from audit",
        "delete from audit where sequence = 3",
        "replace into audit select * from audit where sequence = 2",
        "insert or replace into audit (sequence, previous) values (3, (select previous from audit limit 1))",
        "insert into audit (sequence, previous, hash) select 5, hash, hash from audit where sequence = 3",
        "insert into audit (sequence, previous) select 0, zeroblob(32)",
        "insert into audit (sequence, previous) select -1, hash from audit where sequence = 3",
        "insert into audit (sequence, previous) select 4, hash from audit where sequence = 2",
        "insert into audit (sequence) values (4)",
        "insert into audit (previous) select hash from audit where sequence = 3",
    ],
)
def test_the_database_itself_lets_the_trail_only_grow(chain: Path, statement: str) -> None:
    head = verdict(chain)
    with (
        closing(sqlite3.connect(chain, isolation_level=None)) as connection,
        pytest.raises(sqlite3.IntegrityError) as refused,
    ):
        connection.execute(statement)
    assert str(refused.value) == REFUSED
    assert verdict(chain) == head


def test_a_first_row_follows_nothing(tmp_path: Path) -> None:
    make_chain(tmp_path / "chain.db", 0)
    with closing(sqlite3.connect(tmp_path / "chain.db", isolation_level=None)) as connection:
        with pytest.raises(sqlite3.IntegrityError, match=REFUSED):
            connection.execute("insert into audit (sequence, previous) values (2, zeroblob(32))")
        connection.execute("insert into audit (sequence, previous) values (1, zeroblob(32))")


TEXTS = st.text(st.characters(codec=None), max_size=20)
EVENTS = st.builds(
    AuditEvent,
    at=st.integers(0, 2**40),
    status=st.integers(0, 599),
    surface=st.sampled_from(Surface),
    **dict.fromkeys([name for name in EVENT_COLUMNS if AuditEvent.__annotations__[name] is str], TEXTS),
    **dict.fromkeys(["version", "request_bytes", "response_bytes", "microseconds"],
                    st.none() | st.integers(0, 2**40)),
)  # fmt: skip


@given(st.lists(EVENTS, max_size=5))
def test_whatever_a_request_says_can_be_stored_and_verified(
    tmp_path_factory: pytest.TempPathFactory, events: list[AuditEvent]
) -> None:
    empty = tmp_path_factory.getbasetemp() / "empty.db"
    if not empty.exists():
        make_chain(empty, 0)
    path = copied(empty)
    with closing(Store(path)) as store:
        record(store, *events)
        with store.reading() as transaction:
            stored = list(transaction.audit.all())
    assert [event for _, event in stored] == [event_of(row) for row in chained(events, 0, BEGINNING)]
    head = verdict(path)
    assert isinstance(head, Head)
    assert head.count == len(events)


def test_half_a_character_does_not_keep_a_batch_from_the_trail(store: Store, database: Path) -> None:
    record(store, an_event(1), an_event(2)._replace(user_name="Zo\ud83d"), an_event(3))
    with store.reading() as transaction:
        names = [event.user_name for _, event in transaction.audit.all()]
    assert names == ["Ms Zoë Okafor", "Zo?", "Ms Zoë Okafor"]
    assert isinstance(verdict(database), Head)


WRITER = """
import sys
from pathlib import Path
from simulator.domain.audit import AuditEvent
from simulator.store.database import Store

name, store = sys.argv[1], Store(Path(sys.argv[2]))
for number in range(0, 200, 4):
    with store.writing() as transaction:
        batch = range(number, number + 4) if number % 8 else range(number, number + 2)
        transaction.audit.record([AuditEvent(each, user_id=name) for each in batch])
"""


def test_several_processes_write_one_chain_without_gaps(chain: Path) -> None:
    names = ("one", "two", "three")
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, name, str(chain)]) for name in names]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    head = verdict(chain)
    assert isinstance(head, Head)
    assert head.count == 3 + 3 * 150
    with closing(Store(chain)) as store, store.reading() as transaction:
        rows = list(transaction.audit.all())
    assert [sequence for sequence, _ in rows] == list(range(1, head.count + 1))
    for name in names:
        own = [event.at for _, event in rows if event.user_id == name]
        assert own == sorted(own)
        assert len(own) == 150


@pytest.mark.parametrize("kind", [Store, UnsafeStore])
def test_several_connections_write_one_chain_without_gaps(chain: Path, kind: type[Store]) -> None:
    together = threading.Barrier(4, timeout=60)
    with ExitStack() as stack:
        stores = [stack.enter_context(closing(kind(chain))) for _ in range(4)]

        def run(number: int) -> None:
            together.wait()
            for turn in range(25):
                record(stores[number], an_event(turn))

        in_parallel(4, run)
    head = verdict(chain)
    assert isinstance(head, Head)
    assert head.count == 103


def test_a_row_that_cannot_be_stored_leaves_no_lock(chain: Path) -> None:
    with closing(UnsafeStore(chain)) as unsafe, closing(Store(chain)) as store:
        with pytest.raises(TypeError):
            record(unsafe, an_event(1), AuditEvent(2**70))
        record(store, an_event(2))
        record(unsafe, an_event(3))
    head = verdict(chain)
    assert isinstance(head, Head)
    assert head.count == 5


def test_rows_are_found_by_what_they_hold(store: Store) -> None:
    record(
        store,
        AuditEvent(10, trace_id="a", interaction="x", ods_code="Z90001", patient_id="1"),
        AuditEvent(20, trace_id="a", surface=Surface.PROXY, record="Appointment/7", version=2),
        AuditEvent(30, trace_id="b", record="Appointment/7 Slot/3", status=409),
        AuditEvent(40, trace_id="c", record="Appointment/77", patient_id="11"),
    )
    assert sequences(store) == [1, 2, 3, 4]
    assert sequences(store, trace_id="a") == [1, 2]
    assert sequences(store, interaction="x") == [1]
    assert sequences(store, ods_code="Z90001") == [1]
    assert sequences(store, surface=Surface.PROXY) == [2]
    assert sequences(store, patient_id="1") == [1]
    assert sequences(store, record="Appointment/7") == [2, 3]
    assert sequences(store, since=30) == [3, 4]
    assert sequences(store, changes=True) == [2]
    assert sequences(store, trace_id="a", since=20) == [2]
    assert sequences(store, trace_id="nothing") == []
    with store.reading() as transaction:
        assert [row.sequence for row in transaction.audit.find(Sought(), 2)] == [3, 4]


def test_a_patient_is_found_by_nhs_number_where_only_the_logical_id_was_said(store: Store) -> None:
    with store.reading() as transaction:
        patient = transaction.patients.get(1, 1)
    assert patient is not None
    record(
        store,
        AuditEvent(1, ods_code="Z90001", patient_id="1"),
        AuditEvent(2, ods_code="Z9A0A", patient_id="1"),
        AuditEvent(3, ods_code="Z90001", nhs_number=patient.nhs_number),
        AuditEvent(4, ods_code="Z90001", patient_id="2"),
    )
    assert sequences(store, nhs_number=patient.nhs_number) == [1, 3]


def test_the_provenance_of_a_record_is_who_made_each_version(store: Store) -> None:
    record(
        store,
        AuditEvent(1, user_id="ada", record="Appointment/7", version=1),
        AuditEvent(2, user_id="bob", record="Appointment/8", version=1),
        AuditEvent(3, user_id="cat", record="Appointment/7"),
        AuditEvent(4, user_id="dan", record="Appointment/7", version=2),
    )
    with store.reading() as transaction:
        made = transaction.audit.provenance("Appointment/7")
    assert [(row.event.version, row.event.user_id) for row in made] == [(1, "ada"), (2, "dan")]
    plan = store.connection.execute(
        "explain query plan select * from audit where record = 'x' and version is not null"
    ).fetchall()
    assert "provenance" in plan[0][-1]
