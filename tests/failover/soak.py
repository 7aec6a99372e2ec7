"""`make soak`: every fault on real processes under load, the controls that must lose numbers, and the table of the results.

    python -m tests.failover.soak [--rounds N] [--only NAME …] [--output FOLDER]

Exits with 1 when something was lost, doubled or unexplained, or a control was not caught; with 2 when it cannot run here.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from gateway.stores.sqlite import file
from tests.consistency.promises import Recorders
from tests.consistency.scene import worker_killed
from tests.failover import controls, faults, file_faults, power, strikes, unconfirmed
from tests.failover.clusters import LEASE_SECONDS, SETTINGS, Cluster, lacking, python_is_usable, running_cluster
from tests.failover.gateways import CLOCK, CONFIG
from tests.failover.scene import URL_OPTIONS, ClusterScene, Row, cluster_scene, file_scene
from tests.failover.table import markdown

RESULTS: Final = Path(__file__).parent / "results"
COMMITS: Final = 150
"""Commits in one life of a SQLite file; every half-written state of each commit is checked."""

CLUSTER_FAULTS: Final[dict[str, faults.Fault]] = {
    "no fault": faults.nothing,
    "kill -9 the primary's PostgreSQL": faults.primary_killed,
    "kill -9 the primary's whole node": faults.node_killed,
    "kill -9 the synchronous standby's node": faults.standby_killed,
    "kill -9 a gateway": faults.gateway_killed,
    "primary frozen until another leads, then thawed": faults.primary_frozen,
    "primary's PostgreSQL frozen, its Patroni alive; then thawed": faults.server_frozen,
    "primary frozen, thawed beside a gateway that was idle": faults.woken_primary_asked,
    "primary's Patroni frozen, its PostgreSQL alive beside a gateway that was idle": faults.forgotten_primary_asked,
    f"replication cut for {faults.CUT_SECONDS:g} s": faults.replication_cut,
    "replication cut, waiting commits cancelled, primary killed": faults.commits_cancelled,
    f"connections ended by the server for {faults.SHORTAGE_SECONDS:g} s": faults.connections_lost,
    f"no connections left for {faults.SHORTAGE_SECONDS:g} s": faults.connections_exhausted,
    f"etcd frozen for {faults.JUDGE_GONE_SECONDS:g} s": faults.judge_gone,
    "planned switchover": faults.switched_over,
    f"queries cancelled and connections ended at random for {faults.SHORTAGE_SECONDS:g} s": strikes.struck(
        faults.SHORTAGE_SECONDS, seed=1
    ),
}
WORKER_FAULTS: Final[dict[str, faults.Fault]] = {
    "two workers: kill -9 one of them": worker_killed,
    "two workers: kill -9 the primary's PostgreSQL": faults.primary_killed,
}
ALLOWANCE_SECONDS: Final = 10.0
"""By how much a bound of staleness may be exceeded: a gateway finds the new primary so much later than the other one."""
ALONE_FAULTS: Final[dict[str, Callable[[ClusterScene], Awaitable[float]]]] = {
    "another gateway's waiting commit cancelled, peeked within the lease, primary killed": unconfirmed.asked_and_lost,
}
"""Faults without a load: they bring their own requests. All rounds of one run on the same gateways."""
CLOCKS: Final = "clocks of both gateways jump by hours"
KILLED: Final = f"SQLite: kill -9 the gateway {file_faults.KILLS} times"
FILE_LIMITED: Final = "SQLite: log may not grow"
DISK_FULL: Final = "SQLite: disk full"
POWER: Final = "SQLite: power lost"


@dataclass
class Report:
    """The results: rows that must be sound, controls that must not be, and the names of what could not run."""

    rows: list[Row] = field(default_factory=list)
    controls: list[Row] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    states: int = 0
    power_losses: list[str] = field(default_factory=list)
    control_caught: bool = True

    @property
    def good(self) -> bool:
        """True when no row lost anything and every control did."""
        caught = all(row.verdict.lost and row.verdict.problems for row in self.controls)
        return all(row.sound for row in self.rows) and caught and not self.power_losses and self.control_caught


async def cluster_rows(cluster: Cluster, wanted: Callable[[str], bool], rounds: int) -> AsyncIterator[Row]:
    """All faults of the cluster, one after the other on one number line; the jumping clocks come last."""
    chosen = {name: fault for name, fault in CLUSTER_FAULTS.items() if wanted(name)}
    for number in range(rounds):
        if chosen:
            async with cluster_scene(cluster, f"soak{number}", companion=Recorders(ALLOWANCE_SECONDS)) as scene:
                for name, fault in chosen.items():
                    yield await scene.run(name, fault)
        if wanted(CLOCKS):
            async with cluster_scene(cluster, f"clocks{number}", [CLOCK]) as scene:
                yield await scene.run(CLOCKS, faults.clocks_jumped)
        for name, fault in WORKER_FAULTS.items():
            if wanted(name):
                recorders = Recorders(ALLOWANCE_SECONDS, one_process_each=False)
                config = {**CONFIG, "workers": 2}
                database = f"workers{number}-{list(WORKER_FAULTS).index(name)}"
                async with cluster_scene(cluster, database, config=config, companion=recorders, count=1) as scene:
                    yield await scene.run(name, fault)
    for place, (name, alone) in enumerate(ALONE_FAULTS.items()):
        if wanted(name):
            async with cluster_scene(cluster, f"alone{place}") as scene:
                for _ in range(rounds):
                    yield await scene.run_alone(name, alone)


async def file_rows(folder: Path, wanted: Callable[[str], bool], report: Report) -> AsyncIterator[Row]:
    """SQLite: processes that are killed, disks that fill up."""
    if wanted(KILLED):
        async with file_scene(folder / "killed", Recorders(ALLOWANCE_SECONDS)) as scene:
            yield await scene.run(KILLED, file_faults.killed_again_and_again)
    if wanted(FILE_LIMITED):
        async with file_scene(folder / "limited", Recorders(ALLOWANCE_SECONDS)) as scene:
            yield await scene.run(FILE_LIMITED, file_faults.file_limited)
    if wanted(DISK_FULL):
        try:
            with file_faults.small_disk(folder / "small") as disk:
                async with file_scene(disk, Recorders(ALLOWANCE_SECONDS)) as scene:
                    yield await scene.run(DISK_FULL, file_faults.disk_filled(disk))
        except PermissionError as error:
            report.skipped[DISK_FULL] = f"needs a file system of its own: {error}"


async def lose_power(folder: Path, report: Report) -> None:
    """SQLite: every half-written state of a life, with a long log and with a log that is often copied into the main file."""
    folder.mkdir()
    path = folder / "torn.db"
    moments = await power.life_of(folder, COMMITS)
    report.power_losses += power.wrong_cuts(moments, path)
    file.CHECKPOINT_PAGES = 48  # type: ignore[misc]
    (again := folder / "again").mkdir()
    moments = await power.life_of(again, COMMITS)
    report.power_losses += power.losses(moments, path, tries=20)
    report.states = power.looked_at[0]
    report.control_caught = any(power.careless_losses(moments, path))


async def soak(rounds: int, only: Iterable[str]) -> Report:
    """Run everything that is wanted and possible here."""
    names = list(only)
    report = Report()

    def wanted(name: str) -> bool:
        return not names or any(part in name for part in names)

    def done(row: Row, into: list[Row]) -> None:
        into.append(row)
        sys.stderr.write(f"{row.fault}: {row.verdict}, back after {row.back_after:.2f} s\n"[:2000])

    missing = lacking() or ("" if python_is_usable() else "a Python that other users can run")
    if missing:
        report.skipped["everything on a cluster"] = f"needs {missing}"
    else:
        with running_cluster() as cluster:
            async for row in cluster_rows(cluster, wanted, rounds):
                done(row, report.rows)
            for control in (controls.trusting_gateway, controls.asynchronous_cluster):
                if wanted("control"):
                    done(await control(cluster), report.controls)
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        async for row in file_rows(Path(name), wanted, report):
            done(row, report.rows)
        if wanted(POWER):
            await lose_power(Path(name) / "power", report)
    return report


def conditions() -> dict[str, Any]:
    """The machine and the versions of the measurement."""
    return {
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{os.cpu_count()} CPUs, {platform.system()} {platform.release()}, Python {platform.python_version()}",
        "store": URL_OPTIONS,
        "patroni": SETTINGS,
        "lease_seconds": LEASE_SECONDS,
    }


def main() -> None:
    """Run, write `faults.md` and `faults.json`, and print the table."""
    parser = argparse.ArgumentParser(description="faults under load; writes a table")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--output", type=Path, default=RESULTS)
    asked = parser.parse_args()
    started = time.monotonic()
    report = asyncio.run(soak(asked.rounds, asked.only))
    facts = {
        **conditions(),
        "seconds": round(time.monotonic() - started),
        "rows": [row.facts() for row in report.rows],
        "controls": [row.facts() for row in report.controls],
        "power_states": report.states,
        "power_losses": report.power_losses,
        "skipped": report.skipped,
    }
    asked.output.mkdir(parents=True, exist_ok=True)
    text = markdown(facts)
    (asked.output / "faults.md").write_text(text, encoding="utf-8")
    (asked.output / "faults.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(text)
    if not report.good:
        raise SystemExit(1)
    if not report.rows:
        raise SystemExit(2)


if __name__ == "__main__":
    main()
