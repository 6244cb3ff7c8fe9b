"""How fast a database is made, and how large it is."""

import statistics
from datetime import date
from pathlib import Path

from seed_data.seeding import SeedOptions, seed
from tests.bench.results import Amount, Findings
from tests.bench.targets import BYTES_A_SLOT, SLOTS_A_SECOND

PRACTICES = 60


def seeding(directory: Path, today: date, rounds: int) -> Findings:
    """Seed sixty practices so many times, each from nothing to a finished file."""
    options = SeedOptions(today, practices=PRACTICES, force=True)
    found = [seed(directory / "seeded.db", options) for _ in range(rounds)]
    speed = statistics.median(each.slots / each.seconds for each in found)
    return Findings(
        amounts=(
            Amount("seeding", "speed", round(speed), "slots/s", SLOTS_A_SECOND, most=False),
            Amount(
                "seeding", "database", round(found[0].size / found[0].slots), "bytes a slot", BYTES_A_SLOT
            ),
        )
    )
