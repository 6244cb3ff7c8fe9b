"""What is measured in process, in a process of its own: what was measured before lies about in this one."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Found = TypeVar("Found")


def apart(measure: Callable[Given, Found], *given: Given.args, **named: Given.kwargs) -> Found:
    """Return what a function of a module finds in a process just started; raise what it raises."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        return process.submit(measure, *given, **named).result()
