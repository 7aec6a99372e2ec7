"""`make bench`: speed as a ratio to a bare aiohttp handler of the same round. `--help` names the groups of rows."""

from __future__ import annotations

import argparse
import shlex
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from tests.bench import report
from tests.bench.rows import GROUPS
from tests.bench.servers import ROOT, rss_mb
from tests.bench.stage import Stage, stop_signal
from tests.bench.start import cold_starts

RESULTS: Final = Path(__file__).with_name("results")


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """What was chosen on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=[*GROUPS, "start"], default=[*GROUPS, "start"])
    parser.add_argument("--without", nargs="+", choices=[*GROUPS, "start"], default=[])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0, help="of one run of one variant")
    parser.add_argument(
        "--peers", nargs="+", default=[], help="only other servers with one of these words in their name"
    )
    parser.add_argument(
        "--no-fetch", action="store_true", help="leave out programs that are not in the cache folder yet"
    )
    parser.add_argument("--quick", action="store_true", help="2 rounds, no peers")
    parser.add_argument("--results", type=Path, help="folder for bench.md and bench.json")
    chosen = parser.parse_args(words)
    if chosen.quick:
        chosen.rounds, chosen.without = 2, [*chosen.without, "peers"]
    chosen.only = [group for group in chosen.only if group not in chosen.without]
    return chosen


def measure(chosen: argparse.Namespace, folder: Path, stack: ExitStack) -> dict[str, Any]:
    """Everything that was asked for."""
    stage = Stage(folder, stack, drafts=round(12_000 * chosen.seconds * chosen.rounds))
    stage.fetch, stage.wanted_peers = not (chosen.no_fetch or chosen.quick), chosen.peers
    began = time.monotonic()
    rows = []
    for group in chosen.only:
        if group in GROUPS:
            for block in GROUPS[group](stage):
                rows += block.measure(chosen.rounds, chosen.seconds)
                stage.skipped.update(block.broken)
    facts: dict[str, Any] = {
        "command": shlex.join(["python", "-m", "tests.bench.bench", *sys.argv[1:]]),
        "rounds": chosen.rounds,
        "seconds": chosen.seconds,
        "machine": report.machine(),
        "rows": [row.facts() for row in rows],
        "skipped": stage.skipped,
    }
    if "start" in chosen.only:
        loaded = rss_mb(stage.running["sqlite"].server.pid) if "sqlite" in stage.running else 0.0
        facts["start"] = cold_starts(folder, chosen.rounds, loaded)
    facts["minutes"] = round((time.monotonic() - began) / 60, 1)
    return facts


def main() -> None:
    """Measure, print, write."""
    stop_signal()
    chosen = arguments()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, ExitStack() as stack:
        facts = measure(chosen, Path(folder), stack)
    print(report.markdown(facts))
    if chosen.results:
        report.write(facts, ROOT / chosen.results)


if __name__ == "__main__":
    main()
