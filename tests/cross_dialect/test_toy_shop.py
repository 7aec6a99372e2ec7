"""A dialect from outside does with its own hands what the vendors' dialects share, in a whole gateway."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from importlib.metadata import EntryPoint, EntryPoints
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from gateway.core import ledger
from gateway.core.commands import ListSeries
from gateway.core.gaps import GapReason, find_gaps
from gateway.core.values import INVOICE, TenantId
from gateway.spi import registry
from tests.conftest import MakeGateway, base_url, example_values
from tests.cross_dialect.faces import Qq
from tests.outbound.receiver import Receiver, receiving
from tests.until import until

DEMO = TenantId("demo")


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as made:
        yield made


@pytest.fixture
async def client(monkeypatch: pytest.MonkeyPatch, make_gateway: MakeGateway) -> TestClient:
    """A gateway beside which a package with the toy shop is installed."""
    known = EntryPoints(
        [*registry._points(), EntryPoint("toyshop", "tests.cross_dialect.toy_shop:adapter", registry.GROUP)]
    )
    monkeypatch.setattr(registry, "_points", lambda: known)
    (demo, *others) = example_values()["tenants"]
    return await make_gateway({"dialects": {"toyshop": {}}, "tenants": [{**demo, "toyshop": {}}, *others]})


async def ask(client: TestClient, path: str, **body: Any) -> tuple[int, bytes]:
    async with client.post(f"/shop/{path}", data=json.dumps(body)) as answer:
        return answer.status, await answer.read()


async def test_a_shop_sells_credits_claims_and_prints(client: TestClient, receiver: Receiver) -> None:
    sale = {"buyer": "Åse", "url": f"{receiver.url}/sold"}
    receiver.status("/sold", 500)
    first = int((await ask(client, "sell", id="s-1", **sale))[1])
    assert (await ask(client, f"claim/{first + 2}")) == (200, str(first + 2).encode())
    assert (await ask(client, "credit", id="c-1", **sale)) == (200, str(first + 1).encode()), (
        "a credit note draws beside them"
    )
    assert (await ask(client, "sell", id="s-2", **sale)) == (200, str(first + 3).encode()), (
        "the claimed number is passed over"
    )
    assert await ask(client, "sell", id="s-2", **sale) == (409, b"no deal: RecordExists"), "all or nothing"
    assert await ask(client, f"claim/{first + 1}") == (409, b"no deal: NumberTaken")
    assert await Qq(client.session, base_url(client)).next() == first + 4

    await until(lambda: len(receiver.got) == 3)  # the one that failed waits for its clock and holds up nothing
    assert [got.body for got in receiver.got] == ["s-1", "c-1", "s-2"]
    status, printed = await ask(client, f"print/{first + 3}")
    assert (status, printed[:5]) == (200, b"%PDF-")


async def test_a_series_of_its_own_with_an_end(client: TestClient) -> None:
    assert [await ask(client, "voucher") for _ in range(3)] == [
        (200, b"100"),
        (200, b"101"),
        (409, b"no deal: CounterExhausted"),
    ]
    assert await ask(client, "book/101") == (200, b"101")
    assert await ask(client, "book/102") == (409, b"no deal: NumberOutOfRange")

    store = client.server.gateway.store
    shown = (await store.read(ListSeries(DEMO, "qqsolutions"))).views
    assert "toyshop-vouchers" not in [view.series.key for view in shown]
    entries = [entry async for entry in store.ledger(DEMO)]
    assert not ledger.verify(entries)[1]
    lines = {report.line.line: report for report in await find_gaps(store.ledger(DEMO))}
    assert [(gap.first, gap.last, gap.reason) for gap in lines["voucher"].gaps] == [(100, 100, GapReason.RESERVED)]
    assert not lines.get(INVOICE) or not lines[INVOICE].gaps
