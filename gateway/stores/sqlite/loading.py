"""Reads the committed state from the file: series, lines, ends of chains, notes, catalogues, fences."""

from __future__ import annotations

from typing import Final

from gateway.core.values import SERIES_CHAIN
from gateway.stores.engine import tables
from gateway.stores.engine.committed_state import Committed
from gateway.stores.engine.fences import ALL_FENCES
from gateway.stores.engine.rows import catalogues_of, chain_of, counter_of, fences_of, head_of, notes_of, series_of
from gateway.stores.engine.tables import listed
from gateway.stores.sqlite.connection import Connection

_SERIES: Final = f"SELECT {listed(tables.series)} FROM series ORDER BY id"
_LINES: Final = f"SELECT {listed(tables.counters)} FROM counters"
_ITEMS: Final = f"SELECT {listed(tables.catalogue)} FROM catalogue ORDER BY tenant, list"
NOTES: Final = f"SELECT {listed(tables.meta)} FROM meta"
_HEADS: Final = (
    'SELECT l.series, l.line, l."index", l.hash FROM '
    "(SELECT series, line FROM counters UNION ALL SELECT id, ? FROM series) c "
    "JOIN ledger l ON l.series = c.series AND l.line = c.line "
    'AND l."index" = (SELECT max("index") FROM ledger WHERE series = c.series AND line = c.line)'
)


def load_committed(connection: Connection) -> Committed:
    """The state of the instant of the connection's transaction."""
    committed = Committed()
    for series in map(series_of, connection.execute(_SERIES)):
        committed.put_series(series)
    committed.put_lines(map(counter_of, connection.execute(_LINES)))
    committed.heads.update((chain_of(row), head_of(row)) for row in connection.execute(_HEADS, (SERIES_CHAIN,)))
    committed.meta.update(notes_of(connection.execute(NOTES)))
    committed.catalogues.update(catalogues_of(connection.execute(_ITEMS)))
    committed.fences.update(fences_of(connection.execute(ALL_FENCES)))
    committed.take_ids()
    committed.highest_document_id = connection.execute("SELECT max(id) FROM documents").fetchone()[0] or 0
    return committed
