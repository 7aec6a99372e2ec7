"""Saves of documents whose lines are as a store keeps them."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from gateway.core import document_body, extras
from gateway.core.commands import CreateSeries, IssueRequest, SaveDocument
from gateway.core.documents import Document, DocumentFields, Line
from gateway.core.kept import KeptSequence
from gateway.core.refusals import DocumentLocked, Refused
from tests.core.document_cases import BY, OURS, saves
from tests.core.memory_state import MemoryState


def kept(document: Document) -> Document:
    """The document as a store hands it out."""
    body = document_body.read(document_body.written(document))
    return replace(document, lines=body.lines, extras=body.extras)


@pytest.fixture
def state() -> MemoryState:
    """A state with a document of two lines, as a store keeps it."""
    state = MemoryState()
    state.run(CreateSeries(OURS, "main", BY, key="main"))
    lines = (Line("b", position=2), Line("a", position=1))
    made = state.run(saves(SaveDocument(Document(OURS, lines=lines)))).result.saved[0].document
    state.documents[made.id] = kept(made)
    return state


def stored(state: MemoryState) -> Document:
    (document,) = state.documents.values()
    return document


def test_an_issue_decodes_no_lines(state: MemoryState, monkeypatch: pytest.MonkeyPatch) -> None:
    before = stored(state)
    monkeypatch.setattr(extras, "decode", None)
    changed = kept(before).with_fields(stage="final", extras={"x": {}})  # read by another request: equal, not the same
    issue = IssueRequest("key", start_if_unset=7)
    state.run(saves(SaveDocument(changed, expected_version=1, issue=issue)))
    after = stored(state)
    assert (after.number, after.stage, after.extras) == (7, "final", {"x": {}})
    assert isinstance(after.lines, KeptSequence)
    assert isinstance(before.lines, KeptSequence)
    assert after.lines.text == before.lines.text


def test_lines_of_another_document_are_numbered_anew_or_refused(state: MemoryState) -> None:
    lines = stored(state).lines
    with pytest.raises(ValueError, match="no line ever had the id"):
        state.run(saves(SaveDocument(Document(OURS, lines=lines))))
    reversed_lines = kept(Document(OURS, lines=tuple(reversed(lines)), last_line=stored(state).last_line)).lines
    state.run(saves(SaveDocument(stored(state).with_fields(lines=reversed_lines), expected_version=1)))
    assert [line.description for line in stored(state).lines] == ["a", "b"]


def test_other_lines_of_an_issued_document_are_refused(state: MemoryState) -> None:
    state.run(saves(SaveDocument(stored(state), expected_version=1, issue=IssueRequest("key", start_if_unset=1))))
    document = kept(stored(state))
    state.run(saves(SaveDocument(document.with_fields(stage="seen"), expected_version=2, allow_issued=True)))
    other = kept(document.with_fields(lines=(replace(document.lines[0], description="c"), document.lines[1])))
    with pytest.raises(Refused) as refused:
        state.run(saves(SaveDocument(other, expected_version=3, allow_issued=True)))
    assert isinstance(refused.value.refusal, DocumentLocked)


def test_with_fields_knows_every_field_but_the_tenant() -> None:
    names = {field.name for field in fields(Document)}
    assert DocumentFields.__annotations__.keys() == names - {"tenant"}
    document = Document(OURS, stage="a", version=3)
    assert document.with_fields(stage="b") == replace(document, stage="b")
    assert document.stage == "a"
