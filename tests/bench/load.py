"""Bounded load on one server: by wrk where it is installed, else by a loader of our own in one process."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

MARK: Final = "{n}"


@dataclass(frozen=True)
class Request:
    """What is sent again and again; `{n}` in path or body becomes a number that grows by one from `start`."""

    path: str
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    start: int = 1

    @property
    def is_fixed(self) -> bool:
        """True when every request is the same."""
        return MARK not in self.path + self.body


@dataclass(frozen=True)
class Load:
    """The figures of one run.

    rate: answers a second.
    p50_ms: median time of an answer in milliseconds.
    p99_ms: 99th percentile in milliseconds.
    wrong: how many answers were not 2xx.
    answers: how many answers came.
    """

    rate: float
    p50_ms: float
    p99_ms: float
    wrong: int
    answers: int


def has_wrk() -> bool:
    """True when wrk is installed."""
    return shutil.which("wrk") is not None


def loader_name() -> str:
    """The loader's name, for the table."""
    return "wrk, one thread" if has_wrk() else "own loader (tests/bench/load.py), one process"


def run(address: str, request: Request, connections: int, seconds: float, pin: Sequence[str] = ()) -> Load:
    """Load the server for some seconds.

    pin: words before the loader's command line, such as `taskset -c 1`.
    """
    if has_wrk():
        return _wrk(pin, address, request, connections, seconds)
    job = json.dumps([address, asdict(request), connections, seconds])
    words = [*pin, sys.executable, "-m", "tests.bench.load", job]
    done = subprocess.run(words, capture_output=True, text=True, timeout=seconds + 60, check=True)
    return Load(**json.loads(done.stdout))


_LUA: Final = """
wrk.method = {method}
{headers}
{request}
done = function(summary, latency, requests)
  io.write(string.format("RESULT %f %f %f %d %d\\n", summary.requests / summary.duration * 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout, summary.requests))
end
"""
_FIXED: Final = """
local fixed
request = function()
  fixed = fixed or wrk.format(nil, {path}, nil, {body})
  return fixed
end
"""
_VARIED: Final = """
local n = {start}
local path, body = {path}, {body}
request = function()
  n = n + 1
  return wrk.format(nil, (path:gsub("{{n}}", n)), nil, (body:gsub("{{n}}", n)))
end
"""


def _wrk(pin: Sequence[str], address: str, request: Request, connections: int, seconds: float) -> Load:
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(_script(request))
        file.flush()
        command = [*pin, "wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "-s", file.name, address]
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=True)
    match = re.search(r"RESULT (\S+) (\S+) (\S+) (\d+) (\d+)", done.stdout)
    if match is None:
        raise RuntimeError(done.stdout + done.stderr)
    rate, p50, p99, wrong, answers = match.groups()
    return Load(float(rate), float(p50), float(p99), int(wrong), int(answers))


def _script(request: Request) -> str:
    """The Lua script for wrk. It builds a fixed request only once, so that the loader spends nothing on it."""
    quoted = {"path": f"[==[{request.path}]==]", "body": f"[==[{request.body}]==]"}
    part = _FIXED.format(**quoted) if request.is_fixed else _VARIED.format(**quoted, start=request.start)
    headers = "\n".join(
        f"wrk.headers[{json.dumps(key)}] = {json.dumps(value)}" for key, value in request.headers.items()
    )
    return _LUA.format(method=json.dumps(request.method), headers=headers, request=part)


class _Connection(asyncio.Protocol):
    """Sends the next request as soon as the last one is answered."""

    def __init__(self, loader: _Loader) -> None:
        self.loader = loader
        self.buffer = b""
        self.began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._send()

    def _send(self) -> None:
        self.began = time.perf_counter()
        self.transport.write(self.loader.message())

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, found, rest = self.buffer.partition(b"\r\n\r\n")
        if not found or (end := _body_end(head, rest)) is None:
            return
        self.buffer = rest[end:]
        self.loader.note(time.perf_counter() - self.began, head[9:10] == b"2")
        if self.loader.running:
            self._send()
        else:
            self.transport.close()


def _body_end(head: bytes, rest: bytes) -> int | None:
    """Where the body ends, None while some of it is missing."""
    if re.search(rb"transfer-encoding: *chunked", head, re.IGNORECASE):
        found = rest.find(b"0\r\n\r\n")
        return None if found < 0 else found + 5
    match = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
    length = int(match[1]) if match else 0
    return None if len(rest) < length else length


class _Loader:
    def __init__(self, host: str, request: Request) -> None:
        self.request = request
        self.host = host
        self.count = request.start
        self.running = True
        self.answered = asyncio.Event()
        self.times: list[float] = []
        self.wrong = 0
        self.fixed = self._made() if request.is_fixed else b""

    def message(self) -> bytes:
        self.count += 1
        return self.fixed or self._made()

    def _made(self) -> bytes:
        number = str(self.count)
        body = self.request.body.replace(MARK, number).encode()
        headers = "".join(f"{name}: {value}\r\n" for name, value in self.request.headers.items())
        path = self.request.path.replace(MARK, number)
        head = f"{self.request.method} {path} HTTP/1.1\r\nHost: {self.host}\r\n{headers}"
        return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body

    def note(self, seconds: float, right: bool) -> None:
        self.times.append(seconds)
        self.wrong += not right
        self.answered.set()


async def _own(address: str, request: Request, connections: int, seconds: float) -> Load:
    host, port = address.removeprefix("http://").split(":")
    loop = asyncio.get_running_loop()
    loader = _Loader(f"{host}:{port}", request)
    began = time.perf_counter()
    made = [await loop.create_connection(lambda: _Connection(loader), host, int(port)) for _ in range(connections)]
    await asyncio.sleep(seconds)  # the length of the run, not a wait for something
    await asyncio.wait_for(loader.answered.wait(), 60)
    loader.running = False
    took = time.perf_counter() - began
    for transport, _ in made:
        transport.abort()
    return _summed_up(sorted(loader.times), took, loader.wrong)


def _summed_up(ordered: Sequence[float], took: float, wrong: int) -> Load:
    p50, p99 = (ordered[int(len(ordered) * share)] * 1000 for share in (0.5, 0.99))
    return Load(len(ordered) / took, p50, p99, wrong, len(ordered))


if __name__ == "__main__":
    where, what, how_many, how_long = json.loads(sys.argv[1])
    outcome = asyncio.run(_own(where, Request(**what), how_many, how_long))
    Path("/dev/stdout").write_text(json.dumps(asdict(outcome)), encoding="utf-8")
