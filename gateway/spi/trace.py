"""What one call did to the core, step by step: written around the service while somebody watches, read by the journal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gateway.core.refusals import Refusal


@dataclass(slots=True)
class Step:
    """One command or query, and what came of it: a result, a refusal, or the name of the error.

    committed: whether it took effect durably; None when nobody knows (the store failed at the commit, the deadline struck).
    """

    command: Any
    result: Any = None
    refusal: Refusal | None = None
    error: str = ""
    committed: bool | None = False


@dataclass(slots=True)
class Trace:
    """Steps in order. faults: ids of the rules that struck. replay_of: the request whose answer was given again.

    considered: the points at which fault rules were asked, each once. store_delay_seconds: before each use of the core.
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
