"""The whole server is killed at random moments: what it answered one vendor's clients over HTTP about a line stays true.

Clients set unique numbers through the Resurs endpoint, so that each answer can be found in the ledger by its number.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import random
import re
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from gateway.core.ledger import Entry, Finding
from gateway.stores import open_store
from tests.conftest import example_config, only
from tests.long_form import short_or_long
from tests.stores.crash.axe import run_until_killed
from tests.stores.crash.checker import check
from tests.stores.crash.history import History, Operation

pytestmark = pytest.mark.long_form

ROUNDS = short_or_long(4, 10)
CLIENTS = 8
KILL_AFTER = (100, 1000)
"""The least and the largest number of answers before a kill."""
SERVICE = "/ecommerce-test/ws/V4/ConfigurationService"
SET = "<c:setInvoiceSequence><nextInvoiceNumber>{}</nextInvoiceNumber></c:setInvoiceSequence>"
PEEK = "<c:peekInvoiceSequence/>"
ENVELOPE = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:c="http://ecommerce.resurs.com/v4/msg/configuration"><s:Body>{}</s:Body></s:Envelope>'
)
HEADERS = {
    "Authorization": "Basic " + base64.b64encode(b"demo-se:demo-secret").decode(),
    "Content-Type": "text/xml; charset=utf-8",
    "SOAPAction": '""',
}


class Server:
    """A gateway in a process of its own."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "gateway", "serve", "--config", str(folder / "config.yaml"), "--port", "0"]
        command += ["--admin-port", "0", "--store", f"sqlite:///{folder / 'numbers.db'}"]
        self._log = (folder / "log").open("ab")
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self._log)
        assert self._process.stdout is not None
        ready = self._process.stdout.readline().decode()
        found = re.fullmatch(r"invoice-gateway ready data=(\S+) admin=\S+\n", ready)
        if not found:
            self._process.kill()
        assert found, f"{ready!r} {(folder / 'log').read_text()}"
        self.url = found[1]

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        with self._process, self._log:
            assert self._process.wait() == -9, "it must not die of anything else"

    def kill(self) -> None:
        """Send SIGKILL: nothing is flushed, and no client is warned."""
        self._process.kill()


class Clients:
    """Clients that set and peek, each as fast as it gets answers."""

    def __init__(self, seed: int) -> None:
        self.history = History()
        self._numbers = itertools.count(1)
        self._chance = random.Random(seed)

    async def run(self, server: Server) -> None:
        """Let all clients run at full speed, then kill the server."""
        async with aiohttp.ClientSession(server.url) as session:
            tasks = [asyncio.ensure_future(self._run_one(session, number)) for number in range(CLIENTS)]
            answers = self._chance.randint(*KILL_AFTER)
            await run_until_killed(tasks, self.history, answers, self._chance, server.kill)

    async def _run_one(self, session: aiohttp.ClientSession, client: int) -> None:
        try:
            while True:
                kind = self._chance.choices((self._peek, self._set, self._set_lower), (30, 67, 3))[0]
                await kind(session, client)
        except aiohttp.ClientError:
            return

    async def _set(self, session: aiohttp.ClientSession, client: int) -> None:
        await self._set_to(session, client, next(self._numbers))

    async def _set_lower(self, session: aiohttp.ClientSession, client: int) -> None:
        """The second number is refused, because the line has passed it."""
        lower, higher = next(self._numbers), next(self._numbers)
        await self._set_to(session, client, higher)
        await self._set_to(session, client, lower)

    async def _set_to(self, session: aiohttp.ClientSession, client: int, number: int) -> None:
        operation = self.history.begin(client, "set", "invoice", asked=number)
        operation.request = f"set {number}"
        status, text = await self._ask(session, SET.format(number))
        if status == 200:
            self.history.end(operation, {"before": None, "after": number})
        else:
            assert status == 500, text
            assert "errorTypeId" in text, text
            self.history.end(operation, {"refused": text})

    async def _peek(self, session: aiohttp.ClientSession, client: int) -> None:
        operation = self.history.begin(client, "peek", "invoice")
        status, text = await self._ask(session, PEEK)
        assert status == 200, text
        shown = re.search(r"nextInvoiceNumber>(\d+)<", text)
        self.history.end(operation, {"next": int(shown[1]) if shown else None})

    @staticmethod
    async def _ask(session: aiohttp.ClientSession, body: str) -> tuple[int, str]:
        async with session.post(SERVICE, data=ENVELOPE.format(body), headers=HEADERS) as answer:
            return answer.status, await answer.text()


@pytest.fixture
def folder(tmp_path: Path, blank_store: Path) -> Path:
    shutil.copy(blank_store, tmp_path / "numbers.db")
    example_config(tmp_path, only("resurs"))
    return tmp_path


async def read_kept(folder: Path) -> tuple[list[Entry], list[Finding]]:
    store = open_store(f"sqlite:///{folder / 'numbers.db'}", read_only=True)
    await store.start()
    try:
        entries = [entry async for entry in store.ledger() if entry.operation == "set"]
        return entries, (await store.verify())[1]
    finally:
        await store.close()


def as_asked(entry: Entry) -> Entry:
    """The entry under the name by which the client knows its request."""
    return replace(entry, dialect="crash", request_id=f"set {entry.after}")


@pytest.mark.timeout(900)
def test_what_clients_were_told_over_http_holds(folder: Path) -> None:
    clients = Clients(seed=1)
    for _ in range(ROUNDS):
        with Server(folder) as server:
            asyncio.run(clients.run(server))
    entries, findings = asyncio.run(read_kept(folder))
    operations: list[Operation] = clients.history.operations
    assert check(operations, [as_asked(entry) for entry in entries]) == []
    assert findings == []
    outcomes = Counter((operation.kind, operation.outcome) for operation in operations)
    print(dict(outcomes))
    assert {entry.dialect for entry in entries} == {"resurs"}
    for needed in (("set", "done"), ("set", "refused"), ("set", "unknown"), ("peek", "done")):
        assert outcomes[needed] > 0, f"the load had no {needed}"
    acknowledged = [
        operation.request for operation in operations if operation.kind == "set" and operation.outcome == "done"
    ]
    lost = [as_asked(entry) for entry in entries if f"set {entry.after}" != acknowledged[len(acknowledged) // 2]]
    assert check(operations, lost), "a lost entry must be caught"
