"""The text that keeps a document's lines and extras: as small as it can be read, and in both forms."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from operator import eq

import pytest

from gateway.core import document_body, extras
from gateway.core.documents import Document, Line, LineId, LineKind
from gateway.core.kept import KeptMapping, KeptSequence
from gateway.core.values import TenantId

LINES = (
    Line("Barco", Decimal("1.50"), Decimal(30), Decimal(0), Decimal(23), 7, position=1, id=LineId(2)),
    Line("ção", kind=LineKind.TEXT, position=3, id=LineId(1), extras={"x": {"at": dt.date(2024, 2, 29)}}),
)
EXTRAS = {"x": {"ref": "é\n2 1 3", "rate": Decimal("0.10")}, "y": {"list": [1, {"a": None}]}}
DOCUMENT = Document(TenantId("t"), lines=LINES, extras=EXTRAS, last_line=LineId(4))
FIRST_FORM = (
    '{"last_line":4,"extras":{"x":{"rate":{"$decimal":"0.10"}}},'
    '"lines":[[2,1,"normal",7,"Barco","1.50","30","0","23",{}]]}'
)


def test_a_document_comes_back() -> None:
    assert document_body.read(document_body.written(DOCUMENT)) == (4, EXTRAS, LINES)


def test_nothing_is_decoded_before_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[str] = []
    decode = extras.decode
    monkeypatch.setattr(extras, "decode", lambda text: decoded.append(text) or decode(text))
    last_line, own, lines = document_body.read(document_body.written(DOCUMENT))
    assert (last_line, decoded) == (4, [])
    assert own["x"] == EXTRAS["x"]
    assert "x" in own
    assert decoded == [own.text]  # type: ignore[attr-defined]
    assert lines[1].description == "ção"
    assert [line.id for line in lines] == [2, 1]
    assert decoded == [own.text, lines.text]  # type: ignore[attr-defined]


def test_what_nobody_changed_is_written_as_it_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    text = document_body.written(DOCUMENT)
    body = document_body.read(text)
    kept = replace(DOCUMENT, lines=body.lines, extras=body.extras)
    for name in ("decode", "encode"):
        monkeypatch.setattr(extras, name, None)
    assert document_body.written(kept) == text


def test_only_the_changed_half_is_written_anew() -> None:
    body = document_body.read(document_body.written(DOCUMENT))
    changed = replace(DOCUMENT, lines=body.lines, extras={**body.extras, "z": {}})
    assert document_body.read(document_body.written(changed)) == (4, {**EXTRAS, "z": {}}, LINES)


def test_the_first_form_is_read_and_becomes_the_second() -> None:
    body = document_body.read(FIRST_FORM)
    assert body == (4, {"x": {"rate": Decimal("0.10")}}, (replace(LINES[0]),))
    second = document_body.written(replace(DOCUMENT, lines=body.lines, extras=body.extras))
    assert second.startswith("2 4 ")
    assert document_body.read(second) == body


@pytest.mark.parametrize("text", ["3 0 2\n{}[]", "", "2 1\n{}[]", "2 x 2\n{}[]"])
def test_another_form_is_not_guessed_at(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        document_body.read(text)


def test_kept_values_equal_plain_ones() -> None:
    one, other = (KeptSequence(text, lambda text: tuple(map(int, text.split(",")))) for text in ("1,2", "01,2"))
    assert one == other == (1, 2)
    assert eq((1, 2), one)
    assert one != (1,)
    assert one[1:] == (2,)
    assert list(one) == [1, 2]
    assert repr(one) == "(1, 2)"
    left, right = (KeptMapping(text, lambda text: {text.strip(): 1}) for text in ("a", " a"))
    assert left == right == {"a": 1}
    assert eq({"a": 1}, left)
    assert left != {}
    assert {**left} == {"a": 1}
    assert (len(left), repr(left)) == (1, "{'a': 1}")
