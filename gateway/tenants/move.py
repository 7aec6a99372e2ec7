"""Moves a tenant from one store to another (ADR-39). At most one store serves it, and no crash loses or doubles a number.

    1  fence the source `moving`; wait for transactions that began earlier     from now on no store serves the tenant
    2  export the tenant into a file, read the file again, verify its ledger
    3  put it into the target, fenced `arriving`                              one transaction
    4  compare the target's content, verify its ledger
    5  fence the source `moved`                                                from now on the move only goes forward
    6  take the target's fence away                                            the target serves the tenant
    7  pin a tenant made at run time to the target
    8  delete the tenant's rows in the source; its fence stays

After a crash the fences show where to go on. Before step 5 everything can be taken back (`cancel`).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from gateway.config.stores import DEFAULT_STORE
from gateway.core.ports import StoreUnavailableError
from gateway.core.values import TenantId
from gateway.stores.engine.fences import Fence
from gateway.stores.engine.tables import documents, series
from gateway.stores.engine.transfer import Presence, TenantTransfer, TransferRaceError
from gateway.stores.errors import StoreError
from gateway.stores.export_file import ContentDigest, ExportError, check_export
from gateway.tenants.export_import import (
    NotVerifiedError,
    Report,
    export_tenant,
    moment,
    new_move,
    prove,
    put_in,
    worded,
)
from gateway.tenants.store_sessions import Standing, StoreSessions
from gateway.tenants.tenant import pinned_body

__all__ = ["Move", "MoveNotDoneError"]


class MoveNotDoneError(Exception):
    """The move has stopped. The text says why, and whether the tenant is served now."""


@dataclass(slots=True)
class Move:
    """A tenant's move to a store. `look` changes nothing, `run` does it, `cancel` takes back what a crash has left.

    place: the stores of the configuration.
    tenant: who moves.
    target: the name of the store.
    path: the file on the way. It holds everything that the tenant has, and it stays.
    on_step: called before each step, with a text for people.
    """

    place: StoreSessions
    tenant: TenantId
    target: str
    path: Path
    on_step: Callable[[str], None] = lambda _: None

    # Looking

    async def look(self) -> Report:
        """What would be done. Everything is checked that can be checked without changing anything."""
        report = Report(self.tenant)
        standing = await self._standing(report)
        source = "" if report.problems else self._source(standing, report)
        if not source:
            return report
        reading = [await self.place.reading(name) for name in (source, self.target)]
        here, there = [await transfer.presence(self.tenant) for transfer in reading]
        await self._look(report, standing, source, here, there, reading)
        for name in self._written(standing, source):
            blocked = self.place.blocked(name)
            report.problems += [blocked] if blocked else []
        return report

    async def _standing(self, report: Report) -> Standing:
        for standing in await self.place.standings(self.tenant):
            return standing
        report.problems.append(f"no tenant {self.tenant}: neither the configuration nor a store knows it")
        return Standing(self.tenant, "", "", {}, {})

    def _source(self, standing: Standing, report: Report) -> str:
        """The store that the tenant leaves; "" when there is none, or more than one.

        A move that has begun counts first, then one that is decided but not finished, then the store that has the tenant.
        """
        leaving = [name for name, fence in standing.fences.items() if is_leaving(fence) and fence.other == self.target]
        going = [name for name in leaving if standing.fences[name].state != "moved"]
        unfinished = [name for name in leaving if standing.series.get(name) or "arriving" in self._states(standing)]
        # A fence `moved` of an earlier move stays for good, so it alone says nothing about this one.
        having = [name for name in standing.series if name not in standing.fences and name != self.target]
        found = going or unfinished or having
        if len(found) > 1:
            report.problems.append(f"stores {', '.join(found)} all have numbers of tenant {self.tenant}")
        elif not found:
            where = f"it is in store {self.target!r} already" if self.target in standing.series else "no store has it"
            elsewhere = [fence.text(self.tenant) for name, fence in standing.fences.items() if name != self.target]
            report.problems.append(f"nothing to move: {'; '.join([where, *elsewhere])}")
        return found[0] if len(found) == 1 else ""

    def _states(self, standing: Standing) -> list[str]:
        return [standing.fences[self.target].state] if self.target in standing.fences else []

    def _written(self, standing: Standing, source: str) -> list[str]:
        made = [DEFAULT_STORE] if standing.source == "run time" else []
        return list(dict.fromkeys([source, self.target, *made]))

    async def _look(
        self,
        report: Report,
        standing: Standing,
        source: str,
        here: Presence,
        there: Presence,
        transfers: list[TenantTransfer],
    ) -> None:
        decided = here.fence is not None and here.fence.state == "moved"
        arrived = is_of_move(there.fence, here.fence)
        if here.fence is not None and here.fence.state == "cancelling":
            report.problems.append(f"{here.fence.text(self.tenant)}: finish that first, with --cancel")
        elif not decided and not arrived:
            report.problems += against(self.tenant, source, self.target, here, there)
            await self._compare(report, transfers)
        report.steps = list(self._steps(standing, source, here, there))
        report.advice = advice(self.place, standing, self.target)

    async def _compare(self, report: Report, transfers: list[TenantTransfer]) -> None:
        """Verify the ledger, and check that no id of the tenant is another tenant's in the target (ADR-40)."""
        source, target = transfers
        report.entries, findings = await source.verify(self.tenant)
        report.problems += worded(findings)
        digest, taken = ContentDigest(), {series: 0, documents: 0}
        async with source.reading(self.tenant) as pages:
            async for table, rows in pages:
                digest.lines(table, rows)
                if table in taken:
                    taken[table] += len(await target.taken(table, [row[0] for row in rows]))
        summary = digest.summary()
        report.rows, report.content = summary.rows, summary.content
        report.problems += [
            f"{count} ids of {table.name} are another tenant's in store {self.target!r}; clients know a tenant's ids, so they "
            "cannot change: give the stores different first_id, so that new tenants never meet"
            for table, count in taken.items()
            if count
        ]

    def _steps(self, standing: Standing, source: str, here: Presence, there: Presence) -> list[str]:
        names = f"store {source!r}", f"store {self.target!r} ({self.place.address(self.target)})"
        decided = here.fence is not None and here.fence.state == "moved"
        steps = []
        if here.fence is None:
            steps.append(f"fence the tenant in {names[0]} as moving; from then on it is unavailable")
        if not decided and not is_of_move(there.fence, here.fence):
            steps.append(f"take {here.text()} out of {names[0]} into {self.path}, and verify its ledger")
            steps.append(f"put it into {names[1]}, unseen")
        if not decided:
            steps.append(f"compare what {names[1]} has with what was taken out, and verify its ledger")
            steps.append(f"fence the tenant in {names[0]} as moved; from then on it only goes forward")
        if not decided or is_of_move(there.fence, here.fence):
            steps.append(f"let {names[1]} serve the tenant")
        if standing.source == "run time" and standing.pinned != self.target:
            steps.append(f"pin the tenant to store {self.target!r}; running gateways follow by themselves")
        steps.append(f"take its rows out of {names[0]}; the fence stays")
        return steps

    # Doing

    async def run(self) -> Report:
        """Move the tenant, or go on after a crash. Raises StoreError, MoveNotDoneError."""
        report = Report(self.tenant)
        standing = await self._standing(report)
        source = "" if report.problems else self._source(standing, report)
        if not source:
            return report
        transfers = [await self.place.writing(name) for name in self._written(standing, source)][:2]
        here, there = [await transfer.presence(self.tenant) for transfer in transfers]
        await self._look(report, standing, source, here, there, transfers)
        if report.problems:
            return report
        fence = here.fence
        if fence is None or fence.state != "moved":
            fence = await self._carry(report, source, here, there, transfers)
        await self._hand_over(standing, source, fence, transfers)
        report.done = True
        return report

    async def _carry(
        self, report: Report, source: str, here: Presence, there: Presence, transfers: list[TenantTransfer]
    ) -> Fence:
        """Do everything up to the decision, and take it back when something is wrong. Returns the source's fence."""
        fence = here.fence
        if fence is None:
            fence = Fence("moving", self.target, new_move(), moment())
            self._say(f"fence store {source!r}")
            await transfers[0].set_fence(self.tenant, None, fence)
        try:
            return await self._copy(report, source, fence, there, transfers)
        except (StoreError, StoreUnavailableError, ExportError, NotVerifiedError) as error:
            how = "nothing was changed"
            try:
                await _take_back(self.tenant, fence, *transfers)
            except (StoreError, StoreUnavailableError) as second:
                how = f"the tenant is unavailable until the move goes on or is cancelled ({second})"
            raise MoveNotDoneError(f"{error}; {how}") from error

    async def _copy(
        self, report: Report, source: str, fence: Fence, there: Presence, transfers: list[TenantTransfer]
    ) -> Fence:
        here, target = transfers
        # A transaction that began before the fence may still commit a number. A copy without it would give it again.
        self._say("wait for transactions that began before the fence")
        await here.settle()
        if is_of_move(there.fence, fence):
            content = there.fence.digest if there.fence is not None else ""
        else:
            content = await self._bring(source, fence, there, transfers)
        self._say(f"compare and verify what store {self.target!r} has")
        report.entries = await prove(target, self.tenant, content)
        report.content = content
        self._say(f"decide: store {source!r} is left")
        decided = replace(fence, state="moved", since=moment(), digest=content)
        await here.set_fence(self.tenant, fence, decided)
        return decided

    async def _bring(self, source: str, fence: Fence, there: Presence, transfers: list[TenantTransfer]) -> str:
        here, _ = transfers
        self._say(f"take out of store {source!r}")
        await export_tenant(here, self.tenant, source, self.path)
        self._say("read it again, and verify its ledger")
        checked = check_export(self.path)
        if checked.findings:
            raise NotVerifiedError("; ".join(worded(checked.findings)))
        # The target may have a fence of its own, from when the tenant left it. Taking the move back must restore that one.
        former = there.fence.other if there.fence is not None else ""
        arriving = Fence("arriving", source, fence.move, moment(), checked.summary.content, former)
        self._say(f"put into store {self.target!r}")
        await put_in(self.place, self.target, self.path, checked, arriving, there.fence)
        return checked.summary.content

    async def _hand_over(self, standing: Standing, source: str, fence: Fence, transfers: list[TenantTransfer]) -> None:
        """Do everything after the decision. A run before a crash may have done each of the steps already."""
        here, target = transfers
        there = await target.presence(self.tenant)
        if is_of_move(there.fence, fence):
            self._say(f"let store {self.target!r} serve")
            await target.set_fence(self.tenant, there.fence, None)
        if standing.source == "run time":
            self._say(f"pin to store {self.target!r}")
            kept = await self.place.writing(DEFAULT_STORE)
            await kept.keep(self.tenant, lambda body: pinned_body(body, self.target))
        self._say(f"clear store {source!r}")
        await here.clear(self.tenant, fence, fence)

    # Taking back

    async def cancel(self) -> Report:
        """Take back a move that has not been decided. Raises StoreError."""
        report = Report(self.tenant)
        standing = await self._standing(report)
        found = [(name, fence) for name, fence in standing.fences.items() if fence.state in {"moving", "cancelling"}]
        if not found:
            report.problems.append(
                "there is no move to cancel: " + ("; ".join(_fences(standing)) or "no store has a fence")
            )
            return report
        source, fence = found[0]
        report.steps = [
            f"take away what store {fence.other!r} has of it",
            f"let store {source!r} serve the tenant again",
        ]
        transfers = [await self.place.writing(name) for name in (source, fence.other)]
        await _take_back(self.tenant, fence, *transfers)
        report.done = True
        return report

    def _say(self, step: str) -> None:
        self.on_step(step)


