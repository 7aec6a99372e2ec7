"""Exports a tenant into a file, and imports it into a store (ADR-41).

An import is checked first and verified afterwards, and the tenant is served only when everything has arrived.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from gateway.config.stores import ids_of
from gateway.core.ledger import Finding
from gateway.core.values import TenantId
from gateway.stores.engine.fences import Fence
from gateway.stores.engine.transfer import LastIds, Presence, TenantTransfer
from gateway.stores.export_file import (
    Checked,
    ExportError,
    Head,
    Summary,
    check_export,
    digest_of,
    pages_of,
    write_export,
)
from gateway.stores.migrations import REVISIONS
from gateway.tenants.store_sessions import StoreSessions

_IDS_AT_ONCE: Final = 10_000
_MOST_SHOWN: Final = 5


class NotVerifiedError(Exception):
    """The store's content differs from what was exported, or its ledger does not add up. So the tenant is not served."""


@dataclass(slots=True)
class Report:
    """What is to be done or was done, for people and as values.

    tenant: whose content it is.
    steps: what is to be done, in order.
    problems: why it cannot be done; with any problem nothing is done.
    advice: what else the operator must do.
    rows: how many rows there are, by table.
    content: the digest of all rows.
    entries: how many ledger entries were verified.
    done: whether it was done.
    """

    tenant: TenantId
    steps: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    advice: list[str] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    content: str = ""
    entries: int = 0
    done: bool = False


def moment() -> str:
    """The present time, in the form in which fences and files note it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def new_move() -> str:
    """A name for a move or import that no other has."""
    return secrets.token_hex(8)


def worded(findings: list[Finding]) -> list[str]:
    """The first findings in a ledger, for people."""
    texts = [f"series {one.chain.series} {one.chain.line} entry {one.index}: {one.problem}" for one in findings]
    more = [f"and {len(texts) - _MOST_SHOWN} more"] if len(texts) > _MOST_SHOWN else []
    return [*texts[:_MOST_SHOWN], *more]


async def export_tenant(transfer: TenantTransfer, tenant: TenantId, store: str, path: Path) -> Summary:
    """Write everything that a tenant has at one instant into a file."""
    last_ids = await transfer.last_ids()
    async with transfer.reading(tenant) as pages:
        return await write_export(path, Head(tenant, REVISIONS[-1], store, moment(), last_ids), pages)


async def taken_ids(transfer: TenantTransfer, checked: Checked) -> list[str]:
    """Which ids of a file another tenant of a store has already, for people (ADR-40)."""
    found = []
    for table, ids in checked.ids.items():
        taken: list[int] = []
        for start in range(0, len(ids), _IDS_AT_ONCE):
            taken += await transfer.taken(table, ids[start : start + _IDS_AT_ONCE])
        if taken:
            shown = ", ".join(map(str, taken[:_MOST_SHOWN])) + (", …" if len(taken) > _MOST_SHOWN else "")
            found.append(
                f"{len(taken)} ids of {table.name} are another tenant's there ({shown}); clients know a tenant's ids, so they "
                "cannot change: give the stores different first_id, so that new tenants never meet"
            )
    return found


def room_for(place: StoreSessions, store: str, last: LastIds) -> LastIds:
    """How far a store's own ids must jump, so that the next one it makes up is none of those that arrive."""
    # An id outside of the store's own span needs no room: the store will never make it up.
    own = ids_of(place.sections, store)
    return LastIds(last.series if last.series in own else 0, last.document if last.document in own else 0)


async def put_in(
    place: StoreSessions, store: str, path: Path, checked: Checked, fence: Fence, expected: Fence | None
) -> None:
    """Put a checked file into a store, behind a fence. Raises StoreError, ExportError."""
    transfer = await place.writing(store)
    room = room_for(place, store, checked.head.last_ids)
    await transfer.load(checked.head.tenant, pages_of(path), expected, fence, room)


async def prove(transfer: TenantTransfer, tenant: TenantId, content: str) -> int:
    """Make sure that a store has exactly this content and a ledger that adds up. Returns how many entries the ledger has.

    transfer: the store.
    tenant: whose content it is.
    content: the expected digest.

    Raises NotVerifiedError.
    """
    async with transfer.reading(tenant) as pages:
        found = (await digest_of(pages)).content
    if found != content:
        raise NotVerifiedError(
            f"tenant {tenant}: what the store has now ({found}) is not what was taken out ({content})"
        )
    entries, findings = await transfer.verify(tenant)
    if findings:
        raise NotVerifiedError(f"tenant {tenant}: {'; '.join(worded(findings))}")
    return entries


async def checked_file(path: Path, report: Report) -> Checked | None:
    """Read a file to its end. What is wrong with it goes to the report; None when it cannot be used at all."""
    try:
        checked = await asyncio.to_thread(check_export, path)
    except ExportError as error:
        report.problems.append(f"{path.name}: {error}")
        return None
    report.rows, report.content, report.entries = checked.summary.rows, checked.summary.content, checked.entries
    report.problems += worded(checked.findings)
    if checked.head.revision not in REVISIONS:  # older rows were brought up to date while they were read
        text = (
            f"{path.name}: written at schema revision {checked.head.revision}, this program knows up to {REVISIONS[-1]}"
        )
        report.problems.append(text)
    return checked


