"""A whole load run over mutual TLS, through the proxy to a provider elsewhere; and the first call by hand."""

import html
import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from simulator.control.appointments import list_appointments
from simulator.store.database import Store
from tests.conftest import TODAY
from tests.races.served import PATIENCE_SECONDS, Served, serving
from tests.spine.tls_peers import GOOD_CONSUMER, client

HELD = (0, 99)
"""Passed, or too slow: how fast it was on a machine that runs other tests beside is not the question here."""


def shown_with(certificates: Path, name: str = GOOD_CONSUMER) -> list[str]:
    """Return the options of curl and gpload that show a certificate, and trust its authority."""
    files = {"cacert": "authority.pem", "cert": f"{name}.pem", "key": f"{name}-key.pem"}
    return [part for option, file in files.items() for part in (f"--{option}", str(certificates / file))]


def gpload(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run gpload in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "loadtest", *arguments],
        capture_output=True,
        text=True,
        timeout=3 * PATIENCE_SECONDS,
        check=False,
    )


def asked(served: Served, path: str) -> Any:
    """Return the JSON at a path of a server."""
    url = f"{served.url}{path}"
    with urllib.request.urlopen(url, context=served.tls, timeout=PATIENCE_SECONDS) as answer:
        return json.loads(answer.read())


def booked_in(database: Path) -> int:
    """Return how many appointments of a database were made by a consumer."""
    with closing(Store(database)) as store, store.reading() as transaction:
        return sum(bool(each["booked_by"]) for each in list_appointments(transaction))


def put(served: Served, path: str, body: Any) -> None:
    """Change what is at a path of a server."""
    request = urllib.request.Request(f"{served.url}{path}", json.dumps(body).encode(), method="PUT")
    with urllib.request.urlopen(request, context=served.tls, timeout=PATIENCE_SECONDS) as answer:
        assert answer.status == 200


def test_a_provider_elsewhere_is_driven_through_the_proxy_over_tls_on_both_legs(
    database: Path, certificates: Path, tmp_path: Path
) -> None:
    elsewhere = Path(shutil.copy(database, tmp_path / "elsewhere.db"))
    report, listed = tmp_path / "report", tmp_path / "provider.json"
    options, tls = ("--tls", str(certificates), "--today", TODAY.isoformat()), client(certificates)
    with (
        serving(database, *options, "--bind-asid", tls=tls) as proxy,
        serving(elsewhere, *options, "--bind-asid", tls=tls) as provider,
    ):
        practices = asked(provider, "/control/practices")
        listed.write_text(json.dumps(practices))
        for each in practices:
            put(proxy, f"/control/directory/systems/{each['asid']}", {"address": each["service_root"]})
        done = gpload(
            *("run", "booking", "--proxy", proxy.url, "--practices", str(listed), "--report", str(report)),
            *("--duration", "3s", "--users", "4", "--processes", "2", *shown_with(certificates)),
        )
        transactions = asked(proxy, "/control/transactions?limit=1000")
    assert done.returncode in HELD, done.stdout + done.stderr
    load = json.loads((report / "verdict.json").read_bytes())["load"]
    assert load["booked"] == booked_in(elsewhere) > 0
    assert load["unknown"] == booked_in(database) == 0
    assert {each["request"].partition("/Z")[0] for each in transactions} == {
        f"{verb} {provider.url}" for verb in ("GET", "POST", "PUT")
    }
    assert not (proxy.said + provider.said).count("handshake")
    assert len(list(report.glob("generator-*.json"))) == 2


def test_a_run_with_a_bad_certificate_ends_at_once_and_says_why(
    database: Path, certificates: Path, tmp_path: Path
) -> None:
    with serving(database, "--tls", str(certificates), tls=client(certificates)) as served:
        run = ("run", "booking", "--target", served.url, "--report", str(tmp_path / "report"))
        done = gpload(*run, *shown_with(certificates, "bad/consumer-revoked"))
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr == f"gpload: {served.url}/control/practices: TLS: the server says: certificate revoked\n"
    )


def test_the_first_call_of_the_front_page_is_answered_as_it_stands(
    database: Path, certificates: Path, tmp_path: Path
) -> None:
    if shutil.which("curl") is None:
        if os.environ.get("REQUIRE_EVERYTHING"):
            pytest.fail("curl is not on this machine")
        pytest.skip("curl is not on this machine")
    directory = Path(shutil.copytree(certificates, tmp_path / "with a space"))
    options = ("--tls", str(directory), "--bind-asid", "--today", TODAY.isoformat())
    with serving(database, *options, tls=client(directory)) as served:
        with urllib.request.urlopen(served.url, context=served.tls, timeout=PATIENCE_SECONDS) as answer:
            page = answer.read().decode()
        found = re.search(r"<pre>(gpload headers .*?)</pre>", page, re.DOTALL)
        assert found is not None
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", html.unescape(found[1])],
            env=os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    bundle = json.loads(done.stdout)
    assert (bundle["resourceType"], len(bundle["entry"])) == ("Bundle", 1), bundle
