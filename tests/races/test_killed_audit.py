"""The audit trail of a provider that is killed while it is used: what was answered, and what is recorded."""

import json
import threading
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from loadtest.consumer import Request
from simulator.domain.audit import AuditEvent
from simulator.server.audit_trail import BATCH
from simulator.store.audit_verification import Head
from simulator.store.database import Store
from tests.conftest import TODAY
from tests.races.conftest import PartyAt
from tests.races.parties import Client, Countdown, Party, in_parallel
from tests.races.served import PATIENCE_SECONDS, serving
from tests.store.chains import verdict

ON_THE_DAY = ("--today", TODAY.isoformat())
COMMANDS = ("book_appointment", "cancel_appointment")
ENOUGH = 400


@pytest.mark.parametrize("workers", [1, 2])
def test_a_kill_costs_the_trail_the_last_batch_of_queries_and_no_command(
    database: Path, party_at: PartyAt, race_clients: int, workers: int
) -> None:
    options = ("--workers", str(workers), *ON_THE_DAY)
    clients = min(race_clients, 20)
    with serving(database, *options) as served:
        party = party_at(served.url)
        enough = threading.Event()
        with ThreadPoolExecutor(1) as threads:
            use = threads.submit(use_until_it_breaks, party, clients, enough)
            assert enough.wait(PATIENCE_SECONDS), "the clients hardly did anything"
            served.kill()
            use.result(PATIENCE_SECONDS)
    answered = [each for each in party.operations() if each.outcome in ("ok", "refused")]
    recorded = rows_by_trace(database)
    commands = [each for each in answered if each.interaction in COMMANDS]
    queries = [each for each in answered if each.interaction not in COMMANDS]
    assert {each.outcome for each in commands} == {"ok", "refused"}
    assert len(queries) > BATCH * workers
    for command in commands:
        assert [event.status for event in recorded[command.trace]] == [command.status], command
    lost = [query for query in queries if not recorded[query.trace]]
    assert len(lost) < BATCH * workers
    for query in queries:
        assert [event.status for event in recorded[query.trace]] in ([], [query.status]), query
    assert_everything_made_has_its_provenance(database)


def test_a_provider_that_was_killed_goes_on_with_its_chain_and_stops_without_loss(
    database: Path, party_at: PartyAt
) -> None:
    with serving(database, *ON_THE_DAY) as served:
        party = party_at(served.url)
        enough = threading.Event()
        with ThreadPoolExecutor(1) as threads:
            use = threads.submit(use_until_it_breaks, party, 4, enough, 50)
            assert enough.wait(PATIENCE_SECONDS), "the clients hardly did anything"
            served.kill()
            use.result(PATIENCE_SECONDS)
    before = verdict(database)
    seen = len(party.operations())
    with serving(database, *ON_THE_DAY, port=served.port) as again:
        client = party.client(0)
        with closing(client.connection):
            for request in some_requests(client, party, Random(1), 40):
                client.send(request)
        assert again.stop() == 0
    after = verdict(database)
    assert isinstance(before, Head)
    assert isinstance(after, Head)
    later = party.operations()[seen:]
    assert len(later) == 40
    recorded = rows_by_trace(database)
    for each in later:
        assert [event.status for event in recorded[each.trace]] == [each.status], each
    assert after.count >= before.count + 40


def use_until_it_breaks(party: Party, clients: int, enough: threading.Event, wanted: int = ENOUGH) -> None:
    """Let clients ask, book and cancel as fast as they can until their connection breaks."""
    answered = Countdown(wanted, enough)

    def run(number: int) -> None:
        client, chance = party.client(number), Random(number)
        with closing(client.connection):
            while True:
                for request in some_requests(client, party, chance, 10):
                    record, response = client.send(request)
                    if record.outcome == "unknown":
                        return
                    answered.one_more()
                    if record.status == 201 and chance.random() < 0.5:
                        appointment = json.loads(response.body)
                        client.send(client.consumer.cancel_appointment(appointment, "Not needed"))

    in_parallel(clients, run)


def some_requests(client: Client, party: Party, chance: Random, number: int) -> Sequence[Request]:
    """Return requests of which one in four is a booking, most of them of slots that are gone."""
    ask = client.consumer
    patients = list(party.patients)
    kinds = (
        lambda: ask.find_patient(chance.choice(patients)),
        lambda: ask.read_appointment(str(chance.randrange(1, 50))),
        lambda: ask.read_metadata(),
        lambda: ask.book_appointment([chance.choice(party.offers[:20])], party.patient(0)),
    )
    return [kinds[turn % len(kinds)]() for turn in range(number)]


def rows_by_trace(database: Path) -> dict[str, list[AuditEvent]]:
    """Return what a chain that holds has recorded, by trace id."""
    head = verdict(database)
    assert isinstance(head, Head), head
    found: dict[str, list[AuditEvent]] = defaultdict(list)
    with closing(Store(database)) as store, store.reading() as transaction:
        for _, event in transaction.audit.all():
            found[event.trace_id].append(event)
    return found


def assert_everything_made_has_its_provenance(database: Path) -> None:
    """Assert that each version of what came of the API has a row, and that no row made what is not there."""
    with closing(Store(database)) as store, store.reading() as transaction:
        booked = [each for each in transaction.appointments.all() if each.booking_organisation is not None]
        made = {
            f"Appointment/{each.id}": list(range(1, each.version + 1))
            for each in booked
            if transaction.audit.provenance(f"Appointment/{each.id}")
        }
        rows = [event for _, event in transaction.audit.all() if event.version is not None]
        for record, versions in made.items():
            assert [row.event.version for row in transaction.audit.provenance(record)] == versions
        assert {event.record for event in rows} == set(made)
        assert len(made) >= 10
