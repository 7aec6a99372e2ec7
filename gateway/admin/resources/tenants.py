"""Tenants: list all of them; make and delete tenants at run time, with made-up credentials for every dialect."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit, urlunsplit

import structlog
from pydantic import Field

from gateway.admin.problems import (
    CREDENTIALS_TAKEN,
    PRODUCTION_TENANT,
    TENANT_CONFIGURED,
    TENANT_EXISTS,
    TENANT_UNKNOWN,
)
from gateway.admin.routing import (
    Ask,
    Body,
    Page,
    Paging,
    Route,
    View,
    field_errors,
    invalid,
    invalid_field,
    page_after,
    read_cursor,
    validated,
    write_cursor,
)
from gateway.config.catalogue import CatalogueSection
from gateway.config.model import DialectSection, SeriesSection, TenantSection
from gateway.core.values import TenantId
from gateway.journal.journal import JournalClosedError
from gateway.spi.adapter import Endpoint
from gateway.tenants.tenant import BindingInvalidError, Tenant

log = structlog.get_logger("admin")

Profile = Literal["vendor", "strict"]
Seconds = Annotated[float, Field(ge=0, le=86400)]


class NewTenant(Body):
    """A new tenant.

    id: made up when not given.
    store: the name of a configured store; the default store when not given.
    series: one with the key `main` when none is given; `numbers` are its next numbers by kind of document.
    dialects: a section for each dialect, as in the configuration (see the README of each), or null for made-up credentials.
        When `dialects` is not given, credentials are made up for every dialect that is served.
    """

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")] | None = None
    store: str | None = None
    production: bool = False
    profile: Profile = "vendor"
    replay_window_seconds: Seconds = 0.0
    series: Annotated[list[SeriesSection], Field(min_length=1, max_length=1000)] = Field(
        default_factory=lambda: [SeriesSection(key="main", default=True)]
    )
    catalogue: CatalogueSection | None = None
    dialects: dict[str, dict[str, Any] | None] | None = None


class TenantChange(Body):
    """A change of a tenant. What is not given stays. For a tenant of the configuration it holds until the next start."""

    profile: Profile | None = None
    replay_window_seconds: Seconds | None = None


class Deletion(Body):
    """How to delete a tenant.

    force: also delete a production tenant.
    purge: also delete its numbers, documents, ledger, snapshots and journal entries; never those of a production tenant.
    """

    force: bool = False
    purge: bool = False


class SeriesKey(View):
    """A series of a tenant.

    key: what credentials are bound to.
    id: its id in the store.
    """

    key: str
    id: int


class Access(View):
    """How a client reaches one service of a dialect."""

    title: str
    url: str
    wsdl_url: str | None


class DialectAccess(View):
    """How a client reaches a dialect.

    problem: why the tenant is not served through this dialect; "" when it is.
    """

    endpoints: list[Access]
    problem: str = ""


class TenantView(View):
    """A tenant.

    source: where it is described.
    created: when it was made; null for a tenant of the configuration.
    store: the name of the store that has its numbers.
    problem: why it is not served at all; "" when it is.
    """

    id: str
    source: Literal["configuration", "store"]
    created: str | None
    store: str
    problem: str
    production: bool
    profile: Profile
    replay_window_seconds: float
    series: list[SeriesKey]
    dialects: dict[str, DialectAccess]


class AccessWithCredentials(Access):
    """How a client reaches one service, and logs in.

    credentials: what the client logs in with.
    example: a command to try.
    """

    credentials: dict[str, str]
    example: str


class DialectCredentials(View):
    """How a client reaches and uses a dialect.

    binding: the section as the configuration would have it, secrets in clear.
    """

    endpoints: list[AccessWithCredentials]
    binding: dict[str, Any]


class TenantCreated(View):
    """A new tenant. Secrets are shown here and never again.

    journal_position: use it as `after` in questions about requests since now; null when the journal is off.
    """

    id: str
    journal_position: int | None
    store: str
    production: bool
    profile: Profile
    replay_window_seconds: float
    series: list[SeriesKey]
    dialects: dict[str, DialectCredentials]


def base_url(ask: Ask, dialect: str) -> str:
    """Where clients reach a dialect: as configured, else the data port under the host name that the caller has used."""
    section = ask.services.config.dialects.get(dialect, DialectSection())
    if section.public_url:
        return section.public_url
    parts = urlsplit(ask.services.data_url() or "http://127.0.0.1")
    if parts.hostname in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        name = urlsplit(f"//{ask.request.host}").hostname or "127.0.0.1"
        name = f"[{name}]" if ":" in name else name
        parts = parts._replace(netloc=f"{name}:{parts.port}" if parts.port else name)
    return urlunsplit(parts).rstrip("/") + section.prefix


def _endpoints(ask: Ask, tenant: Tenant, dialect: str) -> Sequence[Endpoint]:
    built = ask.services.dialects.current.get(dialect)
    return built.endpoints(base_url(ask, dialect), tenant.id) if built is not None else ()


def _keys(tenant: Tenant) -> list[SeriesKey]:
    return [SeriesKey(key=key, id=own) for key, own in tenant.series.items()]


def tenant_view(ask: Ask, tenant: Tenant) -> TenantView:
    """A tenant without its secrets."""
    dialects = {
        name: DialectAccess(
            endpoints=[
                Access(title=one.title, url=one.url, wsdl_url=one.wsdl_url) for one in _endpoints(ask, tenant, name)
            ],
            problem=tenant.problems.get(name, ""),
        )
        for name in sorted({*tenant.bindings, *tenant.problems})
    }
    section = tenant.section
    return TenantView(
        id=tenant.id,
        source="configuration" if tenant.is_configured else "store",
        created=tenant.created,
        store=section.store_name,
        problem=tenant.trouble,
        production=section.production,
        profile=section.profile,
        replay_window_seconds=section.replay_window_seconds,
        series=_keys(tenant),
        dialects=dialects,
    )


async def list_tenants(ask: Ask) -> Page[TenantView]:
    """Tenants by id."""
    ask.services.directory.refuse_if_blind()
    after = read_cursor(ask.query.cursor, str)
    tenants = [own for own in ask.services.directory.all() if after is None or own.id > after[0]]
    shown, following = page_after(tenants, ask.query.limit, lambda own: write_cursor(own.id))
    return Page[TenantView](items=[tenant_view(ask, own) for own in shown], next=following)


async def get(ask: Ask) -> TenantView:
    """One tenant."""
    tenant = ask.services.directory.get(TenantId(ask.path["tenant"]))
    if not tenant.is_configured:
        ask.services.directory.refuse_if_blind()
    return tenant_view(ask, tenant)


async def create(ask: Ask) -> TenantCreated:
    """Make a tenant, and serve it at once through every dialect that is named."""
    wanted: NewTenant = ask.body
    directory, journal = ask.services.directory, ask.services.journal
    position = None if journal is None else journal.position
    stores = ask.services.config.store_sections()
    if wanted.store is not None and wanted.store not in stores:
        raise invalid_field("body", "store", f"is not a configured store; there are: {', '.join(stores)}")
    section = {"id": wanted.id or directory.unused_id(), **wanted.model_dump(exclude={"id", "dialects"})}
    try:
        tenant = await directory.create(validated(TenantSection, section, "body"), _dialects(ask, wanted))
    except BindingInvalidError as error:
        raise invalid(field_errors(error.error, "body", ["dialects", error.dialect])) from error
    await ask.services.clock.resume(tenant.id)  # an earlier tenant of this id may have left it elsewhere
    raw = tenant.section.model_extra or {}
    dialects = {
        name: DialectCredentials(endpoints=_with_credentials(ask, tenant, name), binding=raw[name])
        for name in tenant.bindings
    }
    return TenantCreated(
        id=tenant.id,
        journal_position=position,
        store=tenant.section.store_name,
        production=tenant.section.production,
        profile=tenant.section.profile,
        replay_window_seconds=tenant.section.replay_window_seconds,
        series=_keys(tenant),
        dialects=dialects,
    )


def _with_credentials(ask: Ask, tenant: Tenant, dialect: str) -> list[AccessWithCredentials]:
    return [
        AccessWithCredentials(
            title=one.title,
            url=one.url,
            wsdl_url=one.wsdl_url,
            credentials=dict(one.credentials),
            example=one.example,
        )
        for one in _endpoints(ask, tenant, dialect)
    ]


def _dialects(ask: Ask, wanted: NewTenant) -> Mapping[str, Mapping[str, Any] | None] | None:
    """The sections that are asked for. Secrets must be in them: a caller must not read the server's files or environment."""
    if wanted.dialects is None:
        return None
    served = ask.services.dialects.adapters
    for name, values in wanted.dialects.items():
        if name not in served:
            raise invalid_field("body", f"dialects.{name}", f"is not served; served: {', '.join(sorted(served))}")
        if values is None and not hasattr(served[name], "generate_binding"):
            raise invalid_field("body", f"dialects.{name}", "makes up no credentials; give them")
        for path in _indirect(values, f"dialects.{name}"):
            raise invalid_field("body", path, "is only for the configuration file; give the secret itself")
    return wanted.dialects


