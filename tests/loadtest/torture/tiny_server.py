"""Servers for the tests of who owns them: `python tiny_server.py MODE PORT`.

`good` answers and ends on SIGTERM, `foreign` answers everything with 404, `warming` answers 503 for its first
moment, `leisurely` takes a moment for each answer, `stubborn` ignores SIGTERM, `mute` never listens,
`failing` says why and exits with 3, `parent` has a child in its group that outlives it by far, `daemon` has a
child in a group of its own that serves.
"""

import os
import signal
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

WARMING_SECONDS = 0.3
LEISURELY_SECONDS = 0.03


def serve(mode: str, port: int) -> None:
    began = time.monotonic()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if mode == "leisurely":
                time.sleep(LEISURELY_SECONDS)
            warming = mode == "warming" and time.monotonic() - began < WARMING_SECONDS
            self.send_response(404 if mode == "foreign" else 503 if warming else 200)
            self.end_headers()

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    HTTPServer(("127.0.0.1", port), Handler).serve_forever()


def main(mode: str, port: int) -> None:
    print(f"{mode} begins", flush=True)
    if mode == "failing":
        print("no database here", file=sys.stderr)
        sys.exit(3)
    if mode == "mute":
        time.sleep(600)
    if mode == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if mode == "parent":
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    if mode == "daemon":
        child = subprocess.Popen([sys.executable, __file__, "good", str(port)], start_new_session=True)
        print(f"child {child.pid}", flush=True)
        time.sleep(600)
    serve(mode, port)


if __name__ == "__main__":
    os.environ.pop("PYTHONPATH", None)
    main(sys.argv[1], int(sys.argv[2]))
