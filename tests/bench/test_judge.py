"""The judge's benchmark runs, on a history that is right: how long it takes is nobody's business here."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def test_a_short_history_is_written_read_and_found_right() -> None:
    command = [sys.executable, "-m", "tests.bench.judge", "--operations", "3000", "--practices", "2"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "MiB of memory" in ended.stdout
    checks = [line for line in ended.stdout.splitlines() if line.startswith("check ")]
    assert [line.split()[1:3] for line in checks] == [[f"{number}:", "passed,"] for number in range(1, 9)]
    assert not any(line.endswith(" 0 examined") for line in checks), ended.stdout