async def _take_back(tenant: TenantId, fence: Fence, source: TenantTransfer, target: TenantTransfer) -> None:
    """Undo a move that is not decided. Raises TransferRaceError when it is decided, or belongs to somebody else."""
    # `cancelling` is a state of its own so that nobody can decide the move while the target is cleared, and so that a
    # crash in here is not taken for a move that may go on.
    found = (await source.presence(tenant)).fence
    cancelling = replace(fence, state="cancelling")
    if found is not None and found.move == fence.move and found.state == "moving":
        await source.set_fence(tenant, found, cancelling)
    elif found is not None and found.move == fence.move and found.state == "moved":
        raise TransferRaceError(f"tenant {tenant}: the move is decided and can only go forward")
    there = (await target.presence(tenant)).fence
    if there is not None and there.state == "arriving" and there.move == fence.move:
        former = Fence("moved", there.former, there.move, there.since) if there.former else None
        await target.clear(tenant, there, former)
    with suppress(TransferRaceError):  # somebody else has finished it
        await source.set_fence(tenant, cancelling, None)


def is_leaving(fence: Fence) -> bool:
    """True for a fence of a source."""
    return fence.state in {"moving", "cancelling", "moved"}


def is_of_move(there: Fence | None, here: Fence | None) -> bool:
    """True when the target's fence and the source's belong to one move, so that the target's content is complete."""
    return there is not None and here is not None and there.state == "arriving" and there.move == here.move


