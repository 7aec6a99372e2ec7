"""The store is killed with SIGKILL at random moments under parallel load and restarted on the same file, again and again."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from gateway.core.ledger import Entry, Finding
from gateway.stores import open_store
from tests.long_form import short_or_long
from tests.stores.crash.axe import run_until_killed
from tests.stores.crash.checker import check
from tests.stores.crash.clients import Client
from tests.stores.crash.history import History
from tests.stores.crash.server import serve

pytestmark = pytest.mark.long_form

ROUNDS = short_or_long(15, 55)
CLIENTS = 12
KILL_AFTER = (100, 1000)
"""The least and the largest number of answers before a kill."""

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["tests.stores.crash.server"])


@pytest.fixture
def folder(blank_store: Path) -> Iterator[Path]:
    """A folder with a short name (a local socket's address is short) and an empty store."""
    with tempfile.TemporaryDirectory(prefix="crash") as name:
        shutil.copy(blank_store, Path(name) / "numbers.db")
        yield Path(name)


def start(folder: Path, eager: bool) -> ForkServerProcess:
    socket = folder / "socket"
    socket.unlink(missing_ok=True)
    here: Connection
    here, there = processes.Pipe(duplex=False)
    process = processes.Process(target=serve, args=(str(folder / "numbers.db"), str(socket), there, eager), daemon=True)
    process.start()
    there.close()
    with here:
        assert here.recv() == "ready"
    return process


def run_rounds(folder: Path, rounds: int, *, eager: bool = False, seed: int = 1) -> History:
    history, chance = History(), random.Random(seed)
    clients = [Client(number, history, random.Random(f"{seed}-{number}")) for number in range(CLIENTS)]

    async def run_round(process: ForkServerProcess, socket: str) -> None:
        tasks = [asyncio.ensure_future(client.run(socket)) for client in clients]
        await run_until_killed(tasks, history, chance.randint(*KILL_AFTER), chance, process.kill)

    for _ in range(rounds):
        process = start(folder, eager)
        asyncio.run(run_round(process, str(folder / "socket")))
        process.join()
        assert process.exitcode == -9, "it must not die of anything else"
        process.close()
    return history


@dataclass
class Kept:
    """The content of the file in the end."""

    entries: list[Entry]
    findings: list[Finding]


async def read_kept(folder: Path) -> Kept:
    store = open_store(f"sqlite:///{folder / 'numbers.db'}")
    await store.start()
    try:
        return Kept([entry async for entry in store.ledger()], (await store.verify())[1])
    finally:
        await store.close()


@pytest.mark.timeout(900)
def test_nothing_acknowledged_is_lost_doubled_or_unexplained(folder: Path) -> None:
    history = run_rounds(folder, ROUNDS)
    kept = asyncio.run(read_kept(folder))
    assert check(history.operations, kept.entries) == []
    assert kept.findings == []
    outcomes = Counter((operation.kind, operation.outcome) for operation in history.operations)
    print(json.dumps({f"{kind} {outcome}": count for (kind, outcome), count in sorted(outcomes.items())}))
    done = [(kind, "done") for kind in ("issue", "claim", "reserve", "set", "clear", "void")]
    for needed in (*done, ("issue", "unknown")):
        assert outcomes[needed] > 0, f"the load had no {needed}"
    assert settled(history, kept), "no kill came between a commit and its answer"
    assert_lies_are_caught(history, kept)


def assert_lies_are_caught(history: History, kept: Kept) -> None:
    """Controls on the real run: the checker must find one lost entry, and one number given out twice."""
    issues = [o for o in history.operations if o.kind == "issue" and o.changed_something and o.line == "invoice"]
    first, second = issues[len(issues) // 2], issues[-1]
    lost = [entry for entry in kept.entries if entry.request_id != first.request]
    assert check(history.operations, lost)
    second.answer["number"] = first.answer["number"]
    assert any(f"was acknowledged to {first.key}" in problem for problem in check(history.operations, kept.entries))


def settled(history: History, kept: Kept) -> list[str]:
    """Requests without an answer that took effect all the same: the kill came between commit and answer."""
    recorded = {entry.request_id for entry in kept.entries}
    return [o.request for o in history.operations if o.outcome == "unknown" and o.request in recorded]


def test_control_acknowledging_before_commit_is_caught(folder: Path) -> None:
    history = run_rounds(folder, 3, eager=True)
    kept = asyncio.run(read_kept(folder))
    problems = check(history.operations, kept.entries)
    assert any("was acknowledged but is not in the ledger" in problem for problem in problems)
    assert any("was told" in problem for problem in problems)
