"""run.json: what `gpload` notes of a run beside the ledgers: options, plan, phases, environment, data."""

import platform
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import orjson

from loadtest.plans.plan import to_json
from loadtest.practices import Practice
from loadtest.running.run_options import RunOptions
from loadtest.wire.provider import origin_of

_PLACES_SAID = 3
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
        "objections": [],
        "read_back": None,
        "target": options.target if options.target and not options.proxy else _published_at(practices),
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


def _published_at(practices: tuple[Practice, ...]) -> str:
    """Where practices say they are, scheme and host; the first few where they are at many places."""
    places = list(dict.fromkeys(origin_of(each) for each in practices))
    more = len(places) - _PLACES_SAID
    return ", ".join(places[:_PLACES_SAID]) + (f" and {more} places more" if more > 0 else "")


def addressed(record: Mapping[str, Any]) -> str:
    """Whom a run called, in words: `http://a through https://b` where that is the Spine Secure Proxy."""
    target = target_of(record) or "an unknown target"
    proxy = (record.get("options") or {}).get("proxy")
    return f"{target} through {proxy}" if proxy else target


def target_of(record: Mapping[str, Any]) -> str | None:
    """Scheme and host of those that a run called, None where its record does not say."""
    target = record.get("target") or (record.get("options") or {}).get("target")
    return None if target is None else str(target)


def now() -> str:
    """This moment, as the record writes it."""
    return datetime.now(tz=UTC).isoformat(timespec="seconds")
