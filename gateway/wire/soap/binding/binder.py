"""The binder: one namespace, one set of rules, and the compiled readers and writers of its messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias, TypeVar

from lxml import etree
from pydantic import BaseModel

from gateway.wire.soap.binding import reading, writing
from gateway.wire.soap.binding.describe import describe
from gateway.wire.soap.binding.source import Source

Message = TypeVar("Message", bound=BaseModel)

Read_co = TypeVar("Read_co", covariant=True)


class Reader(Protocol[Read_co]):
    """Reads an element's children into a new instance."""

    def __call__(self, element: etree._Element, source: Source, /) -> Read_co:
        """Read the element, which stands in the source's document. Raises ReadRefusedError."""
        ...


Writer: TypeAlias = Callable[[Message], str]
"""The children of an instance as text, for an element that the caller writes.

Raises ValueError for a value that a type cannot hold. The caller's element declares the namespace, and the prefix `xsi`
is declared somewhere around it (with `jaxb` it need not be).
"""


@dataclass(frozen=True, slots=True)
class BindingOptions:
    """What differs between dialects.

    qualified: child elements are in the message's namespace (elementFormDefault); otherwise they are in none.
    strict: elements must come in the schema's order; unknown ones and missing required ones are refused.
    merge_repeated_arrays: a repeated array adds its items to those of the first one; otherwise the first one counts.
    validated: a schema has accepted each message before it is read. `xsi:type` is then not looked at: types may stand in
        several namespaces, and may be derived. An element that is nil, or empty though its type has no empty text, stands
        for the field's default. A nil element of a repeated one is passed over.
    jaxb: messages are written as Java's JAXB writes them: a time in whole seconds with its own offset (.NET: in UTC, with
        its fraction), an empty element without a blank, a nil element with its own declaration of the prefix `xsi`.
    blind_enums: names of enum types whose texts are read in any letter case.
    indent: each element is written on a line of its own, behind so many spaces for each level; 0 writes no lines.
    """

    qualified: bool = True
    strict: bool = False
    merge_repeated_arrays: bool = True
    validated: bool = False
    jaxb: bool = False
    indent: int = 0
    blind_enums: frozenset[str] = frozenset()


DEFAULT_OPTIONS = BindingOptions()


class Binder:
    """Reads and writes messages of one namespace."""

    def __init__(self, namespace: str, options: BindingOptions = DEFAULT_OPTIONS) -> None:
        self.namespace = namespace
        self.options = options
        children = namespace if options.qualified else ""
        rules = reading.Rules(options.merge_repeated_arrays, options.strict, options.validated, options.blind_enums)
        self._readers = reading.Compiler(namespace, children, rules)
        self._writers = writing.Compiler(writing.JAXB if options.jaxb else writing.DOTNET, options.indent)

    def reader(self, model: type[Message]) -> Reader[Message]:
        """The reader of a message; compiled once."""
        return self._readers.record(describe(model))

    def writer(self, model: type[Message], level: int = 0) -> Writer[Message]:
        """The writer of a message; compiled once.

        level: of its children, where they are indented.
        """
        return self._writers.message(describe(model), level)
