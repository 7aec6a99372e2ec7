"""What one call did to the core, step by step. `watch` writes it while somebody watches; the journal reads it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gateway.core.refusals import Refusal


@dataclass(slots=True)
class Step:
    """One command or query, and what came of it.

    result, refusal, error: the one that applies; `error` is the name of its class.
    committed: whether it took effect durably; None when nobody knows, because the store failed at the commit or the
        deadline ended the wait.
    """

    command: Any
    result: Any = None
    refusal: Refusal | None = None
    error: str = ""
    committed: bool | None = False


@dataclass(slots=True)
class Trace:
    """Everything that is noted of one call.

    steps: uses of the core, in order.
    faults: ids of the fault rules that struck.
    replay_of: the id of the request whose answer was given again; "" when none was.
    considered: the points at which fault rules were asked; each is asked once.
    store_delay_seconds: how long to wait before each use of the core, as a fault rule wants it.
    """

    steps: list[Step] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    replay_of: str = ""
    considered: set[str] = field(default_factory=set)
    store_delay_seconds: float = 0.0

    @property
    def committed(self) -> bool:
        """True when something certainly took effect."""
        return any(step.committed for step in self.steps)

    @property
    def uncertain(self) -> bool:
        """True when something may have taken effect."""
        return any(step.committed is None for step in self.steps)
