"""Bounded load on one server: wrk where it is installed, else an own loader of one process. Answers requests per second."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Request:
    """What is sent over and over; `{n}` in the body becomes a number that grows by one from `start`."""

    path: str
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    start: int = 1


@dataclass(frozen=True)
class Load:
    """What one run gave: answers a second, the 99th percentile in milliseconds, answers that were not 2xx."""

    rate: float
    p99_ms: float
    wrong: int
    answers: int


def has_wrk() -> bool:
    """True when wrk is installed."""
    return shutil.which("wrk") is not None


def run(address: str, request: Request, connections: int, seconds: float, core: int | None) -> Load:
    """Load the server for some seconds from another core."""
    pin = ["taskset", "-c", str(core)] if core is not None and shutil.which("taskset") else []
    if has_wrk():
        return _wrk(pin, address, request, connections, seconds)
    job = json.dumps([address, asdict(request), connections, seconds])
    done = subprocess.run(
        [*pin, sys.executable, "-m", "tests.bench.load", job], capture_output=True, text=True, timeout=120, check=True
    )
    return Load(**json.loads(done.stdout))


_LUA = """
local n = {start}
local body = [==[{body}]==]
wrk.method = "{method}"
{headers}
request = function()
  n = n + 1
  return wrk.format(nil, "{path}", nil, (body:gsub("{{n}}", tostring(n))))
end
done = function(summary, latency, requests)
  io.write(string.format("RESULT %f %f %d %d\\n", summary.requests / summary.duration * 1e6, latency:percentile(99) / 1000,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout, summary.requests))
end
"""


def _wrk(pin: list[str], address: str, request: Request, connections: int, seconds: float) -> Load:
    headers = "\n".join(
        f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}" for name, value in request.headers.items()
    )
    script = _LUA.format(
        start=request.start, body=request.body, method=request.method, headers=headers, path=request.path, n="{n}"
    )
    if "{n}" not in request.body:  # a fixed request is formatted once, as wrk does by itself
        script = script.replace("n = n + 1\n  return wrk.format", "fixed = fixed or wrk.format").replace(
            "tostring(n))))", "tostring(n))))\n  return fixed"
        )
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        command = [*pin, "wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "-s", file.name, address]
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=True)
    match = re.search(r"RESULT (\S+) (\S+) (\d+) (\d+)", done.stdout)
    if match is None:
        raise RuntimeError(done.stdout + done.stderr)
    return Load(float(match[1]), float(match[2]), int(match[3]), int(match[4]))


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
        if not found:
            return
        match = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        length = int(match[1]) if match else 0
        if len(rest) < length:
            return
        self.buffer = rest[length:]
        self.loader.note(time.perf_counter() - self.began, head[9:10] == b"2")
        if self.loader.running:
            self._send()
        else:
            self.transport.close()


class _Loader:
    def __init__(self, host: str, request: Request) -> None:
        self.request = request
        self.host = host
        self.count = request.start
        self.running = True
        self.times: list[float] = []
        self.wrong = 0

    def message(self) -> bytes:
        self.count += 1
        body = self.request.body.replace("{n}", str(self.count)).encode()
        headers = "".join(f"{name}: {value}\r\n" for name, value in self.request.headers.items())
        head = f"{self.request.method} {self.request.path} HTTP/1.1\r\nHost: {self.host}\r\n{headers}"
        return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body

    def note(self, seconds: float, right: bool) -> None:
        self.times.append(seconds)
        self.wrong += not right


async def _own(address: str, request: Request, connections: int, seconds: float) -> Load:
    host, port = address.removeprefix("http://").split(":")
    loop = asyncio.get_running_loop()
    loader = _Loader(f"{host}:{port}", request)
    began = time.perf_counter()
    made = [await loop.create_connection(lambda: _Connection(loader), host, int(port)) for _ in range(connections)]
    await asyncio.sleep(seconds)  # the length of the run, not a wait for something
    loader.running = False
    took = time.perf_counter() - began
    for transport, _ in made:
        transport.abort()
    ordered = sorted(loader.times)
    return Load(len(ordered) / took, ordered[int(len(ordered) * 0.99)] * 1000, loader.wrong, len(ordered))


if __name__ == "__main__":
    where, what, how_many, how_long = json.loads(sys.argv[1])
    outcome = asyncio.run(_own(where, Request(**what), how_many, how_long))
    Path("/dev/stdout").write_text(json.dumps(asdict(outcome)), encoding="utf-8")
