"""Checks a configuration as far as serving it goes without sockets and without what the stores hold.

`serve` begins with this check, and `check-config` is this check: what one calls fine, the other can build (ADR-57).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import BaseModel

from gateway.clock import SystemClock
from gateway.config.model import Config
from gateway.config.same_database import places_of
from gateway.config.stores import path_of, worker_problems
from gateway.config.validated import Plan, examine
from gateway.config.yaml_file import ConfigError, Document, KeyPath, Problem
from gateway.core.values import SeriesId
from gateway.spi.adapter import Bound
from gateway.spi.served_dialects import CredentialsTakenError, ServedDialects
from gateway.stores import check_store
from gateway.stores.errors import StoreOpenError
from gateway.stores.watermark.path import watermark_path
from gateway.tenants.configured import configured_tenants, new_store, served_dialects


def checked_plan(config: Config, document: Document, *, serves: bool = True) -> Plan:
    """What can be served. Raises ConfigError with every problem found, in the order of their lines.

    serves: False for a command that looks into a store, perhaps another one than the gateway's.
    """
    found, problems = examine(config, document)
    stores = _stores(config, document)
    if not stores:
        problems += _contradictions(found, document)
    problems += stores
    if serves:
        problems += worker_problems(config.store_sections(), config.workers, document)
        problems += [] if stores else _files(config, document)
    if problems:
        raise ConfigError(document.name, problems)
    return found


def bound_for(checked: Plan, dialect: str) -> list[Bound[BaseModel]]:
    """Each tenant's section for a dialect. Where no store is asked, the place of a series in the configuration is its id."""
    return [
        Bound(tenant.id, tenant.bindings[dialect], {spec.key: SeriesId(n) for n, spec in enumerate(tenant.specs(), 1)})
        for tenant in configured_tenants(checked)
        if dialect in tenant.bindings
    ]


def _stores(config: Config, document: Document) -> list[Problem]:
    problems = []
    for name, section in config.store_sections().items():
        try:
            check_store(section.url.get_secret_value())
        except StoreOpenError as error:
            problems.append(document.problem(path_of(name, document), str(error)))
    return problems


def _contradictions(checked: Plan, document: Document) -> list[Problem]:
    """Why a dialect cannot be built, such as credentials that lead to two tenants. Each tenant is to blame once."""
    clock = SystemClock()
    dialects = served_dialects(checked, new_store(checked.config, clock), clock)
    places = {tenant.id: place for place, tenant in enumerate(checked.config.tenants)}
    problems = []
    for name in checked.settings:
        bound = bound_for(checked, name)
        while (text := _refusal(dialects, name, bound)) is not None:
            last = _first_bad(dialects, name, bound)
            path: KeyPath = ("dialects", name, "settings")
            if last > 0:
                tenant = bound.pop(last - 1).tenant
                path = ("tenants", places[tenant], name)
            problems.append(document.problem(path, text))
            if last == 0:
                break
    return problems


def _refusal(dialects: ServedDialects, name: str, bound: Sequence[Bound[BaseModel]]) -> str | None:
    try:
        dialects.build(name, bound)
    except CredentialsTakenError as error:
        return error.text
    return None


def _first_bad(dialects: ServedDialects, name: str, bound: Sequence[Bound[BaseModel]]) -> int:
    """With how many tenants a dialect cannot be built any more; 0 when it cannot without any, either.

    A contradiction does not go away with a further tenant, so the number is found by halving.
    """
    low, high = 0, len(bound)
    while low < high:
        middle = (low + high) // 2
        if _refusal(dialects, name, bound[:middle]) is None:
            low = middle + 1
        else:
            high = middle
    return low


def _files(config: Config, document: Document) -> list[Problem]:
    """The journal's file and the watermark's must not be a store's, nor one and the same."""
    sections = config.store_sections()
    owners = {f"the store {name!r}": places_of(section.url.get_secret_value()) for name, section in sections.items()}
    watermark = watermark_path(config)
    problems = []
    if watermark is not None:
        problems += _taken("watermark", config.watermark.path, owners, document)
        owners["the watermark"] = places_of(f"sqlite:///{watermark}")
    if config.journal.mode != "off":
        problems += _taken("journal", config.journal.path, owners, document)
    return problems


def _taken(section: str, path: str, owners: Mapping[str, frozenset[str]], document: Document) -> list[Problem]:
    if not path:
        return []
    own = places_of(f"sqlite:///{path}")
    taken = [owner for owner, places in owners.items() if own & places]
    return [document.problem((section, "path"), f"is the file of {owner}") for owner in taken]
