"""Tampering with the audit chain, by somebody who owns the file: whatever is touched is found, and named."""

import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, currently_in_test_context, given
from hypothesis import strategies as st

from simulator.store import audit_verification
from simulator.store.audit_chain import BEGINNING, link
from simulator.store.audit_verification import BrokenChain, ChainReader, Head, check_noted
from simulator.store.database import Store
from tests.store.chains import COLUMNS, an_event, content, copied, make_chain, unguarded, verdict

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "audit.md"
ROWS = 9
ROW = st.integers(1, ROWS)
EVERY_COLUMN = ", ".join(COLUMNS[1:])
VALUES = st.one_of(
    st.none(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), st.text(), st.binary()
)


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("chain") / "chain.db"
    make_chain(path, ROWS)
    return path


def tampered(chain: Path, *statements: tuple[str, tuple[Any, ...]]) -> Path:
    """Return a copy on which statements were run; in a property, what changes nothing is no tampering."""
    path = copied(chain)
    with closing(unguarded(path)) as connection:
        before = content(connection)
        for statement, values in statements:
            connection.execute(statement, values)
        if currently_in_test_context():
            assume(content(connection) != before)
    return path


def test_an_untouched_chain_is_proved(chain: Path) -> None:
    head = verdict(chain)
    assert isinstance(head, Head)
    assert head.count == ROWS
    with closing(unguarded(copied(chain))) as connection:
        assert connection.execute("select hash from audit").fetchall()[-1] == (head.hash,)


def test_an_empty_chain_is_proved(tmp_path: Path) -> None:
    make_chain(tmp_path / "empty.db", 0)
    assert verdict(tmp_path / "empty.db") == Head(0, BEGINNING)


@given(ROW, st.sampled_from(COLUMNS[1:]), VALUES)
def test_a_value_that_was_changed_is_found(chain: Path, row: int, column: str, value: Any) -> None:
    path = tampered(chain, (f"update audit set {column} = ? where sequence = ?", (value, row)))
    assert verdict(path) == f"row {row} was changed: it does not have the hash that it was written with"


@given(ROW, st.sampled_from(COLUMNS[1:]))
def test_bytes_that_are_no_text_are_found(chain: Path, row: int, column: str) -> None:
    path = tampered(chain, (f"update audit set {column} = cast(x'ff' as text) where sequence = ?", (row,)))
    assert verdict(path) == f"row {row} was changed: it does not have the hash that it was written with"


def test_bytes_that_are_no_text_are_not_taken_for_what_stands_for_them(tmp_path: Path) -> None:
    make_chain(tmp_path / "chain.db", 0)
    with closing(Store(tmp_path / "chain.db")) as store, store.writing() as transaction:
        transaction.audit.record([an_event(1)._replace(user_name="\ufffd")])
    path = tampered(tmp_path / "chain.db", ("update audit set user_name = cast(x'ff' as text)", ()))
    assert str(verdict(path)).startswith("row 1 was changed")


@given(ROW, st.integers(-(2**63), 2**63 - 1).filter(lambda number: not 1 <= number <= ROWS))
def test_a_row_that_was_given_another_number_is_found(chain: Path, row: int, number: int) -> None:
    path = tampered(chain, ("update audit set sequence = ? where sequence = ?", (number, row)))
    if number < 1:
        assert verdict(path) == f"row {number} is out of order: the first row is number 1"
    elif row < ROWS or number == ROWS + 1:
        assert verdict(path) == f"row {row} is missing"
    else:
        assert verdict(path) == f"rows {row} to {number - 1} are missing"


@given(st.sets(ROW, min_size=1))
def test_rows_that_were_removed_are_found_unless_they_were_the_last(chain: Path, rows: set[int]) -> None:
    places = ", ".join(map(str, rows))
    path = tampered(chain, (f"delete from audit where sequence in ({places})", ()))
    left = [row for row in range(1, ROWS + 1) if row not in rows]
    gaps = [row for row in rows if left and row < left[-1]]
    if not gaps:
        reached = verdict(path)
        assert isinstance(reached, Head)
        assert reached.count == len(left)
        return
    after = next(row for row in left if row > min(gaps))
    said = f"row {min(gaps)} is" if after == min(gaps) + 1 else f"rows {min(gaps)} to {after - 1} are"
    assert verdict(path) == f"{said} missing"


@given(st.sets(ROW, min_size=1))
def test_a_head_noted_earlier_shows_whatever_was_removed(chain: Path, rows: set[int]) -> None:
    noted = verdict(chain)
    assert isinstance(noted, Head)
    places = ", ".join(map(str, rows))
    path = tampered(chain, (f"delete from audit where sequence in ({places})", ()))
    with closing(ChainReader(path)) as reader, pytest.raises(BrokenChain, match="missing"):
        check_noted(reader, list(reader.verified())[-1], noted)


@given(ROW)
def test_a_gap_that_was_closed_is_found(chain: Path, row: int) -> None:
    assume(row < ROWS)
    path = tampered(
        chain,
        ("delete from audit where sequence = ?", (row,)),
        ("update audit set sequence = sequence - 1 where sequence > ?", (row,)),
    )
    assert str(verdict(path)).startswith(f"row {row} was changed")


