"""Records: questions about them, and what a group needs of them to be decided.

A process that changes a tenant's records holds the lock on them (see `locking`). So what it reads under the lock stays so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from gateway.core.access_set import AccessSet
from gateway.core.record_commands import GetRecords, RecordQuery
from gateway.core.records import RecordKey, RecordUsage, can_be_id
from gateway.stores.engine import record_search, tables
from gateway.stores.engine.fences import Fence, TenantFencedError
from gateway.stores.engine.record_rows import id_at, key_row, record_of, tombstone_of, usages_of
from gateway.stores.engine.tables import Table, listed
from gateway.stores.postgres import queries
from gateway.stores.postgres.connection import Connection
from gateway.stores.postgres.locked_state import Held

BEGIN: Final = (
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; "
    "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_material = off"
)
"""`record_search` has decided which index is used."""
_WRITERS: Final = (
    "r.xmin",
    "(SELECT u.xmin FROM record_usage u WHERE u.tenant = {} AND u.kind = w.kind)",
)
"""The transactions that wrote a record, and how many there are of its kind."""
_WANTED: Final = "unnest($1::text[], $2::text[], $3::text[]) AS w(tenant, kind, id)"
_WITH: Final = (
    "SELECT v.tenant, v.kind, v.field, v.value, v.id "
    "FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS w(tenant, kind, field, value) JOIN record_values v "
    "ON v.tenant = w.tenant AND v.kind = w.kind AND v.field = w.field AND v.value = w.value"
)
_KINDS: Final = "unnest($1::text[], $2::text[]) AS w(tenant, kind)"
_USAGE: Final = (
    f"SELECT {listed(tables.record_usage, 'u')} FROM {_KINDS} JOIN record_usage u "
    "ON u.tenant = w.tenant AND u.kind = w.kind"
)
_ALL: Final = (
    f"SELECT {listed(tables.records, 'r')} FROM {_KINDS} JOIN records r ON r.tenant = w.tenant AND r.kind = w.kind"
)


# --- questions --------------------------------------------------------------------------------------------------------


async def answer_records(connection: Connection, query: RecordQuery[Any]) -> Any:
    """Answer a question about records; a TenantFencedError is returned, not raised (see `documents.answer_documents`)."""
    if isinstance(query, GetRecords):
        selects = record_search.keyed(query, _WRITERS)
        if len(selects) == 1:  # one SELECT is of one instant by itself
            rows = await connection.run(selects[0][0], *selects[0][1])
            connection.shown = _writers(query, rows)
            fence, found = rows[0][len(_WRITERS)], [row[len(_WRITERS) :] for row in rows]
            return record_search.read_of(query, found) if fence is None else _fenced(query, fence)
    await connection.execute(BEGIN)
    fence = await connection.fetchval(queries.FENCE_OF, query.tenant)
    answer = await _searched(connection, query) if fence is None else _fenced(query, fence)
    await connection.execute("COMMIT")
    return answer


def _writers(query: GetRecords, rows: Sequence[Sequence[Any]]) -> set[int] | None:
    """The transactions that wrote what the answer rests on; None when it rests on the absence of a record, too."""
    records = {row[0] for row in rows if row[0] is not None}
    found = sum(row[0] is not None for row in rows)
    used = {row[1] for row in rows} if query.any_of else set()
    return records | used if found == len(set(query.keys)) and None not in used else None


def _fenced(query: RecordQuery[Any], fence: str) -> TenantFencedError:
    return TenantFencedError(query.tenant, Fence.of(fence))


async def _searched(connection: Connection, query: RecordQuery[Any]) -> Any:
    steps = record_search.answer(query)
    rows: Sequence[Sequence[Any]] | None = None
    while True:
        try:
            text, values = steps.send(rows)  # type: ignore[arg-type]
        except StopIteration as end:
            return end.value
        rows = await connection.run(text, *values)


# --- for a group ------------------------------------------------------------------------------------------------------


def lock_names(needed: AccessSet) -> list[str]:
    """The names of the advisory locks on tenants' records."""
    return [f"records/{tenant}" for tenant in {tenant for tenant, _ in needed.record_kinds}]


async def read_records(connection: Connection, more: AccessSet, held: Held) -> None:
    """Read what decisions ask about records of the kinds that are locked."""
    if more.records:
        held.held_records.update(dict.fromkeys(more.records))
        possible = [key for key in more.records if can_be_id(key.id)]
        for table, made in ((tables.records, record_of), (tables.record_tombstones, tombstone_of)):
            rows = await connection.rows(_by_key(table), *_columns(possible)) if possible else ()
            held.held_records.update({record.key: record for record in map(made, rows)})
    if more.record_values:
        held.record_owners.update(dict.fromkeys(more.record_values))
        rows = await connection.rows(_WITH, *(list(column) for column in zip(*more.record_values, strict=True)))
        held.record_owners.update({(row[0], row[1], row[2], row[3]): id_at(row[4]) for row in rows})
    kinds = more.record_kinds - held.record_usages.keys()
    if kinds:
        held.record_usages.update(dict.fromkeys(kinds, RecordUsage()))
        rows = await connection.rows(_USAGE, *(list(column) for column in zip(*kinds, strict=True)))
        held.record_usages.update(usages_of(rows))
    if more.whole_kinds:
        held.whole_kinds.update({kind: [] for kind in more.whole_kinds})
        for row in await connection.rows(_ALL, *(list(column) for column in zip(*more.whole_kinds, strict=True))):
            record = record_of(row)
            held.whole_kinds[record.tenant, record.kind].append(record)


def _by_key(table: Table) -> str:
    same = " AND ".join(f"r.{name} = w.{name}" for name in table.key)
    return f"SELECT {listed(table, 'r')} FROM {_WANTED} JOIN {table.name} r ON {same}"


def _columns(keys: Iterable[RecordKey]) -> list[list[Any]]:
    return [list(column) for column in zip(*map(key_row, keys), strict=True)]
