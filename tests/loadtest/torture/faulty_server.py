"""`gpsim serve` with a fault that only shows when it is started again.

`python faulty_server.py FAULT DATABASE PORT TODAY`, where FAULT is one of these:
`forgetful` puts the database back as it was at its first start, so that all acknowledged since is lost;
`once` does not start a second time.
"""

import os
import shutil
import sys
from pathlib import Path


def main(fault: str, database: Path, port: str, today: str) -> None:
    kept = database.with_suffix(".first")
    if not kept.exists():
        shutil.copy(database, kept)
    elif fault == "once":
        sys.exit("the disk is gone")
    else:
        for rest in ("-wal", "-shm"):
            Path(f"{database}{rest}").unlink(missing_ok=True)
        shutil.copy(kept, database)
    command = [sys.executable, "-m", "simulator", "serve", "--workers", "2"]
    os.execv(sys.executable, [*command, "--database", str(database), "--port", port, "--today", today])


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4])
