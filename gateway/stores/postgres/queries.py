"""The texts of the store's SELECTs. Each takes arrays as values, so a group costs as many statements as one command."""

from __future__ import annotations

from typing import Final

from gateway.stores.engine import statements, tables
from gateway.stores.engine.committed_state import NO_END, OWN_IDS
from gateway.stores.engine.statements import with_placeholders
from gateway.stores.engine.tables import listed

SERIES: Final = listed(tables.series, "s")
LINE: Final = listed(tables.counters, "c")
ISSUED: Final = listed(tables.issued, "i")
DOCUMENT: Final = listed(tables.documents, "d")

FENCE: Final = "(SELECT f.body FROM fences f WHERE f.tenant = s.tenant)"
"""The fence on a series' tenant, read along with the series, so that it costs no statement (ADR-38)."""
FENCE_OF: Final = "SELECT body FROM fences WHERE tenant = $1"
FENCES: Final = f"SELECT {listed(tables.fences)} FROM fences WHERE tenant = ANY($1::text[])"

LOCK_NAMES: Final = "SELECT pg_advisory_xact_lock(k) FROM unnest($1::bigint[]) AS w(k)"
_OWN_IDS: Final = (
    f"WITH own AS (SELECT coalesce(max(split_part(value, ' ', 1)::bigint), 1) AS first, "
    f"coalesce(max(split_part(value, ' ', 2)::bigint), {NO_END}) AS last FROM meta WHERE name = '{OWN_IDS}')"
)
LAST_SERIES: Final = (
    f"{_OWN_IDS} SELECT greatest((SELECT max(id) FROM series, own WHERE id >= first AND id < last), "
    "(SELECT value::bigint FROM meta, own WHERE name = $1 AND value::bigint >= first AND value::bigint < last), "
    "first - 1) AS last_series, first, last FROM own"
)
LAST_DOCUMENTS: Final = (
    f"{_OWN_IDS} SELECT greatest((SELECT value::bigint FROM meta WHERE name = $1), first - 1)::text, "
    "(SELECT coalesce(max(id), 0) FROM documents) FROM own"
)
CATALOGUES: Final = f"SELECT {listed(tables.catalogue)} FROM catalogue WHERE tenant = ANY($1::text[])"
LOCK_DOCUMENTS: Final = (
    f"SELECT {DOCUMENT} FROM documents d WHERE d.id = ANY($1::bigint[]) ORDER BY d.id FOR NO KEY UPDATE"
)
LOCK_SERIES: Final = (
    f"SELECT {SERIES} FROM series s WHERE s.id = ANY($1::bigint[]) OR (s.tenant = ANY($2::text[]) AND s.is_default) "
    "ORDER BY s.id FOR NO KEY UPDATE"
)
LOCK_ALL_LINES: Final = (
    f"SELECT {LINE} FROM counters c WHERE c.series = ANY($1::bigint[]) ORDER BY c.series, c.line FOR NO KEY UPDATE"
)
LOCK_LINES: Final = (
    f"SELECT {LINE} FROM unnest($1::bigint[], $2::text[]) AS w(series, line) "
    "JOIN counters c ON c.series = w.series AND c.line = w.line ORDER BY c.series, c.line FOR NO KEY UPDATE OF c"
)
CHAINS: Final = (
    f'SELECT w.series, w.line, l."index", l.hash, {FENCE}, {SERIES} FROM unnest($1::bigint[], $2::text[]) AS w(series, line) '
    'JOIN series s ON s.id = w.series LEFT JOIN LATERAL (SELECT x."index", x.hash FROM ledger x '
    'WHERE x.series = w.series AND x.line = w.line ORDER BY x."index" DESC LIMIT 1) l ON true'
)
SERIES_BY_ID: Final = f"SELECT {SERIES} FROM series s WHERE s.id = ANY($1::bigint[])"
SERIES_BY_DEFAULT: Final = f"SELECT {SERIES} FROM series s WHERE s.tenant = ANY($1::text[]) AND s.is_default"
SERIES_NAMED: Final = (
    f"SELECT {SERIES} FROM unnest($1::text[], $2::text[]) AS w(tenant, name) "
    "JOIN series s ON s.tenant = w.tenant AND s.name = w.name"
)
SERIES_KEYED: Final = (
    f"SELECT {SERIES} FROM unnest($1::text[], $2::text[]) AS w(tenant, key) "
    "JOIN series s ON s.tenant = w.tenant AND s.key = w.key"
)
ISSUED_UNDER: Final = (
    f"SELECT {ISSUED} FROM unnest($1::text[], $2::text[]) AS w(tenant, key) "
    "JOIN issued i ON i.tenant = w.tenant AND i.key = w.key"
)
ISSUED_NUMBERS: Final = (
    f"SELECT {ISSUED} FROM unnest($1::bigint[], $2::text[], $3::bigint[]) AS w(series, line, number) "
    "JOIN issued i ON i.series = w.series AND i.line = w.line AND i.number = w.number"
)
RESERVED_UNDER: Final = (
    f"SELECT {ISSUED} FROM unnest($1::text[], $2::text[]) AS w(tenant, key) "
    "JOIN issued i ON i.tenant = w.tenant AND i.reservation_key = w.key"
)
FIRST_FREE: Final = (
    "SELECT w.series, w.line, w.number, CASE WHEN EXISTS (SELECT 1 FROM issued s WHERE s.series = w.series "
    "AND s.line = w.line AND s.number = w.number) THEN f.free ELSE w.number END "
    "FROM unnest($1::bigint[], $2::text[], $3::bigint[]) AS w(series, line, number) LEFT JOIN LATERAL ("
    "SELECT d.number + 1 AS free FROM (SELECT i.number, lead(i.number) OVER (ORDER BY i.number) AS following FROM issued i "
    "WHERE i.series = w.series AND i.line = w.line AND i.number >= w.number) d "
    "WHERE d.following IS DISTINCT FROM d.number + 1 ORDER BY d.number LIMIT 1) f ON true"
)
"""The first free number from each one on: walks the index as far as numbers follow one another."""
DOCUMENTS_UNDER: Final = (
    f"SELECT {DOCUMENT} FROM unnest($1::text[], $2::text[]) AS w(tenant, key) "
    "JOIN documents d ON d.tenant = w.tenant AND d.key = w.key"
)
DOCUMENT_IDS: Final = "SELECT id FROM documents WHERE id = ANY($1::bigint[])"
FIRST_FREE_ID: Final = (
    "SELECT id + 1 FROM (SELECT id, lead(id) OVER (ORDER BY id) AS following FROM documents WHERE id >= $1) d "
    "WHERE following IS DISTINCT FROM id + 1 ORDER BY id LIMIT 1"
)
"""Walks the index as far as ids follow one another; the first id must be taken."""
BARRIER: Final = "SELECT pg_logical_emit_message(true, 'invoice-gateway', '')"
"""Something for COMMIT to make durable. When COMMIT returns, all that was committed before is durable, too."""
ENDED: Final = "txid_snapshot_xmin(txid_current_snapshot())"
"""Each transaction with a lower number has ended."""
PROOF: Final = f"SELECT {ENDED}, txid_current(), ({BARRIER})"
"""A barrier, and what `DurableTransactions.learn` asks for."""
PRIMARY: Final = (
    "SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8), pg_backend_pid(), "
    f"extract(epoch FROM clock_timestamp())::float8, {ENDED}, txid_current(), ({BARRIER})"
)
"""The server's timeline, the process that answers, the server's clock, and a proof."""
NEXT_TRANSACTION: Final = "SELECT txid_snapshot_xmax(txid_current_snapshot())"
"""What was read before shows no transaction with this number or a higher one."""
TIMELINE: Final = "primary-timeline"
"""The name in `meta` of the timeline for which every lease on the former primary has ended (ADR-29)."""
NOTED: Final = "SELECT value FROM meta WHERE name = $1"
NOTE: Final = with_placeholders(statements.NOTE, "$", 2)
DROP_NOTE: Final = "DELETE FROM meta WHERE name = $1"
ENTRY_HASH: Final = 'SELECT hash FROM ledger WHERE series = $1 AND line = $2 AND "index" = $3'
MARKED: Final = (
    "INSERT INTO meta (name, value) VALUES ($1, '') ON CONFLICT (name) DO UPDATE SET value = meta.value RETURNING value"
)
"""The id of the last group that a process has marked. A mere SELECT would not wait for a transaction that still goes on."""

