"""Any sequence of searches, bookings, cancellations and reads: what is answered is what the model says."""

from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.conftest import NOW
from tests.model.booking_machine import BookingMachine
from tests.model.groundwork import lay_groundwork

SETTINGS = settings(max_examples=20, stateful_step_count=25, suppress_health_check=list(HealthCheck))


def test_whatever_is_asked_the_diary_is_as_the_model_has_it(template_database: Path, tmp_path: Path) -> None:
    groundwork = lay_groundwork(template_database, tmp_path, lambda: NOW)

    class Machine(BookingMachine):
        def __init__(self) -> None:
            super().__init__(groundwork)

    run_state_machine_as_test(Machine, settings=SETTINGS)
