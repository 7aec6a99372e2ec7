"""Variants of one request, alternating within rounds; each round's figures as a ratio to the bare handler of that round."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from tests.bench.load import Load, Request, run
from tests.bench.servers import LOADER_CORE, Server, cpu_seconds, on_core
from tests.bench.workloads import Workload


@dataclass(frozen=True)
class Sample:
    """One run of one variant.

    cpu_us: CPU time of the server per request, in microseconds.
    store_cpu_us: the same of the database server beside it.
    """

    load: Load
    cpu_us: float = 0.0
    store_cpu_us: float = 0.0
    jobs: float = 0.0
    groups: float = 0.0
    commits: float = 0.0


class Target(Protocol):
    """Something that can be measured."""

    name: str
    goal_of: str
    is_gateway: bool

    def take(self, workload: Workload, connections: int, seconds: float) -> Sample:
        """Measure once."""


@dataclass
class Served:
    """A server under load.

    is_gateway: it is a gateway, so requests carry tokens that it has given out.
    like: the server whose requests are sent, for servers that give out no tokens.
    database: the pid of the database server.
    number: the next number to set.
    more: pids of further processes behind the same address.
    free: the loader may use every core, because the server does.
    """

    name: str
    server: Server
    is_gateway: bool = False
    goal_of: str = ""
    like: Served | None = None
    database: int = 0
    more: Sequence[int] = ()
    free: bool = False
    requests: dict[str, Request] = field(default_factory=dict)
    number: int = 1_000_000

    def take(self, workload: Workload, connections: int, seconds: float) -> Sample:
        """Load the server once; numbers go on where the last run ended."""
        if workload.name not in self.requests:
            self.requests[workload.name] = workload.request((self.like or self).server.address)
        request = self.requests[workload.name]
        if workload.sets:
            request = replace(request, start=self.number)
        before, database, counts = self._spent(), self._spent_by_database(), self.server.store_figures()
        load = run(self.server.address, request, connections, seconds, () if self.free else on_core(LOADER_CORE))
        spent, beside = self._spent() - before, self._spent_by_database() - database
        after = self.server.store_figures()
        end = request.start + load.answers + connections + 1
        self.requests[workload.name] = replace(request, start=end)
        self.number = end if workload.sets else self.number
        more = {
            name: after[f"store_{name}"] - counts[f"store_{name}"] for name in ("jobs", "groups", "commits") if after
        }
        each = 1e6 / max(1, load.answers)
        return Sample(load, spent * each, beside * each, **more)

    def _spent(self) -> float:
        return sum(map(cpu_seconds, (self.server.pid, *self.more)))

    def _spent_by_database(self) -> float:
        return cpu_seconds(self.database) if self.database else 0.0


@dataclass
class Beside:
    """A server under load while another one, on the same database, has work, too. Only the first one is measured.

    other: the one that has work.
    work: its requests.
    at_once: how many of them are on their way at a time.
    """

    name: str
    served: Served
    other: Served
    work: Workload
    at_once: int = 8
    is_gateway: bool = True
    goal_of: str = ""

    def take(self, workload: Workload, connections: int, seconds: float) -> Sample:
        """Load both once."""
        with ThreadPoolExecutor(1) as beside:
            working = beside.submit(self.other.take, self.work, self.at_once, seconds)
            sample = self.served.take(workload, connections, seconds)
            if not working.result().load.answers:
                raise RuntimeError(f"{self.other.name} has not worked")
            return sample


@dataclass
class Called:
    """Something that is no HTTP server, measured by a function of (connections, seconds)."""

    name: str
    call: Callable[[int, float], Sample]
    is_gateway: bool = False
    goal_of: str = ""

    def take(self, workload: Workload, connections: int, seconds: float) -> Sample:
        """Call it."""
        return self.call(connections, seconds)


@dataclass
class Row:
    """One line of a table: a request, the variant that answered it, and the number of connections."""

    group: str
    request: str
    variant: str
    connections: int
    goal: float = 0.0
    samples: list[Sample] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)
    cpu_ratios: list[float] = field(default_factory=list)

    def facts(self) -> dict[str, Any]:
        """The medians over the rounds."""
        loads = [sample.load for sample in self.samples]
        groups = sum(sample.groups for sample in self.samples)
        commits = sum(sample.commits for sample in self.samples)
        jobs = sum(sample.jobs for sample in self.samples)
        return {
            "group": self.group,
            "request": self.request,
            "variant": self.variant,
            "connections": self.connections,
            "per_second": round(_median(load.rate for load in loads)),
            "p50_ms": round(_median(load.p50_ms for load in loads), 2),
            "p99_ms": round(_median(load.p99_ms for load in loads), 2),
            "cpu_us": round(_median(sample.cpu_us for sample in self.samples)),
            "store_cpu_us": round(_median(sample.store_cpu_us for sample in self.samples)),
            "ratio": round(_median(self.ratios), 2),
            "ratio_low": round(min(self.ratios, default=0.0), 2),
            "ratio_high": round(max(self.ratios, default=0.0), 2),
            "cpu_ratio": round(_median(self.cpu_ratios), 2),
            "goal": self.goal,
            "not_2xx": sum(load.wrong for load in loads),
            "answers": sum(load.answers for load in loads),
            "jobs_per_group": round(jobs / groups, 1) if groups else 0.0,
            "commits_per_group": round(commits / groups, 2) if groups else 0.0,
        }


def _median(values: Iterable[float]) -> float:
    found = list(values)
    return statistics.median(found) if found else 0.0


@dataclass(frozen=True)
class Block:
    """One request over one number of connections, and the variants that answer it; the first one is the bare handler."""

    group: str
    workload: Workload
    connections: int
    targets: Sequence[Target]
    broken: dict[str, str] = field(default_factory=dict)

    def measure(self, rounds: int, seconds: float, *, warm: bool = False) -> list[Row]:
        """Run every variant once a round, and reverse their order after each round. A variant that fails is left out.

        warm: begin with one more round that does not count, where similar servers are compared.
        """
        for target in self.targets if warm else ():
            self._taken(target, seconds)
        running = [(self._row(target), target) for target in self.targets]
        for number in range(rounds):
            taken: dict[int, Sample] = {}
            for row, target in reversed(running) if number % 2 else running:
                sample = self._taken(target, seconds)
                if sample is not None:
                    taken[id(row)] = sample
            running = [(row, target) for row, target in running if id(row) in taken]
            bare = taken[id(running[0][0])]
            for row, _ in running:
                _note(row, taken[id(row)], bare)
        rows = [row for row, _ in running]
        self._tell(rows)
        return rows

    def _taken(self, target: Target, seconds: float) -> Sample | None:
        try:
            return target.take(self.workload, self.connections, seconds)
        except (OSError, RuntimeError, subprocess.SubprocessError) as error:
            if target is self.targets[0]:
                raise
            print(f"{target.name} broke down: {error} {getattr(error, 'stderr', '')}", file=sys.stderr)
            self.broken[target.name] = str(error)
            return None

    def _row(self, target: Target) -> Row:
        goal = 0.0
        if self.connections == 64:
            goal = {"sqlite": self.workload.goal, "postgresql": self.workload.goal_postgres}.get(target.goal_of, 0.0)
        return Row(self.group, self.workload.name, target.name, self.connections, goal)

    def _tell(self, rows: Sequence[Row]) -> None:
        for row in rows:
            facts = row.facts()
            text = f"{row.request} · {row.variant} · {row.connections}: {facts['per_second']}/s, {facts['cpu_us']} µs, "
            text += f"ratio {facts['ratio']}, by CPU {facts['cpu_ratio']}"
            text += f", {facts['jobs_per_group']} a group" if facts["jobs_per_group"] else ""
            text += f", {facts['not_2xx']} NOT 2xx" if facts["not_2xx"] else ""
            print(text, file=sys.stderr, flush=True)


def _note(row: Row, sample: Sample, bare: Sample) -> None:
    row.samples.append(sample)
    if bare.load.rate:
        row.ratios.append(sample.load.rate / bare.load.rate)
    if sample.cpu_us and bare.cpu_us:
        row.cpu_ratios.append(bare.cpu_us / sample.cpu_us)
