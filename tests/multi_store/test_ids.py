"""A tenant keeps its ids for good: stores with spans of their own never make up the same id, even when tenants move."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.config.loading import load_config
from gateway.core.values import TenantId
from gateway.server.wiring import Gateway
from gateway.tenants.move import Move
from gateway.tenants.store_sessions import StoreSessions
from tests.admin.actions import document, issue, made
from tests.admin.conftest import Admin
from tests.multi_store.conftest import MakeSeveral
from tests.multi_store.places import config_of

FIRST = 1_000_000_000


def spanned(folder: Path, urls: dict[str, str], other: str) -> Path:
    path = config_of(folder, {"default": urls["default"], "far": urls[other]})
    text = path.read_text(encoding="utf-8").replace(f"url: {urls[other]}", f"url: {urls[other]}\n    first_id: {FIRST}")
    path.write_text(text, encoding="utf-8")
    return path


async def ids(admin: Admin, store: str) -> tuple[str, int, int]:
    """Make a tenant in a store: its id, the id of its series, and the id of a document."""
    tenant: Any = await made(admin, store=store)
    return tenant["id"], tenant["series"][0]["id"], await document(admin, tenant)


@pytest.mark.parametrize("other", ["file", "east"])
async def test_each_store_goes_on_in_its_own_span(
    urls: dict[str, str], make_several: MakeSeveral, tmp_path: Path, other: str
) -> None:
    config = spanned(tmp_path, urls, other)
    admin = await make_several({}, config)
    near, far = await ids(admin, "default"), await ids(admin, "far")
    assert (near[1:], far[1:]) == ((2, 1), (FIRST, FIRST))
    await admin.gateway.__aexit__(None, None, None)

    for tenant, target in ((near[0], "far"), (far[0], "default")):
        async with StoreSessions(load_config(config)[0]) as place:
            report = await Move(place, TenantId(tenant), target, tmp_path / "moved.jsonl").run()
        assert (report.problems, report.done) == ([], True)

    admin = await make_several({}, config)
    shown = {name: (await admin.get(f"/v1/tenants/{name}")).body for name in (near[0], far[0])}
    assert [(own["store"], own["series"][0]["id"]) for own in shown.values()] == [("far", 2), ("default", FIRST)]
    assert [(await ids(admin, store))[1:] for store in ("default", "far")] == [(3, 2), (FIRST + 1, FIRST + 1)]
    for name in shown:  # the moved tenants go on, too
        answered = await admin.post(f"/v1/tenants/{name}/series", {"key": "more", "name": "More"})
        assert answered.status == 201, answered.text
    assert [(await ids(admin, store))[1:] for store in ("default", "far")] == [(5, 3), (FIRST + 3, FIRST + 2)]
    await issue(admin, {"id": near[0], "series": [{"id": 2}]}, "again")
    assert (await admin.get(f"/v1/tenants/{near[0]}/ledger/verification")).body["sound"] is True


async def test_a_tenant_taken_away_leaves_its_ids_unused(urls: dict[str, str], tmp_path: Path) -> None:
    """Otherwise the tenant could not come back."""
    config = config_of(tmp_path, {"default": urls["default"], "far": urls["east"]}, "far")
    async with Gateway(*load_config(config)) as gateway:
        assert gateway.directory.get(TenantId("demo")).series == {"main": 1}
    async with StoreSessions(load_config(config)[0]) as place:
        assert (await Move(place, TenantId("demo"), "default", tmp_path / "moved.jsonl").run()).done
        assert (await (await place.reading("far")).last_ids()).series == 1
        assert (await (await place.reading("default")).last_ids()).series == 1