def against(tenant: TenantId, source: str, target: str, here: Presence, there: Presence) -> list[str]:
    """Why a tenant cannot be put into the target, for people."""
    found = []
    if not here.rows.get("series"):
        found.append(f"store {source!r} has no series of tenant {tenant}")
    if there.rows:
        found.append(f"store {target!r} has {there.text()} of tenant {tenant} already")
    fence = there.fence
    if fence is not None and not (fence.state == "moved" and fence.other == source):
        found.append(f"store {target!r}: {fence.text(tenant)}")
    return found


def advice(place: StoreSessions, standing: Standing, target: str) -> list[str]:
    """What the operator must do besides, for people."""
    if standing.source != "configuration" or standing.pinned == target:
        return []
    index = [tenant.id for tenant in place.config.tenants].index(standing.tenant)
    wanted = f"store: {target}" if target != DEFAULT_STORE else f"store: {target} (or no `store:` at all)"
    first = f"set tenants.{index}.store in the configuration: tenant {standing.tenant} needs `{wanted}`"
    return [f"{first}; then restart the gateways (SIGHUP for workers), which answer until then that it is unavailable"]


def _fences(standing: Standing) -> list[str]:
    return [f"store {name!r}: {fence.text(standing.tenant)}" for name, fence in standing.fences.items()]
