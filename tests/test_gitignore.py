"""What the README's journeys leave behind is no part of the project."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.programs import needs

ROOT = Path(__file__).parent.parent
WRITTEN = re.compile(r"(?:\s>|\| tee| --out| --database| --report)\s+([a-z][a-z./-]*[a-z])\b")


def test_git_ignores_all_that_the_readme_writes() -> None:
    needs("git")
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git repository")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```bash\n(.*?)```", readme, re.DOTALL)
    written = {name for block in blocks for name in WRITTEN.findall(block)} | {"reports/demo/run.json"}
    assert {"slots.json", "appointment.json", "certificates", "provider.json", "england.db"} < written
    # A directory is ignored for what is in it; git asks nobody for one that is not there.
    paths = {name if "." in name else f"{name}/x" for name in written}
    command = ["git", "-C", str(ROOT), "check-ignore", "--no-index", *sorted(paths)]
    ignored = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()
    assert paths - set(ignored) == set()
