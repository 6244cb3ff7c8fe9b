"""Programs that a test needs and a machine may lack."""

import os
import shutil

import pytest


def needs(program: str) -> None:
    """Skip a test where the machine lacks a program, or fail it where everything is required."""
    if shutil.which(program) is None:
        if os.environ.get("REQUIRE_EVERYTHING"):
            pytest.fail(f"{program} is not on this machine")
        pytest.skip(f"{program} is not on this machine")
