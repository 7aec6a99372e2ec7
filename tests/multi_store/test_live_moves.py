"""Moves while clients ask for numbers: afterwards the answers of each client are compared with the ledger."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.config.loading import load_config
from gateway.core.commands import Issue, PeekNext
from gateway.core.ports import StoreUnavailableError
from gateway.core.values import INVOICE, CounterKey, SeriesId, TenantId
from gateway.server.wiring import Gateway
from gateway.stores import open_store
from gateway.stores.engine.fences import Fence
from gateway.tenants import move as move_module
from gateway.tenants.move import Move
from gateway.tenants.store_sessions import StoreSessions
from tests.admin.actions import ask_dialects, made
from tests.admin.test_tenants import EVERY
from tests.conftest import EXAMPLE
from tests.multi_store.conftest import MakeSeveral
from tests.multi_store.places import config_of
from tests.stores.commands import BY, TENANT

CLIENTS = 6
Urls = dict[str, str]


@dataclass
class Clients:
    """Clients that take numbers from any gateway that gives them, one key after the other, and remember the answers.

    gateways: the gateways that a load balancer would know; they may be exchanged at any time.
    behind: peeks that showed a number that was used already.
    """

    tenant: TenantId
    line: CounterKey
    gateways: list[Gateway] = field(default_factory=list)
    told: dict[str, int] = field(default_factory=dict)
    refused: int = 0
    peeks: int = 0
    behind: list[tuple[int, int]] = field(default_factory=list)
    _highest: int = 0
    _stop: bool = False

    @contextlib.asynccontextmanager
    async def asking(self) -> AsyncIterator[Clients]:
        tasks = [asyncio.create_task(self._issue(f"client-{number}")) for number in range(CLIENTS)]
        tasks.append(asyncio.create_task(self._peek()))
        try:
            yield self
        finally:
            self._stop = True
            await asyncio.gather(*tasks)

    async def until(self, count: int) -> None:
        """Wait until the clients have that many more numbers."""
        wanted = len(self.told) + count
        while len(self.told) < wanted:
            await asyncio.sleep(0.005)

    async def _issue(self, name: str) -> None:
        number = 0
        while not self._stop:
            key = f"{name}/{number}"
            given = await self._ask(
                lambda store, key=key: store.execute(Issue(self.tenant, self.line, key, key, BY, 1))
            )
            if given is not None:
                self.told[key] = given.issued.number
                self._highest = max(self._highest, given.issued.number)
                number += 1

    async def _peek(self) -> None:
        while not self._stop:
            floor = self._highest
            found = await self._ask(lambda store: store.read(PeekNext(self.tenant, self.line)))
            if found is not None:
                self.peeks += 1
                following = found.counter.next_number or 0
                if floor and following <= floor:
                    self.behind.append((floor, following))
            await asyncio.sleep(0)

    async def _ask(self, ask: Callable[[Any], Any]) -> Any:
        for gateway in list(self.gateways):
            try:
                return await ask(gateway.store)
            except StoreUnavailableError:
                self.refused += 1
        await asyncio.sleep(0.002)
        return None


async def check(clients: Clients, url: str) -> None:
    """No number was given twice, no number is missing, and the ledger has each number under its client's key."""
    numbers = sorted(clients.told.values())
    assert numbers == list(range(1, len(numbers) + 1))
    assert clients.behind == []
    assert clients.peeks > 0
    store = open_store(url, read_only=True)
    await store.start()
    try:
        count, findings = await store.verify(clients.tenant)
        assert findings == []
        recorded = {
            entry.key: entry.number async for entry in store.ledger(clients.tenant) if entry.operation == "issue"
        }
        assert recorded == clients.told
        assert count >= len(recorded)
    finally:
        await store.close()


async def gateway_on(folder: Path, urls: Urls, pinned: str, stack: contextlib.AsyncExitStack) -> Gateway:
    return await stack.enter_async_context(Gateway(*load_config(config_of(folder, urls, pinned))))


async def move(folder: Path, urls: Urls, pinned: str, target: str, tenant: TenantId = TENANT) -> None:
    async with StoreSessions(load_config(config_of(folder, urls, pinned))[0]) as place:
        report = await Move(place, tenant, target, folder / "moved.jsonl").run()
    assert (report.problems, report.done) == ([], True)


async def test_between_databases_while_gateways_of_both_configurations_run(tmp_path: Path, urls: Urls) -> None:
    """Gateways of the old configuration stop at once, those of the new one begin by themselves, and back again."""
    line = CounterKey(SeriesId(1), INVOICE)
    first, second = {**urls}, {**urls, "default": urls["file"]}
    del first["file"], second["file"]
    async with contextlib.AsyncExitStack() as stack:
        old = await gateway_on(tmp_path, first, "east", stack)
        new = await gateway_on(tmp_path, second, "west", stack)
        assert "its numbers are in store 'east'" in new.directory.get(TENANT).trouble
        async with Clients(TENANT, line, [old, new]).asking() as clients:
            for source, target in (("east", "west"), ("west", "east"), ("east", "west")):
                await clients.until(150)
                await move(tmp_path, {**first, "default": unused(tmp_path)}, source, target)
            await clients.until(150)
        assert clients.refused > 0
        with pytest.raises(StoreUnavailableError, match=r"was moved to store 'west'"):
            await old.store.read(PeekNext(TENANT, line))
    await check(clients, urls["west"])


