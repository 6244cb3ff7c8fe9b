"""What good looks like: every target of the benchmark in one place. None of them fails a test."""

from tests.bench.rates import BOOK, READ, SEARCH, SEARCH_GZIPPED

OF_THE_FLOOR = {SEARCH: 0.40, READ: 0.50, BOOK: 0.25, SEARCH_GZIPPED: 0.50}
"""How much of the floor's rate over a socket each kind of work should have, at least."""

OF_THE_SMALL_DATABASE = 0.90
"""How much of its rate at five practices each kind of work should keep at six thousand."""

KEPT_BY_PROXY = 0.75
"""How much of the direct rate should be left, in process, of a search, a read and a booking by proxy."""

WORKER_MB, WORKER_MB_OF_A_COUNTRY = 120.0, 250.0
"""What a worker may hold in memory after the work at five practices, and at six thousand."""

P99_MS = 100.0
"""How long the slowest of a hundred may wait at 70 % of the highest rate, two workers writing."""

COUNTRY_SLOTS, COUNTRY_SEED_MINUTES = 10_000_000, 10.0
SLOTS_A_SECOND = 200_000
BYTES_A_SLOT = 200
STARTUP_SECONDS = 1.0
GENERATOR_SHARE = 0.60

STRAIGHT = 0.98
"""How much of the cost's variation a straight line over the slots returned should explain (R squared)."""

FLAT = 1.10
"""How much more a search may cost among the most slots that it does not return than among the fewest."""
