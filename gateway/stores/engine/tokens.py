"""Tokens under their SHA-256, durable through the group commit, with a bounded cache in front of the database."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from gateway.core.ports import Clock
from gateway.core.values import TenantId
from gateway.stores.engine.conditions import Condition, ConditionFailedError, token_is_there
from gateway.stores.engine.group_commit import Job, Write
from gateway.stores.engine.rows import KeptToken
from gateway.stores.engine.staging import StoreChange, TokenDropped, TokenProlonged, TokenSaved, TokensExpired

CACHED_TOKENS: Final = 50_000
PURGE_EVERY: Final = 256
"""One in so many new tokens of a tenant deletes the tenant's expired ones along the way."""
_MILLISECOND: Final = timedelta(milliseconds=1)


class _Known(NamedTuple):
    tenant: TenantId
    facts: Mapping[str, Any]
    expires_ms: int
    since: float


class DurableTokens:
    """Implements `gateway.core.ports.TokenVault`.

    submit: hands a job to the group commit.
    find: looks for a token in the database by kind and digest.
    trust_seconds: for how long a cached token is believed without asking again, so that a token dropped by another process
        is good for no longer; None where no other process can drop it.
    """

    def __init__(
        self,
        submit: Callable[[Job], asyncio.Future[Any]],
        find: Callable[[str, str], Awaitable[KeptToken | None]],
        clock: Clock,
        trust_seconds: float | None = None,
    ) -> None:
        self._submit = submit
        self._find = find
        self._clock = clock
        self._trust_seconds = trust_seconds
        self._cache: dict[tuple[str, str], _Known] = {}
        self._puts: dict[TenantId, int] = {}
        self._changes = 0

    async def put(self, kind: str, token: str, tenant: TenantId, facts: Mapping[str, Any], expires: datetime) -> None:
        """Store or replace a token; durable when it returns. `facts` must be a JSON object."""
        await self._put(_kept(kind, token, tenant, facts, expires), self._purge(tenant))

    async def replace(
        self, kind: str, token: str, tenant: TenantId, facts: Mapping[str, Any], expires: datetime
    ) -> bool:
        """Store something else for a token that is there; durable when it returns. False when it was not there any more."""
        kept = _kept(kind, token, tenant, facts, expires)
        try:
            await self._put(kept, conditions=(token_is_there(kind, kept.digest),))
        except ConditionFailedError:
            return False
        return True

    async def _put(
        self, kept: KeptToken, more: tuple[StoreChange, ...] = (), conditions: tuple[Condition, ...] = ()
    ) -> None:
        since, name = time.monotonic(), (kept.kind, kept.digest)
        await self._write(name, Write((TokenSaved(kept), *more), conditions=conditions))
        self._remember(name, _known(kept, since))

    async def get(self, kind: str, token: str) -> tuple[TenantId, Mapping[str, Any]] | None:
        """What was stored, or None when unknown or expired. Waits only for a token that is not in the cache."""
        name = (kind, _digest(token))
        known = self._cached(name) or await self._load(name)
        if known is None or known.expires_ms <= _milliseconds(self._clock.now(known.tenant)):
            return None
        return known.tenant, known.facts

    def _cached(self, name: tuple[str, str]) -> _Known | None:
        known = self._cache.get(name)
        if known is None or self._trust_seconds is None:
            return known
        return known if time.monotonic() - known.since < self._trust_seconds else None

    async def prolong(self, kind: str, token: str, expires: datetime, slack: timedelta) -> None:
        """Move a token's end, and nothing else, unless it is nearly there already; durable when it returns."""
        name = (kind, _digest(token))
        known = self._cached(name) or await self._load(name)
        until = _milliseconds(expires)
        if known is None or known.expires_ms <= _milliseconds(self._clock.now(known.tenant)):
            return
        if until - known.expires_ms < slack / _MILLISECOND:
            return
        await self._write(name, Write((TokenProlonged(*name, known.tenant, until),)))
        known = self._cache.get(name)  # it may be another one by now
        if known is not None and known.expires_ms < until:
            self._cache[name] = known._replace(expires_ms=until)

    async def drop(self, kind: str, token: str) -> bool:
        """Forget a token; durable when it returns. False when it was not there: decided by the database, not by the cache."""
        name = (kind, _digest(token))
        known = self._cached(name) or await self._load(name)
        if known is None:
            return False
        self._cache.pop(name, None)
        try:
            await self._write(name, Write((TokenDropped(*name, known.tenant),), conditions=(token_is_there(*name),)))
        except ConditionFailedError:
            return False
        self._cache.pop(name, None)
        return True

    def forget(self, tenant: TenantId) -> None:
        """A tenant's tokens may have changed behind the cache: the next use asks the database."""
        self._changes += 1
        for name in [name for name, known in self._cache.items() if known.tenant == tenant]:
            del self._cache[name]

    async def _write(self, name: tuple[str, str], write: Write) -> None:
        # counted on both sides: a look-up that ran during any part of the write must not go into the cache
        self._changes += 1
        try:
            await self._submit(write)
        except BaseException:  # it may take effect all the same
            self._cache.pop(name, None)
            raise
        finally:
            self._changes += 1

    async def _load(self, name: tuple[str, str]) -> _Known | None:
        changes = self._changes
        since = time.monotonic()
        kept = await self._find(*name)
        if kept is None:
            self._cache.pop(name, None)
            return None
        known = _known(kept, since)
        if changes == self._changes:  # else it may have been dropped or replaced during the look-up
            self._remember(name, known)
        return known

    def _remember(self, name: tuple[str, str], known: _Known) -> None:
        if len(self._cache) >= CACHED_TOKENS:
            self._cache.pop(next(iter(self._cache)))
        self._cache[name] = known

    def _purge(self, tenant: TenantId) -> tuple[StoreChange, ...]:
        count = self._puts.get(tenant, 0)
        self._puts[tenant] = count + 1
        if count % PURGE_EVERY:
            return ()
        return (TokensExpired(tenant, _milliseconds(self._clock.now(tenant))),)


def _kept(kind: str, token: str, tenant: TenantId, facts: Mapping[str, Any], expires: datetime) -> KeptToken:
    return KeptToken(kind, _digest(token), tenant, json.dumps(dict(facts)), _milliseconds(expires))


def _known(token: KeptToken, since: float) -> _Known:
    return _Known(token.tenant, MappingProxyType(json.loads(token.facts)), token.expires_ms, since)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
