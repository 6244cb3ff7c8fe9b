"""What the tests of FHIR share."""

from collections.abc import Iterator

import pytest

from simulator.fhir import appointment_outline


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    """Forget what other tests sent."""
    appointment_outline._BOOKINGS.known.clear()
    appointment_outline._CHANGES.known.clear()
    appointment_outline._BOOKINGS._in_vain = appointment_outline._CHANGES._in_vain = 0
    appointment_outline._booker.cache_clear()
    yield
