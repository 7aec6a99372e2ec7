"""What every client of the line does: it writes down what it asks and what it gets.

A request that got neither yes nor no stays unknown in the history; a request that was never sent counts as refused.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import ClassVar, Final

from tests.failover.wire import PAUSE_SECONDS, UnansweredError, UnsentError, Wire
from tests.stores.crash.history import History, Operation

LINE: Final = "invoice"
LEAP: Final = 3000
"""A set asks for a number so far above all that was seen that no issue in flight can reach it by itself."""


@dataclass
class Notebook:
    """What all clients write into.

    acknowledged: for each acknowledged write its dialect, when it was sent, and when it was answered (time.monotonic).
    """

    history: History = field(default_factory=History)
    acknowledged: list[tuple[str, float, float]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    strange: set[str] = field(default_factory=set)
    highest: int = 1
    ended: bool = False

    def see(self, number: int) -> None:
        """Note a number that a client has got."""
        self.highest = max(self.highest, number)

    def leap(self) -> int:
        """A number to set that nobody has asked for yet."""
        self.highest += LEAP
        return self.highest


class Client(ABC):
    """One client, which sends one request after the other until the notebook is closed."""

    dialect: ClassVar[str]
    trouble: ClassVar[re.Pattern[str]]
    """The vendor's own answer when its service is in trouble: status and body."""

    def __init__(self, number: int, wire: Wire, book: Notebook) -> None:
        self.number = number
        self.wire = wire
        self.book = book
        self.chance = random.Random(f"{self.dialect}-{number}")

    async def run(self) -> None:
        """Go on until the notebook is closed."""
        while not self.book.ended:
            try:
                await self.turn()
            except (UnsentError, UnansweredError):
                await asyncio.sleep(PAUSE_SECONDS)

    @abstractmethod
    async def turn(self) -> None:
        """Send a few requests. Raises UnsentError, UnansweredError."""

    def begin(self, kind: str, asked: int | None = None, name: str = "") -> Operation:
        """Write down an operation before it is sent.

        name: the text by which its row in the store can be recognised.
        """
        operation = self.book.history.begin(self.number, kind, LINE, name, asked)
        operation.request = name or operation.request
        return operation

    def told(self, operation: Operation, sent: float, **answer: int | bool | None) -> None:
        """Write down an acknowledgement."""
        self.book.history.end(operation, answer)
        for name in ("next", "number", "after"):
            self.book.see(answer.get(name) or 0)
        if not operation.reads:
            self.book.acknowledged.append((self.dialect, sent, time.monotonic()))

    def refused(self, operation: Operation, why: str) -> None:
        """Write down that nothing was done."""
        self.book.history.end(operation, {"refused": why})

    async def failed(self, status: int, text: str) -> None:
        """Write down an answer that is neither yes nor no."""
        if not self.trouble.search(f"{status} {text}"):
            self.book.strange.add(f"{self.dialect} answered {status} {text[:300]!r}, in no words of the vendor's")
        await self.wire.failed(self.dialect, status, text)

    async def sent(self, operation: Operation, *request: object, **more: object) -> tuple[int, str]:
        """Send a request; one that never left is written down as refused."""
        try:
            return await self.wire.send(*request, **more)  # type: ignore[arg-type]
        except UnsentError:
            self.refused(operation, "never sent")
            raise
