"""`make bench`: each dialect's reads and durable writes as a ratio to a bare aiohttp handler of the same run.

Server and loader on separate cores, variants alternating, medians of ratios. Absolute figures of a noisy machine mean
little; the ratios are what to look at.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.load import Load, has_wrk, run
from tests.bench.workloads import READS, WRITES, Workload
from tests.processes import EXAMPLE, READY, clean_environment, command

ROOT = Path(__file__).parents[2]
SERVER_CORE, LOADER_CORE = 0, 1


def _pinned(words: Sequence[str]) -> list[str]:
    pin = ["taskset", "-c", str(SERVER_CORE)] if shutil.which("taskset") and (os.cpu_count() or 1) > 1 else []
    return [*pin, *words]


@contextmanager
def bare_server() -> Iterator[str]:
    """The yardstick; its address."""
    words = _pinned([sys.executable, "-m", "tests.bench.bare"])
    with subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[1]
        finally:
            process.stdin.close()
            process.wait(30)


@dataclass
class Server:
    """A gateway under test."""

    address: str
    pid: int
    start_seconds: float

    def rss_mb(self) -> float:
        """Resident memory of the process, in MB; 0 where the system does not say."""
        try:
            status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        except OSError:
            return 0.0
        return int(status.split("VmRSS:")[1].split()[0]) / 1024


@contextmanager
def gateway_server(folder: Path, *more: str, **extra: str) -> Iterator[Server]:
    """A gateway with the example configuration, no log line a request."""
    words = ["serve", "--config", str(EXAMPLE), "--port", "0", "--admin-port", "0", *more]
    if "--store" not in more:
        words += ["--store", f"sqlite:///{folder / 'bench.db'}"]
    environment = clean_environment(INVOICE_GATEWAY_LOG__REQUESTS="false", **extra)
    began = time.perf_counter()
    with (folder / "stderr.log").open("a", encoding="utf-8") as log:
        process = subprocess.Popen(
            _pinned(command(*words)), cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log, text=True
        )
    try:
        assert process.stdout is not None
        match = READY.fullmatch(process.stdout.readline())
        if match is None:
            raise RuntimeError((folder / "stderr.log").read_text(encoding="utf-8"))
        yield Server(match[1], process.pid, time.perf_counter() - began)
    finally:
        process.terminate()
        process.wait(60)


@dataclass
class Row:
    """One line of the table."""

    name: str
    connections: int
    goal: float
    loads: list[Load] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)

    def facts(self) -> dict[str, float | int | str]:
        """The medians."""
        return {
            "name": self.name,
            "connections": self.connections,
            "per_second": round(statistics.median(load.rate for load in self.loads)),
            "p99_ms": round(statistics.median(load.p99_ms for load in self.loads), 2),
            "ratio": round(statistics.median(self.ratios), 2),
            "ratio_low": round(min(self.ratios), 2),
            "ratio_high": round(max(self.ratios), 2),
            "goal": self.goal,
            "not_2xx": sum(load.wrong for load in self.loads),
        }


def measure(
    workloads: Sequence[Workload],
    connections: int,
    rounds: int,
    seconds: float,
    address: str,
    bare: str,
    label: str = "",
) -> list[Row]:
    """Alternate the yardstick and each workload; one ratio a round."""
    rows = [Row(workload.name + label, connections, workload.goal) for workload in workloads]
    requests = [workload.request(address) for workload in workloads]
    for round_number in range(rounds):
        for row, request in zip(rows, requests, strict=True):
            step = 1_000_000 * (round_number + 1)
            moved = type(request)(request.path, request.method, request.headers, request.body, request.start + step)
            yardstick = run(bare, request, connections, seconds, LOADER_CORE)
            load = run(address, moved, connections, seconds, LOADER_CORE)
            row.loads.append(load)
            row.ratios.append(load.rate / yardstick.rate)
        print(f"  round {round_number + 1}/{rounds} at {connections} connections", file=sys.stderr)
    return rows


def cold_starts(folder: Path, times: int) -> list[float]:
    """Seconds from starting the process to the ready line, on an existing store."""
    found = []
    for _ in range(times):
        with gateway_server(folder) as server:
            found.append(server.start_seconds)
    return found


def table(rows: Sequence[Row]) -> str:
    """The figures as Markdown."""
    lines = [
        "| Row | Connections | Requests/s | p99 ms | Ratio to bare aiohttp | Low–high | Goal |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        facts = row.facts()
        goal = f"{facts['goal']:.2f}" if facts["goal"] else ""
        spread = f"{facts['ratio_low']:.2f}–{facts['ratio_high']:.2f}"
        figures = f"{facts['per_second']} | {facts['p99_ms']} | **{facts['ratio']:.2f}** | {spread} | {goal}"
        lines.append(f"| {facts['name']} | {facts['connections']} | {figures} |")
    return "\n".join(lines)


def main() -> None:
    """Measure and print; writes JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--connections", type=int, nargs="+", default=[64])
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    rows: list[Row] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        bare = stack.enter_context(bare_server())
        with gateway_server(folder) as server:
            for connections in chosen.connections:
                rows += measure(READS, connections, chosen.rounds, chosen.seconds, server.address, bare)
                rows += measure(WRITES, connections, chosen.rounds, chosen.seconds, server.address, bare)
            rss = server.rss_mb()
        starts = cold_starts(folder, chosen.rounds)
    print(f"loader: {'wrk' if has_wrk() else 'own'}; rounds: {chosen.rounds} of {chosen.seconds} s\n")
    print(table(rows))
    print(f"\ncold start to the ready line: median {statistics.median(starts):.2f} s; RSS after the load: {rss:.0f} MB")
    if chosen.json:
        facts = {"rows": [row.facts() for row in rows], "cold_start_seconds": starts, "rss_mb": rss}
        chosen.json.write_text(json.dumps(facts, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
