"""Adapters with what they serve and how that is known; the settings of each dialect, which can change while it serves."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import Counter
from typing import Any

from pydantic import BaseModel, RootModel

from gateway.admin.problems import (
    DIALECT_UNKNOWN,
    PRECONDITION_REQUIRED,
    PRODUCTION_TENANT,
    SETTINGS_CHANGED,
    Problem,
)
from gateway.admin.resources.tenants import base_url
from gateway.admin.routing import (
    JSON,
    PATCH_JSON,
    Ask,
    Page,
    Paging,
    Route,
    Shown,
    View,
    invalid_field,
    page_after,
    read_cursor,
    validated,
    write_cursor,
)
from gateway.config.schema import model_schema
from gateway.simulation.production import ProductionTenantError
from gateway.spi.adapter import Dialect, Evidence
from gateway.spi.hosts import disputed_hosts
from gateway.spi.seeding import seeds_of
from gateway.spi.served_dialects import CredentialsTakenError


class OperationView(View):
    """An operation of the vendor.

    served: False when the gateway declines it.
    evidence: how it is known.
    note: why it is declined, or what else is to be known.
    """

    name: str
    served: bool
    evidence: Evidence
    note: str


class Coverage(View):
    """Counts of the vendor's operations.

    served: how many the gateway serves.
    declined: how many it declines.
    evidence: how many there are, by how each is known.
    """

    served: int
    declined: int
    evidence: dict[Evidence, int]


class AdapterView(View):
    """An installed adapter.

    enabled: whether it is served here.
    url: the address without the vendor's own paths.
    hosts: the host names that belong to it; one that begins with a dot stands for every name below it.
    makes_credentials: whether tenants made at run time get made-up credentials for it.
    seeds: what can be put in below `/v1/tenants/{tenant}`, by name, with the JSON Schema of an item.
    """

    name: str
    title: str
    enabled: bool
    url: str | None
    hosts: list[str]
    makes_credentials: bool
    seeds: dict[str, dict[str, Any]]
    coverage: Coverage | None
    operations: list[OperationView]


class SettingsView(View):
    """The settings of a dialect. Changes hold until the gateway ends, in all its worker processes.

    settings: everything in effect, defaults included.
    """

    dialect: str
    settings: dict[str, Any]


class SettingsPatch(RootModel[dict[str, Any]]):
    """A JSON merge patch (RFC 7396): members replace those of the same name, null takes a member back to its default."""


def _adapter_view(ask: Ask, name: str) -> AdapterView:
    served = ask.services.dialects
    adapter = served.adapters.get(name)
    if adapter is None:
        return AdapterView(
            name=name,
            title="",
            enabled=False,
            url=None,
            hosts=[],
            makes_credentials=False,
            seeds={},
            coverage=None,
            operations=[],
        )
    operations = [
        OperationView(name=one.name, served=one.served, evidence=one.evidence, note=one.note)
        for one in served.current[name].operations
    ]
    return AdapterView(
        name=name,
        title=adapter.title,
        enabled=True,
        url=base_url(ask, name),
        hosts=sorted(served.hosts(name)),
        makes_credentials=hasattr(adapter, "generate_binding"),
        seeds={kind: model_schema(model) for kind, model in seeds_of(adapter).items()},
        coverage=_coverage(operations),
        operations=operations,
    )


def _coverage(operations: list[OperationView]) -> Coverage:
    served = sum(one.served for one in operations)
    return Coverage(
        served=served,
        declined=len(operations) - served,
        evidence=dict(Counter(one.evidence for one in operations)),
    )


async def list_adapters(ask: Ask) -> Page[AdapterView]:
    """Every installed adapter by name. Adapters that are not served are not loaded, so only their names are known."""
    after = read_cursor(ask.query.cursor, str)
    names = [name for name in sorted(ask.services.installed()) if after is None or name > after[0]]
    shown, following = page_after(names, ask.query.limit, write_cursor)
    return Page[AdapterView](items=[_adapter_view(ask, name) for name in shown], next=following)


async def get_adapter(ask: Ask) -> AdapterView:
    """One adapter with every operation of its vendor."""
    name = ask.path["adapter"]
    if name not in ask.services.installed():
        raise Problem(DIALECT_UNKNOWN, f"no adapter {name} is installed")
    return _adapter_view(ask, name)


def _settings(ask: Ask) -> BaseModel:
    found = ask.services.dialects.settings.get(ask.path["dialect"])
    if found is None:
        raise Problem(DIALECT_UNKNOWN, f"not served: {ask.path['dialect']}")
    return found


def _view(dialect: str, settings: BaseModel) -> SettingsView:
    return SettingsView(dialect=dialect, settings=settings.model_dump(mode="json"))


def _etag(view: SettingsView) -> str:
    text = json.dumps(view.settings, sort_keys=True)
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


async def list_settings(ask: Ask) -> Page[SettingsView]:
    """The settings of every dialect, by its name."""
    after = read_cursor(ask.query.cursor, str)
    found = sorted(ask.services.dialects.settings.items())
    later = [_view(name, own) for name, own in found if after is None or name > after[0]]
    shown, following = page_after(later, ask.query.limit, lambda view: write_cursor(view.dialect))
    return Page[SettingsView](items=shown, next=following)


async def get_settings(ask: Ask) -> Shown:
    """The settings of one dialect, with their ETag."""
    view = _view(ask.path["dialect"], _settings(ask))
    return Shown(view, {"ETag": _etag(view)})


async def change_settings(ask: Ask) -> Shown:
    """Serve the dialect with other settings from now on. Refused while a production tenant is served through it."""
    name, services = ask.path["dialect"], ask.services
    before = _settings(ask)
    _check_etag(ask, _etag(_view(name, before)))
    _check_production(ask, name)
    model = services.dialects.adapters[name].Settings
    wanted = validated(model, merge_patch(before.model_dump(mode="json"), ask.body.root), "body")
    try:
        built: Dialect = await asyncio.to_thread(services.dialects.build, name, services.directory.bound(name), wanted)
    except CredentialsTakenError as error:
        raise invalid_field("body", "", error.text) from error
    _check_hosts(ask, name, wanted)
    services.dialects.swap(name, built, wanted)
    services.changed_settings.setdefault(name, before)
    view = _view(name, wanted)
    return Shown(view, {"ETag": _etag(view)})


def _check_hosts(ask: Ask, name: str, wanted: BaseModel) -> None:
    """Refuse settings that give the dialect a host name of another one."""
    served = ask.services.dialects
    others = [(each, served.hosts(each)) for each in served.adapters if each != name]
    for _, other, host in disputed_hosts([], [*others, (name, served.hosts(name, wanted))]):
        raise invalid_field("body", "", f"the host name {host} belongs to the dialect {other}, too")


def _check_etag(ask: Ask, present: str) -> None:
    given = ask.request.headers.get("If-Match")
    if given is None:
        raise Problem(PRECONDITION_REQUIRED)
    if given.strip() != "*" and present not in [one.strip() for one in given.split(",")]:
        raise Problem(SETTINGS_CHANGED, headers={"ETag": present})


def _check_production(ask: Ask, dialect: str) -> None:
    for bound in ask.services.directory.bound(dialect):
        if bound.tenant in ask.services.production:
            raise ProductionTenantError(bound.tenant, f"changing how {dialect} answers")


def merge_patch(value: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """A value with a JSON merge patch applied (RFC 7396)."""
    merged = dict(value)
    for name, change in patch.items():
        if change is None:
            merged.pop(name, None)
        elif isinstance(change, dict):
            old = merged.get(name)
            merged[name] = merge_patch(old if isinstance(old, dict) else {}, change)
        else:
            merged[name] = change
    return merged


_SETTINGS = "/v1/settings"

ROUTES = (
    Route(
        "GET",
        "/v1/adapters",
        "listAdapters",
        "dialects",
        "Installed adapters, what they serve and how it is known",
        list_adapters,
        query=Paging,
        answer=Page[AdapterView],
        asks_store=False,
    ),
    Route(
        "GET",
        "/v1/adapters/{adapter}",
        "getAdapter",
        "dialects",
        "One adapter",
        get_adapter,
        answer=AdapterView,
        problems=(DIALECT_UNKNOWN,),
        asks_store=False,
    ),
    Route(
        "GET",
        _SETTINGS,
        "listSettings",
        "dialects",
        "The settings of every dialect",
        list_settings,
        query=Paging,
        answer=Page[SettingsView],
        asks_store=False,
    ),
    Route(
        "GET",
        _SETTINGS + "/{dialect}",
        "getSettings",
        "dialects",
        "The settings of one dialect",
        get_settings,
        answer=SettingsView,
        problems=(DIALECT_UNKNOWN,),
        etag=True,
        asks_store=False,
    ),
    Route(
        "PATCH",
        _SETTINGS + "/{dialect}",
        "changeSettings",
        "dialects",
        "Other settings, until the gateway ends",
        change_settings,
        body=SettingsPatch,
        answer=SettingsView,
        problems=(DIALECT_UNKNOWN, SETTINGS_CHANGED, PRECONDITION_REQUIRED, PRODUCTION_TENANT),
        consumes=(PATCH_JSON, JSON),
        etag=True,
        asks_store=False,
    ),
)
