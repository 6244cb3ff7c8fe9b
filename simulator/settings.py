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
    tls: Path | None = setting(
        None,
        "A directory of `gpsim certificates`: serve over TLS, to clients with a certificate of it alone.",
    )
    server_certificate: str = setting(
        "good",
        "What is shown over TLS; all but `good` are there to see whether a consumer refuses them.",
        ("good", "expired", "wrong-name", "wrong-authority", "revoked"),
    )
    bind_asid: bool = setting(
        False,
        "Over TLS, refuse a request whose `Ssp-From` is not the ASID that the client certificate names.",
    )
    public_url: str = setting(
        "", "Scheme, host and port that the directories publish practices at; if not given, where one asks."
    )
    provider_timeout: int = setting(
        30, "How many seconds a provider outside may be silent behind the Spine Secure Proxy, 1 to 64."
    )
    ldap_port: int | None = setting(
        None, "The port of the directory's LDAP, with StartTLS where there is `--tls`; off if not given."
    )
    ldaps_port: int | None = setting(
        None, "The port of the directory's LDAP over TLS from the first byte; off if not given."
    )
    pds_down: bool = setting(
        False, "The Personal Demographics Service is down: for who traces patients, and for practices."
    )
    log_level: str = setting(
        "info", "How much is logged; `info` has one line a request.", ("debug", "info", "warning", "error")
    )

    @property
    def base_url(self) -> str:
        """Return scheme, host and port that the practices publish."""
        return self.url("https" if self.tls else "http", self.port)

    def url(self, scheme: str, port: int) -> str:
        """Return where something else is served beside the practices."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}:{port}"
