"""Every setting of the simulator: name, default, what it accepts and what it is for.

The command line and the environment are read once, at the edge, into a Settings that is passed down.
"""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

MEGABYTE = 1_000_000


def setting(default: Any, help_text: str, choices: tuple[str, ...] = ()) -> Any:
    """Declare a setting: its default, one line of help, and the texts it may be where those are few."""
    return field(default=default, metadata={"help": help_text, "choices": choices})


@dataclass(frozen=True, slots=True)
class Settings:
    """What `gpsim serve` runs with; each field is an option of that name and a variable GPSIM_NAME."""

    database: Path = setting(Path("practices.db"), "The database file.")
    host: str = setting("127.0.0.1", "The address to listen on.")
    port: int = setting(8000, "The port to listen on, 1 to 65535.")
    workers: int = setting(1, "How many processes serve.")
    booking_mode: str = setting(
        "safe",
        "`unsafe` books by check, pause and write on a throw-away copy, to prove that the judge can fail.",
        ("safe", "unsafe"),
    )
    durability: str = setting(
        "normal", "`full` also survives a power cut; `normal` survives a killed process.", ("normal", "full")
    )
    today: date | None = setting(None, "The simulated day, yyyy-mm-dd; the real one if not given.")
    cors_origin: str = setting(
        "", "Origins whose pages may call, with commas between them, or `*`; none if not given."
    )
    log_level: str = setting(
        "info", "How much is logged; `info` has one line a request.", ("debug", "info", "warning", "error")
    )

    @property
    def base_url(self) -> str:
        """Return scheme, host and port that the practices publish."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"
