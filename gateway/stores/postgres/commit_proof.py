"""How a group whose COMMIT was not answered is found in the database afterwards (ADR-49).

A group is recognised by something that only it can have written, and that nobody writes over. For a group that adds to the
ledger, that is its last entry: the entry's hash covers the request, whose id is unique, and entries are never changed. When a
ledger is restored, only its last entries are new; the others are as they were before. Any other group writes an id of its own
into the one row of `meta` that belongs to its process.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.stores.engine import statements
from gateway.stores.engine.statements import Row, Statement
from gateway.stores.postgres import queries
from gateway.stores.postgres.connection import Connection

MARK: Final = "group:"
"""Before the name of a process: the name in `meta` of the id of the last group that the process has marked."""
_FORGOTTEN: Final = 5_000_000
"""After so many transactions no group of a process can be in doubt any more. Its row goes."""
DROP_FORGOTTEN: Final = f"DELETE FROM meta WHERE name LIKE '{MARK}%' AND age(xmin) > {_FORGOTTEN}"


@dataclass(frozen=True, slots=True)
class CommitProof:
    """How a group's transaction is recognised.

    query: finds one value. It waits for a transaction that has written the row and has not ended.
    values: of the query.
    expected: the value when the group was committed.
    """

    query: str
    values: tuple[Any, ...]
    expected: Any


def process_mark() -> str:
    """The name in `meta` for a process, or rather for one store that it has opened."""
    return MARK + secrets.token_hex(8)


def proof_of(rows: Mapping[Statement, Sequence[Row]], mark: str) -> CommitProof | None:
    """How a group that writes these rows is recognised; None when it writes nothing."""
    for entry in rows.get(statements.APPEND_ENTRY, ())[-1:]:
        fields = dict(zip(statements.APPEND_ENTRY.columns, entry, strict=True))
        return CommitProof(queries.ENTRY_HASH, (fields["series"], fields["line"], fields["index"]), fields["hash"])
    return CommitProof(queries.MARKED, (mark,), secrets.token_hex(12)) if rows else None


def mark_of(proof: CommitProof | None) -> list[Row]:
    """The row of `meta` that has to be written for a proof, if one has."""
    return [(proof.values[0], proof.expected)] if proof is not None and proof.query == queries.MARKED else []


async def is_there(connection: Connection, proof: CommitProof | None) -> bool:
    """True when the group that the proof stands for was committed."""
    return proof is not None and await connection.fetchval(proof.query, *proof.values) == proof.expected
