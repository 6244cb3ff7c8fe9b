import socket
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson
import pytest

from loadtest.wire.provider import CannotRun, find_practice, find_practices, today_at
from tests.loadtest.fake_provider import FakeProvider, practices, serving


@pytest.fixture
def nowhere() -> str:
    with socket.create_server(("127.0.0.1", 0)) as held:
        return f"http://127.0.0.1:{held.getsockname()[1]}"


def test_practices_and_day_come_from_the_providers_own_door() -> None:
    with serving(FakeProvider()) as url:
        assert [practice.ods_code for practice in find_practices(url, None)] == ["A20047"]
        assert today_at(url) == date(2030, 6, 3)


def test_practices_come_from_a_file_when_one_is_given(tmp_path: Path, nowhere: str) -> None:
    file = tmp_path / "practices.json"
    file.write_bytes(orjson.dumps(practices("B81001")))

    assert [practice.ods_code for practice in find_practices(nowhere, file)] == ["B81001"]


def test_a_practices_file_that_is_not_there_is_named(tmp_path: Path, nowhere: str) -> None:
    with pytest.raises(CannotRun, match=r"none\.json: No such file or directory"):
        find_practices(nowhere, tmp_path / "none.json")


def test_a_provider_that_does_not_answer_is_named_with_what_to_do(nowhere: str) -> None:
    with pytest.raises(
        CannotRun, match=f"{nowhere}/control/practices: connection refused; is the provider running"
    ):
        find_practices(nowhere, None)


def test_a_provider_without_the_testers_door_needs_a_practices_file() -> None:
    provider = FakeProvider()
    provider.refusing = True
    with (
        serving(provider) as url,
        pytest.raises(CannotRun, match=r"HTTP 403; give the practices with --practices"),
    ):
        find_practices(f"{url}/elsewhere", None)


def test_a_provider_that_tells_no_day_is_taken_to_live_today(nowhere: str) -> None:
    before = datetime.now(tz=ZoneInfo("Europe/London")).date()

    assert before <= today_at(nowhere) <= datetime.now(tz=ZoneInfo("Europe/London")).date()


def test_an_unknown_practice_is_told_with_those_there_are() -> None:
    with serving(FakeProvider()) as url, pytest.raises(CannotRun, match="no practice X; there are A20047"):
        find_practice(find_practices(url, None), "X")
