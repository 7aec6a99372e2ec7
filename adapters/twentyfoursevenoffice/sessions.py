"""Sessions: an id of 24 characters, which is the answer to a login and the cookie of every later call. Source: R-16 to R-20.

The token vault keeps them, so they survive a restart and are good in every process on the same store.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from adapters.twentyfoursevenoffice.auth import Directory, Login, Member
from adapters.twentyfoursevenoffice.settings import Binding, Settings
from gateway.core.values import TenantId
from gateway.spi.adapter import Call, Context
from gateway.spi.secrets import proof_of

COOKIE: Final = "ASP.NET_SessionId"
_KIND: Final = "24so.session"
_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz012345"
_ID: Final = re.compile(r"[a-z0-5]{24}")
_COOKIE: Final = re.compile(r"(?:^|;)\s*ASP\.NET_SessionId\s*=\s*\"?([a-z0-5]{24})\"?\s*(?=;|$)", re.IGNORECASE)
_RENEW_AFTER: Final = 0.1
"""The share of a session's life after which a call prolongs it in the store, so that not every call costs a write (D-03)."""


@dataclass(frozen=True, slots=True)
class Session:
    """A session that has not ended.

    member: the identity that it works as; None when the configuration has it no more.
    """

    id: str
    login: Login
    member: Member | None


def session_id() -> str:
    """A new id: 24 letters and digits that ASP.NET uses, 120 bits. Source: R-17."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(24))


def session_cookie(session: str) -> tuple[str, str]:
    """The header that hands a session to a browser. Source: R-18."""
    return "Set-Cookie", f"{COOKIE}={session}; path=/; HttpOnly"


def cookie_of(call: Call) -> str | None:
    """The first session id among the cookies of a request."""
    for header in call.headers.getall("Cookie", ()):
        found = _COOKIE.search(header)
        if found and _ID.fullmatch(found[1]):
            return found[1]
    return None


class Sessions:
    """Begins, finds, prolongs and switches sessions."""

    def __init__(self, context: Context[Settings, Binding], directory: Directory) -> None:
        self._vault = context.vault
        self._clock = context.clock
        self._directory = directory
        self._lifetime = timedelta(seconds=context.settings.session_lifetime_seconds)
        self._renew_after_seconds = context.settings.session_lifetime_seconds * _RENEW_AFTER
        self._known = lru_cache(maxsize=1024)(self._find_member)

    async def begin(self, login: Login, member: Member) -> str:
        """Begin a session, durable when this returns. An id that the request has in its cookie is never taken over (D-02)."""
        session = session_id()
        tenants = sorted({each.tenant for each in login.members})
        known = {"user": login.username, "application": str(login.application), "tenants": tenants}
        proof = proof_of(session, login.credential)
        facts, expires = self._used(member.tenant, {**known, "identity": str(member.id), "proof": proof})
        await self._vault.put(_KIND, session, member.tenant, facts, expires)
        return session

    async def find(self, call: Call) -> Session | None:
        """Return the session of a request and prolong it; None when there is none. Source: R-19, R-22."""
        session = cookie_of(call)
        if session is None:
            return None
        found = await self._vault.get(_KIND, session)
        if found is None:
            return None
        tenant, facts = found
        stays = facts["application"], facts["user"], tuple(facts["tenants"]), facts.get("proof")
        login, member = self._known(session, *stays, facts["identity"])
        if login is None:
            return None
        now = self._clock.now(tenant)
        if now.timestamp() - facts["used"] >= self._renew_after_seconds:
            await self._vault.prolong(_KIND, session, now + self._lifetime, self._lifetime * _RENEW_AFTER)
        return Session(session, login, member)

    def _find_member(
        self, session: str, application: str, user: str, tenants: tuple[str, ...], proof: object, identity: str
    ) -> tuple[Login | None, Member | None]:
        """What a session may use, and the identity that it works as.

        This is remembered: a dialect's configuration never changes (ADR-24).
        """
        login = self._directory.by_session(session, UUID(application), user, tenants, proof)
        return login, None if login is None else login.member(UUID(identity))

    async def switch(self, session: Session, member: Member) -> bool:
        """Work as another identity from now on, durable when this returns. False when the session has ended meanwhile."""
        found = await self._vault.get(_KIND, session.id)
        if found is None:
            return False
        facts, expires = self._used(member.tenant, {**found[1], "identity": str(member.id)})
        return await self._vault.replace(_KIND, session.id, member.tenant, facts, expires)

    def _used(self, tenant: TenantId, facts: Mapping[str, Any]) -> tuple[Mapping[str, Any], datetime]:
        """The facts of a session that is used now, and when it ends."""
        now = self._clock.now(tenant)
        return {**facts, "used": now.timestamp()}, now + self._lifetime
