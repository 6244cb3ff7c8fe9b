"""What `gpsim serve` says when it cannot serve: one line, and an exit code that is not zero."""

import os
import shutil
import socket
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from simulator.store.database_file import DatabaseUnusable, check_writable
from tests.races.served import PATIENCE_SECONDS, free_port, gpsim


def refusal(database: Path, *options: str, port: int | None = None) -> str:
    """Return the one line that `gpsim serve` says before it ends with a failure."""
    command = gpsim("serve", "--database", str(database), "--port", str(port or free_port()), *options)
    ended = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
    assert ended.returncode not in (0, None), ended
    assert ended.returncode > 0, f"killed by a signal: {ended}"
    assert "Traceback" not in ended.stderr, ended.stderr
    (line,) = ended.stderr.splitlines()
    return line


@contextmanager
def nobody_in_particular() -> Iterator[None]:
    """Act as a user whom permissions mean something to, which they do not to root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_port_in_use_is_one_line_that_names_the_port(database: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = refusal(database, port=port)
    assert str(port) in line
    assert "in use" in line


def test_a_database_of_another_schema_version_is_one_line_that_says_how_to_seed(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("pragma user_version = 99")
    line = refusal(database)
    assert "schema version 99" in line
    assert "gpsim seed" in line


def test_another_programs_database_is_one_line_that_names_the_file(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs.db"
    with closing(sqlite3.connect(theirs)) as connection:
        connection.execute("create table recipes (name text)")
        connection.commit()
    before = theirs.read_bytes()
    assert "theirs.db" in refusal(theirs)
    assert theirs.read_bytes() == before


def test_a_file_that_is_no_database_is_one_line_that_names_it(tmp_path: Path) -> None:
    path, content = tmp_path / "notes.txt", b"not a database at all\n" * 500
    path.write_bytes(content)
    assert "notes.txt" in refusal(path)
    assert path.read_bytes() == content


def test_a_database_that_was_cut_short_is_one_line_that_names_it(database: Path) -> None:
    os.truncate(database, 20_000)
    assert "practices.db" in refusal(database)


def test_a_database_with_damage_inside_is_one_line_that_names_it(database: Path) -> None:
    size = database.stat().st_size
    with database.open("r+b") as file:
        file.seek(8_192)
        file.write(b"\xff" * (size - 8_192))
    assert "practices.db" in refusal(database)


def test_a_directory_is_one_line_that_names_it(tmp_path: Path) -> None:
    assert str(tmp_path) in refusal(tmp_path)


def test_a_database_to_be_made_where_nothing_can_be_made_is_one_line_that_names_it(tmp_path: Path) -> None:
    assert "practices.db" in refusal(tmp_path / "no such directory" / "practices.db")


def test_a_place_where_nothing_can_be_written_is_one_line_that_names_it() -> None:
    assert "/proc/practices.db" in refusal(Path("/proc/practices.db"))


def test_a_database_that_may_be_read_and_not_written_is_refused(template_database: Path) -> None:
    with tempfile.TemporaryDirectory() as directory:
        database = Path(shutil.copy(template_database, directory))
        Path(directory).chmod(0o777)
        database.chmod(0o444)
        with nobody_in_particular(), pytest.raises(DatabaseUnusable, match="cannot be written"):
            check_writable(database)


def test_a_setting_that_cannot_be_is_one_line_that_names_the_option(database: Path) -> None:
    assert "--booking-mode" in refusal(database, "--booking-mode", "brave")
