"""The configuration: every key with its unit, bounds and default. A flag outranks the environment, the environment the file.

Environment variables are `INVOICE_GATEWAY_<KEY>`; two underscores join nested keys. `…_FILE` reads a secret from a file.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from gateway.config.catalogue import CatalogueSection
from gateway.config.guessing import GuessingSection
from gateway.config.outbound import Destination, OutboundSection
from gateway.config.paths import anchored, url_beside
from gateway.config.process import JournalSection, LimitsSection, LogSection, Section, WatermarkSection
from gateway.config.stores import (
    DEFAULT_STORE,
    StoreName,
    StoreSection,
    sections_of,
    without_overridden,
)
from gateway.config.yaml_file import Document
from gateway.core.values import MAX_NUMBER, MIN_NUMBER, line_name, tenant_id
from gateway.spi.hosts import read_host
from gateway.spi.pages import RESERVED, has_reserved_segment
from gateway.spi.secrets import Secret, WithSecrets, misplaced

ENV_PREFIX = "INVOICE_GATEWAY_"
LineKey = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$"), AfterValidator(line_name)]
Port = Annotated[int, Field(ge=0, le=65535)]

_PREFIX: Final = re.compile(r"(?:/[^/?#\s]+)+")
_PUBLIC_URL: Final = re.compile(r"https?://(?:[^/?#@\s:\[\]]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?(?:/[^?#\s]*)?")


class DialectSection(Section):
    """How one dialect is served.

    enabled: whether it is served.
    hosts: host names that belong to this dialect, whatever the path, besides those of its vendor. ".example.com" stands for
        every name below example.com.
    host: one more of these, in the form of configurations of version 0.1; empty means none.
    prefix: a path before the vendor's own paths.
    public_url: scheme://host[:port][/prefix] for WSDLs and links; empty means the address that the request names.
    outbound_hosts: where requests of this dialect may go, instead of `outbound.allowed_hosts`.
    settings: the dialect's own choices, see its README.
    """

    enabled: bool = True
    hosts: list[Annotated[str, AfterValidator(read_host)]] = Field(default_factory=list)
    host: str = ""
    prefix: str = ""
    public_url: str = ""
    outbound_hosts: list[Destination] | None = None
    settings: dict[str, Any] = Field(default_factory=dict)

    @field_validator("host")
    @classmethod
    def _host(cls, value: str) -> str:
        return read_host(value) if value else ""

    @field_validator("prefix")
    @classmethod
    def _prefix(cls, value: str) -> str:
        if value and not _PREFIX.fullmatch(value):
            raise ValueError("must begin with / and not end with it, like /legacy")
        return _unreserved(value)

    @field_validator("public_url")
    @classmethod
    def _public_url(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        if value and not _PUBLIC_URL.fullmatch(value):
            raise ValueError("must be scheme://host[:port][/prefix], without user, password and query")
        return _unreserved(value.rstrip("/"))

    @property
    def own_hosts(self) -> Sequence[str]:
        """The host names, in whichever of both keys they were given."""
        return list(dict.fromkeys([self.host, *self.hosts])) if self.host else self.hosts


class SeriesSection(Section):
    """A numbering series that must exist. It is created at the first start; afterwards only clients change it (ADR-9).

    key: what other sections bind to (ADR-5).
    name: what clients see; empty means the key.
    prefix: what clients put before its numbers.
    suffix: what clients put after its numbers.
    default: whether it is the tenant's default series.
    numbers: the first next numbers, by number line.
    """

    key: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    name: Annotated[str, Field(max_length=255)] = ""
    prefix: str | None = None
    suffix: str | None = None
    default: bool = False
    numbers: dict[LineKey, Annotated[int, Field(ge=MIN_NUMBER, le=MAX_NUMBER)]] = Field(default_factory=dict)


class TenantSection(BaseModel):
    """One customer account: its series, and one section per dialect (named after the dialect) with its credentials.

    id: its name in ledgers, logs and on the admin port.
    series: its numbering series.
    store: the name of the store that holds everything of it; the default store when not given. Another name alone does not
        move what is there: `invoice-gateway tenant move` does.
    production: real customers depend on it. The clock, faults, resets, seeds and snapshots are refused. It begins in a store
        that holds nothing of it only with `store init` or `serve --new-store`.
    profile: `vendor` answers as the vendor does; `strict` also refuses what the vendor tolerates silently.
    replay_window_seconds: an identical changing request within this time gets the first answer again; 0 means never.
    outbound_hosts: where requests for this tenant may go, instead of the lists of `outbound` and of the dialects.
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
    outbound_hosts: list[Destination] | None = None
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
        for index, key in enumerate(keys):
            if key in keys[:index]:
                raise misplaced(f"found {key!r}: two series have the same key", "series", index, "key")
        names = [series.name or series.key for series in self.series]
        for index, name in enumerate(names):
            if name in names[:index]:
                raise misplaced(f"found {name!r}: two series have the same name", "series", index, "name")
        for index in [place for place, series in enumerate(self.series) if series.default][1:]:
            raise misplaced("more than one series is marked default", "series", index, "default")
        if self.catalogue is not None and self.catalogue_file:
            raise misplaced("catalogue and catalogue_file are alternatives; give one", "catalogue_file")
        return self


