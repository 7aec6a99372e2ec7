"""The only XML parser and writer.

One parser decides what a document is: no DTD, no entities, no network, caps on bytes, depth and elements, comments and
processing instructions removed, so that `44<!-- -->5` reads as 445 for everyone, or is refused for everyone.
Dialects word a refusal in their own way; this room only says why.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from lxml import etree


class XmlProblem(enum.Enum):
    """Why a document is not accepted."""

    EMPTY = "no document"
    TOO_LARGE = "more bytes than allowed"
    TOO_DEEP = "nested deeper than allowed"
    TOO_MANY = "more elements or attributes than allowed"
    DOCTYPE = "a document type declaration is not allowed"
    ENCODING = "the encoding is unknown, or the bytes do not fit it"
    MALFORMED = "not well-formed"


class XmlRefused(Exception):  # noqa: N818 - a refusal is an answer
    """A document was not accepted. `line` and `column` count from 1; 0 when unknown."""

    def __init__(self, problem: XmlProblem, detail: str = "", line: int = 0, column: int = 0) -> None:
        super().__init__(detail or problem.value)
        self.problem = problem
        self.detail = detail or problem.value
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class XmlLimits:
    """Caps: bytes of the document, depth of nesting (root = 1), elements in all, attributes of one element."""

    max_bytes: int = 4 * 1024 * 1024
    max_depth: int = 64
    max_elements: int = 200_000
    max_attributes: int = 64


DEFAULT_LIMITS = XmlLimits()


def parse(body: bytes, limits: XmlLimits = DEFAULT_LIMITS, charset: str | None = None) -> etree._Element:
    """Parse a document. `charset` is the transport's (it outranks the declaration, as HTTP says). Raises XmlRefused."""
    raise NotImplementedError  # written next
