"""What both stores do in the same way on top of their group commit: commands, tokens, notes, the ledger, catalogue seeds."""

from __future__ import annotations

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

from gateway.core.catalogue import CatalogueItem
from gateway.core.commands import Command, R
from gateway.core.ledger import Entry
from gateway.core.ports import Clock, StoreUnavailableError
from gateway.core.values import TenantId
from gateway.stores.engine.chain_ends import BEGUN, Begun, CommitWatch, Written, begun_of, now_begun
from gateway.stores.engine.conditions import ConditionFailedError, note_is
from gateway.stores.engine.group_commit import GroupCommit, GroupStats, Job, Write
from gateway.stores.engine.ledger_pages import LedgerPlace, all_entries
from gateway.stores.engine.provisioning import seed_command, seed_digest
from gateway.stores.engine.rows import KeptToken
from gateway.stores.engine.staged_work import free_work
from gateway.stores.engine.staging import MetaDropped, MetaNoted
from gateway.stores.engine.statements import ADD_WORK, SAVE_META, SAVE_WORK
from gateway.stores.engine.tenant_rows import SEED
from gateway.stores.engine.tokens import DurableTokens

READY_SECONDS: Final = 2.0


class StoreBase(ABC):
    """A store on a database, as far as it does not matter which database that is.

    read_only: nothing is written; a command is refused as "unavailable".
    is_new: the start has made it, and nobody has said so yet.
    commit_watch: gets to know what is durable; None when nobody wants to.
    work_watch: is called with the tenants for which work is free to be taken, after it is durable; None for nobody.
    begun: since when the chains of tenants that were begun anew are what they are, as far as this process knows.
    """

    def __init__(
        self,
        name: str,
        groups: GroupCommit,
        clock: Clock,
        *,
        read_only: bool,
        trust_seconds: float | None = None,
    ) -> None:
        """name: of the store, for people. trust_seconds: see `DurableTokens`."""
        self.read_only = read_only
        self.is_new = False
        self.commit_watch: CommitWatch | None = None
        self.work_watch: Callable[[Collection[TenantId]], None] | None = None
        self.begun: Begun = {}
        self._name = name
        self._groups = groups
        self._tokens = DurableTokens(self._submit, self._find_token, clock, trust_seconds)

    # What the database brings

    @abstractmethod
    def _heartbeat(self) -> Write:
        """The smallest write that proves that a commit is possible."""

    @abstractmethod
    async def _find_token(self, kind: str, digest: str) -> KeptToken | None:
        """A token in the database."""

    @abstractmethod
    async def _applied_seed(self, tenant: TenantId) -> str | None:
        """The digest of the catalogue seed that was applied to a tenant last."""

    @abstractmethod
    async def _ledger_page(self, tenant: TenantId | None, after: LedgerPlace, limit: int) -> list[Entry]:
        """The next entries of one tenant or all, behind a place."""

    @property
    def name(self) -> str:
        """What the store is called in messages: its file, or its address without user and password."""
        return self._name

    # Commands

    def _submit(self, job: Job) -> asyncio.Future[Any]:
        if self.read_only:
            raise StoreUnavailableError(f"store {self._name} was opened for reading only")
        return self._groups.submit(job)

    async def ready(self) -> bool:
        """True when a commit is possible right now: makes a small one, and waits at most READY_SECONDS for it."""
        try:
            async with asyncio.timeout(READY_SECONDS):
                await self._submit(self._heartbeat())
        except (StoreUnavailableError, TimeoutError):
            return False
        return True

    async def execute(self, command: Command[R]) -> R:
        """Decide and make durable. Raises Refused, StoreUnavailableError, StoreOverloadedError."""
        result: R = await self._submit(command)
        return result

    async def seed_catalogue(self, tenant: TenantId, items: Sequence[CatalogueItem]) -> bool:
        """Put the configuration's items into a tenant's catalogue; False when this very seed was the last one applied.

        Items of the same type and id are replaced; all others stay (ADR-16). Raises Refused(RecordsFull).
        """
        while True:
            applied = await self._applied_seed(tenant) or None
            digest = seed_digest(tenant, items)
            if digest == applied or (applied is None and not items):
                return False
            noted, condition = MetaNoted(SEED + tenant, digest), note_is(SEED + tenant, applied)
            with contextlib.suppress(
                ConditionFailedError
            ):  # another process was faster; its clients may have changed items
                await self._submit(Write((noted,), conditions=(condition,), command=seed_command(tenant, items)))
                return True

    # The ends of chains, for the watermark (ADR-54)

    def _durable(self, written: Written, begun: Begun) -> bool:
        """A group of this process is durable. True when its waiters must get their results only after `settle`.

        begun: as the group's transaction saw it when it began.
        """
        moments = begun_of(written.get(SAVE_META, ()))
        if moments:
            self.begun = {**self.begun, **moments}
        return self.commit_watch is not None and self.commit_watch.note(written, begun)

    def _note_work(self, written: Written) -> None:
        """A group of this process is durable: somebody may want to work on what it has scheduled."""
        if ADD_WORK not in written and SAVE_WORK not in written:
            return
        if self.work_watch is not None and (tenants := free_work(written)):
            self.work_watch(tenants)

    async def _settled(self) -> None:
        if self.commit_watch is not None:
            await self.commit_watch.settle()

    def _begun_now(self, tenant: TenantId) -> int:
        return now_begun(self.begun.get(tenant, 0))

    async def begin_anew(self, tenant: TenantId, moment: int) -> None:
        """Note that the tenant's chains are as they are on purpose, since a moment (see `chain_ends.Begun`)."""
        await self.note(BEGUN + tenant, str(moment))
        self.begun = {**self.begun, tenant: moment}

    # The ledger

    async def ledger(self, tenant: TenantId | None = None) -> AsyncIterator[Entry]:
        """All ledger entries in chain and index order, of one tenant or all."""
        async for entry in all_entries(lambda after, limit: self._ledger_page(tenant, after, limit)):
            yield entry

    # Tokens

    async def put(self, kind: str, token: str, tenant: TenantId, facts: Mapping[str, Any], expires: datetime) -> None:
        """Store or replace a token; durable when it returns. `facts` must be a JSON object."""
        await self._tokens.put(kind, token, tenant, facts, expires)

    async def replace(
        self, kind: str, token: str, tenant: TenantId, facts: Mapping[str, Any], expires: datetime
    ) -> bool:
        """Store something else for a token that is there; durable when it returns. False when it was not there any more."""
        return await self._tokens.replace(kind, token, tenant, facts, expires)

    async def get(self, kind: str, token: str) -> tuple[TenantId, Mapping[str, Any]] | None:
        """What was stored, or None when unknown or expired. Waits only for a token that is not in the cache.

        A token that another process has dropped may be good here a little longer: see `DurableTokens`.
        """
        return await self._tokens.get(kind, token)

    async def prolong(self, kind: str, token: str, expires: datetime, slack: timedelta) -> None:
        """Move a token's end, and nothing else; durable when it returns."""
        await self._tokens.prolong(kind, token, expires, slack)

    async def drop(self, kind: str, token: str) -> bool:
        """Forget a token; durable when it returns. False when it was not there, because it was dropped already."""
        return await self._tokens.drop(kind, token)

    # Notes and figures

    async def note(self, name: str, value: str) -> None:
        """Keep a text about the store under a name, replacing the one before; durable when it returns."""
        await self._submit(Write((MetaNoted(name, value),)))

    async def renote(self, name: str, former: str | None, value: str | None) -> bool:
        """Keep another text under a name, if it reads as `former` until the commit; durable when it returns.

        former, value: None for no text. False when it reads otherwise; then nothing happens.
        """
        change = MetaDropped(name) if value is None else MetaNoted(name, value)
        try:
            await self._submit(Write((change,), conditions=(note_is(name, former),)))
        except ConditionFailedError:
            return False
        return True

    @property
    def stats(self) -> GroupStats:
        """Counts since the start."""
        return self._groups.stats

    def figures(self) -> dict[str, float]:
        """Counts since the start and the present queue, by name, for metrics."""
        figures = {f"store_{name}": float(value) for name, value in asdict(self.stats).items()}
        return {**figures, "store_waiting": float(self._groups.waiting)}
