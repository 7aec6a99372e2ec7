"""A configuration, checked as far as possible without a store: which dialects serve, with which settings, for whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from gateway.config.catalogue import CatalogueSection
from gateway.config.model import Config, DialectSection, TenantSection
from gateway.config.problems import did_you_mean, problems_of, unknown_key
from gateway.config.yaml_file import ConfigError, Document, KeyPath, Problem, read_document
from gateway.core.catalogue import CatalogueItem
from gateway.core.values import TenantId
from gateway.spi.adapter import Adapter, lines_of
from gateway.spi.hosts import disputed_hosts, former_hosts_setting, read_host, vendor_hosts
from gateway.spi.key_file import key_file_of
from gateway.spi.registry import AdapterError, installed_adapters, load_adapter
from gateway.spi.seeding import seeds_of
from gateway.spi.series_key import series_named

_NO: Final = frozenset({"false", "no", "off", "f", "n", "0"})


@dataclass(frozen=True, slots=True)
class Plan:
    """A checked configuration.

    config: the configuration itself.
    file: its file, for messages.
    adapters: the adapters that serve, by dialect.
    settings: the settings of each dialect.
    bindings: the tenants of each dialect, with their credentials.
    hosts: the host names that the configuration gives to a dialect; a dialect without any is not in it.
    warnings: what serves, but should be written otherwise.
    catalogues: what each tenant's catalogue begins with.
    """

    config: Config
    file: str
    adapters: Mapping[str, Adapter]
    settings: Mapping[str, BaseModel]
    bindings: Mapping[str, Sequence[tuple[TenantId, BaseModel]]]
    hosts: Mapping[str, Sequence[str]]
    warnings: Sequence[Problem]
    catalogues: Mapping[TenantId, Sequence[CatalogueItem]]


def plan(config: Config, document: Document) -> Plan:
    """Check everything that can be checked without a store. Raises ConfigError with every problem found."""
    found, problems = examine(config, document)
    if problems:
        raise ConfigError(document.name, problems)
    return found


def examine(config: Config, document: Document) -> tuple[Plan, list[Problem]]:
    """What can be served, and every problem. With problems, what they are about is left out."""
    sections = Sections(document)
    for name, dialect in config.dialects.items():
        sections.dialect(name, enabled=dialect.enabled, settings=dialect.settings, hosts=dialect.own_hosts)
    sections.other_dialects()
    sections.check_hosts(config.dialects)
    catalogues: dict[TenantId, Sequence[CatalogueItem]] = {}
    for index, tenant in enumerate(config.tenants):
        numbers = [series.numbers for series in tenant.series]
        keys = [series.key for series in tenant.series]
        sections.tenant(index, TenantId(tenant.id), keys, numbers, tenant.model_extra or {})
        if tenant.production:
            sections.refuse_seeds(index, TenantId(tenant.id))
        given = sections.catalogue(index, tenant.catalogue_file) if tenant.catalogue_file else tenant.catalogue
        if given is not None:
            catalogues[TenantId(tenant.id)] = given.items()
    own = sections
    checked = Plan(config, document.name, own.adapters, own.settings, own.bindings, own.hosts, own.warnings, catalogues)
    return checked, sections.problems


def problems_in(values: Mapping[str, Any], document: Document) -> list[Problem]:
    """What is wrong with the dialects' own sections in a configuration that is refused as a whole.

    values: the configuration as it was given. Parts of another form than they should have are passed over.
    """
    sections = Sections(document)
    for name, dialect in _mapping(values.get("dialects")).items():
        own = _mapping(dialect)
        enabled = str(own.get("enabled", True)).lower() not in _NO
        hosts = [own.get("host"), *_list(own.get("hosts"))]
        settings = _mapping(own.get("settings"))
        sections.dialect(name, enabled=enabled, settings=settings, hosts=[host for host in hosts if host])
    sections.other_dialects()
    for index, raw in enumerate(_list(values.get("tenants"))):
        tenant = _mapping(raw)
        series = [_mapping(own) for own in _list(tenant.get("series"))]
        extra = {name: own for name, own in tenant.items() if name not in TenantSection.model_fields}
        keys = [str(own["key"]) for own in series if "key" in own]
        sections.tenant(index, TenantId(""), keys, [_mapping(own.get("numbers")) for own in series], extra)
        if isinstance(tenant.get("catalogue_file"), str):
            sections.catalogue(index, tenant["catalogue_file"])
    return sections.problems


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


@dataclass(slots=True)
class Sections:
    """Checks the dialects' settings and the tenants' sections for the dialects, and collects what is wrong with them.

    document: the file, for the lines.
    adapters, settings, bindings, hosts: what is good, by dialect.
    warnings: see `Plan`.
    problems: everything that is wrong.
    """

    document: Document
    adapters: dict[str, Adapter] = field(default_factory=dict)
    settings: dict[str, BaseModel] = field(default_factory=dict)
    bindings: dict[str, list[tuple[TenantId, BaseModel]]] = field(default_factory=dict)
    hosts: dict[str, Sequence[str]] = field(default_factory=dict)
    warnings: list[Problem] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def dialect(self, name: str, *, enabled: bool, settings: Mapping[str, Any], hosts: Sequence[str] = ()) -> None:
        """Check one dialect's settings.

        hosts: what the configuration gives to it.
        """
        path, installed = ("dialects", name), installed_adapters()
        self._seen.add(name)
        if name not in installed:
            known = ", ".join(sorted(installed))
            text = f"no adapter of this name is installed{did_you_mean(name, installed)}; installed: {known}"
            self._note(path, text)
            return
        if not enabled:
            return
        try:
            adapter = load_adapter(installed[name])
        except AdapterError as error:
            self._note(path, str(error))
            return
        self.adapters[name], self.bindings[name] = adapter, []
        settings, hosts = self._moved(name, former_hosts_setting(adapter), settings, hosts)
        if hosts:
            self.hosts[name] = hosts
        try:
            self.settings[name] = adapter.Settings.model_validate(settings)
        except ValidationError as error:
            self.problems += problems_of(error, self.document, adapter.Settings, (*path, "settings"))

    def _moved(
        self, name: str, former: str, settings: Mapping[str, Any], hosts: Sequence[str]
    ) -> tuple[Mapping[str, Any], Sequence[str]]:
        """The settings without the one that once named the dialect's hosts, and the hosts in it.

        former: the name of that setting; "" for a dialect that never had one.
        """
        if former not in settings:
            return settings, hosts
        path, place = ("dialects", name, "settings", former), f"dialects.{name}.hosts"
        listed = settings[former]
        if not isinstance(listed, (list, tuple)):
            self._note(path, f"must be a list; it has become {place}")
        else:
            try:
                hosts = list(dict.fromkeys([*hosts, *(read_host(str(host)) for host in listed)]))
            except ValueError as error:
                self._note(path, str(error))
            self.warnings.append(self.document.problem(path, f"has become {place}; it still counts here"))
        return {key: value for key, value in settings.items() if key != former}, hosts

    def check_hosts(self, described: Mapping[str, DialectSection]) -> None:
        """Refuse a host name that two dialects have: it belongs to one of them as a whole (ADR-59).

        described: the dialects' sections in the configuration.
        """
        declared = [(name, vendor_hosts(self.adapters[name], own)) for name, own in self.settings.items()]
        # in the order of the file, so that a problem is found where somebody wrote the name a second time
        configured = [(name, self.hosts[name]) for name in described if name in self.settings and name in self.hosts]
        for dialect, other, host in disputed_hosts(declared, configured):
            key = "host" if dialect in described and described[dialect].host == host else "hosts"
            self._note(("dialects", dialect, key), f"the host name {host} belongs to the dialect {other}, too")

    def other_dialects(self) -> None:
        """Add the installed dialects that the configuration does not name; they are served with their defaults."""
        for name in sorted(installed_adapters().keys() - self._seen):
            self.dialect(name, enabled=DialectSection().enabled, settings={})
        # A path that two dialects claim is the first one's, wherever the configuration names the two.
        self.adapters, self.settings = dict(sorted(self.adapters.items())), dict(sorted(self.settings.items()))

    def tenant(
        self,
        index: int,
        tenant: TenantId,
        keys: Sequence[str],
        numbers: Sequence[Mapping[str, Any]],
        sections: Mapping[str, Any],
    ) -> None:
        """Check one tenant's sections for dialects.

        index: its place in the list of tenants.
        keys: the keys of its series.
        numbers: the first numbers of each of its series, by kind of document.
        sections: every key that is not one of a tenant itself.
        """
        for place, own in enumerate(numbers):
            self._lines(("tenants", index, "series", place, "numbers"), own)
        for name, raw in sections.items():
            path = ("tenants", index, name)
            if name not in installed_adapters():
                self._note(path, unknown_key(name, [*TenantSection.model_fields, *installed_adapters()]))
            elif name in self.adapters:
                binding = self._binding(name, raw, path)
                if binding is not None and self._has_series(binding, keys, path):
                    self.bindings[name].append((tenant, binding))

    def refuse_seeds(self, index: int, tenant: TenantId) -> None:
        """Refuse what a production tenant's sections seed: it is for tests (ADR-73)."""
        for name, pairs in self.bindings.items():
            for kind in seeds_of(self.adapters[name]):
                if any(getattr(binding, kind) for own, binding in pairs if own == tenant):
                    text = "is for tests, and the tenant is marked `production: true`"
                    self._note(("tenants", index, name, kind), text)

    def _binding(self, name: str, raw: Any, path: KeyPath) -> BaseModel | None:
        model = self.adapters[name].Binding
        raw, file = self._with_file(raw, key_file_of(model), path)
        try:
            return model.model_validate(raw)
        except ValidationError as error:
            found = problems_of(error, self.document, model, path, show=False)
            if file is not None:
                there = problems_of(error, file, model, show=False)
                at = (*path, key_file_of(model))
                found = [
                    self.document.problem(at, f"{file.name}: {other}") if other.path[0] in file.values else own
                    for own, other in zip(found, there, strict=True)
                ]
            self.problems += found
            return None

    def _with_file(self, raw: Any, key: str, path: KeyPath) -> tuple[Any, Document | None]:
        """A section with the keys of the file that it names, and that file; None when it names none that can be used.

        key: the one that names the file; "" for a section that may not name any.
        """
        name = raw.get(key) if isinstance(raw, Mapping) else None
        if not isinstance(name, str) or not name:
            return raw, None
        own = {other: value for other, value in raw.items() if other != key}
        try:
            file = read_document(Path(name))
        except ConfigError as error:
            for problem in error.problems:
                self._note((*path, key), f"{error.source}: {problem}")
            return own, None
        for twice in sorted(own.keys() & file.values.keys()):
            self._note((*path, twice), f"stands in {file.name}, too")
        return {**file.values, **own}, file

    def _has_series(self, binding: BaseModel, keys: Sequence[str], path: KeyPath) -> bool:
        unknown = [(where, key) for where, key in series_named(binding) if key not in keys]
        for where, key in unknown:
            hint = did_you_mean(key, keys)
            self._note(
                (*path, *where), f"found {key!r}: the tenant has no such series{hint}; it has: {', '.join(keys)}"
            )
        return not unknown

    def _lines(self, path: KeyPath, numbers: Mapping[str, Any]) -> None:
        known = [lines_of(adapter) for adapter in self.adapters.values()]
        if None in known:  # a dialect that does not say which lines it draws from may draw from any
            return
        lines = sorted({line for own in known if own is not None for line in own})
        for line in numbers:
            if line not in lines:
                hint = did_you_mean(line, lines)
                text = f"no enabled dialect draws numbers from this line{hint}; lines: {', '.join(lines) or 'none'}"
                self._note((*path, line), text)

    def catalogue(self, index: int, name: str) -> CatalogueSection | None:
        """A tenant's catalogue from a file of its own; None when it cannot be used."""
        path = ("tenants", index, "catalogue_file")
        try:
            return load_catalogue(Path(name))
        except ConfigError as error:
            for problem in error.problems:
                self._note(path, f"{error.source}: {problem}")
            return None

    def _note(self, path: KeyPath, text: str) -> None:
        self.problems.append(self.document.problem(path, text))


def load_catalogue(path: Path) -> CatalogueSection:
    """Read a catalogue file. Raises ConfigError."""
    document = read_document(path)
    try:
        return CatalogueSection.model_validate(document.values)
    except ValidationError as error:
        raise ConfigError(document.name, problems_of(error, document, CatalogueSection)) from None
