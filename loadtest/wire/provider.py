"""What `gpload` must know of a provider before it can address it: its practices, and the day it keeps."""

import ssl
from datetime import date, datetime
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import orjson

from loadtest.practices import Practice, PracticesError, read_practices
from loadtest.wire.tls import TLS_ERROR, advice_on
from loadtest.wire.transport import Connection

_TIMEOUT_SECONDS = 10.0


class CannotRun(Exception):
    """A run that cannot begin or go on; the message is one line for the person at the terminal."""


def find_practices(
    target: str | None, file: Path | None, tls: ssl.SSLContext | None = None
) -> tuple[Practice, ...]:
    """The practices of `file`, or those the provider at `target` lists at `/control/practices`."""
    try:
        if file is not None:
            return read_practices(file.read_bytes(), str(file))
        if target is None:
            raise CannotRun("neither a target nor a file of practices was named")
        url = f"{target.rstrip('/')}/control/practices"
        return read_practices(fetch(url, tls), url)
    except PracticesError as error:
        raise CannotRun(str(error)) from error
    except OSError as error:
        raise CannotRun(f"{file}: {error.strerror or error}") from error


def find_practice(practices: tuple[Practice, ...], ods_code: str) -> Practice:
    """The practice with this ODS code; the error names the codes there are."""
    for practice in practices:
        if practice.ods_code == ods_code:
            return practice
    known = ", ".join(practice.ods_code for practice in practices[:20])
    more = f" and {len(practices) - 20} more" if len(practices) > 20 else ""
    raise CannotRun(f"no practice {ods_code}; there are {known}{more}")


def origin_of(practice: Practice) -> str:
    """Scheme and host of a practice's service root."""
    parts = urlsplit(practice.service_root)
    return f"{parts.scheme}://{parts.netloc}"


def today_at(target: str, tls: ssl.SSLContext | None = None) -> date:
    """The provider's simulated day (`today` at `/control/health`), or London's real one if it has none."""
    connection = Connection(_TIMEOUT_SECONDS, tls)
    try:
        answer = connection.send("GET", f"{target.rstrip('/')}/control/health", {})
        if answer.error is None and answer.status == 200:
            return date.fromisoformat(orjson.loads(answer.body)["today"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        pass
    finally:
        connection.close()
    return datetime.now(tz=ZoneInfo("Europe/London")).date()


def fetch(url: str, tls: ssl.SSLContext | None) -> bytes:
    """What the provider's own door answers to a GET; CannotRun where that is not 200."""
    connection = Connection(_TIMEOUT_SECONDS, tls)
    try:
        answer = connection.send("GET", url, {})
    except ValueError as error:
        raise CannotRun(f"{url}: {error}") from error
    finally:
        connection.close()
    if answer.error is not None and answer.error.startswith(TLS_ERROR):
        raise CannotRun(f"{url}: {answer.error}{advice_on(answer.error)}")
    if answer.error is not None:
        raise CannotRun(f"{url}: {answer.error}; is the provider running? (gpsim serve, or --target)")
    if answer.status != 200:
        raise CannotRun(f"{url}: HTTP {answer.status}; give the practices with --practices FILE")
    return answer.body
