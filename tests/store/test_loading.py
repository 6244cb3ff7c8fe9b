"""A database is made beside its place, and takes it in one step or leaves nothing."""

import signal
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from simulator.store.database import Store
from simulator.store.loading import ROWS_TOGETHER, InUse, Loading
from simulator.store.schema import APPLICATION_ID, INDEXES, SCHEMA_VERSION, TABLES

SLOT = (1, 1, 0, 10, "free", 1, "Video", None, 1)


def test_a_finished_loading_is_the_database(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    with Loading(path) as loading:
        loading.add("slots", [SLOT])
        assert loading.count("slots") == 1
        assert not path.exists()
    assert [each.name for each in tmp_path.iterdir()] == ["new.db"]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("select * from slots").fetchall() == [SLOT]
        assert connection.execute("pragma application_id").fetchone() == (APPLICATION_ID,)
        assert connection.execute("pragma user_version").fetchone() == (SCHEMA_VERSION,)
        names = {
            name for (name,) in connection.execute("select name from sqlite_master where type = 'index'")
        }
        assert len([name for name in names if not name.startswith("sqlite_")]) == len(INDEXES)


@pytest.mark.parametrize("left", [0, 1, ROWS_TOGETHER - 1])
def test_however_many_rows_are_added_all_are_there_in_order(tmp_path: Path, left: int) -> None:
    rows = [(f"key {number:03}", str(number)) for number in range(2 * ROWS_TOGETHER + left)]
    path = tmp_path / "made.db"
    with Loading(path) as loading:
        loading.add("about", iter(rows))
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("select key, value from about order by rowid").fetchall() == rows


def test_every_table_has_the_columns_of_the_schema(tmp_path: Path) -> None:
    with Loading(tmp_path / "new.db") as loading:
        for table, columns in TABLES.items():
            info = loading.connection.execute(f"pragma table_info({table})").fetchall()
            assert [row[1] for row in info] == list(columns)


def test_a_table_that_is_little_but_its_key_is_one_tree(tmp_path: Path) -> None:
    with Loading(tmp_path / "new.db"):
        pass
    with closing(sqlite3.connect(tmp_path / "new.db")) as connection:
        found = {name for name, wr in connection.execute("select name, wr from pragma_table_list") if wr}
    assert found == {"appointment_slots"}


def test_a_loading_that_is_interrupted_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), Loading(tmp_path / "new.db") as loading:
        loading.add("slots", [SLOT])
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_a_loading_whose_rows_contradict_each_other_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.IntegrityError), Loading(tmp_path / "new.db") as loading:
        loading.add("appointment_slots", [(1, 1, 1), (2, 1, 1)])
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_loading_leaves_the_old_database(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), Loading(path):
        raise ZeroDivisionError
    assert path.read_text() == "old"


def test_a_long_last_step_heeds_a_signal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    endless = "with recursive n (n) as (values (1) union all select n + 1 from n) select count(*) from n"
    monkeypatch.setattr("simulator.store.loading.AFTER_ROWS", (endless,))
    given_up: list[bool] = []

    def give_up() -> None:
        given_up.append(True)
        loading.connection.interrupt()

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    loading = Loading(tmp_path / "new.db")
    watch = threading.Timer(20, give_up)
    before = signal.signal(signal.SIGALRM, stop)
    watch.start()
    try:
        with pytest.raises(KeyboardInterrupt), loading:
            signal.setitimer(signal.ITIMER_REAL, 0.2)
    finally:
        watch.cancel()
        signal.signal(signal.SIGALRM, before)
    assert given_up == []
    assert list(tmp_path.iterdir()) == []


def test_what_an_earlier_loading_left_is_forgotten(tmp_path: Path) -> None:
    (tmp_path / "new.db.part").write_text("rubbish")
    for suffix in ("-wal", "-shm"):
        (tmp_path / f"new.db{suffix}").write_text("of the old file")
    with Loading(tmp_path / "new.db"):
        pass
    assert [each.name for each in tmp_path.iterdir()] == ["new.db"]


def test_a_place_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises((OSError, sqlite3.OperationalError)):
        Loading(tmp_path / "nowhere" / "new.db")


def test_a_loading_that_cannot_begin_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: sqlite3.Connection) -> None:
        raise sqlite3.OperationalError("disk full")

    monkeypatch.setattr("simulator.store.loading.create_tables", fail)
    with pytest.raises(sqlite3.OperationalError, match="disk full"):
        Loading(tmp_path / "new.db")
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_is_open_elsewhere_is_not_replaced(database: Path) -> None:
    with closing(Store(database)) as store, store.reading() as transaction:
        practices = transaction.practices.count()
        with pytest.raises(InUse, match="being served"):
            Loading(database)
    with closing(Store(database)) as store, store.reading() as transaction:
        assert transaction.practices.count() == practices


def test_a_database_opened_while_its_successor_is_made_is_not_replaced(database: Path) -> None:
    loading = Loading(database)
    with closing(Store(database)) as store, pytest.raises(InUse), loading:
        with store.writing() as transaction:
            transaction.slots.take([1])
        loading.add("slots", [SLOT])
    assert not database.with_name(f"{database.name}.part").exists()
    with closing(Store(database)) as store, store.reading() as transaction:
        assert transaction.slots.find(1, [1])[0].status == "busy"
