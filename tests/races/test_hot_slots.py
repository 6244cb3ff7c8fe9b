"""Many clients, one slot: one of them gets it, and the judge says so too."""

from collections import Counter
from pathlib import Path

from tests.conftest import TODAY
from tests.races.conftest import PartyAt
from tests.races.served import serving


def test_one_client_wins_each_round_and_every_other_is_told_that_it_lost(
    database: Path, party_at: PartyAt, race_clients: int, race_rounds: int
) -> None:
    with serving(database, "--workers", "2", "--today", TODAY.isoformat()) as served:
        party = party_at(served.url)
        rounds = party.race(race_clients, race_rounds)
        findings = party.verdict()
    for bookings in rounds:
        answers = Counter((booking.status, booking.code) for booking in bookings)
        assert answers == {(201, None): 1, (409, "DUPLICATE_REJECTED"): race_clients - 1}
    assert [(check.name, check.result, check.doubts) for check in findings.checks] == [
        (check.name, "passed", ()) for check in findings.checks
    ]
    assert findings.checks[1].examined == race_rounds * (race_clients - 1), "every lost race was looked at"


def test_without_safety_several_clients_win_and_the_judge_finds_them(
    database: Path, party_at: PartyAt
) -> None:
    before = database.read_bytes()
    with serving(database, "--booking-mode", "unsafe", "--today", TODAY.isoformat()) as served:
        party = party_at(served.url)
        rounds = party.race(clients=12, rounds=4)
        findings = party.verdict()
        assert served.stop() == 0
        assert served.said.startswith("UNSAFE BOOKING MODE"), served.said
    assert max(sum(booking.status == 201 for booking in bookings) for bookings in rounds) > 1
    one_live_booking = findings.checks[0]
    assert (one_live_booking.number, one_live_booking.result) == (1, "violated")
    witness = one_live_booking.violations[0]
    assert {operation.interaction for operation in witness.operations} == {"book_appointment"}
    assert database.read_bytes() == before, "the user's own file is as it was"
    assert not list(database.parent.glob("*-wal")), "nothing is left beside it"
