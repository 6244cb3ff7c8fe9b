import sys
from pathlib import Path

import orjson

from loadtest.generator import Load, command, end_marks, environment


def _load(processes: int) -> Load:
    return Load(Path("/r/order-1-booking.json"), "BookingUser", users=7, seconds=9.6, processes=processes)


def test_locust_runs_headless_for_the_asked_time_with_all_users_at_once() -> None:
    line = command(_load(1), sys.executable)

    assert line[:3] == [sys.executable, "-m", "locust"]
    assert "BookingUser" in line
    assert "--headless" in line
    for option, value in (("--users", "7"), ("--spawn-rate", "7"), ("--run-time", "10s")):
        assert line[line.index(option) + 1] == value
    assert line[line.index("--work-order") + 1] == "/r/order-1-booking.json"
    assert "--processes" not in line


def test_several_processes_meet_on_a_free_port_of_this_machine() -> None:
    line = command(_load(3), sys.executable)

    assert line[line.index("--processes") + 1] == "3"
    assert line[line.index("--master-bind-host") + 1] == line[line.index("--master-host") + 1] == "127.0.0.1"
    assert line[line.index("--master-bind-port") + 1] == line[line.index("--master-port") + 1] != "5557"


def test_locusts_own_settings_in_the_environment_do_not_reach_the_generator() -> None:
    given = environment({"LOCUST_USERS": "5000", "HOME": "/h", "PYTHONPATH": "/p"})

    assert set(given) == {"HOME", "PYTHONPATH"}
    assert given["PYTHONPATH"].endswith(":/p")
    assert (Path(given["PYTHONPATH"].split(":")[0]) / "loadtest").is_dir()


def test_the_generators_messages_go_beside_the_work_order() -> None:
    assert _load(1).log == Path("/r/generator-1-booking.log")


def test_end_marks_are_found_by_the_name_of_their_ledger(tmp_path: Path) -> None:
    (tmp_path / "generator-host-12.json").write_bytes(orjson.dumps({"pid": 12}))

    assert end_marks(tmp_path) == {"ledger-host-12.jsonl": {"pid": 12}}
