"""What the command line reads and changes without a server: series, ledger, endpoints; and the health of a server."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TextIO

from gateway.clock import SystemClock
from gateway.config.model import Config, DialectSection
from gateway.config.stores import DEFAULT_STORE
from gateway.config.validated import Plan
from gateway.config.yaml_file import ConfigError, Document, Problem
from gateway.core import ledger
from gateway.core.commands import ListSeries, SetNext, SetPolicy
from gateway.core.ports import StoreUnavailableError
from gateway.core.refusals import Refused
from gateway.core.values import Bounds, CounterKey, LineName, Origin, SeriesView, TenantId, line_name
from gateway.simulation.clock import TenantClock
from gateway.spi.foreign_text import printable_json, printable_line
from gateway.stores.errors import StoreError
from gateway.stores.placement import check_placement
from gateway.stores.router import StoreRouter
from gateway.stores.watermark.start import refuse_missing, watermarked
from gateway.tenants.beginning import holdings, refuse_missing_files, refuse_to_begin, take_own_ids
from gateway.tenants.check import bound_for, checked_plan
from gateway.tenants.configured import configured_tenants, new_store, pins_of, served_dialects
from gateway.tenants.tenant import kept_store


def _tenant(config: Config, given: str) -> TenantId:
    if given:
        return TenantId(given)
    if not config.tenants:
        raise ConfigError("command line", [Problem(("--tenant",), 0, "is needed: the configuration has no tenants")])
    return TenantId(config.tenants[0].id)


@asynccontextmanager
async def _reading(config: Config, tenant: TenantId | None = None) -> AsyncIterator[StoreRouter]:
    """All stores, opened for reading. Each tenant is read from its own store, also tenants that were made at run time.

    For a tenant of the configuration only its own store is opened, so that a store that is down does not matter.
    """
    pins = pins_of(config)
    store = new_store(config, SystemClock(), pins, read_only=True, only=None if tenant is None else pins.get(tenant))
    await store.start()
    try:
        await _learn_pins(store, pins)
        yield store
    finally:
        await store.close()


async def _learn_pins(store: StoreRouter, pins: dict[TenantId, str]) -> None:
    """Add the pins of the tenants that were made at run time: only the default store knows these tenants."""
    if len(store.stores) > 1:
        for record in await store.tenant_records.tenants():
            pins.setdefault(record.id, kept_store(record.body))


async def list_series(config: Config, tenant: str) -> list[SeriesView]:
    """All series of a tenant, also while a gateway runs on the same store."""
    own = _tenant(config, tenant)
    async with _reading(config, own) as store:
        return list((await store.read(ListSeries(own))).views)


def find_series(views: Sequence[SeriesView], key: str) -> SeriesView | None:
    """The series with this key, or with this id."""
    for view in views:
        if key in (view.series.key, str(view.series.id)):
            return view
    return None


def series_facts(view: SeriesView) -> dict[str, Any]:
    """A series as plain values."""
    series = view.series
    counters = {
        line: {
            "next": counter.next_number,
            "issued": counter.issued,
            "highest_issued": counter.highest_issued,
            "bounds": "" if counter.bounds == Bounds() else str(counter.bounds),
        }
        for line, counter in sorted(view.counters.items())
    }
    return {
        "id": series.id,
        "key": series.key,
        "tenant": series.tenant,
        "name": series.name,
        "prefix": series.prefix,
        "suffix": series.suffix,
        "default": series.is_default,
        "owner": series.owner or None,
        "counters": counters,
    }


@dataclass(frozen=True, slots=True)
class SetRequest:
    """The arguments of `series set`."""

    tenant: str
    key: str
    line: str
    number: int | None
    allow_lower: bool
    reason: str


async def set_next(config: Config, document: Document, request: SetRequest) -> tuple[bool, str]:
    """Set a line from the command line. Returns whether it was done, and a text for people."""
    checked = checked_plan(config, document, serves=False)
    try:
        line = line_name(request.line)
    except ValueError as error:
        raise ConfigError("command line", [Problem(("--line",), 0, str(error))]) from None
    tenant = _tenant(config, request.tenant)
    clock = TenantClock()
    pins = pins_of(config)
    await refuse_missing(config)
    refuse_missing_files(config, document.name)
    store = new_store(config, clock, pins)
    await store.start()
    try:
        async with watermarked(config, store.stores):
            await refuse_to_begin(config, document.name, await holdings(store))
            await take_own_ids(config, store)
            return await _set_next(store, clock, pins, checked, tenant, line, request)
    except Refused as refused:
        return False, f"refused: {refused.refusal}"
    except StoreUnavailableError as error:
        raise StoreError(str(error)) from error
    finally:
        await store.close()


async def _set_next(
    store: StoreRouter,
    clock: TenantClock,
    pins: dict[TenantId, str],
    checked: Plan,
    tenant: TenantId,
    line: LineName,
    request: SetRequest,
) -> tuple[bool, str]:
    """Set a line in stores that are started. Raises Refused, StoreUnavailableError."""
    await clock.load(store)
    await _learn_pins(store, pins)
    await check_placement(store.stores, pins.get(tenant, DEFAULT_STORE), tenant)
    for own in configured_tenants(checked):
        if own.id == tenant:
            await store.provision(own.id, own.specs())
    view = find_series((await store.read(ListSeries(tenant))).views, request.key)
    if view is None:
        return False, f"no series {request.key!r}"
    policy = SetPolicy(allow_lower=request.allow_lower, allow_clear=True)
    origin = Origin("command-line", "operator", "", request.reason)
    await store.execute(SetNext(tenant, CounterKey(view.series.id, line), request.number, policy, origin))
    return True, f"{request.key} {line}: next {'unset' if request.number is None else request.number}"


async def verify_ledger(config: Config, tenant: str) -> tuple[int, list[dict[str, Any]]]:
    """Recompute every chain and compare it with the lines. Returns the number of entries and the findings."""
    own = TenantId(tenant) if tenant else None
    async with _reading(config, own) as store:
        count, findings = await store.verify(own)
    return count, [
        {**_chain(finding.chain), "index": finding.index, "problem": finding.problem} for finding in findings
    ]


def entry_facts(entry: ledger.Entry) -> dict[str, Any]:
    """A ledger entry as plain values."""
    facts = dataclasses.asdict(entry)
    del facts["chain"]
    return {**_chain(entry.chain), **facts}


def _chain(chain: CounterKey) -> dict[str, Any]:
    """A chain as plain values; `kind` is the former name of `line`."""
    return {"series": chain.series, "line": chain.line, "kind": chain.line}


async def export_ledger(config: Config, tenant: str, target: TextIO, *, as_csv: bool) -> None:
    """Write the ledger as JSON lines or CSV."""
    writer = None
    own = TenantId(tenant) if tenant else None
    async with _reading(config, own) as store:
        async for facts in _ledger_facts(store, own):
            if not as_csv:
                target.write(printable_json(facts, indent=None) + "\n")
                continue
            if writer is None:
                writer = csv.DictWriter(target, fieldnames=list(facts))
                writer.writeheader()
            writer.writerow({name: _cell(value) for name, value in facts.items()})


def _cell(value: Any) -> Any:
    return printable_line(value) if isinstance(value, str) else value


async def _ledger_facts(store: StoreRouter, tenant: TenantId | None) -> AsyncIterator[dict[str, Any]]:
    """Entries as plain values. Each store has ids of series of its own, so with several stores each entry names its store."""
    stores = store.stores
    if tenant is not None or len(stores) == 1:
        async for entry in store.ledger(tenant):
            yield entry_facts(entry)
        return
    for name, own in stores.items():
        async for entry in own.ledger():
            yield {"store": name, **entry_facts(entry)}


def admin_address(config: Config) -> str:
    """Where a gateway of this configuration on this machine has its admin port."""
    host = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(config.admin_host, config.admin_host)  # noqa: S104
    shown = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return f"http://{shown}:{config.admin_port}"


async def ask_health(url: str) -> tuple[bool, str]:
    """Ask a running gateway's admin port. url: scheme://host:port."""
    import aiohttp

    from gateway.testing.client.admin import without_user

    base = url.rstrip("/")
    shown = without_user(base)
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session,
            session.get(f"{base}/readyz") as answer,
        ):
            return answer.status == 200, f"{shown}: {'ready' if answer.status == 200 else 'not ready'}"
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        return False, f"{shown}: no answer ({type(error).__name__})"


def dialect_endpoints(
    config: Config, document: Document, dialect: str, tenant: str, base_url: str
) -> list[dict[str, Any]]:
    """What a client of a dialect needs, from the configuration alone."""
    checked = checked_plan(config, document, serves=False)
    if dialect not in checked.adapters:
        known = ", ".join(sorted(checked.adapters))
        raise ConfigError("command line", [Problem(("dialect",), 0, f"found {dialect!r}; enabled: {known}")])
    clock = SystemClock()
    built = served_dialects(checked, new_store(config, clock), clock).build(dialect, bound_for(checked, dialect))
    section = config.dialects.get(dialect, DialectSection())
    base = base_url or section.public_url or f"http://{config.host}:{config.port}{section.prefix}"
    endpoints = built.endpoints(base.rstrip("/"), _tenant(config, tenant))
    return [{**dataclasses.asdict(item), "credentials": dict(item.credentials)} for item in endpoints]
