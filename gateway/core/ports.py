"""What the core needs from outside: a store, a clock, and a place for tokens. Only protocols stand here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from gateway.core.catalogue import Catalogue
from gateway.core.commands import Command, Query, R
from gateway.core.ledger import Entry
from gateway.core.values import TenantId


class StoreUnavailableError(Exception):
    """The store cannot answer now.

    committed: whether the command took effect; None when nobody knows.
    """

    def __init__(self, message: str, committed: bool | None = False) -> None:
        super().__init__(message)
        self.committed = committed


class StoreOverloadedError(StoreUnavailableError):
    """More commands wait than the store is willing to queue; nothing was written."""


class Clock(Protocol):
    """The only source of time. A test may move the time of a tenant (ADR-22)."""

    def now(self, tenant: TenantId | None = None) -> datetime:
        """The present as a tenant sees it, or as the machine does: UTC, aware.

        Raises StoreUnavailableError when the tenant's time is not known now, because another process may have moved it.
        """
        ...


class SequenceService(Protocol):
    """The only door to numbers, as dialects see it. Rules are in `rules`."""

    async def read(self, query: Query[R]) -> R:
        """Answer from committed state, never waiting for a write. Raises Refused, StoreUnavailableError.

        The answer shows every effect that was acknowledged before the question was asked.
        """
        ...

    async def execute(self, command: Command[R]) -> R:
        """Decide; the effect is durable when it returns. Raises Refused, StoreUnavailableError, StoreOverloadedError."""
        ...

    def catalogue(self, tenant: TenantId) -> Catalogue:
        """The tenant's catalogue as committed; from memory. Raises StoreUnavailableError."""
        ...


class Store(SequenceService, Protocol):
    """Durable state behind the service."""

    async def start(self) -> None: ...
    async def close(self) -> None: ...

    async def ready(self) -> bool:
        """True when a commit is possible right now."""
        ...

    def ledger(self, tenant: TenantId | None = None) -> AsyncIterator[Entry]:
        """All ledger entries in chain and index order, of one tenant or all."""
        ...


class TokenVault(Protocol):
    """Short-lived secrets that outlive a restart: access tokens, sessions. They are kept under a hash, never in clear."""

    async def put(self, kind: str, token: str, tenant: TenantId, facts: Mapping[str, Any], expires: datetime) -> None:
        """Store or replace a token; durable when it returns."""
        ...

    async def replace(
        self, kind: str, token: str, tenant: TenantId, facts: Mapping[str, Any], expires: datetime
    ) -> bool:
        """Store another tenant, facts and end for a token that is there; durable when it returns.

        False when the token was not there any more, because another request has dropped it; then it stays so.
        """
        ...

    async def get(self, kind: str, token: str) -> tuple[TenantId, Mapping[str, Any]] | None:
        """What was stored, or None when unknown or expired."""
        ...

    async def prolong(self, kind: str, token: str, expires: datetime, slack: timedelta) -> None:
        """Let a token live until `expires`; durable when it returns.

        Nothing is written when the token would gain less than `slack`. Its facts stay, even when another process changes
        them at the same time. An unknown or expired token stays so.
        """
        ...

    async def drop(self, kind: str, token: str) -> bool:
        """Forget a token; durable when it returns.

        True for one caller at most, whichever processes share the store: what is good once is used up by this one. False
        when the token was not there any more.
        """
        ...
