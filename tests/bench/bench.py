"""`make bench`: speed as a ratio to a bare aiohttp handler of the same round.

Groups of rows are chosen with --only and --without; with --results, what was measured before of other groups stays there.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from tests.bench import report, speed_page
from tests.bench.growth import growth
from tests.bench.records import records
from tests.bench.rows import GROUPS
from tests.bench.servers import ROOT, rss_mb
from tests.bench.stage import Stage, stop_signal
from tests.bench.start import cold_starts
from tests.bench.uploads import uploads

ALL: Final = (*GROUPS, "uploads", "start", "growth", "records")
QUICK_WITHOUT: Final = ("peers", "growth", "records", "journal", "documents", "services", "uploads")


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=ALL, default=ALL)
    parser.add_argument("--without", nargs="+", choices=ALL, default=[])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.0, help="of one run of one variant")
    parser.add_argument(
        "--peers", nargs="+", default=[], help="only other servers with one of these words in their name"
    )
    parser.add_argument(
        "--no-fetch", action="store_true", help="leave out programs that are not in the cache folder yet"
    )
    parser.add_argument("--most", type=int, default=1_000_000, help="the largest store of the growth curves")
    parser.add_argument("--growth-on", choices=("sqlite", "both"), default="both")
    parser.add_argument("--quick", action="store_true", help=f"one round, without {', '.join(QUICK_WITHOUT)}")
    parser.add_argument("--results", type=Path, help="folder for bench.md, bench.json and pictures")
    parser.add_argument(
        "--page", action="store_true", help="show what is in --results on the page of the documentation"
    )
    parser.add_argument(
        "--show", action="store_true", help="measure nothing: make tables and pictures of --results anew"
    )
    chosen = parser.parse_args(words)
    if (chosen.page or chosen.show) and not chosen.results:
        parser.error("--page and --show need --results")
    if chosen.quick:
        left_out = QUICK_WITHOUT if chosen.only is ALL else ()  # what is named is wanted
        chosen.rounds, chosen.without = 1, [*chosen.without, *left_out]
    chosen.only = [group for group in chosen.only if group not in chosen.without and not chosen.show]
    return chosen


def measure(chosen: argparse.Namespace, stage: Stage) -> dict[str, Any]:
    """Measure every wanted group, one after the other."""
    facts: dict[str, Any] = {"rows": [], "measured": {}}
    for group in chosen.only:
        began, busy = time.monotonic(), report.load_average()
        if group in GROUPS:
            for block in GROUPS[group](stage):
                facts["rows"] += [row.facts() for row in block.measure(chosen.rounds, chosen.seconds)]
                stage.skipped.update(block.broken)
        elif group == "uploads":
            facts[group] = uploads(stage)
        elif group == "growth":
            on_both = chosen.growth_on == "both"
            facts[group] = growth(stage, chosen.rounds, chosen.seconds, chosen.most, postgresql=on_both)
        elif group == "records":
            facts[group] = records(stage, chosen.most, postgresql=chosen.growth_on == "both")
        else:
            loaded = rss_mb(stage.running["sqlite"].server.pid) if "sqlite" in stage.running else 0.0
            facts[group] = cold_starts(stage.folder, chosen.rounds, loaded)
        facts["measured"][group] = {
            "rounds": chosen.rounds,
            "seconds": chosen.seconds,
            "load_average": [busy, report.load_average()],
            "minutes": round((time.monotonic() - began) / 60, 1),
            **report.commit(),
        }
    return facts


def merged(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """New figures for the measured groups, and the former figures for all others."""
    if not new["measured"]:
        return old
    measured = {**old.get("measured", {}), **new["measured"]}
    rows = [*(row for row in old.get("rows", ()) if row["group"] not in new["measured"]), *new["rows"]]
    rows.sort(key=lambda row: ALL.index(row["group"]))
    answered = {row["variant"] for row in new["rows"]}
    before = {name: why for name, why in old.get("skipped", {}).items() if name not in answered}
    return {**old, **new, "rows": rows, "measured": measured, "skipped": {**before, **new["skipped"]}}


def main() -> None:
    """Measure, print the tables, write the results."""
    if not Path("/proc/self/stat").exists():
        raise SystemExit("the bench reads CPU times from /proc: it needs Linux")
    stop_signal()
    chosen = arguments()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, ExitStack() as stack:
        stage = Stage(Path(folder), stack, drafts=round(8_000 * chosen.seconds * (chosen.rounds + 2)))
        stage.fetch, stage.wanted_peers = not (chosen.no_fetch or chosen.quick), chosen.peers
        facts = measure(chosen, stage)
        facts["skipped"] = stage.skipped
    facts["machine"] = report.machine()
    facts["command"] = shlex.join(["python", "-m", "tests.bench.bench", *sys.argv[1:]])
    if chosen.results:
        folder = ROOT / chosen.results
        before = folder / "bench.json"
        old = json.loads(before.read_text(encoding="utf-8")) if before.exists() else {}
        facts = merged(old, facts)
        report.write(facts, folder)
        from tests.bench import plots  # the drawing library is heavy, and measuring does not need it

        plots.draw(facts, folder)
    print(report.markdown(facts))
    if chosen.page:
        speed_page.show(facts, ROOT / speed_page.PAGE, ROOT / chosen.results)


if __name__ == "__main__":
    main()
