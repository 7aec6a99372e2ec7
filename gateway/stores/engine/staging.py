"""From a change to its rows: a table says, for each class of change, how it is staged in a group.

To stage a change is to let the rest of the group see it and to put its rows down. The changes of the core are methods of the
unit of work; those that only stores make are functions here. A new kind of change is a statement in `statements` and a line in
`STAGES`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from gateway.core.catalogue import EMPTY
from gateway.core.changes import (
    CatalogueChanged,
    Change,
    CounterMoved,
    DocumentSaved,
    NumberChanged,
    NumberGiven,
    Recorded,
    RecordSaved,
    RecordsCounted,
    SeriesSaved,
    WorkAdded,
    WorkLetGo,
    WorkSaved,
)
from gateway.core.values import SERIES_CHAIN, CounterKey, TenantId
from gateway.stores.engine import statements, tables
from gateway.stores.engine.chain_ends import BEGUN
from gateway.stores.engine.committed_state import LAST_SERIES
from gateway.stores.engine.rows import (
    KeptTenant,
    KeptToken,
    catalogues_of,
)
from gateway.stores.engine.staged_work import work_row
from gateway.stores.engine.tenant_rows import PUT, SEED, TenantReplaced
from gateway.stores.engine.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class TokenSaved:
    """A token is new or replaced."""

    token: KeptToken

    @property
    def tenant(self) -> TenantId:
        """Whose token it is; a fence on this tenant refuses the change (see `fences.tenants_of`)."""
        return self.token.tenant


@dataclass(frozen=True, slots=True)
class TokenProlonged:
    """A token that is there and would end before `expires_ms` ends then.

    digest: see `KeptToken`.
    tenant: whose token it is.
    expires_ms: milliseconds since 1970, UTC.
    """

    kind: str
    digest: str
    tenant: TenantId
    expires_ms: int


@dataclass(frozen=True, slots=True)
class TokenDropped:
    """A token is no longer good. tenant: whose token it is."""

    kind: str
    digest: str
    tenant: TenantId


@dataclass(frozen=True, slots=True)
class TokensExpired:
    """A tenant's tokens that end at `now_ms` or before are not needed any more."""

    tenant: TenantId
    now_ms: int


