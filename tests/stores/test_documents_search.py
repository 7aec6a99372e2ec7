"""Searches in 100,000 documents: what they find, which index they use, and that none reads all documents."""

from __future__ import annotations

import datetime as dt
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.commands import GetDocuments, Query, R, SearchDocumentIds, SearchDocuments
from gateway.core.documents import DocumentId, Status
from gateway.core.search import DateSpan, DocumentFilter
from gateway.core.values import INVOICE, DocumentKind, SeriesId, TenantId
from gateway.stores import open_store
from gateway.stores.errors import StoreDamagedError
from gateway.stores.sqlite import document_search
from gateway.stores.sqlite.documents import answer_documents
from gateway.stores.sqlite.file import Reader
from tests.stores.document_library import MAIN, OURS, THEIRS, Library, build_library, moment

MANY = 100_000
FEW = 3_000


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory, blank_store: Path) -> Library:
    """100,000 documents."""
    return build_library(tmp_path_factory.mktemp("library") / "documents.db", blank_store, MANY)


@pytest.fixture(scope="session")
def few(tmp_path_factory: pytest.TempPathFactory, blank_store: Path) -> Library:
    """3,000 documents."""
    return build_library(tmp_path_factory.mktemp("few") / "documents.db", blank_store, FEW)


@pytest.fixture
def reader(library: Library) -> Iterator[Reader]:
    reader = Reader(library.path)
    yield reader
    reader.close()


def answer(reader: Reader, query: Query[R]) -> R:
    found: R = reader.within(lambda connection: answer_documents(connection, query))
    return found


def ids_found(reader: Reader, query: SearchDocumentIds) -> tuple[list[DocumentId], bool]:
    found = answer(reader, query)
    return list(found.ids), found.more


