"""Documents that were read or saved a moment ago, within bounds."""

from __future__ import annotations

import pytest

from gateway.core.documents import Document, DocumentId
from gateway.core.values import TenantId
from gateway.stores.engine import recent_documents
from gateway.stores.engine.recent_documents import RecentDocuments
from gateway.stores.engine.rows import document_row
from gateway.stores.engine.statements import Row


def row(own: int, *, version: int = 1, size: int = 0) -> Row:
    return document_row(
        Document(TenantId("t"), id=DocumentId(own), version=version, extras={"x": "y" * size} if size else {})
    )


def held(recent: RecentDocuments, *ids: int) -> list[tuple[int, int]] | None:
    found = recent.documents(map(DocumentId, ids))
    return None if found is None else [(document.id, document.version) for document in found]


def test_documents_are_found_by_id_and_replaced() -> None:
    recent = RecentDocuments()
    recent.take([row(2), row(1)])
    assert held(recent, 2, 1, 2) == [(1, 1), (2, 1)]
    assert held(recent, 1, 3) is None
    recent.take([row(1, version=2)])
    assert held(recent, 1) == [(1, 2)]
    assert recent.document(DocumentId(1)) == recent.made(row(1, version=2))
    assert recent.document(DocumentId(3)) is None
    recent.clear()
    assert held(recent, 1) is None
    assert recent.document(DocumentId(1)) is None


def test_a_document_is_made_once_while_its_row_is_kept() -> None:
    recent = RecentDocuments()
    first = row(1)
    recent.take([first])
    made = recent.made(first)
    assert recent.made(first) is made
    assert recent.document(DocumentId(1)) is made
    recent.take([row(1, version=2)])
    assert recent.made(first) is not made
    assert held(recent, 1) == [(1, 2)]


def test_the_oldest_leave_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent_documents, "MOST_CHARACTERS", 20_000)
    recent = RecentDocuments()
    recent.take([row(1, size=9_000), row(2, size=100)])
    recent.take([row(3, size=12_000)])
    assert [held(recent, own) is not None for own in (1, 2, 3)] == [False, True, True]
    recent.take([row(2, size=100)])
    recent.take([row(4, size=12_000)])
    assert [held(recent, own) is not None for own in (2, 3, 4)] == [True, False, True]


def test_a_very_large_document_is_not_kept() -> None:
    recent = RecentDocuments()
    recent.take([row(1)])
    recent.take([row(1, version=2, size=recent_documents.MOST_CHARACTERS // 64), row(2)])
    assert held(recent, 1) is None  # nor is its former version
    assert held(recent, 2) == [(2, 1)]
