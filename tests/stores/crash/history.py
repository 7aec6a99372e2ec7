"""What clients saw: each operation, when it began, when it was answered, and the answer. It does not ask the store."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Operation:
    """One request of one client.

    kind: issue, claim, reserve, set, clear, void, peek, show (a read of the document whose issue has the same key).
    line: the document kind.
    began: the tick at which it was sent; all operations share one clock.
    ended: the tick of its answer; None: no answer ever came.
    outcome: unknown, done, refused.
    answer: issue, claim, reserve → number and replayed; set, clear → before and after; void → number; peek → next; show →
        number, None when the document has none.
    """

    request: str
    client: int
    kind: str
    line: str
    began: int
    key: str = ""
    asked: int | None = None
    ended: int | None = None
    outcome: str = "unknown"
    answer: dict[str, Any] = field(default_factory=dict)

    @property
    def reads(self) -> bool:
        """True when the operation changes nothing."""
        return self.kind in {"peek", "show"}

    @property
    def changed_something(self) -> bool:
        """True when the answer means that the store has changed."""
        if self.outcome != "done":
            return False
        if self.kind in {"issue", "claim", "reserve"}:
            return not self.answer["replayed"]
        if self.kind in {"set", "clear"}:
            return bool(self.answer["before"] != self.answer["after"])
        return self.kind == "void"


class History:
    """All operations of all clients, written down before they are sent.

    answered: how many answers came.
    """

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self.answered = 0
        self._ticks = itertools.count(1)

    def begin(self, client: int, kind: str, line: str, key: str = "", asked: int | None = None) -> Operation:
        """Write down an operation before it is sent."""
        operation = Operation(f"request-{len(self.operations)}", client, kind, line, next(self._ticks), key, asked)
        self.operations.append(operation)
        return operation

    def end(self, operation: Operation, answer: dict[str, Any]) -> None:
        """Write down the answer."""
        operation.ended = next(self._ticks)
        operation.outcome = "refused" if "refused" in answer else "done"
        operation.answer = answer
        self.answered += 1
