"""The same few slots booked, cancelled and booked again by everybody: in safe mode, and in unsafe mode."""

from pathlib import Path

import orjson

from tests.conftest import TODAY
from tests.races.contended import churn
from tests.races.served import serving


def test_thousands_of_contended_attempts_leave_nothing_violated_and_nothing_unproven(
    database: Path, tmp_path: Path
) -> None:
    with serving(database, "--workers", "2", "--today", TODAY.isoformat()) as served:
        attempts, wrong = churn(served.url, tmp_path / "report", 6, users=16)

    assert not wrong
    assert attempts > 500


def test_churn_proves_that_an_unsafe_provider_books_twice(database: Path, tmp_path: Path) -> None:
    with serving(database, "--booking-mode", "unsafe", "--today", TODAY.isoformat()) as served:
        churn(served.url, tmp_path / "report", 4, users=16)

    verdict = orjson.loads((tmp_path / "report" / "verdict.json").read_bytes())
    assert verdict["exit_code"] == 100
    assert verdict["checks"][0]["result"] == "violated"
