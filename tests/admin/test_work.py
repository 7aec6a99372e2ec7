"""Due work in a whole gateway: a dialect of the tests' own schedules it, and people see and steer it on the admin port."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.core.values import TenantId
from gateway.core.work import NewWork, ScheduleWork
from tests.admin.actions import work
from tests.admin.conftest import Admin
from tests.outbound.receiver import Receiver, receiving
from tests.outbound.workshop import BY, Toy
from tests.until import until

WORK = "/v1/tenants/demo/due-work"
CLOCK = "/v1/tenants/demo/clock"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as made:
        yield made


@pytest.fixture
def toy(admin: Admin) -> Toy:
    """The dialect, served beside the others."""
    own: Any = Toy()
    admin.gateway.dialects.current["toy"] = own
    return own


async def schedule(admin: Admin, lane: str = "a", **facts: Any) -> int:
    command = ScheduleWork(TenantId("demo"), (NewWork("callback", lane, json.dumps(facts)),), BY)
    (item,) = (await admin.gateway.store.execute(command)).items
    return item.id


async def reaches(admin: Admin, own: int, **wanted: Any) -> Any:
    """The item, once it reads as wanted."""
    found: list[Any] = []

    async def is_so() -> bool:
        found[:] = [(await admin.get(f"{WORK}/{own}")).body]
        return all(found[0][name] == value for name, value in wanted.items())

    await until(is_so)
    return found[0]


async def test_a_test_travels_to_the_retry(admin: Admin, toy: Toy, receiver: Receiver) -> None:
    await admin.post(f"{CLOCK}/freeze", {"at": "2024-02-29T12:00:00Z"})
    receiver.status("/x", 500)
    own = await schedule(admin, url=f"{receiver.url}/x?token=geheim")
    item = await reaches(admin, own, attempts=1, under_way=False)
    assert (item["state"], item["due"], item["result"]) == ("waiting", "2024-02-29T12:01:00Z", "status 500")
    assert (item["dialect"], item["lane"], "geheim" in item["body"]) == ("toy", "a", False)
    await admin.post(f"{CLOCK}/travel", {"by_seconds": 60})
    item = await reaches(admin, own, state="delivered")
    assert [one["outcome"] for one in item["log"]] == ["failed", "delivered"]
    assert item["ended"] == "2024-02-29T12:01:00Z"
    asked = (await admin.get("/v1/requests?finding=outbound&tenant=demo")).body["entries"]
    assert [(one["operation"], one["dialect"], one["reply"]["status"]) for one in asked] == [
        ("callback", "toy", 500),
        ("callback", "toy", 200),
    ]
    assert "geheim" not in json.dumps(asked)
    assert {one["principal"] for one in asked} == {"automatic"}
    assert (await admin.get("/v1/requests/strict-report")).body["clients"] == []
    assert (await admin.get("/v1/requests/near-misses")).body["entries"] == []
    figures = (await admin.get("/metrics")).text
    assert "invoice_gateway_due_work_delivered 1.0" in figures
    assert "invoice_gateway_outbound_answered 2.0" in figures


async def test_people_list_retry_and_drop(admin: Admin, toy: Toy, receiver: Receiver) -> None:
    refused = [await schedule(admin, "a", url=f"http://127.0.0.1:7071/{n}") for n in range(2)]  # the admin port
    for own in refused:
        item = await reaches(admin, own, state="undeliverable")
        assert item["result"] == "127.0.0.1:7071 is where this gateway is administered"
    done = await schedule(admin, "b", url=receiver.url)
    await reaches(admin, done, state="delivered")
    waits = await work(admin, "demo")

    async def listed(query: str) -> list[int]:
        return [item["id"] for item in (await admin.get(f"{WORK}?{query}")).body["items"]]

    assert await listed("") == [*refused, done, waits]
    assert await listed("state=undeliverable") == refused
    assert await listed("dialect=toy&lane=b") == [done]
    assert await listed("kind=other") == await listed("lane=b") == []
    first = (await admin.get(f"{WORK}?limit=3")).body
    assert await listed(f"limit=3&cursor={first['next']}") == [waits]
    assert (await admin.post(f"{WORK}/{waits}/drop", {"reason": "a mistake"})).body["state"] == "dropped"
    assert (await admin.get(f"{WORK}/{waits}")).body["log"][0]["detail"] == "a mistake"
    await admin.post(f"{WORK}/{refused[0]}/retry")
    item = await reaches(admin, refused[0], state="undeliverable", attempts=2)
    assert [one["outcome"] for one in item["log"]] == ["given_up", "asked_again", "given_up"]


async def test_a_fault_loses_the_first_callback(admin: Admin, toy: Toy, receiver: Receiver) -> None:
    await admin.post("/v1/faults", {"action": {"kind": "outbound_lost"}, "tenant": "demo", "first": 1})
    own = await schedule(admin, url=receiver.url)
    assert (await reaches(admin, own, attempts=1))["result"] == "lost on the way, as a fault rule wants it"
    await admin.post(f"{WORK}/{own}/retry")
    await reaches(admin, own, state="delivered")
    assert len(receiver.got) == 1
    (lost, _) = (await admin.get("/v1/requests?finding=outbound")).body["entries"]
    assert (lost["faults"], lost["reply"]["status"], lost["outcome"]) == (["f1"], None, "failed")


async def test_work_is_part_of_a_tenants_state(admin: Admin, toy: Toy) -> None:
    waits = await work(admin, "demo")
    await admin.post("/v1/tenants/demo/snapshots", {"name": "s"})
    await admin.post(f"{WORK}/{waits}/drop")
    await admin.post("/v1/tenants/demo/snapshots/s/restore")
    assert (await admin.get(f"{WORK}/{waits}")).body["state"] == "waiting"
    await admin.post("/v1/tenants/demo/reset")
    assert (await admin.get(WORK)).body["items"] == []


async def test_a_stop_gives_back_what_is_under_way(admin: Admin, toy: Toy, receiver: Receiver) -> None:
    receiver.answers["/hangs"] = receiver.hang
    own = await schedule(admin, url=f"{receiver.url}/hangs")
    await until(lambda: receiver.hung == 1)
    admin.gateway.outbound._drain_seconds = 0.05
    await admin.gateway.outbound.close()
    item = (await admin.get(f"{WORK}/{own}")).body
    assert (item["state"], item["attempts"], item["under_way"]) == ("waiting", 0, False)
