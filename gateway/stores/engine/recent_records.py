"""Answers about records by key that were given a moment ago: a request often names the records that the one before it named.

They are part of the committed state, and the same rules hold as for `recent_documents`: an answer comes in only if it shows the
last published commit. It leaves when a published commit has changed any record of its tenant.
"""

from __future__ import annotations

from typing import Final

from gateway.core.record_commands import GetRecords, RecordsRead
from gateway.core.values import TenantId

MOST_BYTES: Final = 8 * 1024 * 1024
"""How many bytes of bodies are kept at most."""
_REST: Final = 1000
"""What an answer costs besides its bodies, in bytes."""
_LARGE: Final = MOST_BYTES // 64
"""An answer of so many bytes is not kept."""


class RecentRecords:
    """Answers by question, all of which leave when there are too many."""

    def __init__(self) -> None:
        self._answers: dict[TenantId, dict[GetRecords, RecordsRead]] = {}
        self._bytes = 0

    def answer(self, query: GetRecords) -> RecordsRead | None:
        """The answer to a question, None when it is not here."""
        own = self._answers.get(query.tenant)
        return None if own is None else own.get(query)

    def take(self, query: GetRecords, answer: RecordsRead) -> None:
        """Keep an answer that shows the last published commit."""
        size = sum([len(record.body) + _REST for record in answer.records.values()]) + _REST * len(query.keys)
        if size >= _LARGE:
            return
        if self._bytes + size > MOST_BYTES:
            self.clear()
        self._answers.setdefault(query.tenant, {})[query] = answer
        self._bytes += size

    def drop(self, tenant: TenantId) -> None:
        """Some record of the tenant has changed."""
        self._answers.pop(tenant, None)  # its bytes count on until all leave: a sum for each tenant would cost more

    def clear(self) -> None:
        """Forget all answers."""
        self._answers.clear()
        self._bytes = 0
