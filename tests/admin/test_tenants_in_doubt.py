"""The answer to a change of a tenant says "unknown", but the change has taken effect: the gateway finds that out by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from gateway.core.ports import StoreUnavailableError
from gateway.stores.engine.group_commit import Write
from gateway.stores.engine.staging import TenantDropped, TenantKept
from gateway.stores.engine.store_base import StoreBase
from tests.admin.actions import made
from tests.admin.conftest import Admin
from tests.until import until


@contextmanager
def unanswered(admin: Admin, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The store commits changes of tenants, and then says that it does not know whether it did."""
    store: Any = admin.gateway.store.default
    assert isinstance(store, StoreBase)
    records, submit = store.tenant_records, store._submit

    async def lost(job: Any) -> None:
        await submit(job)
        raise StoreUnavailableError("no answer", committed=None)

    def submitted(job: Any) -> asyncio.Future[Any]:
        kinds = (TenantKept, TenantDropped)
        is_theirs = isinstance(job, Write) and any(isinstance(change, kinds) for change in job.changes)
        return asyncio.ensure_future(lost(job)) if is_theirs else submit(job)

    with monkeypatch.context() as patched:
        patched.setattr(type(records), "submit", property(lambda _: submitted), raising=False)
        yield


async def test_a_creation(admin: Admin, monkeypatch: pytest.MonkeyPatch) -> None:
    with unanswered(admin, monkeypatch):
        assert (await admin.post("/v1/tenants", {"id": "new"})).status == 503

    async def is_served() -> bool:
        return (await admin.get("/v1/tenants/new")).status == 200

    await until(is_served)
    assert (await admin.post("/v1/tenants", {"id": "new"})).problem == "tenant-exists"
    assert (await admin.delete("/v1/tenants/new?purge=true")).status == 204
    await made(admin, id="new")


async def test_a_change(admin: Admin, monkeypatch: pytest.MonkeyPatch) -> None:
    await made(admin, id="new")
    with unanswered(admin, monkeypatch):
        assert (await admin.patch("/v1/tenants/new", {"profile": "strict"})).status == 503

    async def is_strict() -> bool:
        return bool((await admin.get("/v1/tenants/new")).body["profile"] == "strict")

    await until(is_strict)


async def test_a_deletion(admin: Admin, monkeypatch: pytest.MonkeyPatch) -> None:
    await made(admin, id="new")
    with unanswered(admin, monkeypatch):
        assert (await admin.delete("/v1/tenants/new")).status == 503

    async def is_gone() -> bool:
        return (await admin.get("/v1/tenants/new")).status == 404

    await until(is_gone)
    await made(admin, id="new")
