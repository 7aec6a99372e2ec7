"""From a section for a tenant, as the store keeps it or an operator gives it, to a tenant that can be served."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import structlog
from pydantic import BaseModel, ValidationError

from gateway.config.model import TenantSection
from gateway.core.catalogue import CatalogueItem
from gateway.core.values import TenantId
from gateway.spi.adapter import generated_binding
from gateway.spi.served_dialects import ServedDialects
from gateway.stores.engine.rows import KeptTenant
from gateway.tenants.tenant import BindingInvalidError, Tenant

log = structlog.get_logger("tenants")


def read_tenant(record: KeptTenant, dialects: ServedDialects) -> Tenant | None:
    """The tenant as the store keeps it; None when this version of the gateway cannot read it."""
    try:
        section = TenantSection.model_validate_json(record.body)
    except ValidationError as error:  # another version of the gateway has written it
        log.error("tenant of the store cannot be read", tenant=record.id, problems=error.error_count())
        return None
    bindings: dict[str, BaseModel] = {}
    problems: dict[str, str] = {}
    for name, raw in (section.model_extra or {}).items():
        try:
            bindings.update(validated_bindings({name: raw}, dialects))
        except BindingInvalidError as error:
            problems[name] = str(error)
            log.error("tenant not served", tenant=record.id, dialect=name, reason=str(error))
    return Tenant(record.id, section, bindings, first_items(section), created=record.created, problems=problems)


def raw_bindings(
    section: TenantSection,
    given: Mapping[str, Mapping[str, Any] | None] | None,
    dialects: ServedDialects,
    random: Random,
) -> dict[str, Mapping[str, Any]]:
    """The sections of a new tenant for its dialects, with made-up credentials where none are given."""
    wanted = dict.fromkeys(dialects.adapters) if given is None else dict(given)
    key = next((series.key for series in section.series if series.default), section.series[0].key)
    raw: dict[str, Mapping[str, Any]] = {}
    for name, own in wanted.items():
        made = own
        if made is None:
            made = generated_binding(dialects.adapters[name], TenantId(section.id), key, random)
        if made is not None:
            raw[name] = made
    return raw


def validated_bindings(raw: Mapping[str, Mapping[str, Any]], dialects: ServedDialects) -> dict[str, BaseModel]:
    """The sections that a served dialect's model accepts. Raises BindingInvalidError."""
    found: dict[str, BaseModel] = {}
    for name, values in raw.items():
        if name in dialects.adapters:
            try:
                found[name] = dialects.adapters[name].Binding.model_validate(values)
            except ValidationError as error:
                raise BindingInvalidError(name, error) from error
    return found


def first_items(section: TenantSection) -> Sequence[CatalogueItem]:
    """What the tenant's catalogue begins with."""
    return section.catalogue.items() if section.catalogue is not None else ()
