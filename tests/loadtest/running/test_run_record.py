from pathlib import Path

import orjson
import pytest

from loadtest.plans.reading import shipped_plan
from loadtest.practices import read_practices
from loadtest.running.run_options import RunOptions
from loadtest.running.run_record import addressed, new_record, target_of
from tests.loadtest.fake_provider import practices

PROXY = "https://spine.example"


@pytest.mark.parametrize(
    ("target", "proxy", "said"),
    [
        ("http://127.0.0.1:8000", None, "http://127.0.0.1:8000"),
        (None, None, "https://gp.example"),
        (None, PROXY, f"https://gp.example through {PROXY}"),
        (PROXY, PROXY, f"https://gp.example through {PROXY}"),
    ],
    ids=["target", "published", "proxy", "practices listed by the proxy"],
)
def test_whom_a_run_called_is_said_as_its_requests_went(
    target: str | None, proxy: str | None, said: str
) -> None:
    options = RunOptions(shipped_plan("booking"), Path("report"), target, proxy)
    listed = read_practices(orjson.dumps(practices("A20047") + practices("B81001")), "test")

    record = new_record(options, "booking-1", listed)

    assert addressed(record) == said
    assert target_of(record) == said.partition(" through ")[0]


def test_practices_of_many_places_are_not_all_said() -> None:
    several = [
        practices(f"A2004{n}")[0] | {"service_root": f"https://gp{n}.example/A2004{n}"} for n in range(5)
    ]
    record = new_record(
        RunOptions(shipped_plan("booking"), Path("report")),
        "1",
        read_practices(orjson.dumps(several), "test"),
    )

    assert (
        addressed(record) == "https://gp0.example, https://gp1.example, https://gp2.example and 2 places more"
    )


def test_a_record_of_an_earlier_version_is_still_said() -> None:
    assert addressed({"options": {"target": "http://one", "proxy": None}}) == "http://one"
    assert addressed({}) == "an unknown target"
