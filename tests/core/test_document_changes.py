"""ChangeDocument: a save that is made from what the document is at the moment of the decision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from gateway.core.commands import SaveDocument
from gateway.core.document_commands import ChangeDocument, SeriesOf
from gateway.core.documents import Document, DocumentId
from gateway.core.refusals import DocumentUnknown, Refused
from gateway.core.results import DocumentsSaved
from gateway.core.values import INVOICE, CounterKey
from tests.core.document_cases import (
    BY,
    FIRST,
    OURS,
    SECOND,
    SIDE,
    THEIRS,
    UNKNOWN,
    asked,
    created,
    document,
    over,
    save,
    saves,
)
from tests.core.test_rules import state_after


def change(make: Callable[[Document, SeriesOf], SaveDocument | None], own: DocumentId = FIRST) -> ChangeDocument:
    return ChangeDocument(OURS, own, make, BY)


def test_a_change_sees_the_document_and_its_series_at_the_moment_of_the_decision() -> None:
    state = state_after(created(stage="Web"), created(stage="Shop", series=SIDE))

    def numbered(found: Document, series: SeriesOf) -> SaveDocument:
        named = replace(found, stage=f"{found.stage} {series().name}")
        return over(named, expected_version=found.version, issue=asked(f"k{found.id}"))

    ((first,), (second,)) = (state.run(change(numbered, own)).result.saved for own in (FIRST, SECOND))
    assert (first.document.stage, first.document.number, first.document.version) == ("Web Main", 1, 2)
    assert (second.document.stage, second.document.counter) == ("Shop Side", CounterKey(SIDE, INVOICE))


def test_a_change_may_leave_the_document_as_it_is() -> None:
    assert state_after(created()).run(change(lambda _, __: None)) == (DocumentsSaved(()), ())


def test_a_change_of_a_document_that_is_not_there_or_is_another_tenants_is_refused() -> None:
    theirs = saves(save(document(THEIRS)), tenant=THEIRS)
    for own in (FIRST, UNKNOWN):
        with pytest.raises(Refused) as refused:
            state_after(theirs).run(change(lambda found, _: over(found), own))
        assert refused.value.refusal == DocumentUnknown(own)


def test_a_change_cannot_save_another_document() -> None:
    with pytest.raises(ValueError, match="another document"):
        state_after(created(), created()).run(change(lambda found, _: over(replace(found, id=SECOND))))