class Trace:
    """Every statement that a reader runs, with its values in place."""

    def __init__(self, reader: Reader) -> None:
        self.statements: list[str] = []
        self._connection = reader._connection
        self._connection.set_trace_callback(self.statements.append)

    def plans(self) -> list[str]:
        """The steps of SQLite for each statement, one text per step."""
        self._connection.set_trace_callback(None)
        steps = []
        for statement in self.statements:
            if statement.lstrip().startswith("SELECT"):
                steps += [row[3] for row in self._connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
        return steps


WHERE = {
    "everything": DocumentFilter(),
    "ids": DocumentFilter(ids=tuple(DocumentId(i) for i in range(5, MANY, 97))),
    "one number": DocumentFilter(numbers=(777,)),
    "1000 numbers": DocumentFilter(numbers=tuple(range(1, 2000, 2))),
    "one customer": DocumentFilter(customers=(31,)),
    "1000 customers": DocumentFilter(customers=tuple(range(1000))),
    "a common status": DocumentFilter(statuses=(Status.ISSUED,)),
    "two statuses": DocumentFilter(statuses=(Status.OPEN, Status.DRAFT)),
    "a status nobody has": DocumentFilter(statuses=(Status.VOID,)),
    "a rare stage": DocumentFilter(stages=("ForInvoicing",)),
    "a stage nobody has": DocumentFilter(stages=("Rest",)),
    "common stages": DocumentFilter(stages=("Web", "Offer", "Invoiced")),
    "a rare external status": DocumentFilter(external_statuses=(3,)),
    "a common external status": DocumentFilter(external_statuses=(1,)),
    "a kind": DocumentFilter(kinds=(INVOICE,)),
    "a series": DocumentFilter(series=(MAIN,)),
    "another series": DocumentFilter(series=(SeriesId(2),)),
    "changed lately": DocumentFilter(changed_after=moment(MANY - 60)),
    "changed at any time": DocumentFilter(changed_after=moment(-1)),
    "changed never": DocumentFilter(changed_after=moment(10 * MANY)),
    "registered lately": DocumentFilter(registered_after=moment(MANY - 60)),
    "registered at any time": DocumentFilter(registered_after=moment(-1)),
    "dated one day": DocumentFilter(dated=DateSpan(moment(3000).date(), moment(3000).date())),
    "dated in a week": DocumentFilter(dated=DateSpan(moment(3000).date(), moment(13_000).date())),
    "dated at any time": DocumentFilter(dated=DateSpan(dt.date.min, dt.date.max)),
    "dated never": DocumentFilter(dated=DateSpan(dt.date.min, dt.date(2000, 1, 1))),
    "two wide ranges that hardly meet": DocumentFilter(
        changed_after=moment(MANY // 2), registered_after=moment(MANY // 2), statuses=(Status.DRAFT,), customers=(7, 8)
    ),
    "wide conditions that never meet": DocumentFilter(statuses=(Status.DRAFT,), kinds=(INVOICE,)),
    "a rare one among common ones": DocumentFilter(
        customers=(31,), statuses=(Status.ISSUED, Status.OPEN), kinds=(INVOICE,), changed_after=moment(-1)
    ),
    "all at once": DocumentFilter(
        ids=tuple(DocumentId(i) for i in range(1, 5000)),
        numbers=tuple(range(1, 500)),
        customers=tuple(range(500)),
        statuses=(Status.ISSUED,),
        stages=("Invoiced",),
        kinds=(INVOICE,),
        series=(MAIN,),
        external_statuses=(1, 3),
        changed_after=moment(0),
        registered_after=moment(0),
        dated=DateSpan(dt.date(2024, 1, 1), dt.date(2024, 1, 3)),
    ),
}


@pytest.mark.parametrize("where", WHERE.values(), ids=WHERE)
@pytest.mark.parametrize("tenant", [OURS, THEIRS])
def test_what_is_found(library: Library, reader: Reader, where: DocumentFilter, tenant: TenantId) -> None:
    expected = library.find(tenant, where)
    assert ids_found(reader, SearchDocumentIds(tenant, where)) == (expected, False)
    found = answer(reader, SearchDocuments(tenant, where, limit=50))
    assert [document.id for document in found.documents] == expected[:50]
    assert found.more == (len(expected) > 50)


@pytest.mark.parametrize("where", WHERE.values(), ids=WHERE)
@pytest.mark.parametrize("after", [0, MANY // 2])
def test_no_search_scans_the_documents(reader: Reader, where: DocumentFilter, after: int) -> None:
    trace = Trace(reader)
    answer(reader, SearchDocuments(OURS, where, DocumentId(after)))
    answer(reader, SearchDocumentIds(OURS, where, DocumentId(after)))
    steps = trace.plans()
    assert any("documents" in step for step in steps)
    assert [step for step in steps if step.startswith("SCAN documents")] == []
    assert all(
        step.startswith(("SEARCH", "SCAN json_each", "SCAN (subquery", "CO-ROUTINE", "LIST", "USE")) for step in steps
    )


PLANS = {
    "everything": "SEARCH documents USING COVERING INDEX ix_documents_walk (tenant=? AND id>?)",
    "ids": "SEARCH documents USING INTEGER PRIMARY KEY (rowid=?)",
    "one number": "SEARCH documents USING COVERING INDEX ix_documents_number (tenant=? AND number=? AND rowid>?)",
    "one customer": "SEARCH documents USING COVERING INDEX ix_documents_customer (tenant=? AND customer=? AND rowid>?)",
    "a rare stage": "SEARCH documents USING COVERING INDEX ix_documents_stage (tenant=? AND stage=? AND rowid>?)",
    "changed lately": "SEARCH documents USING COVERING INDEX ix_documents_changed (tenant=? AND changed>?)",
    "registered lately": "SEARCH documents USING COVERING INDEX ix_documents_registered (tenant=? AND registered>?)",
    "dated never": (
        "SEARCH documents USING COVERING INDEX ix_documents_document_date (tenant=? AND document_date>? AND document_date<?)"
    ),
    "dated at any time": "SEARCH documents USING COVERING INDEX ix_documents_walk (tenant=? AND id>?)",
    "a rare external status": (
        "SEARCH documents USING COVERING INDEX ix_documents_external_status (tenant=? AND external_status=? AND rowid>?)"
    ),
    "a status nobody has": "SEARCH documents USING COVERING INDEX ix_documents_status (tenant=? AND status=? AND rowid>?)",
    "a common status": "SEARCH documents USING COVERING INDEX ix_documents_walk (tenant=? AND id>?)",
    "changed at any time": "SEARCH documents USING COVERING INDEX ix_documents_walk (tenant=? AND id>?)",
    "wide conditions that never meet": "SEARCH documents USING COVERING INDEX ix_documents_walk (tenant=? AND id>?)",
    "a rare one among common ones": (
        "SEARCH documents USING INDEX ix_documents_customer (tenant=? AND customer=? AND rowid>?)"
    ),
}


def plan_of(reader: Reader, where: DocumentFilter) -> str:
    with reader._connection.transaction():
        sql, values = document_search.statement(reader._connection, SearchDocumentIds(OURS, where))
        rows = reader._connection.execute(f"EXPLAIN QUERY PLAN {sql}", (*values, 1000)).fetchall()
    return str(next(row[3] for row in rows if "documents" in row[3]))


@pytest.mark.parametrize(("name", "plan"), PLANS.items(), ids=PLANS)
def test_which_way_is_taken(reader: Reader, name: str, plan: str) -> None:
    assert plan_of(reader, WHERE[name]) == plan


def test_a_thousand_documents_are_one_statement(library: Library, reader: Reader) -> None:
    ids = [document.id for document in library.documents if document.tenant == OURS][:1000]
    trace = Trace(reader)
    found = answer(reader, GetDocuments(OURS, tuple(reversed(ids)))).documents
    assert len([text for text in trace.statements if text.startswith("SELECT")]) == 1
    assert [document.id for document in found] == ids
    assert list(found) == [document for document in library.documents if document.tenant == OURS][:1000]


def test_every_document_is_on_exactly_one_page(library: Library, reader: Reader) -> None:
    where = DocumentFilter(changed_after=moment(-1))
    seen: list[DocumentId] = []
    after, more = DocumentId(0), True
    while more:
        ids, more = ids_found(reader, SearchDocumentIds(OURS, where, after, 777))
        assert len(ids) == 777 or not more
        seen += ids
        after = seen[-1]
    assert seen == library.find(OURS, where)


@pytest.mark.parametrize(("limit", "found", "more"), [(0, 0, False), (-1, 0, False), (1, 1, True), (11, 11, True)])
def test_limits(reader: Reader, limit: int, found: int, more: bool) -> None:
    ids, further = ids_found(reader, SearchDocumentIds(OURS, DocumentFilter(), limit=limit))
    assert (len(ids), further) == (found, more)


def test_the_last_page_says_so(library: Library, reader: Reader) -> None:
    everything = library.find(OURS, DocumentFilter())
    before_last = everything[-11]
    assert ids_found(reader, SearchDocumentIds(OURS, DocumentFilter(), before_last, 10)) == (everything[-10:], False)
    assert ids_found(reader, SearchDocumentIds(OURS, DocumentFilter(), before_last, 9)) == (everything[-10:-1], True)
    assert ids_found(reader, SearchDocumentIds(OURS, DocumentFilter(), everything[-1], 9)) == ([], False)


def test_ids_are_found_without_reading_bodies(few: Library, tmp_path: Path) -> None:
    path = tmp_path / "broken.db"
    shutil.copy(few.path, path)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE documents SET body = 'not JSON'")
    connection.close()
    reader = Reader(path)
    for where in WHERE.values():
        assert ids_found(reader, SearchDocumentIds(OURS, where)) == (few.find(OURS, where), False)
    with pytest.raises(StoreDamagedError):
        answer(reader, GetDocuments(OURS, (DocumentId(1),)))
    reader.close()


async def test_through_the_store(library: Library) -> None:
    store = open_store(f"sqlite:///{library.path}", read_only=True)
    await store.start()
    try:
        read = await store.read(GetDocuments(OURS, (DocumentId(2), DocumentId(1), DocumentId(10), DocumentId(10**9))))
        assert [document.id for document in read.documents] == [1, 2]
        found = await store.read(SearchDocuments(OURS, WHERE["a rare stage"], limit=3))
        assert ([d.id for d in found.documents], found.more) == (library.find(OURS, WHERE["a rare stage"])[:3], True)
        ids = await store.read(SearchDocumentIds(THEIRS))
        assert list(ids.ids) == library.find(THEIRS, DocumentFilter())
        assert (await store.read(GetDocuments(OURS, ()))).documents == ()
    finally:
        await store.close()


# Any filter


def some(*values: object) -> st.SearchStrategy[tuple[object, ...]]:
    return st.one_of(st.just(()), st.lists(st.sampled_from(values), min_size=1, max_size=4).map(tuple))


def date(day: int) -> dt.date:
    return moment(day * 24 * 60).date()


MOMENTS = st.one_of(st.none(), st.integers(-1, FEW + 1).map(moment))
FILTERS = st.builds(
    DocumentFilter,
    ids=st.one_of(st.just(()), st.lists(st.integers(-1, FEW + 1), min_size=1, max_size=50).map(tuple)),
    numbers=some(*range(1, 40), 10**6),
    customers=some(*range(0, 997, 50), 2000),
    statuses=some(*Status),
    stages=some("Web", "Offer", "ForInvoicing", "Invoiced", "O'Brien"),
    kinds=some(INVOICE, DocumentKind("order"), DocumentKind("receipt")),
    series=some(MAIN, SeriesId(2)),
    external_statuses=some(1, 3, 9),
    changed_after=MOMENTS,
    dated=st.one_of(
        st.none(),
        st.tuples(st.integers(-3, 5), st.integers(-3, 5)).map(lambda days: DateSpan(*(date(each) for each in days))),
    ),
    registered_after=MOMENTS,
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    where=FILTERS, after=st.integers(0, FEW), limit=st.one_of(st.none(), st.integers(1, FEW)), probe=st.integers(1, 200)
)
def test_any_filter_finds_what_looking_at_each_document_finds(
    few: Library, where: DocumentFilter, after: int, limit: int | None, probe: int
) -> None:
    expected = [own for own in few.find(OURS, where) if own > after]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(document_search, "PROBE", probe)
        reader = Reader(few.path)
        ids, more = ids_found(reader, SearchDocumentIds(OURS, where, DocumentId(after), limit))
        reader.close()
    assert ids == (expected if limit is None else expected[:limit])
    assert more == (limit is not None and len(expected) > limit)


@pytest.mark.parametrize("field", ["ids", "numbers", "customers", "series", "external_statuses"])
def test_numbers_beyond_64_bits_cannot_be_asked_for(field: str) -> None:
    with pytest.raises(ValueError, match="out of range"):
        DocumentFilter(**{field: (2**63,)})  # type: ignore[arg-type]


@pytest.mark.parametrize("field", ["changed_after", "registered_after"])
def test_moments_need_a_zone(field: str) -> None:
    with pytest.raises(ValueError, match="time zone"):
        DocumentFilter(**{field: moment(0).replace(tzinfo=None)})  # type: ignore[arg-type]
