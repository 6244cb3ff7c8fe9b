import subprocess
import sys
from pathlib import Path

import pytest

from tests.loadtest.report.recorded_run import a_history, recorded

SCRIPT = """
import sys
from pathlib import Path
from loadtest.report.output import print_text, print_verdicts
from loadtest.report.verdict import reach_verdicts, worst_exit_code

verdicts = reach_verdicts([Path(sys.argv[2])])
if sys.argv[1] == "text":
    print_text("a line\\n" * 100_000)
else:
    print_verdicts(verdicts * 30)
print("what another part of the program still has to say")
sys.exit(worst_exit_code(verdicts))
"""


def started(what: str, directory: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, what, str(directory)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("what", ["a long text", "a few words", "a verdict", "many verdicts"])
@pytest.mark.parametrize(("double", "code"), [(False, 0), (True, 100)])
def test_where_nobody_reads_the_exit_code_is_that_of_the_verdict(
    tmp_path: Path, what: str, double: bool, code: int
) -> None:
    with started(what, recorded(tmp_path, a_history(double))) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()

        assert process.wait(60) == code
        assert process.stderr.read() == ""


@pytest.mark.parametrize("what", ["a long text", "many verdicts"])
def test_a_reader_that_leaves_early_does_not_change_the_exit_code(tmp_path: Path, what: str) -> None:
    with started(what, recorded(tmp_path, a_history(double=True))) as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline().strip()
        process.stdout.close()

        assert process.wait(60) == 100
        assert process.stderr.read() == ""


def test_a_reader_that_stays_is_told_everything(tmp_path: Path) -> None:
    directory = recorded(tmp_path, a_history(double=True))
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, "many verdicts", str(directory)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 100
    assert run.stdout.count("VIOLATED") == 30
    assert max(map(len, run.stdout.splitlines())) <= 100
