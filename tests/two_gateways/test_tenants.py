"""Two gateways change the same tenants: no change is lost, and what is gone stays gone."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.long_form import short_or_long
from tests.two_gateways.conftest import Asked
from tests.until import until

pytestmark = pytest.mark.long_form

ROUNDS = short_or_long(2, 8)


async def made(gateway: Asked, name: str, **wanted: Any) -> Any:
    status, tenant = await gateway.admin("POST", "", {"id": name, "dialects": {"resurs": None}, **wanted})
    assert status == 201, tenant
    return tenant


@contextmanager
def standing_still(gateway: Asked) -> Iterator[None]:
    """The process does nothing meanwhile, as on a machine that sleeps."""
    assert gateway.process.process is not None
    gateway.process.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        gateway.process.process.send_signal(signal.SIGCONT)


async def test_two_changes_are_both_kept(pair: tuple[Asked, Asked]) -> None:
    one, other = pair
    for number in range(ROUNDS):
        await made(one, f"p{number}")
        changes: list[dict[str, Any]] = [{"profile": "strict"}, {"replay_window_seconds": 5}]
        work = [own.admin("PATCH", f"/p{number}", body) for own, body in zip(pair, changes, strict=True)]
        answers = await asyncio.gather(*work) if number % 2 else [await each for each in work]
        assert [status for status, _ in answers] == [200, 200]
        for gateway in (one, other):
            _, shown = await gateway.admin("GET", f"/p{number}")
            assert (shown["profile"], shown["replay_window_seconds"]) == ("strict", 5)


async def test_a_deleted_tenant_does_not_come_back(pair: tuple[Asked, Asked]) -> None:
    one, other = pair
    for number in range(ROUNDS):
        await made(one, f"q{number}")
        (deleted, _), (changed, _) = await asyncio.gather(
            one.admin("DELETE", f"/q{number}"), other.admin("PATCH", f"/q{number}", {"profile": "strict"})
        )
        assert (deleted, changed) in {(204, 200), (204, 404)}
        assert [(await own.admin("GET", f"/q{number}"))[0] for own in pair] == [404, 404]


async def test_of_two_who_delete_a_tenant_one_has_deleted_it(pair: tuple[Asked, Asked]) -> None:
    for number in range(ROUNDS):
        await made(pair[0], f"d{number}")
        answers = await asyncio.gather(*(own.admin("DELETE", f"/d{number}?purge=true") for own in pair))
        assert sorted(status for status, _ in answers) == [204, 404]


async def test_a_tenant_made_again_is_noticed_by_a_gateway_that_stood_still(pair: tuple[Asked, Asked]) -> None:
    """The body of its record is the same as before; its series are others."""
    one, other = pair
    first = await made(one, "again")
    binding = first["dialects"]["resurs"]["binding"]
    assert await other.set_next(first, 5) == 200
    with standing_still(other):
        assert (await one.admin("DELETE", "/again?purge=true"))[0] == 204
        second = await made(one, "again", dialects={"resurs": binding})
    assert second["series"] != first["series"]

    async def is_served() -> bool:
        return await other.set_next(second, 7) == 200

    await until(is_served, seconds=60)
    assert (await other.admin("GET", "/again"))[1]["series"] == second["series"]
    assert [await own.set_next(second, 8) for own in pair] == [200, 200]


async def test_of_two_snapshots_of_one_name_one_is_kept(pair: tuple[Asked, Asked]) -> None:
    await made(pair[0], "snap")
    for number in range(ROUNDS):
        answers = await asyncio.gather(*(own.admin("POST", "/snap/snapshots", {"name": f"s{number}"}) for own in pair))
        assert sorted(status for status, _ in answers) == [201, 409]


async def test_a_purged_tenant_is_not_restored(pair: tuple[Asked, Asked]) -> None:
    one, other = pair
    for number in range(ROUNDS):
        tenant = await made(one, f"r{number}")
        assert await one.set_next(tenant, 5) == 200
        assert (await one.admin("POST", f"/r{number}/snapshots", {"name": "s"}))[0] == 201
        (deleted, _), (restored, _) = await asyncio.gather(
            one.admin("DELETE", f"/r{number}?purge=true"), other.admin("POST", f"/r{number}/snapshots/s/restore")
        )
        assert deleted == 204
        assert restored in {200, 404}
        again = await made(other, f"r{number}")
        assert (await one.admin("GET", f"/r{number}/series"))[1]["items"][0]["counters"] == []
        assert (await one.admin("GET", f"/r{number}/snapshots"))[1]["items"] == []
        assert await one.set_next(again, 1) == 200


async def test_series_that_a_restoration_replaced_are_learned_by_the_other_gateway(pair: tuple[Asked, Asked]) -> None:
    """The snapshot lacks a series that the tenant begins with by now, so the series is made anew, with another id."""
    one, other = pair
    await made(one, "grown")
    assert (await one.admin("POST", "/grown/snapshots", {"name": "small"}))[0] == 201
    assert (await one.admin("DELETE", "/grown"))[0] == 204
    tenant = await made(one, "grown", series=[{"key": "main"}, {"key": "own", "default": True}])
    assert await other.set_next(tenant, 5) == 200
    assert (await one.admin("POST", "/grown/snapshots/small/restore"))[0] == 200
    assert await one.set_next(tenant, 6) == 200

    async def is_served() -> bool:
        return await other.set_next(tenant, 7) == 200

    await until(is_served, seconds=60)
