"""Applications, users and identities of all tenants; from a credential or token to the identities that it may work as.

Source: R-13 to R-22.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from adapters.twentyfoursevenoffice.settings import Binding, Company, Settings, User, UserIdentity
from gateway.core.values import Caller, SeriesId, TenantId
from gateway.spi.adapter import Bound
from gateway.spi.secrets import Secret, is_proven, joined_secrets, same_secret

_NOBODY: Final = Secret("nobody has this password")


@dataclass(frozen=True, slots=True)
class Member:
    """An identity as the dialect uses it: a user in a company, with the series of the company's invoices.

    is_main: the company is the tenant's first one, whose own number lines have the short keys (see `lines`).
    """

    tenant: TenantId
    applications: frozenset[UUID]
    user: User
    identity: UserIdentity
    client: Company
    series: SeriesId
    caller: Caller
    is_main: bool = True

    @property
    def id(self) -> UUID:
        """The identity's id."""
        return self.identity.id


@dataclass(frozen=True, slots=True)
class Login:
    """What a good credential or token proves.

    application: the integration that logs in.
    members: the identities that it may use, in the order of the configuration, blocked ones included.
    credential: the password or token that proves it, for the proof that a session carries.
    """

    application: UUID
    username: str
    members: tuple[Member, ...]
    credential: bytes = field(repr=False)

    def available(self) -> tuple[Member, ...]:
        """The identities that are not blocked."""
        return tuple(member for member in self.members if not member.identity.blocked)

    def default(self) -> Member | None:
        """The identity of a login that names none."""
        marked = (member for member in self.members if member.identity.default)
        return next(marked, None) or next(iter(self.members), None)

    def member(self, identity: UUID) -> Member | None:
        """One of the identities by its id."""
        return next((member for member in self.members if member.id == identity), None)


class Directory:
    """All users that may log in. Raises ValueError when two tenants contradict one another."""

    def __init__(self, bindings: Sequence[Bound[Binding]], settings: Settings) -> None:
        self._check = _PASSWORD_CHECKS[settings.passwords]
        self._applications: set[UUID] = set()
        self._by_username: dict[str, list[tuple[Member, ...]]] = {}
        self._by_id: dict[UUID, Member] = {}
        self._tokens: list[tuple[Secret, tuple[Member, ...]]] = []
        for bound in bindings:
            self._applications.update(bound.binding.applications)
            for user in bound.binding.users:
                self._add(user, tuple(_members(bound, user)))

    def _add(self, user: User, members: tuple[Member, ...]) -> None:
        for member in members:
            if member.id in self._by_id:
                raise ValueError(f"identity {member.id} is given twice; it must lead to one user and company")
            self._by_id[member.id] = member
        self._by_username.setdefault(user.username.casefold(), []).append(members)
        for token in user.tokens:
            if any(known.get_secret_value() == token.id.get_secret_value() for known, _ in self._tokens):
                raise ValueError(f"user {user.username!r}: a token is given twice")
            self._tokens.append((token.id, members))

    def has_application(self, application: UUID) -> bool:
        """True when an integration is registered with any tenant."""
        return application in self._applications

    def by_password(self, application: UUID, username: str, password: str) -> Login | None:
        """Return what a credential proves, over all tenants that have the user with this password and the application."""
        users = self._by_username.get(username.casefold(), [])
        good = [members for members in users if self._check(password, members[0].user.password)]
        if not users:
            self._check(password, _NOBODY)  # an unknown user takes as long as a known one
        secret = good[0][0].user.password if good else _NOBODY
        return _login(application, username, [member for members in good for member in members], secret)

    def by_token(self, application: UUID, token: UUID) -> Login | None:
        """Return what a token proves."""
        found: tuple[Member, ...] = ()
        secret = _NOBODY
        for known, members in self._tokens:
            if same_secret(str(token), known):
                found, secret = members, known  # no break: how long this takes must not show which token is right
        return _login(application, found[0].user.username if found else "", found, secret)

    def by_session(
        self, session: str, application: UUID, username: str, tenants: Iterable[str], proof: object
    ) -> Login | None:
        """Return what a session may use now: since the login its user may be gone, or the user's credential (ADR-60)."""
        allowed = set(tenants)
        for secret in self._secrets_of(username):
            if is_proven(session, joined_secrets(secret), proof):
                users = [own for own in self._by_username[username.casefold()] if secret in _secrets(own[0].user)]
                members = (each for own in users for each in own if each.tenant in allowed)
                return _login(application, username, members, secret)
        return None

    def _secrets_of(self, username: str) -> Iterator[Secret]:
        for members in self._by_username.get(username.casefold(), []):
            yield from _secrets(members[0].user)


def _secrets(user: User) -> tuple[Secret, ...]:
    """Everything that the user can log in with."""
    return user.password, *(token.id for token in user.tokens)


def _members(bound: Bound[Binding], user: User) -> Iterator[Member]:
    companies = {company.id: company for company in bound.binding.clients}
    applications = frozenset(bound.binding.applications)
    for identity in user.identities:
        company = companies[identity.client]
        if company.series not in bound.series:
            raise ValueError(f"client {company.id}: tenant {bound.tenant} has no series {company.series!r}")
        series = bound.series[company.series]
        caller = Caller(bound.tenant, user.username, series)
        is_main = company.id == bound.binding.clients[0].id
        yield Member(bound.tenant, applications, user, identity, company, series, caller, is_main)


def _login(application: UUID, username: str, members: Iterable[Member], secret: Secret) -> Login | None:
    reachable = tuple(member for member in members if application in member.applications)
    return Login(application, username, reachable, joined_secrets(secret)) if reachable else None


def legacy_hash(password: str) -> str:
    """The form in which clients sent passwords until about 2019: lower-case hex MD5 of the UTF-16LE text. Source: R-15."""
    text = password.encode("utf-16-le", "surrogatepass")
    return hashlib.md5(text, usedforsecurity=False).hexdigest()


def _plain(given: str, expected: Secret) -> bool:
    return same_secret(given, expected)


def _hashed(given: str, expected: Secret) -> bool:
    return same_secret(given.lower(), Secret(legacy_hash(expected.get_secret_value())))


def _either(given: str, expected: Secret) -> bool:
    plain, hashed = _plain(given, expected), _hashed(given, expected)
    return plain or hashed


_PASSWORD_CHECKS: Final = {"plain": _plain, "md5": _hashed, "either": _either}
