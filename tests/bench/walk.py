"""The way of one request through the code: how many calls it makes, and how often the way changes the file.

`python -m tests.bench.walk` sends the first request of its kind to a gateway that has just started, with the example
configuration, journal and watermark off and a new SQLite store. `--path` also prints the way itself, file after file.

Only calls into the project's own files count (a generator or coroutine counts each time it goes on), in the event loop
and in the store's threads, from the moment the request reaches the data port to the last byte of the answer. A *stay* is
a run of consecutive calls in one file. The figures depend on no clock; a test checks them.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import multiprocessing
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from types import FrameType
from typing import Any, Final

import aiohttp

from gateway.config.loading import load_config
from gateway.server.wiring import Gateway
from gateway.stores.sqlite import store
from tests.bench.load import Request
from tests.bench.services import get_entry_id, save_companies
from tests.bench.workloads import office_save, resurs_set

ROOT: Final = Path(__file__).parents[2]
CONFIG: Final = ROOT / "config.example.yaml"
OURS: Final = tuple(f"{ROOT / room}/" for room in ("gateway", "adapters", "schemas"))
WALKS: Final[Mapping[str, Callable[[str], Request]]] = {
    "Resurs set 445": resurs_set,
    "24SevenOffice SaveInvoices": office_save,
    "24SevenOffice SaveCompanies": save_companies,
    "24SevenOffice GetEntryId": get_entry_id,
}
_LAST: Final = "gateway/web/response.py", "write_eof"
_BESIDE: Final = frozenset(
    {"_sweep", "flush", "connection_made", "connection_lost", "eof_received", "stop_reading", "_date_at", "_second"}
)
"""Called by timers and connections at no fixed moment of a walk, or once a second, so that not every walk has them."""


@dataclass(frozen=True, slots=True)
class Stay:
    """Consecutive calls in one file.

    file: its path within the project.
    functions: the called functions, in order.
    """

    file: str
    functions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Walk:
    """The way of one request.

    answer: the body of the answer.
    """

    name: str
    stays: tuple[Stay, ...]
    answer: bytes

    @property
    def calls(self) -> int:
        """How many calls were made."""
        return sum(len(stay.functions) for stay in self.stays)

    @property
    def files(self) -> int:
        """How many files the request passed through."""
        return len({stay.file for stay in self.stays})


def _whose(frame: FrameType) -> str:
    """The function's name; for a comprehension that of the function around it."""
    name = frame.f_code.co_name
    return frame.f_back.f_code.co_name if name.startswith("<") and frame.f_back else name


class Recorder:
    """Notes calls into the project's files, in the thread that puts it in place and in every thread that begins afterwards."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []
        self.on = False

    def note(self, frame: FrameType, event: str, _argument: Any) -> None:
        """Note one event that `sys.setprofile` reports."""
        code = frame.f_code
        if self.on and event == "call" and code.co_filename.startswith(OURS) and _whose(frame) not in _BESIDE:
            call = code.co_filename[len(str(ROOT)) + 1 :], code.co_name
            self.calls.append(call)
            self.on = call != _LAST

    @contextlib.contextmanager
    def in_place(self) -> Iterator[None]:
        """Watch this thread, and threads that begin inside the block."""
        threading.setprofile(self.note)
        sys.setprofile(self.note)
        try:
            yield
        finally:
            sys.setprofile(None)
            threading.setprofile(None)

    def stays(self) -> tuple[Stay, ...]:
        """The noted calls, file after file."""
        runs = groupby(self.calls, key=lambda call: call[0])
        return tuple(Stay(file, tuple(name for _, name in run)) for file, run in runs)


def first_walk(name: str) -> Walk:
    """Walk in a process of its own: anything that is remembered from earlier requests would shorten the way."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_walk, name).result()


def _walk(name: str) -> Walk:
    recorder = Recorder()
    store.LOOK_SECONDS = 3600.0  # what the store does once a second belongs to no request
    with tempfile.TemporaryDirectory() as folder, recorder.in_place(), contextlib.redirect_stderr(io.StringIO()):
        answer = asyncio.run(_send(Path(folder), recorder, WALKS[name]))
    return Walk(name, recorder.stays(), answer)


async def _send(folder: Path, recorder: Recorder, make: Callable[[str], Request]) -> bytes:
    own = {
        "store": f"sqlite:///{folder / 'walk.db'}",
        "journal": {"mode": "off"},
        "watermark": {"mode": "off"},
        "port": 0,
        "admin_port": 0,
    }
    async with Gateway(*load_config(CONFIG, own)) as gateway, aiohttp.ClientSession() as client:
        await gateway.listen()
        request = await asyncio.to_thread(make, gateway.data_url)  # it may need a login first
        for each in gateway.store.stores.values():
            await each.work.waiting()  # the first look at work that is due has asked before, so it is over now
        recorder.on = True
        body = request.body.replace("{n}", "445").encode()
        url = gateway.data_url + request.path
        async with client.request(request.method, url, headers=request.headers, data=body) as response:
            response.raise_for_status()
            return await response.read()


def main(words: Sequence[str] | None = None) -> None:
    """Print the figures of each walk."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.walk", description="How far one request walks.")
    parser.add_argument("--path", action="store_true", help="print the way, too")
    chosen = parser.parse_args(words)
    for name in WALKS:
        walk = first_walk(name)
        print(f"{walk.name}: {walk.calls} calls, {len(walk.stays)} stays in {walk.files} files")
        for number, stay in enumerate(walk.stays if chosen.path else (), start=1):
            print(f"  {number:3} {stay.file}: {', '.join(stay.functions)}")


if __name__ == "__main__":
    main()