def unused(folder: Path) -> str:
    """The URL of a store that no gateway has."""
    return f"sqlite:///{folder / 'unused.db'}"


async def test_from_a_file_to_a_database_and_back(tmp_path: Path, urls: Urls) -> None:
    """The gateway that has the file must stop first; clients keep asking, and go on where they were."""
    urls = {name: urls[name] for name in ("default", "east")}
    clients = Clients(TENANT, CounterKey(SeriesId(1), INVOICE))
    pinned = "default"
    async with clients.asking():
        for target in ("east", "default", "east"):
            async with contextlib.AsyncExitStack() as stack:
                clients.gateways = [await gateway_on(tmp_path, urls, pinned, stack)]
                await clients.until(150)
                clients.gateways = []
            await move(tmp_path, urls, pinned, target)
            pinned = target
        async with contextlib.AsyncExitStack() as stack:
            clients.gateways = [await gateway_on(tmp_path, urls, pinned, stack)]
            await clients.until(150)
            clients.gateways = []
    await check(clients, urls["east"])


def shared_config(folder: Path, urls: Urls) -> Path:
    """The example configuration on two databases and no file."""
    values = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    del values["store"]
    values |= {"stores": {"default": {"url": urls["west"]}, "east": {"url": urls["east"]}}, "journal": {"mode": "off"}}
    path = folder / "shared.yaml"
    path.write_text(yaml.safe_dump(values), encoding="utf-8")
    return path


async def test_a_tenant_made_at_run_time_is_followed(urls: Urls, make_several: MakeSeveral, tmp_path: Path) -> None:
    """Its pin is in the default store, so gateways need no new configuration."""
    config = shared_config(tmp_path, urls)
    admin = await make_several({}, config)
    tenant = await made(admin)
    own, line = TenantId(tenant["id"]), CounterKey(SeriesId(tenant["series"][0]["id"]), INVOICE)
    async with Clients(own, line, [admin.gateway]).asking() as clients:
        for target in ("east", "default", "east"):
            await clients.until(100)
            async with StoreSessions(load_config(config)[0]) as place:
                report = await Move(place, own, target, tmp_path / "moved.jsonl").run()
            assert (report.problems, report.done, report.advice) == ([], True, [])
        await clients.until(100)
    await check(clients, urls["east"])
    assert (await admin.get(f"/v1/tenants/{own}")).body["store"] == "east"
    assert await ask_dialects(admin, tenant) == EVERY


async def test_dialects_say_unavailable_while_a_tenant_moves(
    urls: Urls, make_several: MakeSeveral, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = shared_config(tmp_path, urls)
    admin = await make_several({}, config)
    tenant = await made(admin)
    seen: list[dict[str, int]] = []
    export = move_module.export_tenant

    async def watched(*arguments: Any) -> Any:
        seen.append(await ask_dialects(admin, tenant))
        return await export(*arguments)

    monkeypatch.setattr(move_module, "export_tenant", watched)
    async with StoreSessions(load_config(config)[0]) as place:
        assert (await Move(place, TenantId(tenant["id"]), "east", tmp_path / "moved.jsonl").run()).done
    (during,) = seen
    assert during["resurs"] >= 500 <= during["invoicexpress"]
    while await ask_dialects(admin, tenant) != EVERY:
        await asyncio.sleep(0.02)


async def test_a_gateway_started_in_the_middle_serves_when_the_move_is_taken_back(tmp_path: Path, urls: Urls) -> None:
    urls = {name: urls[name] for name in ("default", "east", "west")}
    line = CounterKey(SeriesId(1), INVOICE)
    async with contextlib.AsyncExitStack() as stack:
        await gateway_on(tmp_path, urls, "east", stack)
    async with StoreSessions(
        load_config(config_of(tmp_path, {**urls, "default": unused(tmp_path)}, "east"))[0]
    ) as place:
        transfer = await place.writing("east")
        await transfer.set_fence(TENANT, None, Fence("moving", "west", "m", "now"))
        async with contextlib.AsyncExitStack() as stack:
            gateway = await gateway_on(tmp_path, urls, "east", stack)
            assert "is being moved to store 'west'" in gateway.directory.get(TENANT).trouble
            with pytest.raises(StoreUnavailableError, match="is being moved"):
                await gateway.store.execute(Issue(TENANT, line, "a", "a", BY, 1))
            assert (await Move(place, TENANT, "", tmp_path / "x").cancel()).done
            while gateway.directory.get(TENANT).trouble:
                await asyncio.sleep(0.02)
            assert gateway.directory.get(TENANT).series == {"main": 1}
            given: Any = await gateway.store.execute(Issue(TENANT, line, "a", "a", BY, 1))
            assert given.issued.number == 1
