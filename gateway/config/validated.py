"""A configuration, checked as far as possible without a store: which dialects serve, with which settings, for whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError

from gateway.config.model import Config, DialectSection, TenantSection, load_catalogue, problems_of
from gateway.config.yaml_file import ConfigError, Document, Problem
from gateway.core.catalogue import CatalogueItem
from gateway.core.values import TenantId
from gateway.spi.adapter import Adapter
from gateway.spi.registry import AdapterError, installed_adapters, load_adapter


@dataclass(frozen=True, slots=True)
class Plan:
    """A checked configuration.

    config: the configuration itself.
    file: its file, for messages.
    adapters: the adapters that serve, by dialect.
    settings: the settings of each dialect.
    bindings: the tenants of each dialect, with their credentials.
    catalogues: what each tenant's catalogue begins with.
    """

    config: Config
    file: str
    adapters: Mapping[str, Adapter]
    settings: Mapping[str, BaseModel]
    bindings: Mapping[str, Sequence[tuple[TenantId, BaseModel]]]
    catalogues: Mapping[TenantId, Sequence[CatalogueItem]]


def plan(config: Config, document: Document) -> Plan:
    """Check everything that can be checked without a store. Raises ConfigError with every problem found."""
    problems: list[Problem] = []
    installed = installed_adapters()
    adapters: dict[str, Adapter] = {}
    settings: dict[str, BaseModel] = {}
    sections = {name: config.dialects.get(name, DialectSection()) for name in installed}
    for name in config.dialects.keys() - installed.keys():
        path = ("dialects", name)
        problems.append(Problem(path, document.line_of(path), _unknown_dialect(installed)))
    for name, section in sections.items():
        if not section.enabled:
            continue
        try:
            adapters[name] = load_adapter(installed[name])
            settings[name] = adapters[name].Settings.model_validate(section.settings)
        except AdapterError as error:
            problems.append(Problem(("dialects", name), document.line_of(("dialects", name)), str(error)))
        except ValidationError as error:
            prefix = ("dialects", name, "settings")
            problems.extend(problems_of(error, document, adapters[name].Settings, prefix))
    bindings = _bindings(config, document, adapters, installed.keys(), problems)
    if problems:
        raise ConfigError(document.name, problems)
    return Plan(config, document.name, adapters, settings, bindings, _catalogues(config))


def _catalogues(config: Config) -> dict[TenantId, Sequence[CatalogueItem]]:
    """What each tenant's catalogue begins with. Raises ConfigError for a file that cannot be used."""
    found: dict[TenantId, Sequence[CatalogueItem]] = {}
    for tenant in config.tenants:
        section = load_catalogue(Path(tenant.catalogue_file)) if tenant.catalogue_file else tenant.catalogue
        if section is not None:
            found[TenantId(tenant.id)] = section.items()
    return found


def _unknown_dialect(installed: Mapping[str, object]) -> str:
    return "no adapter of this name is installed; installed: " + ", ".join(sorted(installed))


def _bindings(
    config: Config,
    document: Document,
    adapters: Mapping[str, Adapter],
    installed: Iterable[str],
    problems: list[Problem],
) -> dict[str, list[tuple[TenantId, BaseModel]]]:
    found: dict[str, list[tuple[TenantId, BaseModel]]] = {name: [] for name in adapters}
    names = set(installed)
    for index, tenant in enumerate(config.tenants):
        for name, raw in (tenant.model_extra or {}).items():
            path = ("tenants", index, name)
            if name not in names:
                text = (
                    "unknown key; allowed: " + ", ".join(TenantSection.model_fields) + ", " + ", ".join(sorted(names))
                )
                problems.append(Problem(path, document.line_of(path), text))
            elif name in adapters:
                try:
                    binding = adapters[name].Binding.model_validate(raw)
                except ValidationError as error:
                    problems.extend(problems_of(error, document, adapters[name].Binding, path))
                else:
                    found[name].append((TenantId(tenant.id), binding))
    return found