@given(ROW, ROW)
def test_two_rows_that_changed_places_are_found(chain: Path, one: int, other: int) -> None:
    path = tampered(
        chain,
        ("update audit set sequence = 100 where sequence = ?", (one,)),
        ("update audit set sequence = ? where sequence = ?", (one, other)),
        ("update audit set sequence = ? where sequence = 100", (other,)),
    )
    first, last = sorted((one, other))
    place = f"not row {first - 1}" if first > 1 else "and stands first"
    follows = last if last == first + 1 else last - 1
    assert verdict(path) == f"row {first} is out of order: it follows row {follows}, {place}"


@given(ROW, ROW)
def test_a_row_that_was_put_between_is_found(chain: Path, copy: int, place: int) -> None:
    path = tampered(
        chain,
        ("update audit set sequence = -sequence - 1 where sequence >= ?", (place,)),
        ("update audit set sequence = -sequence where sequence < 0", ()),
        (f"insert into audit select ?, {EVERY_COLUMN} from audit where sequence = ?",
         (place, copy if copy < place else copy + 1)),
    )  # fmt: skip
    assert isinstance(verdict(path), str)


def forge(path: Path, first: int, last: int) -> None:
    """Change what a row says, and hash it and those after it anew, as the chain's own rule has it."""
    with closing(unguarded(path)) as connection:
        connection.execute("update audit set user_name = 'Nobody' where sequence = ?", (first,))
        for sequence in range(first, last + 1):
            rows = connection.execute("select * from audit where sequence = ?", (sequence,))
            *columns, previous, _ = rows.fetchone()
            digest = link(previous, columns)
            connection.execute("update audit set hash = ? where sequence = ?", (digest, sequence))
            if sequence < last:
                following = (digest, sequence + 1)
                connection.execute("update audit set previous = ? where sequence = ?", following)


def test_a_changed_row_that_was_hashed_anew_is_found_by_the_next(chain: Path) -> None:
    path = copied(chain)
    forge(path, 4, 4)
    assert verdict(path) == "row 4 was changed, and hashed anew: row 5 follows it as it was before"


def test_a_chain_that_begins_with_another_row_s_successor_is_found(chain: Path) -> None:
    path = copied(chain)
    with closing(unguarded(path)) as connection:
        *columns, _, _ = connection.execute("select * from audit where sequence = 1").fetchone()
        elsewhere = b"x" * 32
        values = (elsewhere, link(elsewhere, columns))
        connection.execute("update audit set previous = ?, hash = ? where sequence = 1", values)
    assert verdict(path) == "row 1 is out of order: it follows a row, and nothing goes before the first"


def test_only_a_head_noted_earlier_shows_that_all_was_hashed_anew(chain: Path) -> None:
    noted = verdict(chain)
    assert isinstance(noted, Head)
    path = copied(chain)
    forge(path, 4, ROWS)
    with closing(ChainReader(path)) as reader:
        reached = list(reader.verified())[-1]
        with pytest.raises(BrokenChain) as fault:
            check_noted(reader, reached, noted)
    assert str(fault.value) == (
        f"row {ROWS} was changed: it does not have the hash that was noted, though every row fits"
    )


def test_a_chain_that_has_grown_still_holds_the_head_noted_earlier(chain: Path) -> None:
    noted = verdict(chain)
    assert isinstance(noted, Head)
    path = copied(chain)
    with closing(Store(path)) as store, store.writing() as transaction:
        transaction.audit.record([an_event(100)])
    with closing(ChainReader(path)) as reader:
        reached = list(reader.verified())[-1]
        assert reached.count == ROWS + 1
        check_noted(reader, reached, noted)
        check_noted(reader, reached, Head())


@pytest.mark.parametrize("at_a_time", [1, ROWS - 1, ROWS, ROWS + 1])
def test_a_chain_is_walked_in_parts(chain: Path, monkeypatch: pytest.MonkeyPatch, at_a_time: int) -> None:
    monkeypatch.setattr(audit_verification, "ROWS_AT_A_TIME", at_a_time)
    with closing(ChainReader(chain)) as reader:
        heads = list(reader.verified())
    assert [head.count for head in heads][-1] == ROWS
    assert len(heads) == ROWS // at_a_time + 1
    path = tampered(chain, ("delete from audit where sequence = 4", ()))
    assert verdict(path) == "row 4 is missing"


def documented() -> str:
    """Return the Python of the page on the audit trail."""
    script = re.search(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert script is not None
    return script[1]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("update audit set status = 500 where sequence = 400", None),
        ("update audit set status = 500 where sequence = 4", "row 4 was changed"),
        ("delete from audit where sequence = 4", "row 4 is missing or out of order"),
    ],
)
def test_what_the_page_on_the_audit_trail_shows_verifies_a_chain(
    chain: Path, tmp_path: Path, statement: str, said: str | None
) -> None:
    path = copied(chain)
    with closing(unguarded(path)) as connection:
        connection.execute(statement)
    path.rename(tmp_path / "practices.db")
    run = subprocess.run(
        [sys.executable, "-c", documented()], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    head = verdict(chain)
    assert isinstance(head, Head)
    if said is None:
        assert run.stdout == f"{head.count} {head.hash.hex()}\n"
    else:
        assert run.stderr.endswith(f"AssertionError: {said}\n")


def test_the_page_on_the_audit_trail_lists_its_columns_in_order() -> None:
    rows = re.findall(r"^\| (`[a-z_`, ]+) \|", DOCUMENT.read_text(), re.MULTILINE)
    listed = [name for row in rows for name in re.findall("[a-z_]+", row)]
    assert listed == list(COLUMNS)
