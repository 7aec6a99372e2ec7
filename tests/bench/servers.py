"""The servers under test, each a process of its own on one core; their CPU time and memory. They are stopped by pid."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.processes import READY, clean_environment, command

ROOT: Final = Path(__file__).parents[2]
CONFIG: Final = Path(__file__).with_name("bench.yaml")
SERVER_CORE, LOADER_CORE = 0, 1
_METRIC: Final = re.compile(r"^invoice_gateway_(store_\w+)(?:\{[^}]*\})? (\S+)$", re.MULTILINE)


def on_core(core: int) -> list[str]:
    """Words that keep a command on one core, on a machine that has more than one."""
    return ["taskset", "-c", str(core)] if shutil.which("taskset") and (os.cpu_count() or 1) > 1 else []


@contextmanager
def kept_on(core: int) -> Iterator[None]:
    """Every process that is started inside the block runs on one core."""
    before = os.sched_getaffinity(0)
    with suppress(OSError):
        os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def tree(pid: int) -> list[int]:
    """A process and all its descendants."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError, IndexError):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                parents.setdefault(parent, []).append(int(entry.name))
    found = [pid]
    for known in found:
        found.extend(parents.get(known, ()))
    return found


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and all its descendants, in nanosecond steps where the kernel has them."""
    return sum(map(_cpu_of, tree(pid)))


def _cpu_of(pid: int) -> float:
    with suppress(OSError, ValueError):
        tasks = [(task / "schedstat").read_text().split()[0] for task in Path(f"/proc/{pid}/task").iterdir()]
        return sum(map(int, tasks)) / 1e9
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def rss_mb(pid: int) -> float:
    """Resident memory of a process and all its descendants, in MB; shared pages count once for each process."""
    total = 0
    for one in tree(pid):
        with suppress(OSError, IndexError):
            total += int(Path(f"/proc/{one}/status").read_text().split("VmRSS:")[1].split()[0])
    return total / 1024


@dataclass
class Server:
    """A server under test.

    start_seconds: from the start of the process to the first answer (or ready line).
    """

    address: str
    pid: int
    admin: str = ""
    start_seconds: float = 0.0
    ready_seconds: float = 0.0
    start_cpu_seconds: float = 0.0
    notes: dict[str, str] = field(default_factory=dict)

    def store_figures(self) -> dict[str, float]:
        """The gateway's own counts of groups, jobs and commits; empty for other servers."""
        if not self.admin:
            return {}
        with urllib.request.urlopen(f"{self.admin}/metrics", timeout=10) as answer:
            text: str = answer.read().decode()
        found: dict[str, float] = {}
        for name, value in _METRIC.findall(text):
            found[name] = found.get(name, 0.0) + float(value)
        return found


@contextmanager
def bare_server(*words: str, pin: Sequence[str] | None = None) -> Iterator[Server]:
    """The yardstick."""
    line = [*(on_core(SERVER_CORE) if pin is None else pin), sys.executable, "-m", "tests.bench.bare", *words]
    with subprocess.Popen(line, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Server(process.stdout.readline().split()[1], process.pid)
        finally:
            process.stdin.close()
            process.wait(30)


@contextmanager
def gateway_server(
    folder: Path, store: str = "", more: Sequence[str] = (), pin: Sequence[str] | None = None, **settings: str
) -> Iterator[Server]:
    """A gateway with `bench.yaml`; journal and request log are off unless `settings` (environment) says otherwise."""
    folder.mkdir(parents=True, exist_ok=True)
    chosen = store or f"sqlite:///{folder / 'bench.db'}"
    words = ["serve", "--config", str(CONFIG), "--port", "0", "--admin-port", "0", "--store", chosen, *more]
    quiet = {"INVOICE_GATEWAY_LOG__REQUESTS": "false", "INVOICE_GATEWAY_JOURNAL__MODE": "off"}
    environment = clean_environment(**{**quiet, **settings})
    line = [*(on_core(SERVER_CORE) if pin is None else pin), *command(*words)]
    began = time.perf_counter()
    with (folder / "stderr.log").open("a", encoding="utf-8") as log:
        process = subprocess.Popen(line, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        yield _ready(process, began, folder)
    finally:
        process.terminate()
        process.wait(60)
        if process.stdout:
            process.stdout.close()


def _ready(process: subprocess.Popen[str], began: float, folder: Path) -> Server:
    assert process.stdout is not None
    match = READY.fullmatch(process.stdout.readline())
    if match is None:
        raise RuntimeError((folder / "stderr.log").read_text(encoding="utf-8"))
    server = Server(match[1], process.pid, match[2], ready_seconds=time.perf_counter() - began)
    with urllib.request.urlopen(f"{server.address}/sequences/1.xml?api_key=demo-key", timeout=30) as answer:
        answer.read()
    server.start_seconds = time.perf_counter() - began
    server.start_cpu_seconds = cpu_seconds(process.pid)
    return server


@contextmanager
def other_server(
    words: Sequence[str], port: int, folder: Path, environment: Mapping[str, str] | None = None, seconds: float = 60.0
) -> Iterator[Server]:
    """Any server that listens on `port`; it is ready with its first HTTP answer, of any status. Raises RuntimeError."""
    folder.mkdir(parents=True, exist_ok=True)
    line = [*on_core(SERVER_CORE), *words]
    with (folder / "server.log").open("a", encoding="utf-8") as log:
        process = subprocess.Popen(
            line, cwd=folder, env=_without_python(environment or {}), stdout=log, stderr=log, start_new_session=True
        )
    try:
        _await_answer(process, port, seconds, folder / "server.log")
        yield Server(f"http://127.0.0.1:{port}", process.pid)
    finally:
        for pid in reversed(tree(process.pid)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def _without_python(extra: Mapping[str, str]) -> dict[str, str]:
    return {**{name: value for name, value in os.environ.items() if name != "PYTHONPATH"}, **extra}


def _await_answer(process: subprocess.Popen[bytes], port: int, seconds: float, log: Path) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5):
                return
        except urllib.error.HTTPError as error:
            error.close()
            return
        except OSError:
            time.sleep(0.1)
    tail = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-3:]
    raise RuntimeError("did not start: " + " / ".join(tail))
