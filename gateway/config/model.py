"""The configuration: every key with its unit, bounds and default. A flag outranks the environment, the environment the file.

Environment variables are `INVOICE_GATEWAY_<KEY>`; two underscores join nested keys. `…_FILE` reads a secret from a file.
"""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from gateway.config.catalogue import CatalogueSection
from gateway.config.guessing import GuessingSection
from gateway.config.stores import (
    DEFAULT_STORE,
    StoreName,
    StoreSection,
    sections_of,
    store_problems,
    without_overridden,
)
from gateway.config.yaml_file import ConfigError, Document, KeyPath, Problem, read_document
from gateway.core.values import MAX_NUMBER, MIN_NUMBER, document_kind, tenant_id
from gateway.spi.secrets import WithSecrets

ENV_PREFIX = "INVOICE_GATEWAY_"
Kind = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$"), AfterValidator(document_kind)]
Port = Annotated[int, Field(ge=0, le=65535)]
Seconds = Annotated[float, Field(gt=0, le=3600)]


class Section(BaseModel):
    """A part of the configuration: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LogSection(Section):
    """The log, on standard error.

    format: text for people or json for machines.
    level: the least important messages that are written.
    requests: write one line for each request.
    """

    format: Literal["text", "json"] = "text"
    level: Literal["debug", "info", "warning", "error"] = "info"
    requests: bool = True


class LimitsSection(Section):
    """Caps that keep one client from harming the others.

    max_body_bytes: size of a request body after decompression.
    body_timeout_seconds: time for a whole body to arrive.
    deadline_seconds: time for an answer.
    max_in_flight: requests of one dialect that are answered at the same time.
    max_queued_commands: writes that wait for the store.
    drain_seconds: time for requests in flight after SIGTERM. Connections without a request stay open for a twentieth of it.
    keepalive_seconds: how long an idle connection is kept.
    """

    max_body_bytes: Annotated[int, Field(ge=1024, le=1 << 30)] = 16 * 1024 * 1024
    body_timeout_seconds: Seconds = 30.0
    deadline_seconds: Seconds = 30.0
    max_in_flight: Annotated[int, Field(ge=1, le=1_000_000)] = 2000
    max_queued_commands: Annotated[int, Field(ge=1, le=1_000_000)] = 10_000
    drain_seconds: Seconds = 20.0
    keepalive_seconds: Seconds = 75.0


class DialectSection(Section):
    """How one dialect is served.

    enabled: whether it is served.
    host: answer only requests for this host name, without port; empty means any.
    prefix: a path before the vendor's own paths.
    public_url: scheme://host[:port][/prefix] for WSDLs and links; empty means the address that the request names.
    settings: the dialect's own choices, see its README.
    """

    enabled: bool = True
    host: str = ""
    prefix: str = ""
    public_url: str = ""
    settings: dict[str, Any] = Field(default_factory=dict)

    @field_validator("prefix")
    @classmethod
    def _prefix(cls, value: str) -> str:
        if value and (not value.startswith("/") or value.endswith("/") or "?" in value):
            raise ValueError("must begin with / and not end with it, like /legacy")
        return value

    @field_validator("public_url")
    @classmethod
    def _public_url(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value.rstrip("/")


class SeriesSection(Section):
    """A numbering series that must exist. It is created at the first start; afterwards only clients change it (ADR-9).

    key: what other sections bind to (ADR-5).
    name: what clients see; empty means the key.
    prefix: what clients put before its numbers.
    suffix: what clients put after its numbers.
    default: whether it is the tenant's default series.
    numbers: the first next numbers, by kind of document.
    """

    key: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    name: Annotated[str, Field(max_length=255)] = ""
    prefix: str | None = None
    suffix: str | None = None
    default: bool = False
    numbers: dict[Kind, Annotated[int, Field(ge=MIN_NUMBER, le=MAX_NUMBER)]] = Field(default_factory=dict)


class JournalSection(Section):
    """The request journal. A journal that exists is kept while the mode is off, and notes that it does not know that time.

    mode: record every request, none, or a share of them.
    sample: the share, from 0 to 1, when the mode is `sampled`.
    path: its file; empty means `<store's name>.journal.db` beside the store.
    max_entries: entries of each tenant; as many again of requests without a tenant.
    max_bytes: bytes of entries, counted in the same way.
    max_age_seconds: how long an entry is kept.
    max_message_bytes: how much of a body is kept.
    max_per_second: requests recorded in a second, on average. The requests of ten seconds may come at once; those above are
        counted as lost, so that recording never costs more than answering.
    """

    mode: Literal["on", "off", "sampled"] = "on"
    sample: Annotated[float, Field(gt=0, le=1)] = 0.1
    path: str = ""
    max_entries: Annotated[int, Field(ge=1, le=10_000_000)] = 10_000
    max_bytes: Annotated[int, Field(ge=1024, le=1 << 40)] = 64 * 1024 * 1024
    max_age_seconds: Annotated[float, Field(gt=0, le=10 * 366 * 86400)] = 7 * 86400.0
    max_message_bytes: Annotated[int, Field(ge=0, le=1 << 30)] = 64 * 1024
    max_per_second: Annotated[float, Field(gt=0, le=1_000_000)] = 500.0

    @field_validator("mode", mode="before")
    @classmethod
    def _mode(cls, value: Any) -> Any:
        """YAML reads a bare on and off as true and false."""
        return {True: "on", False: "off"}.get(value, value) if isinstance(value, bool) else value


class TenantSection(BaseModel):
    """One customer account: its series, and one section per dialect (named after the dialect) with its credentials.

    id: its name in ledgers, logs and on the admin port.
    series: its numbering series.
    store: the name of the store that holds everything of it; the default store when not given. Another name alone does not
        move what is there: `invoice-gateway tenant move` does.
    production: real customers depend on it. The clock, faults, resets, seeds and snapshots are refused.
    profile: `vendor` answers as the vendor does; `strict` also refuses what the vendor tolerates silently.
    replay_window_seconds: an identical changing request within this time gets the first answer again; 0 means never.
    catalogue: customers, products and so on to begin with.
    catalogue_file: a YAML or JSON file with the same, relative to the configuration's folder; instead of `catalogue`.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    id: str
    series: list[SeriesSection] = Field(min_length=1)
    store: str | None = None
    production: bool = False
    profile: Literal["vendor", "strict"] = "vendor"
    replay_window_seconds: Annotated[float, Field(ge=0, le=86400)] = 0.0
    catalogue: CatalogueSection | None = None
    catalogue_file: str = ""

    @field_validator("id")
    @classmethod
    def _id(cls, value: str) -> str:
        return tenant_id(value)

    @property
    def store_name(self) -> str:
        """The store that it is pinned to."""
        return self.store or DEFAULT_STORE

    @model_validator(mode="after")
    def _series_keys(self) -> TenantSection:
        keys = [series.key for series in self.series]
        if len(set(keys)) != len(keys):
            raise ValueError("two series have the same key")
        if sum(series.default for series in self.series) > 1:
            raise ValueError("more than one series is marked default")
        if self.catalogue is not None and self.catalogue_file:
            raise ValueError("catalogue and catalogue_file are alternatives; give one")
        return self


