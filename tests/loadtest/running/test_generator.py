from pathlib import Path

import orjson

from loadtest.running.generator import (
    DIRECTORY,
    REMOTE,
    Help,
    Load,
    Meeting,
    begun_at,
    child_environment,
    end_marks,
)
from loadtest.wire.tls import TlsFiles


def _load(processes: int, meeting: Meeting | None = None) -> Load:
    return Load(Path("/r/order-1-booking.json"), clients=7, seconds=9.6, processes=processes, meeting=meeting)


def _value(line: list[str], option: str) -> str:
    return line[line.index(option) + 1]


def test_locust_runs_headless_for_the_asked_time_with_all_users_at_once() -> None:
    line = _load(1).arguments()

    assert "--headless" in line
    for option, value in (("--users", "7"), ("--spawn-rate", "7"), ("--run-time", "10s")):
        assert _value(line, option) == value
    assert _value(line, "--work-order") == "/r/order-1-booking.json"
    assert "--processes" not in line


def test_several_processes_meet_on_a_free_port_of_this_machine() -> None:
    line = _load(3).arguments()

    assert _value(line, "--processes") == "3"
    assert _value(line, "--master-bind-host") == _value(line, "--master-host") == "127.0.0.1"
    assert _value(line, "--master-bind-port") == _value(line, "--master-port") != "5557"


def test_a_master_waits_for_its_workers_and_has_no_clients_of_its_own() -> None:
    line = _load(2, Meeting("10.0.0.5", 5600, 4)).arguments()

    assert {"--master"} <= set(line)
    assert "--processes" not in line
    assert (_value(line, "--master-bind-host"), _value(line, "--master-bind-port")) == ("10.0.0.5", "5600")
    assert _value(line, "--expect-workers") == "4"


def test_workers_join_a_master_and_relate_their_clocks() -> None:
    helping = Help(Meeting("10.0.0.5", 5600, 2), Path("/w"))

    line = helping.arguments()

    assert {"--worker"} <= set(line)
    assert (_value(line, "--master-host"), _value(line, "--processes")) == ("10.0.0.5", "2")
    assert helping.environment() == {DIRECTORY: "/w", REMOTE: "1"}
    assert REMOTE not in _load(2).environment()


def test_files_for_tls_are_named_to_the_generator_and_to_workers(tmp_path: Path) -> None:
    files = TlsFiles(tmp_path / "a.pem", tmp_path / "b.pem", tmp_path / "c.pem")

    told = Load(tmp_path / "order-0-x.json", 1, 1.0, 1, tls=files).environment()
    helping = Help(Meeting("10.0.0.5", 5600, 2), tmp_path, files).environment()

    assert TlsFiles.of_environment(told) == TlsFiles.of_environment(helping) == files


def test_locusts_own_settings_in_the_environment_do_not_reach_the_generator() -> None:
    given = child_environment({"LOCUST_USERS": "5000", "GPLOAD_CERT": "/c", "HOME": "/h", "PYTHONPATH": "/p"})

    assert set(given) == {"HOME", "PYTHONPATH"}
    assert given["PYTHONPATH"].endswith(":/p")
    assert (Path(given["PYTHONPATH"].split(":")[0]) / "loadtest").is_dir()


def test_when_a_phase_began_is_known_once_its_generator_has_told(tmp_path: Path) -> None:
    assert begun_at(tmp_path, 1) is None
    (tmp_path / "begin-1.json").write_bytes(b'{"begins_ns": 12}')
    assert begun_at(tmp_path, 1) == 12


def test_the_generators_messages_go_beside_the_work_order() -> None:
    assert _load(1).log == Path("/r/generator-1-booking.log")


def test_end_marks_are_found_by_the_name_of_their_ledger(tmp_path: Path) -> None:
    (tmp_path / "generator-host-12.json").write_bytes(orjson.dumps({"pid": 12}))

    assert end_marks(tmp_path) == {"ledger-host-12.jsonl": {"pid": 12}}
