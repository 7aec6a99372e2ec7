"""The state that rules and stores are tested against; it is the one that is shipped for tests of dialects."""

from __future__ import annotations

from gateway.testing.memory_store import MOMENT, MemoryState

__all__ = ["MOMENT", "MemoryState"]
