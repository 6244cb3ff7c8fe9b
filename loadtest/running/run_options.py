"""What was asked of a run."""

from dataclasses import dataclass
from pathlib import Path

from loadtest.plans.plan import Plan
from loadtest.running.generator import Meeting
from loadtest.wire.tls import NO_FILES, TlsFiles


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What was asked for. Without a `target` each service root is called as it was published.

    `shared`: others may write to the provider too. `expect_outage`: it is stopped or killed on purpose.
    With a `meeting`, the load comes from worker processes on other machines instead of `processes` here.
    """

    plan: Plan
    directory: Path
    target: str | None = None
    proxy: str | None = None
    practices_file: Path | None = None
    processes: int = 2
    seed: int = 1
    days: int = 56
    shared: bool = False
    expect_outage: bool = False
    meeting: Meeting | None = None
    tls: TlsFiles = NO_FILES
