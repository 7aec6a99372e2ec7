"""Stores for tests of exports and moves: a configuration with SQLite files and databases by name, and a tenant with content."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from gateway.config.loading import load_config
from gateway.config.model import Config
from gateway.core.catalogue import Customer, Project
from gateway.core.commands import CreateSeries, Issue, IssueRequest, SaveCatalogue, SaveDocument, SaveDocuments
from gateway.core.documents import Document, Line
from gateway.core.line_commands import Claim, OpenSeries, Reserve, SetBounds
from gateway.core.values import INVOICE, CounterKey, SeriesId, TenantId
from gateway.stores import DatabaseStore, open_store
from gateway.stores.engine.tenant_rows import Contents
from tests.conftest import EXAMPLE
from tests.stores.commands import BY, TENANT, set_next, void

LATER = datetime(2200, 1, 1, tzinfo=UTC)
OTHER = TenantId("other")


def config_of(folder: Path, urls: Mapping[str, str], pinned: str = "default", **more: Any) -> Path:
    """The example configuration with these stores; its tenant is pinned to one of them."""
    values = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    values |= {"store": urls["default"], "journal": {"mode": "off"}, "log": {"requests": False}, **more}
    values["stores"] = {name: {"url": url} for name, url in urls.items() if name != "default"}
    values["tenants"][0] |= {"store": pinned}
    path = folder / f"config-{pinned}.yaml"
    path.write_text(yaml.safe_dump(values, sort_keys=False), encoding="utf-8")
    return path


def loaded(folder: Path, urls: Mapping[str, str], pinned: str = "default") -> Config:
    return load_config(config_of(folder, urls, pinned))[0]


async def opened(url: str, **options: Any) -> DatabaseStore:
    store = open_store(url, **options)
    await store.start()
    return store


async def lively(url: str, tenant: TenantId = TENANT) -> Contents:
    """Make a tenant that has something of every kind in the store; returns its contents."""
    store = await opened(url)
    try:
        ids = await store.provision(
            tenant, [("main", "Main å", "P-", None, True), ("extra", "Extra", None, "/x", False)]
        )
        await store.seed_catalogue(tenant, [Customer(1, "Åse"), Project(1, "Pier")])
        line = CounterKey(ids["main"], INVOICE)
        for key in "abc":
            await store.execute(Issue(tenant, line, key, f"document {key}", BY, 1))
        for command in (
            SetBounds(tenant, CounterKey(ids["extra"], INVOICE), 1, 99, BY),
            Reserve(tenant, CounterKey(ids["extra"], INVOICE), "reserved", BY),
            Reserve(tenant, CounterKey(ids["extra"], INVOICE), "used", BY),
            Claim(tenant, CounterKey(ids["extra"], INVOICE), 2, f"use {tenant}", "", BY),
            Claim(tenant, CounterKey(ids["extra"], INVOICE), 50, "ahead", "", BY),
            OpenSeries(tenant, "stamp", "somebody", BY),
        ):
            await store.execute(command)
        await store.execute(SaveCatalogue(tenant, BY, (Customer(2, 'Bø "q" \\ \u2028'), Project(2, "x"))))
        invoice = Document(
            tenant, lines=(Line("Ære \U0001f6a2"),), customer=1, extras={"vendor": {"x": [1, None, "é"], "y": 0.5}}
        )
        await store.execute(SaveDocuments(tenant, (SaveDocument(invoice, issue=IssueRequest(f"d-{tenant}")),), BY))
        await store.execute(
            SaveDocuments(tenant, (SaveDocument(Document(tenant, lines=()), key=f"draft-{tenant}"),), BY)
        )
        if tenant == TENANT:
            await store.execute(void(2))
            await store.execute(set_next(90))
        await store.execute(CreateSeries(tenant, "Third", BY))
        await store.put("session", f"secret {tenant}", tenant, {"user": "ü"}, LATER)
        await store.tenant_records.keep_snapshot(
            tenant, "snap", await store.tenant_records.contents(tenant), LATER - timedelta(days=1)
        )
        return await store.tenant_records.contents(tenant)
    finally:
        await store.close()


async def contents(url: str, tenant: TenantId = TENANT) -> Contents:
    """Everything that a store has of a tenant."""
    store = await opened(url, read_only=True)
    try:
        return await store.tenant_records.contents(tenant)
    finally:
        await store.close()


async def sound(url: str) -> int:
    """The number of ledger entries; fails when the ledger does not verify."""
    store = await opened(url, read_only=True)
    try:
        count, findings = await store.verify()
        assert findings == []
        return count
    finally:
        await store.close()


def main_series(kept: Contents) -> SeriesId:
    return next(series.id for series in kept.series() if series.key == "main")
