"""A gateway that breaks promises on purpose, each in its own way: the controls of the checkers on a real process.

`tests/failover/sabotage.py` breaks what is named on its command line; nothing here is imported before that.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

EVERY: Final = 4
"""Every so many times the gateway does it wrong, the other times right."""


def make_twice() -> None:
    """The mistake: a draft is saved again although it was saved."""
    from gateway.core.commands import Expect, SaveDocuments
    from gateway.stores.router import StoreRouter

    right = StoreRouter.execute

    async def execute(self: StoreRouter, command: Any) -> Any:
        if isinstance(command, SaveDocuments) and command.saves[0].expect is Expect.NEW and not command.saves[0].issue:
            await right(self, command)
        return await right(self, command)

    StoreRouter.execute = execute  # type: ignore[method-assign]


def answer_with_the_past() -> None:
    """The mistake: a peek is answered from what an equal peek has seen some time before."""
    from gateway.core.commands import PeekNext
    from gateway.stores.router import StoreRouter

    right, before, turns = StoreRouter.read, dict[Any, Any](), itertools.count(1)

    async def read(self: StoreRouter, query: Any) -> Any:
        if not isinstance(query, PeekNext):
            return await right(self, query)
        if next(turns) % EVERY == 0 and query in before:
            return before[query]
        before[query] = await right(self, query)
        return before[query]

    StoreRouter.read = read  # type: ignore[method-assign]


def repeat_old_writes() -> None:
    """The mistake: the first change of a catalogue is sent again after a later one."""
    from gateway.core.commands import SaveCatalogue
    from gateway.stores.router import StoreRouter

    right, before, turns = StoreRouter.execute, dict[Any, Any](), itertools.count(1)

    async def execute(self: StoreRouter, command: Any) -> Any:
        result = await right(self, command)
        if isinstance(command, SaveCatalogue):
            first = before.setdefault(command.tenant, command)
            if next(turns) % EVERY == 0:
                await right(self, first)
        return result

    StoreRouter.execute = execute  # type: ignore[method-assign]


def spend_codes_again() -> None:
    """The mistake: a code that was spent stays good."""
    from gateway.stores.router import StoreRouter

    async def drop(self: StoreRouter, kind: str, token: str) -> Any:
        return True

    StoreRouter.drop = drop  # type: ignore[method-assign]


def keep_tenants_to_oneself() -> None:
    """The mistake: a tenant is changed and deleted in this process only."""
    from gateway.stores.router import RoutedTenantRecords

    async def nothing(self: RoutedTenantRecords, *_: Any) -> Any:
        return True

    for name in ("change_tenant", "drop_tenant"):
        setattr(RoutedTenantRecords, name, nothing)


def stamp_with_the_machines_time() -> None:
    """The mistake: a tenant's clock is forgotten now and then."""
    from gateway.simulation.clock import TenantClock

    right, turns = TenantClock.now, itertools.count(1)

    def now(self: TenantClock, tenant: Any = None) -> datetime:
        return right(self, None if next(turns) % EVERY == 0 else tenant)

    TenantClock.now = now  # type: ignore[method-assign]


BREAKAGES: Final[Mapping[str, Callable[[], None]]] = {
    "make-twice": make_twice,
    "answer-with-the-past": answer_with_the_past,
    "repeat-old-writes": repeat_old_writes,
    "spend-codes-again": spend_codes_again,
    "keep-tenants-to-oneself": keep_tenants_to_oneself,
    "stamp-with-the-machines-time": stamp_with_the_machines_time,
}
