"""A gateway follows the store's tenants also when the store fails in the middle of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gateway.core.ports import StoreUnavailableError
from gateway.core.values import TenantId
from gateway.tenants.directory import TenantDirectory
from tests.admin.actions import invoicexpress, made, resurs
from tests.admin.conftest import Admin


async def test_what_could_not_be_read_in_one_go_is_done_in_the_next(
    admin: Admin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process deletes one tenant and makes another; the store fails when the second one is provided."""
    directory, records = admin.gateway.directory, admin.gateway.store.tenant_records
    gone, new = [await made(admin, dialects={name: None}) for name in ("resurs", "invoicexpress")]
    kept = next(own for own in await records.tenants() if own.id == new["id"])
    assert (await admin.delete(f"/v1/tenants/{new['id']}")).status == 204
    for record in await records.tenants():
        await records.drop_tenant(record)
    await records.add_tenant(kept)

    async def fail(*_: Any) -> Any:
        raise StoreUnavailableError("down")

    with monkeypatch.context() as patched:
        patched.setattr(TenantDirectory, "_provided_or_withheld", fail)
        with pytest.raises(StoreUnavailableError):
            await directory._refresh()
    await directory._refresh()
    assert await resurs(admin, gone, "peekInvoiceSequence") == 401
    assert await invoicexpress(admin, new["dialects"]["invoicexpress"]["binding"]["api_key"]) == 200


async def test_a_tenant_that_was_withheld_and_deleted_does_not_come_back(
    admin: Admin, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = admin.gateway.directory
    tenant = TenantId((await made(admin))["id"])
    directory._tenants[tenant] = replace(directory.get(tenant), trouble="it arrives")
    looked = TenantDirectory.all

    def then_deleted(self: TenantDirectory) -> Any:
        found = looked(self)
        self.release(self.get(tenant))
        return found

    monkeypatch.setattr(TenantDirectory, "all", then_deleted)
    await directory._serve_withheld()
    monkeypatch.undo()
    assert directory.find(tenant) is None
