"""One tenant as it is served, and the errors about tenants."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ValidationError

from gateway.config.model import SeriesSection, TenantSection
from gateway.config.stores import DEFAULT_STORE
from gateway.core.catalogue import CatalogueItem
from gateway.core.values import LineName, SeriesId, TenantId
from gateway.stores import SeriesSpec
from gateway.stores.engine.rows import KeptTenant


class TenantError(Exception):
    """Something cannot be done with a tenant. The text is for people."""

    def __init__(self, tenant: TenantId, text: str) -> None:
        super().__init__(f"tenant {tenant}: {text}")
        self.tenant = tenant


class UnknownTenantError(TenantError):
    """There is no tenant of this id."""


class TenantExistsError(TenantError):
    """There is a tenant of this id already."""


class ConfiguredTenantError(TenantError):
    """The tenant belongs to the configuration file, so it must be changed there."""


class BindingInvalidError(Exception):
    """A section for a dialect that the dialect's model refuses.

    dialect: the dialect.
    error: what is wrong, and where.
    """

    def __init__(self, dialect: str, error: ValidationError) -> None:
        super().__init__(f"{dialect}: {error.error_count()} problems")
        self.dialect = dialect
        self.error = error


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant as it is served.

    id: the tenant.
    section: as configured or created.
    bindings: its checked credentials, by dialect.
    items: what its catalogue begins with.
    series: the ids of its series, by key. Made-up ids while its store does not serve it; none when that store is not
        configured, and then no dialect knows the tenant.
    created: when it was made; None for a tenant of the configuration.
    problems: why a dialect does not serve it, by dialect.
    trouble: why its store does not serve it; "" when it does.
    """

    id: TenantId
    section: TenantSection
    bindings: Mapping[str, BaseModel]
    items: Sequence[CatalogueItem] = ()
    series: Mapping[str, SeriesId] = field(default_factory=dict)
    created: str | None = None
    problems: Mapping[str, str] = field(default_factory=dict)
    trouble: str = ""

    @property
    def is_configured(self) -> bool:
        """True when it is in the configuration file."""
        return self.created is None

    def specs(self) -> list[SeriesSpec]:
        """The series that it begins with, in the form that stores take."""
        return series_specs(self.section.series)

    def kept(self) -> KeptTenant:
        """As a row of the store."""
        return KeptTenant(self.id, self.body(), self.created or "")

    def body(self) -> str:
        """As the store keeps it: JSON text, credentials included."""
        values = self.section.model_dump(mode="json")
        # The body is compared as text. One from a version that had no choice of stores must not look changed.
        if values["store"] is None:
            del values["store"]
        return json.dumps(values, ensure_ascii=False, sort_keys=True)


def changed_body(body: str, changes: Mapping[str, Any]) -> str:
    """A tenant's body as kept, with other values of some keys. Keys that this version does not know stay."""
    return json.dumps({**json.loads(body), **changes}, ensure_ascii=False, sort_keys=True)


def kept_store(body: str) -> str:
    """The name of the store that a tenant is pinned to, from its body as kept."""
    name: str | None = json.loads(body).get("store")
    return name or DEFAULT_STORE


def pinned_body(body: str, store: str) -> str:
    """A tenant's body as kept, with another store."""
    values = {name: value for name, value in json.loads(body).items() if name != "store"}
    pinned = {} if store == DEFAULT_STORE else {"store": store}
    return json.dumps({**values, **pinned}, ensure_ascii=False, sort_keys=True)


def series_specs(sections: Sequence[SeriesSection]) -> list[SeriesSpec]:
    """Series of the configuration in the form that stores take."""
    return [
        SeriesSpec(
            series.key,
            series.name or series.key,
            series.prefix,
            series.suffix,
            series.default,
            tuple((LineName(line), number) for line, number in series.numbers.items()),
        )
        for series in sections
    ]
