"""What can be wrong with a message that is well-formed XML."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml import etree


class ReadProblem(enum.Enum):
    """Why an element cannot be read."""

    VALUE = "the text is no value of the type"
    CONTENT = "an element stands where only text may be"
    TYPE = "xsi:type names another type"
    NIL = "xsi:nil is no boolean"
    UNEXPECTED = "an element that the type does not have, or not here"
    MISSING = "an element that the type must have"


class BadValueError(ValueError):
    """A text is no value of a type. The message is .NET's, without position."""


class ReadRefusedError(Exception):
    """A message cannot be read.

    problem: why.
    text: .NET's words for it, without position; empty for problems that .NET's serializer does not have.
    element: where it is; None when an element is missing.
    name: the wire name at fault.
    """

    def __init__(self, problem: ReadProblem, text: str, element: etree._Element | None, name: str = "") -> None:
        super().__init__(text or f"{problem.value}: {name}")
        self.problem = problem
        self.text = text
        self.element = element
        self.name = name or ("" if element is None else str(element.tag).rpartition("}")[2])
