"""Prism, the mock server that a consumer's developer would otherwise pick, for the same calls.

It comes by npm at one version, and serves an OpenAPI file of our own whose examples are set to the bodies
that ours answers with. It has its log off, which is faster; ours has its log on, as it comes.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.bench.calls import Call
from tests.bench.over_socket import Running, running_program
from tests.bench.rates import READ, SEARCH, CannotMeasure

PACKAGE = "@stoplight/prism-cli@5.14.2"
DESCRIPTION = Path(__file__).parent / "prism" / "openapi.json"
PATIENCE_SECONDS = 300
PATHS = {SEARCH: "/Slot", READ: "/Appointment/{id}"}


class Prism:
    """Prism as npm has it on this machine; raises CannotMeasure where it cannot be had."""

    work = (SEARCH, READ)
    at_once, warm_up = 600, 400
    """So many calls are sent, the last of them again and again; its engine is slow at the first hundreds."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        npx = shutil.which("npx")
        if not npx:
            raise CannotMeasure("npx, which comes with Node.js, is not on this machine")
        self._command = (npx, "--yes", PACKAGE)
        try:
            subprocess.run(
                [*self._command, "--version"], check=True, capture_output=True, timeout=PATIENCE_SECONDS
            )
        except (OSError, subprocess.SubprocessError) as error:
            said = getattr(error, "stderr", None) or b""
            reason = said.decode(errors="replace").strip().splitlines()[-1:] or [type(error).__name__]
            raise CannotMeasure(f"npx could not get {PACKAGE}: {reason[0]}") from error

    @contextmanager
    def served(self, bodies: dict[str, bytes]) -> Iterator[Running]:
        """Serve the description with these bodies as its examples until the block ends."""
        description = json.loads(DESCRIPTION.read_text())
        for work, path in PATHS.items():
            (media,) = description["paths"][path]["get"]["responses"]["200"]["content"].values()
            media["example"] = json.loads(bodies[work])
        file = self._directory / "openapi.json"
        file.write_text(json.dumps(description))
        options = ("mock", str(file), "--port", "PORT", "--verboseLevel", "silent")
        with running_program(self._directory / "prism.log", "/", *self._command, *options) as server:
            yield server

    @staticmethod
    def asked(call: Call) -> Call:
        """Return the same request to Prism, whose one practice is at the root."""
        return replace(call, target=call.target.partition("/gpconnect")[2])
