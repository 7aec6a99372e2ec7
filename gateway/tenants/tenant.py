"""One tenant as it is served, and what can be wrong with what is asked of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel, ValidationError

from gateway.config.model import SeriesSection, TenantSection
from gateway.config.stores import DEFAULT_STORE
from gateway.core.catalogue import CatalogueItem
from gateway.core.values import DocumentKind, SeriesId, TenantId
from gateway.stores import SeriesSpec


class TenantError(Exception):
    """What was asked of a tenant cannot be done; the text is for people."""

    def __init__(self, tenant: TenantId, text: str) -> None:
        super().__init__(f"tenant {tenant}: {text}")
        self.tenant = tenant


class UnknownTenantError(TenantError):
    """There is no tenant of this id."""


class TenantExistsError(TenantError):
    """There is a tenant of this id already."""


class ConfiguredTenantError(TenantError):
    """The tenant is the configuration's: it is changed there."""


class BindingInvalidError(Exception):
    """A section for a dialect that the dialect's model refuses; `error` tells where."""

    def __init__(self, dialect: str, error: ValidationError) -> None:
        super().__init__(f"{dialect}: {error.error_count()} problems")
        self.dialect = dialect
        self.error = error


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant as it is served.

    section: as configured or created. items: what its catalogue begins with. bindings: validated, by dialect. series: ids
    by key. created: None for a tenant of the configuration. problems: by dialect, why it is not served there. trouble: why
    its store does not serve it at all, "" when it does; its series have made-up ids then, and where its store is not
    configured there are none, and no dialect knows it.
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
        """The series it begins with, as stores want them."""
        return series_specs(self.section.series)

    def body(self) -> str:
        """As the store keeps it: JSON text, credentials included."""
        values = self.section.model_dump(mode="json")
        if values["store"] is None:  # bodies of before there were several stores stay the same
            del values["store"]
        return json.dumps(values, ensure_ascii=False, sort_keys=True)


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
    """Series as the configuration describes them, as stores want them."""
    return [
        SeriesSpec(
            series.key,
            series.name or series.key,
            series.prefix,
            series.suffix,
            series.default,
            tuple((DocumentKind(kind), number) for kind, number in series.numbers.items()),
        )
        for series in sections
    ]