class Config(BaseSettings, WithSecrets):
    """The whole configuration of one gateway."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True, env_ignore_empty=True
    )

    host: str = "127.0.0.1"
    port: Port = 7070
    admin_host: str = "127.0.0.1"
    admin_port: Port = 7071
    admin_token: SecretStr = SecretStr("")
    admin_read_token: SecretStr = SecretStr("")
    workers: Annotated[int, Field(ge=1, le=256)] = 1
    store: str = "sqlite:///data/invoice-gateway.db"
    stores: dict[StoreName, StoreSection] = Field(default_factory=dict)
    auto_migrate: bool = True
    trusted_proxies: list[str] = Field(default_factory=list)
    log: LogSection = LogSection()
    journal: JournalSection = JournalSection()
    limits: LimitsSection = LimitsSection()
    guessing: GuessingSection = GuessingSection()
    dialects: dict[str, DialectSection] = Field(default_factory=dict)
    tenants: list[TenantSection] = Field(default_factory=list)

    def store_sections(self) -> dict[str, StoreSection]:
        """Every store by name, the default one first."""
        return sections_of(self.store, self.stores, url_is_given="store" in self.model_fields_set)

    @property
    def default_url(self) -> str:
        """The default store's URL; it may hold a password."""
        return self.store_sections()[DEFAULT_STORE].url.get_secret_value()

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: list[str]) -> list[str]:
        for text in value:
            ipaddress.ip_network(text)
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Config:
        ids = [tenant.id for tenant in self.tenants]
        if len(set(ids)) != len(ids):
            raise ValueError("two tenants have the same id")
        if not is_loopback(self.admin_host) and not self.admin_token.get_secret_value():
            raise ValueError("admin_host is not a loopback address, so admin_token (or admin_token_file) is needed")
        if self.admin_read_token.get_secret_value() and not self.admin_token.get_secret_value():
            raise ValueError("admin_read_token needs admin_token, too: without that everybody may do everything")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags first, then the environment, then the file that `load_config` has read. Nothing else is read."""
        return init_settings, env_settings, _FileSource(settings_cls)


class _FileSource(PydanticBaseSettingsSource):
    """The values of the file that is loaded. Only the defaults rank below them."""

    document: Document | None = None

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        return without_overridden(self.document.values, ENV_PREFIX) if self.document else {}


def is_loopback(host: str) -> bool:
    """True for a loopback address or the name localhost."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def load_config(path: Path | None, flags: dict[str, Any] | None = None) -> tuple[Config, Document]:
    """Load the configuration. `flags` holds values given on the command line (None = not given). Raises ConfigError."""
    document = read_document(path) if path else Document("defaults", {})
    given = {key: value for key, value in (flags or {}).items() if value is not None}
    given.update(_secrets_from_environment(given))
    # pydantic-settings makes its sources itself and passes them nothing of ours, so the document waits on the class.
    _FileSource.document = document
    try:
        config = Config(**given)
    except ValidationError as error:
        raise ConfigError(document.name, problems_of(error, document, Config)) from None
    except ValueError as error:  # a nested environment variable that is not JSON
        raise ConfigError("environment", [Problem((), 0, str(error))]) from None
    finally:
        _FileSource.document = None
    problems = store_problems(config.store_sections(), [tenant.store for tenant in config.tenants], document)
    if problems:
        raise ConfigError(document.name, problems)
    return config, document


