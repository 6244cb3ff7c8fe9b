"""run.json: what `gpload` notes of a run beside the ledgers: options, plan, phases, environment, data."""

from __future__ import annotations

import platform
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import orjson

from loadtest.plan import to_json
from loadtest.practices import Practice

if TYPE_CHECKING:
    from loadtest.run import RunOptions

RUN_FILE = "run.json"
DISTRIBUTION = "gp-appointment-simulator"


def new_record(options: RunOptions, run_id: str, practices: tuple[Practice, ...]) -> dict[str, Any]:
    """The record of a run that has just begun; its phases go into `parts` one by one."""
    asked = asdict(options)
    asked["plan"] = options.plan.name
    return {
        "format": 1,
        "run": run_id,
        "scenario": options.plan.name,
        "plan": to_json(options.plan),
        "seed": options.seed,
        "started": now(),
        "ended": None,
        "interrupted": False,
        "cut_short": None,
        "read_back": None,
        "options": orjson.loads(orjson.dumps(asked, default=str)),
        "practices": [practice.ods_code for practice in practices],
        "provider": None,
        "data": None,
        "diary": None,
        "parts": [],
        "environment": {
            "python": platform.python_version(),
            "system": platform.platform(),
            "locust": version("locust"),
            "gpload": version(DISTRIBUTION),
        },
    }


def now() -> str:
    """This moment, as the record writes it."""
    return datetime.now(tz=UTC).isoformat(timespec="seconds")
