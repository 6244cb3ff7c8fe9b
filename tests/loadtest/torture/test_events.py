import threading
from pathlib import Path

from loadtest.torture.events import FILE, EventLog, read_events


def test_events_are_read_as_they_were_noted(tmp_path: Path) -> None:
    with EventLog(tmp_path, 5) as log:
        first = log.note("kill", number=1)
        second = log.note("ended", number=1, took_ms=2.5)

    events = list(read_events(tmp_path))
    assert [(event.at, event.kind) for event in events] == [(first, "kill"), (second, "ended")]
    assert events[1].facts == {"seed": 5, "number": 1, "took_ms": 2.5}


def test_what_threads_note_together_stays_whole(tmp_path: Path) -> None:
    with EventLog(tmp_path, 5) as log:
        threads = [
            threading.Thread(target=lambda: [log.note("drop", point="x" * 200) for _ in range(100)])
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len(list(read_events(tmp_path))) == 400


def test_an_unfinished_last_line_is_passed_over(tmp_path: Path) -> None:
    with EventLog(tmp_path, 5) as log:
        log.note("quiet")
    with (tmp_path / FILE).open("ab") as file:
        file.write(b'{"record":"event","at":12')

    assert [event.kind for event in read_events(tmp_path)] == ["quiet"]


def test_what_is_noted_after_the_end_is_let_go(tmp_path: Path) -> None:
    with EventLog(tmp_path, 5) as log:
        pass
    log.note("cut")

    assert list(read_events(tmp_path)) == []


def test_a_run_without_torture_has_no_events(tmp_path: Path) -> None:
    assert list(read_events(tmp_path)) == []