def load_catalogue(path: Path) -> CatalogueSection:
    """Read a catalogue file. Raises ConfigError."""
    document = read_document(path)
    try:
        return CatalogueSection.model_validate(document.values)
    except ValidationError as error:
        raise ConfigError(document.name, problems_of(error, document, CatalogueSection)) from None


def _secrets_from_environment(given: dict[str, Any]) -> dict[str, Any]:
    paths = {name: os.environ.get(f"{ENV_PREFIX}{name.upper()}_FILE") for name in ("admin_token", "admin_read_token")}
    return {f"{name}_file": path for name, path in paths.items() if path and name not in given}


def problems_of(
    error: ValidationError, document: Document, model: type[BaseModel], prefix: KeyPath = ()
) -> list[Problem]:
    """A validation error for people: the key, its line, the value and what is allowed. Secrets are never shown."""
    problems = []
    for item in error.errors(include_url=False):
        path = (*prefix, *item["loc"])
        problems.append(Problem(path, document.line_of(path), _problem_text(item, model)))
    return problems


def _problem_text(item: Any, model: type[BaseModel]) -> str:
    if item["type"] == "extra_forbidden":
        return f"unknown key{_allowed_keys(model, item['loc'][:-1])}"
    if item["type"] == "missing":
        return "is missing"
    text = str(item["msg"]).removeprefix("Value error, ")
    found = item.get("input")
    secret = any("token" in str(part) or "password" in str(part) or "secret" in str(part) for part in item["loc"])
    if isinstance(found, (str, int, float, bool)) and not secret:
        return f"found {found!r}: {text}"
    return text


def _allowed_keys(model: type[BaseModel], path: KeyPath) -> str:
    """The keys that are allowed at a place of the configuration, worked out from the models' annotations."""
    for part in path:
        if isinstance(part, int) or part not in model.model_fields:
            continue
        nested = [model.model_fields[part].annotation, *get_args(model.model_fields[part].annotation)]
        models = [item for item in nested if isinstance(item, type) and issubclass(item, BaseModel)]
        if models:
            model = models[-1]
    return "; allowed: " + ", ".join(sorted(model.model_fields))
