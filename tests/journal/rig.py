"""A journal on a file of its own, a clock that moves by hand, and made-up calls to record."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from multidict import CIMultiDict, CIMultiDictProxy

from gateway.core.values import TenantId
from gateway.journal.journal import Journal
from gateway.journal.models import Limits
from gateway.spi.adapter import Call, Reply
from gateway.spi.watch import Watch

START = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


@dataclass
class Hand:
    """The time, which moves by hand."""

    time: datetime = START

    def __call__(self) -> datetime:
        return self.time

    def forward(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@dataclass
class Book:
    """A journal and the means to fill it."""

    journal: Journal
    hand: Hand
    count: int = 0
    written: list[Call] = field(default_factory=list)

    def record(self, tenant: str | None = "a", status: int = 200, **facts: Any) -> Call:
        """One answered call."""
        self.count += 1
        made = Call(
            facts.pop("method", "POST"),
            facts.pop("path", "/p"),
            facts.pop("query", ""),
            CIMultiDictProxy(CIMultiDict(facts.pop("headers", {"User-Agent": "tests/1.0"}))),
            facts.pop("body", b"hello"),
            "http://h",
            f"r-{self.count}",
        )
        made.tenant = TenantId(tenant) if tenant is not None else None
        outcome, dialect = facts.pop("outcome", "ok"), facts.pop("dialect", "toy")
        reply = facts.pop("reply", None) or Reply(status, (("Content-Type", "text/plain"),), b"world")
        for name, value in facts.items():
            setattr(made, name, value)
        self.journal.record(made, reply, dialect, outcome, 0.0015)
        self.written.append(made)
        return made


@asynccontextmanager
async def book(path: Path, hand: Hand | None = None, **options: Any) -> AsyncIterator[Book]:
    """An open journal; it is closed in an orderly way at the end."""
    hand = hand or Hand()
    names = set(Limits.model_fields)
    limits = Limits(**{name: options.pop(name) for name in list(options) if name in names})
    journal = Journal(path / "journal.db", limits, Watch(), now=hand, **options)
    await journal.start()
    try:
        yield Book(journal, hand)
    finally:
        await journal.close()
