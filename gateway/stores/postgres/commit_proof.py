"""How a group whose COMMIT was not answered is found in the database afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gateway.stores.engine import statements
from gateway.stores.engine.statements import Row, Statement
from gateway.stores.postgres import queries
from gateway.stores.postgres.connection import Connection


@dataclass(frozen=True, slots=True)
class CommitProof:
    """How a group's transaction is recognised afterwards: by a row that no other transaction can have written.

    query: finds one value.
    values: of the query.
    expected: the value when the group was committed.
    """

    query: str
    values: tuple[Any, ...]
    expected: Any


def proof_of(rows: dict[Statement, list[Row]]) -> CommitProof | None:
    """How a group that writes these rows is recognised, if it can be.

    An entry's hash covers the moment of the group and the request, so no other group writes the same. When a ledger is
    restored, only its last entries are new; the others are as they were before.
    """
    for entry in rows.get(statements.APPEND_ENTRY, ())[-1:]:
        fields = dict(zip(statements.APPEND_ENTRY.columns, entry, strict=True))
        return CommitProof(queries.ENTRY_HASH, (fields["series"], fields["kind"], fields["index"]), fields["hash"])
    for document in rows.get(statements.SAVE_DOCUMENT, ()):
        fields = dict(zip(statements.SAVE_DOCUMENT.columns, document, strict=True))
        return CommitProof(queries.SAVED_DOCUMENT, (fields["id"], fields["version"], fields["changed"]), fields["body"])
    return None


async def is_there(connection: Connection, proof: CommitProof | None) -> bool:
    """True when the group that the proof stands for was committed."""
    return proof is not None and await connection.fetchval(proof.query, *proof.values) == proof.expected
