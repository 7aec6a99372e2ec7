"""What a parsed tree no longer shows: whether an empty element was written `<X/>` or `<X></X>`, and line and column.

The one parser has already accepted the document, without DTD. So one linear scan of the text finds its markup again. The
scan runs only when the message has an empty element of a value type, or when an error needs its position. It decides
nothing about what a document is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

_MARKUP = re.compile(
    r"""<(?:!--.*?-->|!\[CDATA\[.*?\]\]>|\?.*?\?>|[^\s!?][^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*>)""", re.DOTALL
)
_LINE_END = re.compile(r"\r\n|\r|\n")
_STARTS: Final = (("<!--", 4), ("<![CDATA[", 9), ("<?", 2), ("</", 2), ("<", 1))


@dataclass(frozen=True, slots=True)
class Position:
    """Line and column, both from 1; the column counts UTF-16 units, as .NET does."""

    line: int
    column: int


@dataclass(eq=False, slots=True)
class Source:
    """A document's text beside its tree. `encoding` is the Python name of the codec that the bytes were read with."""

    root: etree._Element
    body: bytes
    encoding: str = "utf-8"
    _text: str | None = field(default=None, init=False)
    _long_empties: frozenset[etree._Element] | None = field(default=None, init=False)

    def is_self_closed(self, element: etree._Element) -> bool:
        """True for `<X/>`, False for `<X></X>`. Only for elements that have neither text nor children."""
        if self._long_empties is None:
            self._long_empties = self._find_long_empties()
        return element not in self._long_empties

    def position_of(self, element: etree._Element) -> Position:
        """Where the element's name begins: .NET's position while it stands on the element."""
        start, _ = self._extent(element)
        return self._position(start + 1)

    def position_after(self, element: etree._Element) -> Position:
        """Where the node after the element begins: .NET's position when it has just read the element's text."""
        _, end = self._extent(element)
        text = self._decoded()
        for start, length in _STARTS:
            if text.startswith(start, end):
                return self._position(end + length)
        return self._position(end)

    def _decoded(self) -> str:
        if self._text is None:
            self._text = self.body.decode(self.encoding).removeprefix("\ufeff")
        return self._text

    def _tags(self) -> Iterator[tuple[int, int, int]]:
        """Start and end of each tag, and how it changes the depth: 1 opens, 0 opens and closes, -1 closes."""
        text = self._decoded()
        for match in _MARKUP.finditer(text):
            start, end = match.span()
            second = text[start + 1]
            if second == "/":
                yield start, end, -1
            elif second not in "!?":
                yield start, end, 0 if text[end - 2] == "/" else 1

    def _find_long_empties(self) -> frozenset[etree._Element]:
        # Start tags in the text and elements in the tree come in the same order, so they are paired one by one. `strict`
        # raises rather than pair wrongly, should scan and parser ever disagree.
        steps = (step for _, _, step in self._tags() if step >= 0)
        return frozenset(
            element
            for element, step in zip(self.root.iter(etree.Element), steps, strict=True)
            if step and element.text is None and not len(element)
        )

    def _extent(self, element: etree._Element) -> tuple[int, int]:
        """Offsets of an element's first character and of the one after its last."""
        ordinal = next(index for index, other in enumerate(self.root.iter(etree.Element)) if other is element)
        first = -1
        depth = 0
        for start, end, step in self._tags():
            if first < 0:
                if step >= 0:
                    ordinal -= 1
                if ordinal >= 0:
                    continue
                first = start
            depth += step
            if depth == 0:
                return first, end
        raise LookupError("the element is not in the document")

    def _position(self, offset: int) -> Position:
        text = self._decoded()
        line, begin = 1, 0
        for match in _LINE_END.finditer(text, 0, offset):
            line += 1
            begin = match.end()
        return Position(line, len(text[begin:offset].encode("utf-16-le")) // 2 + 1)
