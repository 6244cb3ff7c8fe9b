"""A whole `gpload run` against a small provider, as a test asks for it."""

from pathlib import Path
from typing import Any

import orjson
from click.testing import CliRunner

from loadtest.cli import main
from tests.loadtest.fake_provider import FakeProvider, serving

# Passed, or too slow: how fast it was on a machine that runs other tests beside is not the question here.
HELD = (0, 99)


def gpload(
    provider: FakeProvider, directory: Path, scenario: str, *options: str
) -> tuple[int, dict[str, Any], str]:
    """Exit code, verdict.json (empty if there is none), and what was said."""
    asked = ["--plan", scenario] if scenario.endswith(".toml") else [scenario]
    with serving(provider) as url:
        arguments = ["run", *asked, "--target", url, "--report", str(directory), *options]
        result = CliRunner().invoke(main, arguments)
    verdict = directory / "verdict.json"
    return result.exit_code, orjson.loads(verdict.read_bytes()) if verdict.exists() else {}, result.output
