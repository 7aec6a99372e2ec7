"""What a write of the store's own was decided on, besides numbers and documents: tokens, tenants, snapshots, notes (ADR-52).

A caller reads the row before it asks for such a write, and another process may change the row in between. So the group's
transaction checks each condition, under the row's lock and on top of the earlier jobs. A job whose condition does not hold
changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from gateway.core.values import TenantId
from gateway.stores.engine import tables
from gateway.stores.engine.tables import Table

Facts: TypeAlias = Mapping[str, str]
"""What is compared of a row: the values of some columns, by name."""

COMPARED: Final[Mapping[Table, tuple[str, ...]]] = {
    tables.tokens: ("tenant",),
    tables.tenants: ("body", "created"),
    tables.meta: ("value",),
    tables.snapshots: ("created",),
}
"""The columns that conditions may ask for. The tables are in the order in which their rows are locked."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A row must read like this.

    key: the values of the table's primary key.
    expected: the columns that are compared. None: there must be no such row; nothing: there must be one, whatever it reads.
    """

    table: Table
    key: tuple[str, ...]
    expected: Facts | None

    def is_met(self, found: Facts | None) -> bool:
        """found: what the row reads; None when there is none."""
        if self.expected is None or found is None:
            return self.expected is found
        return all(found[name] == value for name, value in self.expected.items())


class ConditionFailedError(Exception):
    """A row does not read as the write expects it. Nothing of the job was written.

    condition: the one that does not hold.
    """

    def __init__(self, condition: Condition) -> None:
        self.condition = condition
        super().__init__(f"another change of {condition.table.name} came first: {'/'.join(condition.key)}")


def facts_of(table: Table, values: Sequence[str]) -> Facts:
    """The values of the columns that are compared, in their order, by name."""
    return dict(zip(COMPARED[table], values, strict=True))


def token_is_there(kind: str, digest: str) -> Condition:
    """Nobody has dropped or used up the token."""
    return Condition(tables.tokens, (kind, digest), {})


def tenant_is(tenant: TenantId, expected: Facts | None) -> Condition:
    """A tenant made at run time reads like this; None: there is none of this id."""
    return Condition(tables.tenants, (tenant,), expected)


def note_is(name: str, value: str | None) -> Condition:
    """A note reads like this; None: there is no such note."""
    return Condition(tables.meta, (name,), None if value is None else {"value": value})


def a_snapshot(tenant: TenantId, name: str) -> Condition:
    """The tenant has a snapshot of this name."""
    return Condition(tables.snapshots, (tenant, name), {})


def no_snapshot(tenant: TenantId, name: str) -> Condition:
    """The tenant has no snapshot of this name."""
    return Condition(tables.snapshots, (tenant, name), None)
