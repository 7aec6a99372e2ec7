"""Finds in the text of a document what its tree does not show."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from gateway.wire.soap.binding import Source
from gateway.wire.xml import parse_document


def source(text: str, encoding: str = "utf-8") -> Source:
    body = text.encode(encoding)
    document = parse_document(body, charset=encoding)
    return Source(document.root, body, document.encoding)


POSITIONS = [
    # text, path of the element, position of its name, position of what follows
    ("<a><b>x</b><c/></a>", "b", (1, 5), (1, 13)),
    ("<a><b>x</b></a>", "b", (1, 5), (1, 14)),
    ("<a>\n  <b>x</b>\n</a>", "b", (2, 4), (2, 11)),
    ("<a>\r\n\r<b>x</b> </a>", "b", (3, 2), (3, 9)),
    ("<a><b>x</b><!-- --><c/></a>", "b", (1, 5), (1, 16)),
    ("<a><b>x</b><?pi?><c/></a>", "b", (1, 5), (1, 14)),
    ("<a><b>x</b><![CDATA[t]]></a>", "b", (1, 5), (1, 21)),
    ("<?xml version='1.0'?>\n<a><b>x</b>t</a>", "b", (2, 5), (2, 12)),
    ("<a><!-- <b> --><?p <b> ?><![CDATA[<b>]]><b t='>' s=\">/\">x</b></a>", "b", (1, 42), (1, 64)),
    ("<a>\U0001f600<b>x</b>é</a>", "b", (1, 7), (1, 14)),
    ("<a><b><b>x</b></b><b/></a>", "b/b", (1, 8), (1, 17)),
    ("<a><b>x<c/>y<c></c></b ><d/></a>", "b", (1, 5), (1, 26)),
    ("<a><b/></a>", "b", (1, 5), (1, 10)),
]


@pytest.mark.parametrize(("text", "path", "of", "after"), POSITIONS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_positions(text: str, path: str, of: tuple[int, int], after: tuple[int, int], encoding: str) -> None:
    document = source(text, encoding)
    element = document.root.find(path)
    assert element is not None
    got = document.position_of(element), document.position_after(element)
    assert [(each.line, each.column) for each in got] == [of, after]


def test_self_closed_and_long_empties() -> None:
    document = source("<a><!-- <e/> --><b/><b></b><b ></b ><b t='/'></b><b t='/>'/><b t=\"'>\"/><b><!-- --></b></a>")
    found = [document.is_self_closed(element) for element in document.root]
    assert found == [True, False, False, False, True, True, False]


NAMES = st.sampled_from(["a", "b", "ab", "p:c"])
VALUES = st.text(
    st.characters(codec="utf-8", exclude_characters="<&\"'\ufffe\uffff", min_codepoint=32, max_codepoint=0xFFFF),
    max_size=5,
) | st.just(">/>")
NOISE = st.sampled_from(
    ["", " ", "text", "\n", "<!-- </a> <b> > -->", "<?pi <a> ?>", "<![CDATA[</a><b/>]]>", "&gt;/&gt;", "]]"]
)


@st.composite
def elements(draw: st.DrawFn, depth: int = 0) -> tuple[str, list[bool]]:
    """The text of an element, and for each element in document order whether it is self-closed."""
    name = draw(NAMES)
    quote = draw(st.sampled_from("'\""))
    attributes = "".join(
        f" t{index}={quote}{value}{quote}" for index, value in enumerate(draw(st.lists(VALUES, max_size=2)))
    )
    space = draw(st.sampled_from(["", " ", "\n"]))
    if draw(st.booleans()):
        return f"<{name}{attributes}{space}/>", [True]
    parts, self_closed = [draw(NOISE)], [False]
    for _ in range(draw(st.integers(0, 3 if depth < 3 else 0))):
        text, below = draw(elements(depth + 1))
        parts += [text, draw(NOISE)]
        self_closed += below
    return f"<{name}{attributes}>{''.join(parts)}</{name}{space}>", self_closed


@given(elements())
@settings(deadline=None)
def test_any_document(made: tuple[str, list[bool]]) -> None:
    text, expected = made
    document = source(f'<r xmlns:p="urn:p">{text}</r>')
    written = list(document.root.iter(etree.Element))[1:]
    assert len(written) == len(expected)
    for element, self_closed in zip(written, expected, strict=True):
        if element.text is None and not len(element):
            assert document.is_self_closed(element) is self_closed
        whole = etree.tostring(element, with_tail=False).decode()
        position = document.position_of(element)
        line = f'<r xmlns:p="urn:p">{text}</r>'.split("\n")[position.line - 1]
        assert line[position.column - 2] == "<", whole
