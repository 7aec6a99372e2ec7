"""Applications, people and offices of all tenants; from a bearer token to the caller. Source: R-10 to R-16."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from adapters.qqsolutions.settings import Binding, Client, Location, Place, Settings, User
from gateway.core.values import Caller, SeriesId, TenantId
from gateway.spi.adapter import Bound, Call, Context
from gateway.spi.secrets import Secret, is_proven, joined_secrets, same_secret
from gateway.wire.aspnet.form import first_value, read_pairs
from gateway.wire.aspnet.negotiation import Formatter, read_media_type, reader_for

ACCESS: Final = "qq.access"
REFRESH: Final = "qq.refresh"
CODE: Final = "qq.code"
"""Kinds of tokens in the vault. Each is kept with its client and user (empty for none), and with a proof of their secrets.

A code is kept with its redirect_uri, too.
"""

_NOBODY: Final = Secret("nobody has this secret")


@dataclass(frozen=True, slots=True)
class Office:
    """A location as the dialect uses it.

    series: the series whose lines it shows.
    number: LocationID in answers.
    """

    series: SeriesId
    number: int


@dataclass(frozen=True, slots=True)
class Application:
    """A client of OAuth and the tenant that it belongs to."""

    tenant: TenantId
    client: Client


class Directory:
    """All applications, people and offices. Raises ValueError when they contradict one another."""

    def __init__(self, bindings: Sequence[Bound[Binding]]) -> None:
        self._applications: dict[str, Application] = {}
        self._people: dict[tuple[TenantId, str], User] = {}
        self._offices: dict[tuple[TenantId, str], Office] = {}
        self._locations: dict[TenantId, tuple[Location, ...]] = {}
        for bound in bindings:
            self._add(bound)

    def _add(self, bound: Bound[Binding]) -> None:
        for client in bound.binding.clients:
            if client.id in self._applications:
                raise ValueError(f"client {client.id!r} is given twice; it must lead to one tenant")
            self._applications[client.id] = Application(bound.tenant, client)
        for user in bound.binding.users:
            if (bound.tenant, user.name) in self._people:
                raise ValueError(f"user {user.name!r} is given twice in tenant {bound.tenant}")
            self._people[bound.tenant, user.name] = user
        self._locations[bound.tenant] = (*self.locations(bound.tenant), *bound.binding.locations)
        for location in bound.binding.locations:
            if (bound.tenant, location.id) in self._offices:
                raise ValueError(f"location {location.id!r} is given twice in tenant {bound.tenant}")
            if location.series not in bound.series:
                raise ValueError(f"location {location.id!r}: tenant {bound.tenant} has no series {location.series!r}")
            self._offices[bound.tenant, location.id] = Office(bound.series[location.series], location.shown_number)

    def application(self, client_id: str) -> Application | None:
        """Return an application by its id, without looking at its secret."""
        return self._applications.get(client_id)

    def authenticate(self, client_id: str, secret: str) -> Application | None:
        """Return the application that an id and a secret prove, or None."""
        known = self._applications.get(client_id)
        matches = same_secret(secret, known.client.secret if known else _NOBODY)
        return known if matches else None

    def credentials(self, tenant: TenantId, client_id: str, user: str) -> bytes | None:
        """The secrets of an application and a user ("" for none), joined; None when the tenant lacks one of the two.

        Every token is made with them, and ends when one of them changes (ADR-60).
        """
        application = self._applications.get(client_id)
        if application is None or application.tenant != tenant:
            return None
        if not user:
            return joined_secrets(application.client.secret)
        known = self._people.get((tenant, user))
        return None if known is None else joined_secrets(application.client.secret, known.password)

    def has_person(self, tenant: TenantId, name: str) -> bool:
        """True when the tenant has this user."""
        return (tenant, name) in self._people

    def knows_password(self, tenant: TenantId, name: str, password: str) -> bool:
        """True when the user exists and this is the password."""
        known = self._people.get((tenant, name))
        return same_secret(password, known.password if known else _NOBODY) and known is not None

    def locations(self, tenant: TenantId) -> Sequence[Location]:
        """All locations of a tenant, in the order of the configuration."""
        return self._locations.get(tenant, ())

    def office(self, tenant: TenantId, location_id: str) -> Office | None:
        """Return a location of the tenant. Another tenant's location is as unknown as one that does not exist. Source: R-24."""
        return self._offices.get((tenant, location_id))


@dataclass(frozen=True, slots=True)
class Bearer:
    """What an access token stands for.

    has_user: False for a token of the application alone.
    """

    caller: Caller
    has_user: bool


class BearerTokens:
    """Finds the access token of a request, and the caller that it stands for."""

    def __init__(self, context: Context[Settings, Binding], directory: Directory) -> None:
        self._vault = context.vault
        self._places = context.settings.token_places
        self._directory = directory
        self._bearers: dict[tuple[TenantId, str, str], tuple[Bearer, bytes]] = {}

    async def read(self, call: Call) -> Bearer | None:
        """Return the bearer of a request; None for a missing, unknown, expired or withdrawn token. Source: R-14, R-16."""
        token = self._token(call)
        found = await self._vault.get(ACCESS, token) if token else None
        return self._bearer(token, *found) if token and found else None

    def may_stand_in_body(self, call: Call) -> bool:
        """True for a form, where tokens are read from forms."""
        return "form" in self._places and _is_form(call.headers.get("Content-Type"))

    def _token(self, call: Call) -> str | None:
        for place in self._places:
            if (token := _READ[place](call)) is not None:
                return token
        return None

    def _bearer(self, token: str, tenant: TenantId, facts: Mapping[str, Any]) -> Bearer | None:
        """The bearer of known facts. A token survives a restart, but no change of the credentials that it was made with."""
        client, user = facts["client"], facts["user"]
        known = self._bearers.get((tenant, client, user)) or self._new_bearer(tenant, client, user)
        if known is None:
            return None
        bearer, credentials = known
        return bearer if is_proven(token, credentials, facts.get("proof")) else None

    def _new_bearer(self, tenant: TenantId, client: str, user: str) -> tuple[Bearer, bytes] | None:
        credentials = self._directory.credentials(tenant, client, user)
        if credentials is None:
            return None
        known = Bearer(Caller(tenant, user or client), bool(user)), credentials
        self._bearers[tenant, client, user] = known  # the configuration bounds how many there are
        return known


def _from_header(call: Call) -> str | None:
    headers = call.headers.getall("Authorization", ())
    if not headers:
        return None
    # ASP.NET joins headers of one name, so the token of two of them is no token (R-14, inferred).
    scheme, _, token = ",".join(headers).partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _is_form(content_type: str | None) -> bool:
    return bool(content_type) and reader_for(read_media_type(content_type or "")) is Formatter.FORM


def _from_form(call: Call) -> str | None:
    if not call.body or not _is_form(call.headers.get("Content-Type")):
        return None
    return first_value(read_pairs(call.body), "access_token")


def _from_query(call: Call) -> str | None:
    if "access_token" not in call.query.lower():
        return None
    return first_value(read_pairs(call.query.encode("utf-8", "surrogateescape")), "access_token")


_READ: Final[Mapping[Place, Callable[[Call], str | None]]] = MappingProxyType(
    {"header": _from_header, "form": _from_form, "query": _from_query}
)
