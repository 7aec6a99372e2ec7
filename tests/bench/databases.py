"""Databases that give out each number without HTTP: bare SQLite, PostgreSQL (pgbench), Redis (redis-benchmark)."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.bench.load import Load
from tests.bench.measure import Called, Sample
from tests.bench.missing import NotHere
from tests.bench.servers import LOADER_CORE, ROOT, SERVER_CORE, cpu_seconds, on_core
from tests.pg import Cluster, free_port

UPDATE: Final = "UPDATE line SET next_number = next_number + 1 WHERE id = 1 RETURNING next_number;\n"


def raw_sqlite(folder: Path) -> Called:
    """One transaction after the other, from one process on the server's core."""

    def call(_: int, seconds: float) -> Sample:
        path = str(folder / "raw.db")
        words = [*on_core(SERVER_CORE), sys.executable, "-m", "tests.bench.raw_sqlite", path, str(seconds)]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=seconds + 60, check=True)
        found = json.loads(done.stdout)
        load = Load(found["rate"], found["p50_ms"], found["p99_ms"], 0, found["answers"])
        return Sample(load, found["cpu_us"])

    return Called("bare SQLite, one transaction after the other, no HTTP", call)


def pgbench(cluster: Cluster, folder: Path) -> Called:
    """One transaction per number on one line, by pgbench. Raises NotHere."""
    own = cluster.bin / "pgbench"
    program = str(own) if own.exists() else shutil.which("pgbench")
    if program is None:
        raise NotHere("no pgbench on this machine")
    cluster.sql("CREATE TABLE IF NOT EXISTS line (id int PRIMARY KEY, next_number bigint)")
    cluster.sql("INSERT INTO line VALUES (1, 1) ON CONFLICT DO NOTHING")
    script = folder / "update.sql"
    script.write_text(UPDATE, encoding="ascii")
    to = ["-h", "127.0.0.1", "-p", str(cluster.port), "-U", "postgres", "postgres"]

    def call(connections: int, seconds: float) -> Sample:
        how = ["-n", "-M", "prepared", "-f", str(script), "-c", str(connections), "-T", str(max(1, round(seconds)))]
        words = [*on_core(SERVER_CORE), program, *how, *to]
        done = subprocess.run(words, capture_output=True, text=True, timeout=seconds + 60, check=True)
        rate, ms = (re.search(pattern, done.stdout) for pattern in (r"tps = ([\d.]+)", r"latency average = ([\d.]+)"))
        if rate is None or ms is None:
            raise RuntimeError(done.stdout + done.stderr)
        return Sample(Load(float(rate[1]), float(ms[1]), 0.0, 0, round(float(rate[1]) * seconds)))

    return Called("PostgreSQL, UPDATE … RETURNING a transaction each (pgbench), no HTTP", call)


@contextmanager
def redis(folder: Path, extra: Path | None) -> Iterator[list[Called]]:
    """INCR with appendfsync always: one after the other on each connection, and 16 at a time. Raises NotHere."""
    found = [_program(name, extra) for name in ("redis-server", "redis-benchmark")]
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    durable = ["--appendonly", "yes", "--appendfsync", "always", "--save", "", "--dir", str(folder)]
    words = [*on_core(SERVER_CORE), found[0], "--port", str(port), "--bind", "127.0.0.1", *durable]
    environment = {"LD_LIBRARY_PATH": ":".join(map(str, extra.glob("usr/lib/*/")))} if extra else {}
    process = subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await_port(process, port)

        def caller(pipelined: int) -> Called:
            def call(connections: int, seconds: float) -> Sample:
                before = cpu_seconds(process.pid)
                count = round(seconds * 20_000 * pipelined**0.5)
                how = ["-p", str(port), "-c", str(connections), "-n", str(count), "-P", str(pipelined), "--csv"]
                line = [*on_core(LOADER_CORE), found[1], *how, "INCR", "line"]
                done = subprocess.run(line, env=environment, capture_output=True, text=True, timeout=120, check=True)
                load = _redis_load(done.stdout, count)
                return Sample(load, (cpu_seconds(process.pid) - before) / count * 1e6)

            how_many = "one at a time" if pipelined == 1 else f"{pipelined} at a time"
            return Called(f"Redis INCR, appendfsync always, {how_many} on each connection, no HTTP", call)

        yield [caller(1), caller(16)]
    finally:
        process.terminate()
        process.wait(30)


def _redis_load(text: str, count: int) -> Load:
    """The last line of the output: test, requests per second, then latencies in ms (average, min, p50, p95, p99, max)."""
    fields = [field.strip('"') for field in text.strip().splitlines()[-1].split(",")]
    rate, p50, p99 = (float(fields[-position]) for position in (7, 4, 2))
    return Load(rate, p50, p99, 0, count)


def _program(name: str, extra: Path | None) -> str:
    """The path of a program. Raises NotHere."""
    inside = extra / "usr" / "bin" / name if extra else None
    if inside is not None and inside.exists():
        return str(inside)
    found = shutil.which(name)
    if found is None:
        raise NotHere(f"no {name} on this machine")
    return found


def _await_port(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise NotHere("redis-server did not start")
