"""One seeded template database a run; each test gets a copy, a clock that stands still, and a consumer."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import httpx2
import pytest
import uvicorn
from hypothesis import HealthCheck, settings
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from seed_data.seeding import SeedOptions, seed
from simulator.application import create_app
from simulator.domain.clock import Clock
from simulator.settings import Settings
from simulator.spine.certificates import make_certificates
from simulator.store.database import Store
from tests.diary import Diary
from tests.practice_client import PracticeClient
from tests.running_server import RunningServer, add_options, running_server_of, skip_what_cannot_run

TODAY = date(2026, 3, 16)
"""A Monday two weeks before the clocks go forward."""

NOW = datetime(2026, 3, 16, 7, 30, tzinfo=UTC).timestamp()

ASIDS = ("200000000115", "200000000116")
"""Whose certificates there are."""

STOPPED = Clock(wall=lambda: NOW)
"""A clock that stands still, early on the first day of the diaries."""

# Properties are tried the same way each time and however long they take: a slow machine is no failure.
# `--hypothesis-profile wander` tries others.
settings.register_profile(
    "house", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("wander", deadline=None, print_blob=True)
settings.load_profile("house")


@pytest.fixture(scope="session", autouse=True)
def logging_left_alone() -> Iterator[None]:
    """Let no server that a test configures in this process set up logging, which all its tests share."""
    with pytest.MonkeyPatch.context() as left_alone:
        left_alone.setattr(uvicorn.Config, "configure_logging", lambda config: None)
        yield


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare how hard the tests that can be made harder try."""
    sizes = parser.getgroup("sizes", "how hard the tests try")
    sizes.addoption("--fuzz-requests", type=int, default=1000, help="spoilt requests that tests/fuzz sends")
    sizes.addoption("--fuzz-seed", type=int, default=1, help="what the spoilt requests are drawn from")
    sizes.addoption("--race-clients", type=int, default=20, help="clients that tests/races releases together")
    sizes.addoption("--race-rounds", type=int, default=10, help="slots that they race for, one a round")
    parser.addoption("--update-snapshots", action="store_true", help="write tests/snapshots anew")
    add_options(parser)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what a running server, if one is named, cannot serve."""
    skip_what_cannot_run(config, items, TODAY)


@pytest.fixture(scope="session")
def running_server(pytestconfig: pytest.Config) -> Iterator[RunningServer | None]:
    """Return the server that `--base-url` names; None where the tests bring their own application."""
    running = running_server_of(pytestconfig)
    yield running
    if running is not None:
        running.http.close()


@pytest.fixture(scope="session")
def template_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seed the default profile once, small."""
    path = tmp_path_factory.mktemp("template") / "practices.db"
    seed(path, SeedOptions(today=TODAY, practices=2, patients=60, days=42))
    return path


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory as `gpsim certificates` makes it, one for all tests: making keys takes time.

    It is shared, so nothing in it may be changed.
    """
    directory = tmp_path_factory.mktemp("certificates")
    make_certificates(directory, ASIDS, ["gp.provider.test"], datetime.now(UTC), 30)
    return directory


@pytest.fixture
def database(running_server: RunningServer | None, template_database: Path, tmp_path: Path) -> Path:
    """Return a database of the test's own."""
    if running_server is not None:
        pytest.skip("needs the database of the provider, or its clock")
    return Path(shutil.copy(template_database, tmp_path / "practices.db"))


@pytest.fixture
def clock() -> Clock:
    """Return a clock that stands still, early on the first day of the diaries."""
    return STOPPED


@pytest.fixture
def store(database: Path) -> Iterator[Store]:
    """Open the test's database."""
    opened = Store(database)
    yield opened
    opened.close()


@pytest.fixture
def app(database: Path, store: Store, clock: Clock) -> ASGIApp:
    """Return the application on the test's database."""
    return create_app(replace(Settings(), database=database), store, clock)


@pytest.fixture
def http(running_server: RunningServer | None, request: pytest.FixtureRequest) -> Iterator[httpx2.Client]:
    """Return a client that speaks HTTP to the application, in process, or to a running server."""
    if running_server is not None:
        yield running_server.http
        running_server.leave_as_found()
        return
    with TestClient(request.getfixturevalue("app"), raise_server_exceptions=False) as client:
        yield client


def a_consumer(http: httpx2.Client, clock: Clock, number: int) -> PracticeClient:
    """Return a correct consumer of one of the practices."""
    practice = http.get("/control/practices").json()[number]
    return PracticeClient(http, practice, clock.wall, clock.today())


@contextmanager
def serving(path: Path) -> Iterator[TestClient]:
    """Serve a database in process, at the moment when the tests' clock stands."""
    store = Store(path)
    app = create_app(replace(Settings(), database=path), store, STOPPED)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client
    store.close()


@pytest.fixture(scope="session")
def shared_http(
    running_server: RunningServer | None, template_database: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx2.Client]:
    """Return a client of one application for all tests that change nothing."""
    if running_server is not None:
        yield running_server.http
        return
    path = Path(shutil.copy(template_database, tmp_path_factory.mktemp("shared") / "practices.db"))
    with serving(path) as client:
        yield client


@pytest.fixture(scope="session")
def visitor(running_server: RunningServer | None, shared_http: httpx2.Client) -> PracticeClient:
    """Return a correct consumer of the first practice for tests that change nothing: they share it."""
    return running_server.consumer(0) if running_server else a_consumer(shared_http, STOPPED, 0)


@pytest.fixture
def consumer(running_server: RunningServer | None, http: httpx2.Client, clock: Clock) -> PracticeClient:
    """Return a correct consumer of the first practice."""
    return running_server.consumer(0) if running_server else a_consumer(http, clock, 0)


@pytest.fixture
def neighbour(running_server: RunningServer | None, http: httpx2.Client, clock: Clock) -> PracticeClient:
    """Return a correct consumer of the second practice."""
    return running_server.consumer(1) if running_server else a_consumer(http, clock, 1)


@pytest.fixture
def consumer_at(database: Path, store: Store) -> Callable[[str], PracticeClient]:
    """Return what makes a consumer of the first practice at another moment (ISO 8601)."""

    def at(moment: str) -> PracticeClient:
        stopped = Clock(wall=datetime.fromisoformat(moment).timestamp)
        app = create_app(replace(Settings(), database=database), store, stopped)
        return a_consumer(TestClient(app, raise_server_exceptions=False), stopped, 0)

    return at


@pytest.fixture
def diary(store: Store) -> Diary:
    """Return the first practice's diary, to write into."""
    return Diary(store.connection)
