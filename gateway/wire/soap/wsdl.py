"""Serves contract files (WSDL and XSD) with the addresses that the client used, and validates messages against them.

A file is read once and cut at its addresses. Serving joins the pieces and remembers the result per address. Must not know:
which vendor's contract it is, where the service lives.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final, cast

from lxml import etree

from gateway.wire.xml import XSD, escape_attribute, parse, serialise

WSDL: Final = "http://schemas.xmlsoap.org/wsdl/"
_ADDRESSES: Final = frozenset(
    f"{{http://schemas.xmlsoap.org/wsdl/{binding}/}}address" for binding in ("soap", "soap12", "http")
)
_SCHEMA_LINKS: Final = frozenset(f"{{{XSD}}}{name}" for name in ("import", "include", "redefine"))
_MARK: Final = "urn:invoice-gateway:link:"
_REMEMBERED: Final = 64


@dataclass(frozen=True, slots=True)
class _Template:
    """A file cut at its addresses: `pieces` has one more member than `queries`; "" stands for the address itself."""

    pieces: tuple[bytes, ...]
    queries: tuple[str, ...]

    def render(self, address: str) -> bytes:
        base = escape_attribute(address).encode()
        out = [self.pieces[0]]
        for query, piece in zip(self.queries, self.pieces[1:], strict=True):
            out += (base, query.encode(), piece)
        return b"".join(out)


@dataclass(frozen=True, slots=True)
class Addition:
    """An optional element that is put behind the others of a type, in a contract with more than its files say.

    file: the schema file, relative to the folder.
    record: the complex type in it; it has a sequence.
    name, type: of the element; a prefix must be declared in the file.
    """

    file: str
    record: str
    name: str
    type: str


class Contract:
    """The contract files of one service. Raises ValueError when a link in a file leads nowhere.

    folder: where the files are.
    queries: which file answers which query, as in `{"wsdl": "Service.wsdl", "xsd=a/b.xsd": "b.xsd"}`; paths are relative
        to the folder.
    declaration: what is written before each document.
    additions: elements beyond those of the files.

    Every relative schemaLocation or import location in the files must lead to another file of `queries`; it is served as
    `<address>?<query>`. Every soap:address is served as `<address>`.
    """

    def __init__(
        self, folder: Path, queries: Mapping[str, str], declaration: bytes = b"", additions: Sequence[Addition] = ()
    ) -> None:
        self._templates = {
            query: _template(
                _extended(folder, name, additions), name, {file: query for query, file in queries.items()}, declaration
            )
            for query, name in queries.items()
        }
        self._served: dict[tuple[str, str], bytes] = {}

    def serve(self, query: str, address: str) -> bytes | None:
        """The file for a query (decoded, without "?"), with links to `address`; None when there is none."""
        served = self._served.get((query, address))
        if served is not None:
            return served
        template = self._templates.get(query)
        if template is None:
            return None
        if len(self._served) >= _REMEMBERED:  # addresses come from clients: never remember without bound
            del self._served[next(iter(self._served))]
        served = self._served[query, address] = template.render(address)
        return served


def _extended(folder: Path, name: str, additions: Sequence[Addition]) -> etree._Element:
    """The root of a file, with its additions."""
    root = parse((folder / name).read_bytes())
    for addition in additions:
        if addition.file == name:
            sequence = root.find(f"{{{XSD}}}complexType[@name='{addition.record}']/{{{XSD}}}sequence")
            if sequence is None:
                raise ValueError(f"{name}: there is no sequence in {addition.record}")
            etree.SubElement(sequence, f"{{{XSD}}}element", name=addition.name, type=addition.type, minOccurs="0")
    return root


def _template(root: etree._Element, name: str, queries: Mapping[str, str], declaration: bytes) -> _Template:
    slots: list[str] = []
    for element in root.iter():
        attribute = _link_attribute(element)
        if attribute is None or attribute not in element.attrib:
            continue
        link = "" if element.tag in _ADDRESSES else "?" + _query_of(name, str(element.attrib[attribute]), queries)
        # The parser cannot say where an attribute stood in the bytes. So each place gets a text that occurs nowhere else,
        # and the written document is cut at these texts.
        element.set(attribute, f"{_MARK}{len(slots)};")
        slots.append(escape_attribute(link))
    text = serialise(root, declaration)
    pieces: list[bytes] = []
    for index in range(len(slots)):
        piece, _, text = text.partition(f"{_MARK}{index};".encode())
        pieces.append(piece)
    return _Template((*pieces, text), tuple(slots))


def _link_attribute(element: etree._Element) -> str | None:
    if element.tag in _ADDRESSES or element.tag == f"{{{WSDL}}}import":
        return "location"
    return "schemaLocation" if element.tag in _SCHEMA_LINKS else None


def _query_of(name: str, location: str, queries: Mapping[str, str]) -> str:
    """The query that serves the file at `location`, which is relative to the file `name`."""
    parts: list[str] = []
    for part in (PurePosixPath(name).parent / location).parts:
        if part == ".." and parts:
            parts.pop()
        else:
            parts.append(part)
    target = "/".join(parts)
    if target not in queries:
        raise ValueError(f"{name}: nothing serves {location}")
    return queries[target]


@dataclass(frozen=True, slots=True)
class SchemaFinding:
    """One thing wrong with a message.

    rule: the name of the constraint (SCHEMAV_…).
    message: libxml2's words.
    line: the line of the element, from 1.
    """

    rule: str
    message: str
    line: int


class Schemas:
    """Schema files compiled once. `files` are relative to `folder` and may import one another by relative location.

    additions: elements beyond those of the files.
    """

    def __init__(self, folder: Path, files: Sequence[str], additions: Sequence[Addition] = ()) -> None:
        parser = etree.XMLParser(no_network=True)
        parser.resolvers.add(_Extended(folder, files, additions))
        self._schema = etree.XMLSchema(etree.fromstring(_umbrella(folder, files), parser))

    def findings(self, element: etree._Element) -> list[SchemaFinding]:
        """What is wrong with an element as a message on its own; empty when it is valid."""
        if self._schema.validate(element):
            return []
        log = cast("Iterable[Any]", self._schema.error_log)  # lxml's stubs do not know that it iterates
        return [SchemaFinding(entry.type_name, entry.message, entry.line) for entry in log]

    def is_valid(self, element: etree._Element) -> bool:
        """True when the element is a valid message on its own."""
        return self._schema.validate(element)


class _Extended(etree.Resolver):
    """Gives the schema compiler the files that have additions."""

    def __init__(self, folder: Path, files: Sequence[str], additions: Sequence[Addition]) -> None:
        changed = {addition.file for addition in additions}.intersection(files)
        self._files = {
            (folder / name).resolve().as_uri(): serialise(_extended(folder, name, additions)) for name in changed
        }

    def resolve(self, system_url: str, public_id: str, context: Any = None) -> Any:
        """The file in its changed form; None for the file as it is. lxml calls it with a context that its stubs do not know."""
        del public_id  # schema locations have none
        content = self._files.get(system_url)
        return None if content is None else self.resolve_string(content, context, base_url=system_url)


def _umbrella(folder: Path, files: Sequence[str]) -> bytes:
    """A schema that imports all the files: a message may use any global element of any of them."""
    imports = []
    for file in files:
        path = folder / file
        namespace = parse(path.read_bytes()).get("targetNamespace", "")
        location = path.resolve().as_uri()
        imports.append(
            f'<xs:import namespace="{escape_attribute(namespace)}" schemaLocation="{escape_attribute(location)}"/>'
        )
    return f'<xs:schema xmlns:xs="{XSD}">{"".join(imports)}</xs:schema>'.encode()