@dataclass(slots=True)
class Import:
    """The import of a file into a store. `look` changes nothing; `run` does it, unless there is a problem.

    place: the stores of the configuration.
    path: the file.
    store: the name of the store.
    on_step: called before each step, with a text for people.
    """

    place: StoreSessions
    path: Path
    store: str
    on_step: Callable[[str], None] = lambda _: None

    async def look(self) -> Report:
        """What would be done. Everything is checked that can be checked without changing anything."""
        report, _, _ = await self._look(await self.place.reading(self.store))
        blocked = self.place.blocked(self.store)
        report.problems += [blocked] if blocked else []
        return report

    async def _look(self, transfer: TenantTransfer) -> tuple[Report, Checked | None, Presence | None]:
        report = Report(TenantId(""))
        checked = await checked_file(self.path, report)
        if checked is None:
            return report, None, None
        tenant = report.tenant = checked.head.tenant
        there = await transfer.presence(tenant)
        if is_arrived(there, checked):
            report.steps = [self._finish_text(tenant)]
            return report, checked, there
        report.problems += await self._against(transfer, checked, there)
        counts = ", ".join(f"{count} {name}" for name, count in report.rows.items())
        report.steps = [
            f"put {counts} into store {self.store!r} ({self.place.address(self.store)}), unseen",
            self._finish_text(tenant),
        ]
        return report, checked, there

    def _finish_text(self, tenant: TenantId) -> str:
        return (
            f"compare what store {self.store!r} has with the file, verify the ledger, and let tenant {tenant} be served"
        )

    async def _against(self, transfer: TenantTransfer, checked: Checked, there: Presence) -> list[str]:
        tenant = checked.head.tenant
        found = await taken_ids(transfer, checked) if not there.rows else []
        if there.fence is not None:
            found.append(f"store {self.store!r}: {there.fence.text(tenant)}")
        if there.rows:
            found.append(f"store {self.store!r} has {there.text()} of tenant {tenant} already")
        for standing in await self.place.standings(tenant):
            others = [name for name in standing.series if name != self.store]
            moved = [name for name in others if name in standing.fences and standing.fences[name].state == "moved"]
            found += [
                f"store {name!r} has numbers of tenant {tenant}: move it, or they would be given twice"
                for name in others
                if name not in moved
            ]
        return found

    async def run(self) -> Report:
        """Import the file. After a crash, run it again. Raises StoreError, NotVerifiedError."""
        transfer = await self.place.writing(self.store)
        report, checked, there = await self._look(transfer)
        if report.problems or checked is None or there is None:
            return report
        tenant, fence = checked.head.tenant, there.fence
        if not is_arrived(there, checked):
            fence = Fence("arriving", f"file {self.path.name}", new_move(), moment(), checked.summary.content)
            self.on_step(report.steps[0])
            await put_in(self.place, self.store, self.path, checked, fence, there.fence)
        self.on_step(report.steps[-1])
        report.entries = await prove(transfer, tenant, checked.summary.content)
        await transfer.set_fence(tenant, fence, None)
        report.done = True
        return report


def is_arrived(there: Presence, checked: Checked) -> bool:
    """True when this very content is in the store already, and only the proof is missing."""
    fence = there.fence
    return fence is not None and fence.state == "arriving" and fence.digest == checked.summary.content


async def release(place: StoreSessions, tenant: TenantId, store: str, *, discard: bool, apply: bool) -> Report:
    """Take a fence away by hand: that of an import that will not be finished, or of a store that is to begin again.

    place: the stores of the configuration.
    tenant: whose fence it is.
    store: the name of the store.
    discard: also remove what has arrived.
    apply: do it; otherwise only say what would be done.

    Raises StoreError.
    """
    transfer = await (place.writing(store) if apply else place.reading(store))
    report, there = Report(tenant), await transfer.presence(tenant)
    fence = there.fence
    report.rows = there.rows
    if fence is None:
        report.problems.append(f"store {store!r} has no fence on tenant {tenant}")
        return report
    report.problems += await _against_release(place, tenant, store, fence, discard=discard)
    report.steps = [f"take the fence away in store {store!r}: {fence.text(tenant)}"]
    if discard:
        report.steps.append(f"take away {there.text()}")
    if report.problems or not apply:
        return report
    await (transfer.clear(tenant, fence, None) if discard else transfer.set_fence(tenant, fence, None))
    report.done = True
    return report


async def _against_release(
    place: StoreSessions, tenant: TenantId, store: str, fence: Fence, *, discard: bool
) -> list[str]:
    if fence.state in {"moving", "cancelling"}:
        return [f"{fence.text(tenant)}: go on with `tenant move`, or `tenant move --cancel`"]
    if fence.state == "arriving":
        unfinished = "" if discard else "what has arrived was not verified: import the file again, or give --discard"
        leaving = [
            name
            for standing in await place.standings(tenant)
            for name, other in standing.fences.items()
            if other.move == fence.move and name != store
        ]
        moving = f"it belongs to a move from store {leaving[0]!r}: go on with `tenant move`" if leaving else ""
        return [text for text in (moving or unfinished,) if text]
    having = [name for one in await place.standings(tenant) for name in one.series if name != store]
    return [f"store {name!r} has numbers of tenant {tenant}: they would be given twice" for name in having]
