"""The worker processes of this machine, at the service of a master elsewhere."""

from pathlib import Path

from loadtest.running.generator import Generator, Help, Meeting, end_marks
from loadtest.running.run import Progress, prepare
from loadtest.wire.provider import CannotRun
from loadtest.wire.tls import TlsFiles


def help_master(meeting: Meeting, directory: Path, progress: Progress, tls: TlsFiles) -> None:
    """Make the load of each phase that the master orders, until it says that one was the last.

    Leaves ledgers and end marks in `directory`. Raises CannotRun where no master is there. Ctrl-C ends the
    load of this machine; what it recorded is kept. Raises TlsFilesError for files that cannot be used.
    """
    tls.context()
    prepare(directory)
    phases = 0
    while True:
        phases += 1
        progress.stage(f"phase {phases}: at the service of {meeting.host}:{meeting.port}")
        before = end_marks(directory).keys()
        generator = Generator(Help(meeting, directory, tls))
        code: int | None = None
        try:
            while code is None:
                code = generator.wait()
                progress.step("working")
        except KeyboardInterrupt:
            generator.stop()
            return
        marks = [mark for name, mark in end_marks(directory).items() if name not in before]
        if not marks:
            raise CannotRun(
                f"no master came to {meeting.host}:{meeting.port}, or it left (see {directory}/worker.log)"
            )
        if any(mark["last"] for mark in marks):
            return
