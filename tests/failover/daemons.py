"""Processes that tests start, freeze, thaw and kill, each by its own id; they run without root where a program refuses root."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.failover.privileges import unprivileged

END_SECONDS = 20


@dataclass
class Daemon:
    """One long-running command. Its output goes to `<folder>/<name>.log`."""

    name: str
    folder: Path
    command: Sequence[str]
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the command; does not wait until it is ready."""
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                list(self.command),
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                **unprivileged(),
            )

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self) -> int:
        assert self.process is not None, f"{self.name} does not run"
        return self.process.pid

    def end(self, how: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal and wait until the process has ended."""
        process, self.process = self.process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(END_SECONDS)

    def log(self) -> str:
        """The output of the command so far."""
        return (self.folder / f"{self.name}.log").read_text(encoding="utf-8", errors="replace")


def send(pids: Iterable[int], number: signal.Signals) -> None:
    """Send a signal to each process that still runs."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def tree(pid: int) -> list[int]:
    """A process and all its descendants, parents first."""
    by_parent: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                by_parent.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [pid]
    for one in found:
        found += by_parent.get(one, [])
    return found


def title(pid: int) -> str:
    """The title of a process; empty when it is gone."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    return ""


def await_end(pids: Iterable[int], seconds: float = END_SECONDS) -> None:
    """Wait until none of the processes runs any more."""
    deadline = time.monotonic() + seconds
    for pid in pids:
        while _runs(pid):
            if time.monotonic() > deadline:
                raise TimeoutError(f"process {pid} ({title(pid)}) did not end")
            time.sleep(0.01)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
