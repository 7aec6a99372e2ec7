"""The gateway with something broken on purpose: controls that the checks must catch, and clocks that jump.

    python -m tests.failover.sabotage <what>… -- serve …

trust-every-commit   takes a COMMIT for durable although the server answered with a warning
clock=<file>         the machine's clock is off by the number of seconds in the file, which is read each time

`tests/consistency/breakage.py` has more.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.consistency.breakage import BREAKAGES


def trust_every_commit() -> None:
    """The mistake: an answered COMMIT must be durable. But the server also answers when the wait for standbys is cancelled."""
    from gateway.stores.postgres import committer, decided_group

    true_check = decided_group.check_committed

    def check(committing: Any, warnings: Any) -> None:
        true_check(committing, [])

    committer.check_committed = check  # type: ignore[attr-defined]


def shift_clock(file: Path) -> None:
    """Change the time of day for all code; clocks that only measure intervals keep their time."""
    from gateway import clock  # before any other module has imported its function

    true_time, true_time_ns = time.time, time.time_ns

    def offset() -> float:
        return float(file.read_text(encoding="utf-8"))

    def now() -> datetime:
        return datetime.fromtimestamp(true_time(), UTC) + timedelta(seconds=offset())

    clock.machine_now = now  # type: ignore[misc]
    time.time = lambda: true_time() + offset()
    time.time_ns = lambda: true_time_ns() + int(offset() * 1e9)


def main() -> None:
    """Break what was asked for, then run the product."""
    end = sys.argv.index("--")
    asked, sys.argv[1:] = sys.argv[1:end], sys.argv[end + 1 :]
    for one in asked:
        if one == "trust-every-commit":
            trust_every_commit()
        elif one.startswith("clock="):
            shift_clock(Path(one.partition("=")[2]))
        elif one in BREAKAGES:
            BREAKAGES[one]()
        else:
            raise SystemExit(f"cannot break {one!r}")
    from gateway.__main__ import main as run

    run()


if __name__ == "__main__":
    main()