@dataclass(frozen=True, slots=True)
class MetaNoted:
    """A named fact about the store itself."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class MetaDropped:
    """A named fact about the store itself is none any more."""

    name: str


@dataclass(frozen=True, slots=True)
class TenantKept:
    """A tenant made at run time is new, or has another body.

    is_new: the group fails when there is a tenant of this id already.
    """

    kept: KeptTenant
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class TenantDropped:
    """A tenant made at run time is gone. Its numbers stay, unless they are replaced by nothing."""

    id: TenantId


@dataclass(frozen=True, slots=True)
class SnapshotKept:
    """A snapshot is new, or takes the place of the one of its name.

    created: ISO 8601, UTC.
    rows: how many it holds.
    body: what `Contents.pack` made.
    """

    tenant: TenantId
    name: str
    created: str
    rows: int
    body: bytes


@dataclass(frozen=True, slots=True)
class SnapshotDropped:
    """A snapshot is gone."""

    tenant: TenantId
    name: str


StoreChange: TypeAlias = (
    Change
    | TokenSaved
    | TokenProlonged
    | TokenDropped
    | TokensExpired
    | MetaNoted
    | MetaDropped
    | TenantKept
    | TenantDropped
    | TenantReplaced
    | SnapshotKept
    | SnapshotDropped
)


def _stage_token(unit: UnitOfWork, change: TokenSaved) -> None:
    key = change.token.kind, change.token.digest
    unit.set_row(statements.SAVE_TOKEN, key, change.token)
    unit.put_facts(tables.tokens, key, change.token.tenant)


def _stage_token_prolonged(unit: UnitOfWork, change: TokenProlonged) -> None:
    unit.add_row(statements.PROLONG_TOKEN, (change.kind, change.digest, change.expires_ms))


def _stage_token_dropped(unit: UnitOfWork, change: TokenDropped) -> None:
    key = change.kind, change.digest
    unit.drop_row(statements.SAVE_TOKEN, key)
    unit.set_row(statements.DROP_TOKEN, key, key)
    unit.forget_facts(tables.tokens, key)


def _stage_tokens_expired(unit: UnitOfWork, change: TokensExpired) -> None:
    unit.add_row(statements.DROP_EXPIRED, (change.tenant, change.now_ms))


def _stage_meta(unit: UnitOfWork, change: MetaNoted) -> None:
    unit.put_meta(change.name, change.value)


def _stage_meta_dropped(unit: UnitOfWork, change: MetaDropped) -> None:
    unit.forget_meta(change.name)


def _stage_tenant(unit: UnitOfWork, change: TenantKept) -> None:
    statement = statements.ADD_TENANT if change.is_new else statements.SAVE_TENANT
    unit.set_row(statement, change.kept.id, change.kept)
    unit.put_facts(tables.tenants, (change.kept.id,), change.kept.body, change.kept.created)


def _stage_tenant_dropped(unit: UnitOfWork, change: TenantDropped) -> None:
    unit.drop_row(statements.ADD_TENANT, change.id)
    unit.drop_row(statements.SAVE_TENANT, change.id)
    unit.set_row(statements.DROP_TENANT, change.id, (change.id,))
    unit.forget_facts(tables.tenants, (change.id,))


def _stage_snapshot(unit: UnitOfWork, change: SnapshotKept) -> None:
    row = (change.tenant, change.name, change.created, change.rows, change.body)
    unit.set_row(statements.SAVE_SNAPSHOT, row[:2], row)
    unit.put_facts(tables.snapshots, row[:2], change.created)


def _stage_snapshot_dropped(unit: UnitOfWork, change: SnapshotDropped) -> None:
    key = (change.tenant, change.name)
    unit.drop_row(statements.SAVE_SNAPSHOT, key)
    unit.set_row(statements.DROP_SNAPSHOT, key, key)
    unit.forget_facts(tables.snapshots, key)


def _stage_work_added(unit: UnitOfWork, change: WorkAdded) -> None:
    unit.work.put(change.item)
    unit.add_row(statements.ADD_WORK, work_row(change.item))


def _stage_work(unit: UnitOfWork, change: WorkSaved) -> None:
    item = change.item
    unit.work.put(item)
    unit.set_row(statements.SAVE_WORK, (item.tenant, item.id), work_row(item))


def _stage_work_let_go(unit: UnitOfWork, change: WorkLetGo) -> None:
    unit.work.forget(change.tenant, change.work)
    unit.set_row(statements.DROP_WORK, (change.tenant, change.work), (change.tenant, change.work))


def _stage_replaced(unit: UnitOfWork, change: TenantReplaced) -> None:
    """Take everything away, put the contents in its place, and note which series ids must never be used again (ADR-25)."""
    tenant, contents = change.tenant, change.contents
    last_series = unit.new_series_id() - 1
    unit.replace_tenant(tenant, max((row[0] for row in contents.of(tables.documents)), default=0))
    for statement in statements.CLEAR:
        unit.add_row(statement, (tenant,))
    unit.forget_meta(SEED + tenant)
    unit.put_meta(LAST_SERIES, str(last_series))
    former = int(unit.meta(BEGUN + tenant) or 0)
    unit.put_meta(BEGUN + tenant, str(max(change.begun, former + 1)))
    for table, statement in PUT.items():
        for row in contents.of(table):
            if table is tables.meta:
                unit.put_meta(*row)
            else:
                unit.add_row(statement, row)
    _show(unit, change)


def _show(unit: UnitOfWork, change: TenantReplaced) -> None:
    """Put the new contents into memory, and record the restoration on top of the restored chains."""
    tenant, contents = change.tenant, change.contents
    for counter in contents.counters():
        unit.put_counter(counter)
    for chain, head in contents.heads().items():
        unit.put_head(chain, head)
    unit.put_catalogue(tenant, catalogues_of(contents.of(tables.catalogue)).get(tenant, EMPTY))
    for series in contents.series():
        unit.put_series(series)
        if change.restored_by is not None:
            chain = CounterKey(series.id, SERIES_CHAIN)
            unit.append(Recorded(tenant, chain, "restore", None, None, change.restored_by))


STAGES: Final[Mapping[type[Any], Callable[[UnitOfWork, Any], None]]] = {
    SeriesSaved: UnitOfWork.save_series,
    CounterMoved: UnitOfWork.move_counter,
    NumberGiven: UnitOfWork.give_number,
    NumberChanged: UnitOfWork.change_number,
    DocumentSaved: UnitOfWork.save_document,
    CatalogueChanged: UnitOfWork.change_catalogue,
    Recorded: UnitOfWork.append,
    RecordSaved: UnitOfWork.save_record,
    RecordsCounted: UnitOfWork.count_records,
    TokenSaved: _stage_token,
    TokenProlonged: _stage_token_prolonged,
    TokenDropped: _stage_token_dropped,
    TokensExpired: _stage_tokens_expired,
    MetaNoted: _stage_meta,
    MetaDropped: _stage_meta_dropped,
    TenantKept: _stage_tenant,
    TenantDropped: _stage_tenant_dropped,
    TenantReplaced: _stage_replaced,
    SnapshotKept: _stage_snapshot,
    SnapshotDropped: _stage_snapshot_dropped,
    WorkAdded: _stage_work_added,
    WorkSaved: _stage_work,
    WorkLetGo: _stage_work_let_go,
}
"""How a change of each class is staged: the rest of the group sees it, and its rows are put down."""
