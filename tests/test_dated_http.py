"""What a server says of when it answered, and when what it answers with was last changed."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import httpx2
import pytest
import uvicorn

from simulator.application import create_app
from simulator.domain.clock import Clock
from simulator.serving import server_config
from simulator.settings import Settings
from simulator.store.database import Store
from tests.conftest import NOW, a_consumer
from tests.spine.tls_peers import PATIENCE_SECONDS, client


@contextmanager
def served(settings: Settings, clock: Clock) -> Iterator[str]:
    """Serve a database by a clock, in a thread, as `gpsim serve` does; yield its URL without the scheme."""
    store = Store(settings.database)
    config = server_config(lambda: create_app(settings, store, clock), settings)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(PATIENCE_SECONDS)


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    ("after", "modified"),
    [
        pytest.param(-60, "Mon, 16 Mar 2026 07:29:00 GMT", id="changed before"),
        pytest.param(1, "Mon, 16 Mar 2026 07:30:00 GMT", id="the date is a second old"),
        pytest.param(86_400, "Mon, 16 Mar 2026 07:30:00 GMT", id="the simulated day is yet to come"),
    ],
)
def test_nothing_was_last_modified_after_the_date_of_the_answer(
    database: Path,
    certificates: Path,
    monkeypatch: pytest.MonkeyPatch,
    scheme: str,
    after: int,
    modified: str,
) -> None:
    monkeypatch.setattr(uvicorn.server, "time", SimpleNamespace(time=lambda: NOW))
    clock = Clock(offset=after, wall=lambda: NOW)
    tls = certificates if scheme == "https" else None
    settings = replace(Settings(), database=database, tls=tls, log_level="error")
    with (
        served(settings, clock) as address,
        closing(httpx2.Client(base_url=f"{scheme}://{address}", verify=client(certificates))) as http,
    ):
        consumer = a_consumer(http, clock, 0)
        booked = consumer.book(consumer.booking(consumer.free_slots()[0]))
    assert booked.status_code == 201, booked.text
    assert booked.headers["date"] == "Mon, 16 Mar 2026 07:30:00 GMT"
    assert booked.headers["last-modified"] == modified