def _indirect(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            here = f"{path}.{name}"
            if name.endswith(("_file", "_env")):
                yield here
            yield from _indirect(inner, here)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _indirect(inner, f"{path}.{place}")


async def change(ask: Ask) -> TenantView:
    """Set another profile or replay window."""
    wanted: TenantChange = ask.body
    tenant = await ask.services.directory.change(
        TenantId(ask.path["tenant"]), profile=wanted.profile, replay_window_seconds=wanted.replay_window_seconds
    )
    if tenant.is_configured:
        given = wanted.model_dump(exclude_none=True)
        ask.services.changed_tenants.setdefault(tenant.id, {}).update(given)
    return tenant_view(ask, tenant)


async def delete(ask: Ask) -> None:
    """Credentials stop working at once. The ledger stays, unless the tenant is purged."""
    services, tenant = ask.services, TenantId(ask.path["tenant"])
    await services.directory.delete(tenant, force=ask.query.force, purge=ask.query.purge)
    services.faults.clear(tenant)
    await services.clock.resume(tenant)
    if ask.query.purge and services.journal is not None:
        try:
            await services.journal.clear(tenant)
        except (JournalClosedError, sqlite3.Error) as error:  # the tenant is gone all the same
            log.warning("journal not purged", tenant=tenant, reason=str(error))


ROUTES = (
    Route(
        "GET",
        "/v1/tenants",
        "listTenants",
        "tenants",
        "All tenants by id",
        list_tenants,
        query=Paging,
        answer=Page[TenantView],
        asks_store=False,
    ),
    Route(
        "POST",
        "/v1/tenants",
        "createTenant",
        "tenants",
        "Make a tenant, with credentials for every dialect",
        create,
        body=NewTenant,
        body_required=False,
        answer=TenantCreated,
        status=201,
        problems=(TENANT_EXISTS, CREDENTIALS_TAKEN),
    ),
    Route(
        "GET",
        "/v1/tenants/{tenant}",
        "getTenant",
        "tenants",
        "One tenant",
        get,
        answer=TenantView,
        problems=(TENANT_UNKNOWN,),
        asks_store=False,
    ),
    Route(
        "PATCH",
        "/v1/tenants/{tenant}",
        "changeTenant",
        "tenants",
        "Another profile or replay window",
        change,
        body=TenantChange,
        answer=TenantView,
        problems=(TENANT_UNKNOWN,),
    ),
    Route(
        "DELETE",
        "/v1/tenants/{tenant}",
        "deleteTenant",
        "tenants",
        "Stop serving a tenant made at run time",
        delete,
        query=Deletion,
        status=204,
        problems=(TENANT_UNKNOWN, TENANT_CONFIGURED, PRODUCTION_TENANT),
    ),
)