class Config(BaseSettings, WithSecrets):
    """The whole configuration of one gateway.

    host: address of the dialects; an IP address, or a name of this machine.
    port: port of the dialects; 0 takes any free one.
    admin_host: address of the admin port. Outside loopback it requires an admin_token.
    admin_port: port for health, metrics and administration; 0 takes any free one.
    admin_token: what callers of the admin port must know who change something; empty asks for none.
    admin_read_token: what callers of the admin port must know who only read; needs an admin_token.
    workers: processes that share the port. With more than one, every store must be PostgreSQL.
    store: URL of the store named `default`: sqlite:///path/to/file.db or postgresql://user@host/database. A relative path is
        below the folder of this file.
    stores: further stores by name, for tenants that say `store: <name>`.
    auto_migrate: bring an older schema of a store up to date at the start; false refuses to start instead.
    trusted_proxies: addresses and networks of proxies whose X-Forwarded-For, -Proto and -Host count.
    log: the log.
    journal: requests and answers, kept for reading and for tests.
    watermark: how far each ledger chain was, kept outside of the store, so that an older store is noticed.
    limits: caps that keep one client from harming the others.
    guessing: how guesses at credentials are slowed down.
    outbound: what the gateway sends to other servers, and work that is due later.
    dialects: how each dialect is served, by its name. One that is not named is served with its defaults.
    tenants: customer accounts, each with its series and its credentials for the dialects.
    """

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True, env_ignore_empty=True
    )

    host: str = "127.0.0.1"
    port: Port = 7070
    admin_host: str = "127.0.0.1"
    admin_port: Port = 7071
    admin_token: Secret = Secret("")
    admin_read_token: Secret = Secret("")
    workers: Annotated[int, Field(ge=1, le=256)] = 1
    store: str = "sqlite:///data/invoice-gateway.db"
    stores: dict[StoreName, StoreSection] = Field(default_factory=dict)
    auto_migrate: bool = True
    trusted_proxies: list[str] = Field(default_factory=list)
    log: LogSection = LogSection()
    journal: JournalSection = JournalSection()
    watermark: WatermarkSection = WatermarkSection()
    limits: LimitsSection = LimitsSection()
    guessing: GuessingSection = GuessingSection()
    outbound: OutboundSection = OutboundSection()
    dialects: dict[str, DialectSection] = Field(default_factory=dict)
    tenants: list[TenantSection] = Field(default_factory=list)
    _folder: Path = PrivateAttr(default_factory=lambda: FileSource.folder)
    _store_folder: Path = PrivateAttr(default_factory=lambda: FileSource.store_folder)
    """Of the file. Paths that it gives are below it already; only the default store's own default is not in the file."""

    @property
    def store_folder(self) -> Path:
        """Where files are below that have no path of their own, and no store's file to be beside (ADR-56)."""
        return self._store_folder

    def store_sections(self) -> dict[str, StoreSection]:
        """Every store by name, the default one first."""
        is_given = "store" in self.model_fields_set
        url = self.store if is_given else url_beside(self._folder, self.store)
        return sections_of(url, self.stores, url_is_given=is_given)

    @property
    def default_url(self) -> str:
        """The default store's URL; it may hold a password."""
        return self.store_sections()[DEFAULT_STORE].url.get_secret_value()

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: list[str]) -> list[str]:
        for index, text in enumerate(value):
            try:
                ipaddress.ip_network(text)
            except ValueError:
                raise misplaced(f"found {text!r}: must be an address or network, like 10.0.0.0/8", index) from None
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Config:
        ids = [tenant.id for tenant in self.tenants]
        for index, own in enumerate(ids):
            if own in ids[:index]:
                raise misplaced(f"found {own!r}: two tenants have the same id", "tenants", index, "id")
        token, read_token = self.admin_token.get_secret_value(), self.admin_read_token.get_secret_value()
        for name, value in (("admin_token", token), ("admin_read_token", read_token)):
            if value != value.strip() or not value.isprintable():
                raise misplaced(
                    "begins or ends with a space, or holds a control character: no request can bear it", name
                )
        if not is_loopback(self.admin_host) and not token:
            raise misplaced("is not a loopback address, so admin_token (or admin_token_file) is needed", "admin_host")
        if read_token and not token:
            raise misplaced("needs admin_token, too: without that everybody may do everything", "admin_read_token")
        if read_token and read_token == token:
            raise misplaced(
                "is the same as admin_token: everybody who may read could change everything", "admin_read_token"
            )
        if self.port and self.port == self.admin_port and _meet(self.host, self.admin_host):
            own = "admin_port" if "admin_port" in self.model_fields_set else "port"
            raise misplaced(f"found {self.port}: both ports are the same", own)
        return self

    @model_validator(mode="before")
    @classmethod
    def _keep_values(cls, values: Any) -> Any:
        """Keep what all sources say together, for the text that says why it is refused."""
        if isinstance(values, dict):
            FileSource.merged = values
        return values

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
        return init_settings, env_settings, FileSource(settings_cls)


class FileSource(PydanticBaseSettingsSource):
    """The values of the file that is loaded. Only the defaults rank below them.

    pydantic-settings makes its sources itself and passes them nothing of ours, so the values stand on the class.

    document: the file.
    folder: its folder, which relative paths begin from.
    store_folder: which folder a relative path of the default store is below, wherever that store is given.
    merged: what the flags, the environment and the file say together.
    """

    document: Document | None = None
    folder: Path = Path()
    store_folder: Path = Path()
    merged: Mapping[str, Any] = MappingProxyType({})

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        return anchored(without_overridden(self.document.values, ENV_PREFIX), self.folder) if self.document else {}


def _unreserved(path: str) -> str:
    if has_reserved_segment(path):
        raise ValueError(f"must not hold {RESERVED}: the gateway's own pages stand below it")
    return path


def _meet(one: str, other: str) -> bool:
    """True when one port cannot be opened on both addresses."""
    return one == other or bool({one, other} & {"", "0.0.0.0", "::"})  # noqa: S104 - compared, not bound


def is_loopback(host: str) -> bool:
    """True for a loopback address or the name localhost."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