READ_SERIES: Final = (
    f"SELECT {SERIES}, {LINE}, s.xmin, c.xmin, {FENCE} FROM series s LEFT JOIN counters c ON c.series = s.id "
    "WHERE s.id = ANY($1::bigint[])"
)
READ_TENANTS: Final = (
    f"SELECT {SERIES}, {LINE}, s.xmin, c.xmin, {FENCE} FROM series s LEFT JOIN counters c ON c.series = s.id WHERE s.id IN ("
    "SELECT unnest($1::bigint[]) UNION SELECT id FROM series WHERE tenant = ANY($2::text[]) AND is_default "
    "UNION SELECT id FROM series WHERE tenant = ANY($3::text[]))"
)
READ_TOKENS: Final = (
    f"SELECT {listed(tables.tokens, 't')}, t.xmin FROM unnest($1::text[], $2::text[]) AS w(kind, digest) "
    "JOIN tokens t ON t.kind = w.kind AND t.digest = w.digest"
)
TENANTS_FENCE: Final = "(SELECT f.body FROM fences f WHERE f.tenant = $1)"
DOCUMENTS_ASKED: Final = (
    f"SELECT {DOCUMENT}, d.xmin, (SELECT f.body FROM fences f WHERE f.tenant = d.tenant) FROM documents d "
    "WHERE d.id = ANY($1::bigint[])"
)
"""Documents of any tenant, each with the transaction that wrote it and the fence on its tenant."""
DOCUMENTS_BY_ID: Final = (
    f"SELECT {DOCUMENT}, {TENANTS_FENCE} FROM documents d "
    "WHERE d.tenant = $1 AND d.id = ANY($2::bigint[]) ORDER BY d.id"
)
DOCUMENTS_FOUND: Final = f"SELECT {DOCUMENT}, {TENANTS_FENCE} FROM f JOIN documents d ON d.id = f.id ORDER BY d.id"
ALL_FENCES: Final = f"SELECT {listed(tables.fences)}, xmin FROM fences"
NOTES: Final = f"SELECT {listed(tables.meta)}, xmin FROM meta WHERE starts_with(name, $1)"
"""Notes, each with the transaction that wrote it."""
NOTES_NAMED: Final = f"SELECT {listed(tables.meta)}, xmin FROM meta WHERE name = ANY($1::text[])"
ENTRIES_AT: Final = (
    'SELECT l.series, l.line, l."index", l.hash FROM unnest({}::bigint[], {}::text[], {}::bigint[]) AS w(series, line, place) '
    'JOIN ledger l ON l.series = w.series AND l.line = w.line AND l."index" = w.place'
)
