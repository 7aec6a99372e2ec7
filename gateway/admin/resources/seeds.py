"""What dialects keep of their own, such as payments: put in without a call of the vendor, and looked at (ADR-73)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, Field, JsonValue, RootModel, TypeAdapter, ValidationError

from gateway.admin.problems import (
    PRODUCTION_TENANT,
    REFUSED,
    SEED_REFUSED,
    SEEDS_UNKNOWN,
    TENANT_UNKNOWN,
    FieldError,
    Problem,
)
from gateway.admin.resources.series import origin
from gateway.admin.routing import Ask, Body, Page, Paging, Route, View, field_errors, invalid, read_cursor, write_cursor
from gateway.core.values import TenantId
from gateway.spi.seeding import Seeder, SeedError, seeder_of, seeds_of

MOST: Final = 1000
Thing = dict[str, JsonValue]


class SeedItems(RootModel[Thing | list[Thing]]):
    """One item, or a list of items. Their form is the dialect's: `seeds` of `/v1/adapters/{adapter}` is its JSON Schema."""


class WhichDialect(Body):
    """Which of the tenant's dialects is meant.

    dialect: needed only where several of them have the kind.
    """

    dialect: str | None = Field(default=None, max_length=100)


class SeedsQuery(Paging):
    """Which page.

    dialect: needed only where several of the tenant's dialects have the kind.
    """

    dialect: str | None = Field(default=None, max_length=100)


class Made(View):
    """What was made, in the order of the items."""

    items: list[dict[str, Any]]


def seeder_for(ask: Ask, kind: str, dialect: str | None) -> tuple[Seeder, type[BaseModel]]:
    """Who seeds a kind for the tenant of the path, and the model of an item. Raises Problem."""
    tenant, served = ask.services.directory.get(TenantId(ask.path["tenant"])), ask.services.dialects
    found = []
    for name in sorted(tenant.bindings):
        seeder, adapter = seeder_of(served.current.get(name)), served.adapters.get(name)
        if seeder is not None and adapter is not None and dialect in (None, name) and kind in seeds_of(adapter):
            found.append((seeder, seeds_of(adapter)[kind]))
    if not found:
        raise Problem(SEEDS_UNKNOWN, f"no {kind}")
    if len(found) > 1:
        error = FieldError(place="query", field="dialect", message=f"several dialects of the tenant have {kind}")
        raise invalid([error])
    return found[0]


def read_items(model: type[BaseModel], items: Sequence[Thing], prefix: Sequence[str] = ()) -> list[BaseModel]:
    """Items as the dialect's model. Raises Problem that names every wrong field."""
    if not 1 <= len(items) <= MOST:
        raise invalid([FieldError(place="body", field=".".join(prefix), message=f"give 1 to {MOST} items")])
    try:
        return TypeAdapter(list[model]).validate_json(json.dumps(items), strict=True)  # type: ignore[valid-type]
    except ValidationError as error:
        raise invalid(field_errors(error, "body", prefix)) from error


@dataclass(frozen=True, slots=True)
class Wanted:
    """Checked items.

    prefix: where they stand in the body.
    """

    seeder: Seeder
    kind: str
    items: list[BaseModel]
    prefix: tuple[str, ...] = ()


def wanted(
    ask: Ask, kind: str, items: Sequence[Thing], prefix: tuple[str, ...] = (), dialect: str | None = None
) -> Wanted:
    """Check items, and that the tenant may get any. Raises Problem, and ProductionTenantError."""
    seeder, model = seeder_for(ask, kind, dialect)
    read = read_items(model, items, prefix)
    ask.services.production.check(TenantId(ask.path["tenant"]), "seeding it")
    return Wanted(seeder, kind, read, prefix)


async def put_in(ask: Ask, these: Wanted, reason: str = "") -> list[dict[str, Any]]:
    """Make items. Raises Problem; those before the one that cannot be made are there then."""
    prefix = these.prefix
    try:
        made = await these.seeder.seed(TenantId(ask.path["tenant"]), these.kind, these.items, origin(ask, reason))
    except SeedError as error:
        path = ".".join([*prefix, str(error.index), *([error.field] if error.field else [])])
        found = FieldError(place="body", field=path, message=error.text)
        detail = f"body {path}: {error.text}; items made before it: {error.index}"
        raise Problem(SEED_REFUSED, detail, errors=[found.model_dump()]) from error
    return [dict(own) for own in made]


async def make(ask: Ask) -> Made:
    """Make one item or several, each durable before the next. The answer shows them as they then stand."""
    given: Thing | list[Thing] = ask.body.root
    items = given if isinstance(given, list) else [given]
    return Made(items=await put_in(ask, wanted(ask, ask.path["kind"], items, dialect=ask.query.dialect)))


async def list_all(ask: Ask) -> Page[dict[str, Any]]:
    """Everything of a kind that the tenant has, whether it was seeded or made by calls."""
    seeder, _ = seeder_for(ask, ask.path["kind"], ask.query.dialect)
    after = read_cursor(ask.query.cursor, str)
    tenant, kind = TenantId(ask.path["tenant"]), ask.path["kind"]
    page = await seeder.seeded(tenant, kind, after[0] if after else "", ask.query.limit)
    following = write_cursor(page.end) if page.end else None
    return Page[dict[str, Any]](items=[dict(own) for own in page.items], next=following)


async def get(ask: Ask) -> RootModel[dict[str, Any]]:
    """One of them by its id."""
    seeder, _ = seeder_for(ask, ask.path["kind"], ask.query.dialect)
    found = await seeder.find_seeded(TenantId(ask.path["tenant"]), ask.path["kind"], ask.path["item"])
    if found is None:
        raise Problem(SEEDS_UNKNOWN, f"none with the id {ask.path['item']}")
    return RootModel[dict[str, Any]](dict(found))


_KIND = "/v1/tenants/{tenant}/{kind}"
_UNKNOWN = (TENANT_UNKNOWN, SEEDS_UNKNOWN)

ROUTES = (
    Route(
        "GET",
        _KIND,
        "listSeeds",
        "state",
        "What a dialect keeps of its own, such as payments",
        list_all,
        query=SeedsQuery,
        answer=Page[dict[str, Any]],
        problems=_UNKNOWN,
    ),
    Route(
        "POST",
        _KIND,
        "makeSeeds",
        "state",
        "Put such things in without a call of the vendor",
        make,
        query=WhichDialect,
        body=SeedItems,
        answer=Made,
        status=201,
        problems=(*_UNKNOWN, PRODUCTION_TENANT, SEED_REFUSED, REFUSED),
    ),
    Route(
        "GET",
        _KIND + "/{item}",
        "getSeed",
        "state",
        "One of them",
        get,
        query=WhichDialect,
        answer=RootModel[dict[str, Any]],
        problems=_UNKNOWN,
    ),
)
