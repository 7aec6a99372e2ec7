"""Files go with their tenant: into an export, into another store, and away."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from adapters.twentyfoursevenoffice.attachment.content import PIECE, PIECES
from adapters.twentyfoursevenoffice.attachment.files import FILE
from gateway.core.record_commands import GetRecordUsage
from gateway.core.values import TenantId
from gateway.stores import open_store, open_transfer
from gateway.tenants.export_import import Import, export_tenant
from gateway.tenants.store_sessions import StoreSessions
from gateway.testing.memory_store import HandClock
from tests.adapters.twentyfoursevenoffice.attachment import archive as a
from tests.adapters.twentyfoursevenoffice.tenants import PATH as LOGIN
from tests.adapters.twentyfoursevenoffice.tenants import envelope
from tests.admin.actions import made
from tests.admin.conftest import Admin, admin, make_admin
from tests.multi_store.places import loaded

__all__ = ["admin", "make_admin"]
CONTENT = bytes(range(256)) * (3 * PIECE // 256) + b"end"


async def test_files_are_exported_and_imported(tmp_path: Path, blank_store: Path) -> None:
    for name in ("from", "default", "east"):
        shutil.copy(blank_store, tmp_path / f"{name}.db")
    urls = {name: f"sqlite:///{tmp_path / name}.db" for name in ("from", "default", "east")}
    store = open_store(urls["from"])
    await store.start()
    archive = await a.opened(store, HandClock())
    file = await archive.upload(CONTENT, 41)
    await store.close()

    transfer = await open_transfer(urls["from"], write=False)
    await export_tenant(transfer, a.TENANT, "default", tmp_path / "tenant.jsonl")
    await transfer.close()
    async with StoreSessions(loaded(tmp_path, {name: urls[name] for name in ("default", "east")})) as place:
        report = await Import(place, tmp_path / "tenant.jsonl", "east").run()
    assert (report.problems, report.done) == ([], True)

    store = open_store(urls["east"])
    await store.start()
    try:
        arrived = a.Archive(store, HandClock(), {})
        assert await arrived.download(file, 0, len(CONTENT)) == CONTENT
        assert await arrived.checksum(file) == a.md5(CONTENT)
        assert await arrived.next_stamp() == 42
        await arrived.upload(b"page two", 41)
        assert await arrived.next_stamp() == 42
    finally:
        await store.close()


async def ask(admin: Admin, path: str, operation: str, inner: str, namespace: str, cookie: str = "") -> str:
    """One call to the data port; the text of the answer."""
    action = f"{namespace}{'' if namespace.endswith('/') else '/'}{operation}"
    headers = {"Content-Type": "text/xml", "SOAPAction": action, "Cookie": f"ASP.NET_SessionId={cookie}"}
    body = envelope(operation, inner, namespace).encode()
    async with admin.data.post(path, data=body, headers=headers, cookies={}) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.text()


async def usage(admin: Admin, tenant: TenantId) -> list[int]:
    """How many files and pieces there are, and how many bytes of pieces."""
    files = await admin.gateway.store.read(GetRecordUsage(tenant, FILE.name))
    pieces = await admin.gateway.store.read(GetRecordUsage(tenant, PIECES.name))
    return [files.records, pieces.records, pieces.bytes]


async def test_files_are_purged_with_their_tenant(admin: Admin) -> None:
    tenant: Any = await made(admin, id="archive")
    given = tenant["dialects"]["twentyfoursevenoffice"]["endpoints"][0]["credentials"]
    login = (
        f"<credential><ApplicationId>{given['application_id']}</ApplicationId><Password>{given['password']}</Password>"
        f"<Username>{given['username']}</Username></credential>"
    )
    cookie = (await ask(admin, LOGIN, "Login", login, a.OUTSIDE)).partition("<LoginResult>")[2].partition("<")[0]
    for operation, inner in (
        ("Create", "<type>Png</type>"),
        ("AppendChunk", f"{a.named(1)}<buffer>{'QUJD' * 50_000}</buffer><offset>0</offset>"),
        ("Save", f"{a.saved(1, 1)}<location>Journal</location>"),
    ):
        await ask(admin, a.SERVICE, operation, inner, a.NAMESPACE, cookie)
    name = TenantId("archive")
    assert await usage(admin, name) == [1, 3, 150_000 + 3 * len("1.0")]
    assert (await admin.delete("/v1/tenants/archive?purge=true")).status == 204
    assert await usage(admin, name) == [0, 0, 0]
