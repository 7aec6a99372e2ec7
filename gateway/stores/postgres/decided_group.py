"""What a group has decided inside its open transaction, and what the answer to its COMMIT means."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from gateway.core.catalogue import Catalogue
from gateway.core.values import TenantId
from gateway.stores.engine import statements
from gateway.stores.engine.chain_ends import Begun, Written
from gateway.stores.engine.group_commit import Outcome
from gateway.stores.engine.statements import Row, Statement
from gateway.stores.postgres.commit_proof import CommitProof, mark_of
from gateway.stores.postgres.error_classes import brief, rolled_back_at_commit

CATALOGUE_VERSION: Final = "catalogue-version:"
"""Before a tenant's id: the name in `meta` of something that is different after each change of its catalogue."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A group decided and written, or found written, inside an open transaction.

    outcomes: one for each job.
    proof: how the group is recognised afterwards; None when it writes nothing.
    transaction: what `DurableTransactions.learn` asks for, once the transaction is committed.
    catalogues: those that the group has changed.
    written: the rows.
    begun: what the store knew when the transaction began (see `chain_ends.Begun`).
    """

    outcomes: list[Outcome]
    proof: CommitProof | None = None
    transaction: tuple[int, int] | None = None
    catalogues: dict[TenantId, Catalogue] = field(default_factory=dict)
    written: Written = field(default_factory=dict)
    begun: Begun = field(default_factory=dict)

    @property
    def says_yes(self) -> bool:
        """True when any job succeeds, if only because what it wants was done before."""
        return any(not isinstance(outcome, Exception) for outcome in self.outcomes)


class InDoubtError(Exception):
    """It is not known whether COMMIT took effect. hung: the server did not answer in time."""

    def __init__(self, reason: str, hung: bool = False) -> None:
        super().__init__(reason)
        self.hung = hung


def check_committed(committing: asyncio.Task[str], warnings: Sequence[str]) -> None:
    """Raises InDoubtError, or the error of a rolled back COMMIT.

    committing: has ended.
    warnings: of the server, since it was sent.
    """
    if committing.cancelled():
        raise InDoubtError("COMMIT was interrupted")
    error = committing.exception()
    if error is not None:
        if isinstance(error, Exception) and rolled_back_at_commit(error):
            raise error
        raise InDoubtError(brief(error)) from error
    if committing.result() != "COMMIT":
        raise ConnectionError("the transaction was rolled back")
    if warnings:
        raise InDoubtError("; ".join(warnings))


def notes_beside(
    rows: Mapping[Statement, list[Row]], changed: Mapping[TenantId, Catalogue], proof: CommitProof | None
) -> dict[Statement, list[Row]]:
    """The rows of `meta`, with the group's mark, and a new version for each changed catalogue: others notice by it (ADR-30)."""
    versions: list[Row] = [(CATALOGUE_VERSION + tenant, secrets.token_hex(12)) for tenant in changed]
    notes = [*rows.get(statements.SAVE_META, ()), *versions, *mark_of(proof)]
    return {statements.SAVE_META: notes} if notes else {}
