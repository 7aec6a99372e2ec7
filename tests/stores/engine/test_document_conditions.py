"""Every field of a filter becomes a condition on a column, and an empty one becomes none."""

from __future__ import annotations

import dataclasses
import datetime as dt

from gateway.core.documents import DocumentId, Status
from gateway.core.search import DateSpan, DocumentFilter
from gateway.core.values import INVOICE, SeriesId
from gateway.stores.engine import tables
from gateway.stores.engine.document_conditions import between, later_than, one_of

MOMENT = dt.datetime(1970, 1, 1, 0, 0, 1, tzinfo=dt.UTC)
FULL = DocumentFilter(
    ids=(DocumentId(5),),
    numbers=(1, 2),
    customers=(3,),
    statuses=(Status.DRAFT,),
    stages=("Web",),
    kinds=(INVOICE,),
    series=(SeriesId(4),),
    lines=(INVOICE,),
    external_statuses=(6,),
    changed_after=MOMENT,
    registered_after=MOMENT,
    dated=DateSpan(dt.date(2024, 2, 1), dt.date(2024, 2, 29)),
)


def test_an_empty_filter_has_no_condition() -> None:
    nothing = DocumentFilter()
    assert (one_of(nothing), later_than(nothing), between(nothing)) == ({}, {}, {})


def test_no_field_is_forgotten() -> None:
    columns = [*one_of(FULL), *later_than(FULL), *between(FULL)]
    assert len(columns) == len(dataclasses.fields(DocumentFilter))
    assert set(columns) <= set(tables.documents.columns)


def test_values_are_as_the_columns_hold_them() -> None:
    assert one_of(FULL)["status"] == [Status.DRAFT.value]
    assert one_of(FULL)["number"] == [1, 2]
    assert later_than(FULL) == {"changed": 1_000_000, "registered": 1_000_000}
    assert between(FULL) == {"document_date": ("2024-02-01", "2024-02-29")}
