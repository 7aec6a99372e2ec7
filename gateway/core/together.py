"""Several commands in one: decided one on top of the other, all or nothing, in one transaction (ADR-63)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from gateway.core.commands import Command
from gateway.core.records import Record, RecordKey
from gateway.core.values import Origin, TenantId


@dataclass(frozen=True, slots=True)
class SoFar:
    """What a part is built from.

    results: of the parts before it, in their order. A part that was left out has None.
    records: those that the part needs, as the parts before it leave them. Tombstones are among them.
    """

    results: tuple[Any, ...]
    records: Mapping[RecordKey, Record]


@dataclass(frozen=True, slots=True)
class Build:
    """A part that is made from what the parts before it have led to: a body that holds a number which was just given, say.

    make: pure, and quick. It may be called more than once before the command takes effect. None leaves the part out.
    needs: records that `make` looks at.
    like: a command that needs about what the made one will need. Stores load that beforehand, so that they need not begin
        again. It is never carried out, and what is made may need something else.
    """

    make: Callable[[SoFar], Command[Any] | None]
    needs: tuple[RecordKey, ...] = ()
    like: Command[Any] | None = None


Part: TypeAlias = Command[Any] | Build


@dataclass(frozen=True, slots=True)
class DoneTogether:
    """Answer to Together.

    results: one for each part, in their order; None for a part that was left out.
    """

    results: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Together(Command[DoneTogether]):
    """Decide several commands of one tenant, each on the state that those before it leave.

    A part that is refused refuses the whole, and nothing is consumed. A part with a key that came before gets its former
    answer, as it would alone; the parts beside it are decided anew, so a `Build` looks at `replayed`.

    parts: a Together among them is decided as a whole: its builds see the results of its own parts only, and its result is
        its DoneTogether.
    Refused: what any part is refused with.
    """

    tenant: TenantId
    parts: tuple[Part, ...]
    by: Origin

    def __post_init__(self) -> None:
        for part in self.parts:
            if isinstance(part, Build):
                if any(key.tenant != self.tenant for key in part.needs):
                    raise ValueError("a record of another tenant")
                if part.like is not None:
                    self.check(part.like)
            else:
                self.check(part)

    def check(self, part: Command[Any]) -> None:
        """Raises ValueError for a command that cannot be a part: one of another tenant."""
        if part.tenant != self.tenant:
            raise ValueError(f"cannot be a part: {type(part).__name__} of tenant {part.tenant}")
