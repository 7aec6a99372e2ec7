"""Locks and loads what a group of commands needs.

Every process takes its locks in one order, so that none waits in a circle:

    1. advisory locks   to make series or documents, to change a tenant's names or default, to change a catalogue or records,
                        to schedule work, to begin a first attempt in a lane
    2. series rows      by id; only when series are held whole, because they may change or a line is new
    3. lines            by series and name
    4. documents        by id
    5. work             by tenant and id
    6. the store's own  rows that conditions ask for: tokens, tenants, notes, snapshots; by key

A line that exists is held by its own row. A line that was never touched has no row to lock. Then its whole series is held,
with every line it has, so that no other process makes the same line at the same time. What is read under the locks cannot
change before the commit: ends of chains and issued numbers. A key that two lines use at once is found by a unique index.

A condition may expect that there is no row. That cannot be locked, so everyone who asks for the row of a tenant, note or
snapshot has an advisory lock of that name. A token is never expected to be absent.

Fences are read without a lock. Each is read in the transaction that decides, and the one who sets a fence waits for every
transaction that had not seen it (ADR-38).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, Final

from gateway.core.access_set import AccessSet, access_set
from gateway.core.catalogue import EMPTY
from gateway.core.changes import CatalogueChanged
from gateway.core.commands import Command
from gateway.core.documents import DocumentId
from gateway.core.records import KindName
from gateway.core.values import SERIES_CHAIN, CounterKey, TenantId
from gateway.stores.engine import tables
from gateway.stores.engine.chain_ends import BEGUN
from gateway.stores.engine.committed_state import LAST_DOCUMENT, LAST_SERIES
from gateway.stores.engine.conditions import Condition
from gateway.stores.engine.fences import tenants_of
from gateway.stores.engine.group_commit import Job, UndecidableError, Write
from gateway.stores.engine.rows import (
    catalogues_of,
    chain_of,
    counter_of,
    document_of,
    head_of,
    issued_of,
    notes_of,
    series_of,
)
from gateway.stores.engine.tenant_rows import TenantReplaced
from gateway.stores.postgres import queries
from gateway.stores.postgres.condition_rows import lock_rows, row_names
from gateway.stores.postgres.connection import Connection
from gateway.stores.postgres.locked_state import Held
from gateway.stores.postgres.records import lock_names, read_records
from gateway.stores.postgres.work import lock_work, right_names

_BEYOND_ALL: Final = 2**63
_CHAIN_WIDTH: Final = 4
"""How many columns of `queries.CHAINS` are of the end of the chain; they come first."""


def access_of(jobs: Sequence[Job]) -> AccessSet:
    """What a group reads and writes."""
    commands: list[Command[Any]] = []
    needed = AccessSet()
    for job in jobs:
        if isinstance(job, Write):
            commands += [] if job.command is None else [job.command]
            for change in job.changes:
                if isinstance(change, CatalogueChanged):
                    needed.catalogues.add(change.tenant)
                elif isinstance(change, TenantReplaced):
                    needed.absorb(_access_of_replaced(change))
        else:
            commands.append(job)
    needed.absorb(access_set(commands))
    return needed


def _access_of_replaced(change: TenantReplaced) -> AccessSet:
    tenant = {change.tenant}
    return AccessSet(
        tenants=tenant,
        catalogues=tenant,
        record_kinds={(change.tenant, KindName(""))},  # whichever kinds there are
        schedules=tenant,  # nobody else may add to the work meanwhile
        whole_series=set(change.series),
        creates_series=True,
        creates_documents=bool(change.contents.of(tables.documents)),  # nobody else may take one of these ids meanwhile
    )


async def hold(connection: Connection, needed: AccessSet, known: set[CounterKey], jobs: Sequence[Job] = ()) -> Held:
    """Lock and load what a group needs, inside a transaction.

    needed: the group's read set and write set.
    known: the lines that have a row, as far as this process knows; kept up to date here. For these the series is not locked.
    jobs: the group's; the fences on their tenants are read, too.

    Raises UndecidableError when a known line is gone, because the database was replaced.
    """
    held = Held()
    _set_aside_impossible(needed, held)
    conditions = [condition for job in jobs if isinstance(job, Write) for condition in job.conditions]
    await _take_rights(connection, needed, held, conditions)
    if needed.whole_series or needed.tenants or needed.creates_series or not needed.lines <= known:
        await _lock_series(connection, needed, held)
    elif needed.lines:
        await _lock_lines(connection, needed.lines, held)
        gone = needed.lines - held.lines
        if gone:
            known -= gone
            raise UndecidableError(unheld=AccessSet(lines=gone))
    known |= held.lines
    if needed.documents:
        rows = await connection.rows(queries.LOCK_DOCUMENTS, sorted(needed.documents))
        held.held_documents.update(dict.fromkeys(needed.documents))
        held.held_documents.update({document.id: document for document in map(document_of, rows)})
    await lock_work(connection, needed, held.work)
    if conditions:
        await lock_rows(connection, conditions, held)
    await read(connection, needed, held)
    await _read_begun(connection, jobs, held)
    await _read_fences(connection, {tenant for job in jobs for tenant in tenants_of(job)}, held)
    return held


def _set_aside_impossible(needed: AccessSet, held: Held) -> None:
    """Take out what cannot be in the database: clients may name any number, and the driver refuses those that are too large."""
    lines = {key for key in needed.lines if not is_storable(key.series)}
    series = {own for own in needed.whole_series | needed.series if not is_storable(own)}
    if lines or series:
        held.asked_series |= series | {key.series for key in lines}
        needed.lines -= lines
        needed.whole_series -= series
        needed.series -= series
    needed.numbers = {(key, number) for key, number in needed.numbers if is_storable(key.series)}


async def _take_rights(connection: Connection, needed: AccessSet, held: Held, conditions: Sequence[Condition]) -> None:
    names = [f"tenant/{tenant}" for tenant in needed.tenants]
    names += [f"catalogue/{tenant}" for tenant in needed.catalogues]
    names += lock_names(needed)
    held.record_tenants |= {tenant for tenant, _ in needed.record_kinds}
    names += ["new-series"] if needed.creates_series else []
    names += ["new-document"] if needed.creates_documents else []
    names += right_names(needed) + row_names(conditions)
    if names:
        await connection.rows(queries.LOCK_NAMES, sorted(map(advisory_lock, names)))
    if needed.creates_series:
        held.creating_series = True
        held.last_series_id, *ids = await connection.fetchrow(queries.LAST_SERIES, LAST_SERIES)  # type: ignore[misc]
        held.own_ids = range(*ids)
    held.highest_document_id = _BEYOND_ALL
    if needed.creates_documents:
        held.creating = True
        row = await connection.fetchrow(queries.LAST_DOCUMENTS, LAST_DOCUMENT)
        made_up, held.highest_document_id = row or (None, 0)
        if made_up is not None:
            held.meta[LAST_DOCUMENT] = made_up
    if needed.catalogues:
        rows = await connection.rows(queries.CATALOGUES, sorted(needed.catalogues))
        found = catalogues_of(rows)
        held.catalogues.update({tenant: found.get(tenant, EMPTY) for tenant in needed.catalogues})


async def _lock_series(connection: Connection, needed: AccessSet, held: Held) -> None:
    """Lock series with all their lines."""
    ids = needed.whole_series | {key.series for key in needed.lines}
    rows = await connection.rows(queries.LOCK_SERIES, sorted(ids), sorted(needed.defaults & needed.tenants))
    _take_series(rows, held)
    held.whole = ids | {row[0] for row in rows}
    held.asked_series |= held.whole
    held.asked_defaults |= needed.defaults & needed.tenants
    _take_lines(await connection.rows(queries.LOCK_ALL_LINES, sorted(held.whole)), held)
    await _read_chains(connection, held.lines | {CounterKey(own, SERIES_CHAIN) for own in held.whole}, held)


async def _lock_lines(connection: Connection, lines: set[CounterKey], held: Held) -> None:
    """Lock lines that exist, and read their series along with the ends of their chains: two statements for most groups."""
    _take_lines(await connection.rows(queries.LOCK_LINES, *_line_columns(lines)), held)
    await _read_chains(connection, held.lines, held)
    held.asked_series |= {key.series for key in held.lines}


async def _read_chains(connection: Connection, chains: set[CounterKey], held: Held) -> None:
    if not chains:
        return
    for row in await connection.rows(queries.CHAINS, *_line_columns(chains)):
        end, fence, series = row[:_CHAIN_WIDTH], row[_CHAIN_WIDTH], series_of(row[_CHAIN_WIDTH + 1 :])
        held.put_series(series)
        held.put_fence(series.tenant, fence)
        if end[-1] is not None:  # else nothing has happened on this chain yet
            held.heads[chain_of(end)] = head_of(end)


async def _read_begun(connection: Connection, jobs: Sequence[Job], held: Held) -> None:
    """Read since when tenants are as they are that this group replaces: another machine's clock may be ahead of this one's."""
    changes = [change for job in jobs if isinstance(job, Write) for change in job.changes]
    names = [BEGUN + change.tenant for change in changes if isinstance(change, TenantReplaced)]
    if names:
        held.meta.update(notes_of(await connection.rows(queries.NOTES_NAMED, names)))


async def _read_fences(connection: Connection, tenants: set[TenantId], held: Held) -> None:
    """Read the fences of those tenants whose fence did not come along with a line."""
    unread = sorted(tenants - held.looked_at)
    if unread:
        held.looked_at.update(unread)
        for tenant, body in await connection.rows(queries.FENCES, unread):
            held.put_fence(tenant, body)


async def read(connection: Connection, more: AccessSet, held: Held) -> None:
    """Read what cannot change under the locks, or may change without harm."""
    if more.issue_keys:
        rows = await connection.rows(queries.ISSUED_UNDER, *_columns(more.issue_keys))
        held.issued_under.update(dict.fromkeys(more.issue_keys))
        held.issued_under.update({(issued.tenant, issued.key): issued for issued in map(issued_of, rows)})
    if more.reservation_keys:
        rows = await connection.rows(queries.RESERVED_UNDER, *_columns(more.reservation_keys))
        held.reservations.update(dict.fromkeys(more.reservation_keys))
        held.reservations.update({(one.tenant, one.reservation_key): one for one in map(issued_of, rows)})
    if more.numbers:
        wanted = ((key.series, key.line, number) for key, number in more.numbers)
        rows = await connection.rows(queries.ISSUED_NUMBERS, *_columns(wanted))
        held.issued_numbers.update(dict.fromkeys(more.numbers))
        held.issued_numbers.update({(issued.counter, issued.number): issued for issued in map(issued_of, rows)})
    if more.runs:
        wanted = ((key.series, key.line, number) for key, number in more.runs)
        for series, line, number, free in await connection.rows(queries.FIRST_FREE, *_columns(wanted)):
            held.runs.setdefault(CounterKey(series, line), []).append(range(number, free + 1))
    await _read_series(connection, more, held)
    await _read_documents(connection, more, held)
    await read_records(connection, more, held)


async def _read_series(connection: Connection, more: AccessSet, held: Held) -> None:
    series = more.series - held.asked_series
    if series:
        _take_series(await connection.rows(queries.SERIES_BY_ID, sorted(series)), held)
        held.asked_series |= series
    defaults = more.defaults - held.asked_defaults
    if defaults:
        _take_series(await connection.rows(queries.SERIES_BY_DEFAULT, sorted(defaults)), held)
        held.asked_defaults |= defaults
    if more.names:
        _take_series(await connection.rows(queries.SERIES_NAMED, *_columns(more.names)), held)
        held.asked_names |= more.names
    if more.series_keys:
        _take_series(await connection.rows(queries.SERIES_KEYED, *_columns(more.series_keys)), held)
        held.asked_keys |= more.series_keys


async def _read_documents(connection: Connection, more: AccessSet, held: Held) -> None:
    if more.document_keys:
        rows = await connection.rows(queries.DOCUMENTS_UNDER, *_columns(more.document_keys))
        held.documents_under.update(dict.fromkeys(more.document_keys))
        held.documents_under.update({(own.tenant, own.key): own for own in map(document_of, rows)})
    if more.document_ids:
        rows = await connection.rows(queries.DOCUMENT_IDS, sorted(more.document_ids))
        held.taken_ids.update(dict.fromkeys(more.document_ids, False))
        held.taken_ids.update({DocumentId(row[0]): True for row in rows})
        if all(held.taken_ids[own] for own in more.document_ids):
            await _read_run(connection, min(more.document_ids), held)


async def _read_run(connection: Connection, start: DocumentId, held: Held) -> None:
    """Clients may have taken millions in a row: pass over them at once."""
    free = DocumentId(await connection.fetchval(queries.FIRST_FREE_ID, start))
    held.taken_runs.append(range(start, free))
    held.taken_ids[free] = False


def _take_series(rows: Iterable[Sequence[Any]], held: Held) -> None:
    for row in rows:
        held.put_series(series_of(row))


def _take_lines(rows: Iterable[Sequence[Any]], held: Held) -> None:
    counters = list(map(counter_of, rows))
    held.lines.update(counter.key for counter in counters)
    held.put_lines(counters)


def is_storable(number: int) -> bool:
    """False for a number that no column can hold; it is the id of nothing."""
    return -_BEYOND_ALL <= number < _BEYOND_ALL


def advisory_lock(name: str) -> int:
    """The 64-bit key that stands for a name among the database's advisory locks."""
    digest = hashlib.sha256(f"invoice-gateway/{name}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def _columns(rows: Iterable[Sequence[Any]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _line_columns(lines: Iterable[CounterKey]) -> list[list[Any]]:
    return _columns((key.series, key.line) for key in lines)
