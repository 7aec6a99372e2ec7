"""A tenant's catalogue: what its documents refer to."""

from __future__ import annotations

import dataclasses
from typing import Any, Final

from pydantic import BaseModel

from gateway.admin.problems import CATALOGUE_TOO_LARGE, REFUSED, TENANT_UNKNOWN, Problem
from gateway.admin.resources.series import origin
from gateway.admin.routing import Ask, Route
from gateway.config.catalogue import CatalogueSection
from gateway.core.catalogue import SECTIONS, Catalogue, ManyItem
from gateway.core.catalogue_records import KINDS, item_of
from gateway.core.commands import SaveCatalogue
from gateway.core.extras import plain
from gateway.core.record_commands import MAX_RECORDS_PAGE, SearchRecords
from gateway.core.values import TenantId

SHOWN: Final = MAX_RECORDS_PAGE
"""How many items an answer or a request may have in a list that may be long."""


def catalogue_section(catalogue: Catalogue) -> CatalogueSection:
    """A catalogue in the form of the configuration, without its checks: clients may have saved what a file may not hold."""
    lists: dict[str, Any] = {
        name: [_entry(name, item) for item in getattr(catalogue, name).values()] for name in SECTIONS.values()
    }
    return CatalogueSection.model_construct(**lists)


def _entry(section: str, item: Any) -> BaseModel:
    model = CatalogueSection.model_fields[section].annotation
    entry: type[BaseModel] = model.__args__[0]  # type: ignore[union-attr]
    values = {field.name: getattr(item, field.name) for field in dataclasses.fields(item)}
    if "extras" in values:
        values["extras"] = plain(values["extras"])
    if "addresses" in values:
        values["addresses"] = dataclasses.asdict(values["addresses"])
    values |= {name: list(value) for name, value in values.items() if isinstance(value, tuple)}
    return _constructed(entry, values)


def _constructed(model: type[BaseModel], values: dict[str, Any]) -> BaseModel:
    for name, value in values.items():
        annotation: Any = model.model_fields[name].annotation
        inner = next((one for one in (annotation, *getattr(annotation, "__args__", ())) if _is_model(one)), None)
        if isinstance(value, dict) and inner is not None:
            values[name] = _constructed(inner, value)
    return model.model_construct(**values)


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


async def get(ask: Ask) -> CatalogueSection:
    """The whole catalogue; a problem when it has more than SHOWN in one list, for nothing is left out in silence."""
    tenant = ask.services.directory.get(TenantId(ask.path["tenant"]))
    return await _shown(ask, tenant.id)


async def put(ask: Ask) -> CatalogueSection:
    """Replace the catalogue by exactly this."""
    tenant = ask.services.directory.get(TenantId(ask.path["tenant"]))
    for kind in KINDS:
        _check(len(getattr(ask.body, SECTIONS[kind])) > SHOWN, SECTIONS[kind])
    command = SaveCatalogue(tenant.id, origin(ask), ask.body.items(), exactly=True)
    await ask.services.numbers.execute(command)
    return await _shown(ask, tenant.id)


async def _shown(ask: Ask, tenant: TenantId) -> CatalogueSection:
    items: list[ManyItem] = []
    for item, kind in KINDS.items():
        found = await ask.services.numbers.read(SearchRecords(tenant, kind, limit=SHOWN))
        _check(found.more, SECTIONS[item])
        items += map(item_of, found.records)
    return catalogue_section(ask.services.numbers.catalogue(tenant).with_changes(items))


def _check(is_more: bool, section: str) -> None:
    if is_more:
        raise Problem(CATALOGUE_TOO_LARGE, f"more than {SHOWN} {section}")


_PATH = "/v1/tenants/{tenant}/catalogue"

ROUTES = (
    Route(
        "GET",
        _PATH,
        "getCatalogue",
        "catalogue",
        "Everything documents may refer to",
        get,
        answer=CatalogueSection,
        problems=(TENANT_UNKNOWN, CATALOGUE_TOO_LARGE),
    ),
    Route(
        "PUT",
        _PATH,
        "putCatalogue",
        "catalogue",
        "Replace the whole catalogue",
        put,
        body=CatalogueSection,
        answer=CatalogueSection,
        problems=(TENANT_UNKNOWN, CATALOGUE_TOO_LARGE, REFUSED),
    ),
)
