"""Contracts and models in the notation of `facts.txt`, so that each can be compared line by line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from lxml import etree
from pydantic import BaseModel

from gateway.wire.soap.binding import Element, EnumType, RecordType, Scalar, describe

FOLDER: Final = Path(__file__).parents[3] / "schemas" / "resurs"
XS: Final = "{http://www.w3.org/2001/XMLSchema}"
WSDL: Final = "{http://schemas.xmlsoap.org/wsdl/}"
SOAP: Final = "{http://schemas.xmlsoap.org/wsdl/soap/}"
_XSD: Final = XS[1:-1]
_OCCURS: Final = {("1", "1"): "", ("0", "1"): "?", ("0", "unbounded"): "*", ("1", "unbounded"): "+"}
_BUILT_IN: Final = "xs"


def facts() -> dict[str, list[str]]:
    """The lines of `facts.txt` by the heading above them."""
    sections: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in (Path(__file__).parent / "facts.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            lines = sections.setdefault(line.strip("[]"), [])
        elif line and not line.startswith("#"):
            lines.append(line)
    return sections


def below(kind: str) -> dict[str, list[str]]:
    """The sections of one kind, by name."""
    return {name.partition(" ")[2]: lines for name, lines in facts().items() if name.startswith(f"{kind} ")}


SERVICES: Final = below("service")
FILES: Final = below("file")
PAGES: Final = below("pages")


def with_pages() -> dict[str, list[str]]:
    """The files with what only the vendor's pages know."""
    more = {file: dict(line.split(": ") for line in lines) for file, lines in PAGES.items()}
    return {
        file: [
            f"{line}, {more[file][name]}" if (name := line.partition(":")[0]) in more.get(file, {}) else line
            for line in lines
        ]
        for file, lines in FILES.items()
    }


# --- a schema file ---


def lines_of(root: etree._Element) -> list[str]:
    """A schema as lines: its namespace, its imports, its types."""
    imports = [str(link.get("namespace")).partition("/v4/")[2] for link in root.findall(f"{XS}import")]
    simple = [f"{e.get('name')} < {_facets(e)}" for e in root.findall(f"{XS}simpleType")]
    records = [f"{e.get('name')}: {_content(e)}".rstrip() for e in root.findall(f"{XS}complexType")]
    return [f"namespace {root.get('targetNamespace')}", " ".join(["imports", *imports]), *simple, *records]


def _facets(simple: etree._Element) -> str:
    restriction = simple[0]
    facets = [e for e in restriction if e.tag != f"{XS}enumeration"]
    texts = [_type_name(restriction, "base"), *(f"{etree.QName(e).localname}={e.get('value')}" for e in facets)]
    values = "|".join(str(e.get("value")) for e in restriction.findall(f"{XS}enumeration"))
    return " ".join([*texts, values] if values else texts)


def _content(record: etree._Element) -> str:
    extension = record.find(f"{XS}complexContent/{XS}extension")
    holder = record if extension is None else extension
    base = "" if extension is None else f"{_type_name(extension, 'base')} + "
    return base + ", ".join(
        [*_particles(holder.findall(f"{XS}sequence/*")), *map(_attribute, holder.findall(f"{XS}attribute"))]
    )


def _particles(members: Iterable[etree._Element]) -> Iterator[str]:
    for member in members:
        if member.tag == f"{XS}sequence":
            yield f"({', '.join(_particles(member))}){_occurs(member)}"
        else:
            yield _field(member)


def _field(element: etree._Element) -> str:
    assert "form" not in element.attrib
    nillable = "~" if element.get("nillable") == "true" else ""
    default = f"={element.get('default')}" if "default" in element.attrib else ""
    return f"{element.get('name')} {_type_name(element, 'type')}{_occurs(element)}{nillable}{default}"


def _attribute(attribute: etree._Element) -> str:
    required = "!" if attribute.get("use") == "required" else ""
    return f"@{attribute.get('name')} {_type_name(attribute, 'type')}{required}"


def _occurs(particle: etree._Element) -> str:
    return _OCCURS[particle.get("minOccurs", "1"), particle.get("maxOccurs", "1")]


def _type_name(element: etree._Element, attribute: str) -> str:
    """A type as `x:name`, where x is the last part of its namespace; a type of XML Schema as its name."""
    prefix, _, name = str(element.get(attribute)).rpartition(":")
    namespace = str(element.nsmap[prefix])
    return name if namespace == _XSD else f"{namespace.rpartition('/')[2]}:{name}"


# --- a model ---


class Notation:
    """What the types of the files stand for, to compare models with them."""

    def __init__(self, files: Mapping[str, list[str]]) -> None:
        self._types: dict[str, str] = {}
        for lines in files.values():
            own = lines[0].rpartition("/")[2]
            kind = "" if "/types/" in lines[0] else "msg."
            for line in lines[2:]:
                name, separator, content = line.partition(" < " if " < " in line else ":")
                self._types[f"{kind}{own}:{name}"] = separator.strip() + content.strip()

    def message(self, namespace: str, name: str) -> str:
        """What a model must be that holds an element of a file of messages."""
        return self._record(self._types[f"msg.{namespace}:{name}"][1:])

    def _record(self, content: str) -> str:
        base, _, fields = content.rpartition(" + ")
        own = [self._plain(field) for field in self._alone(fields)]
        return ", ".join([self._record(self._types[base][1:]), *own] if base else own)

    @staticmethod
    def _alone(fields: str) -> Iterator[str]:
        """The fields without the parentheses of optional sequences: a model has no such thing."""
        optional = False
        for field in fields.split(", ") if fields else ():
            optional = optional or field.startswith("(")
            text = field.removeprefix("(").removesuffix(")?")
            yield text + "?" if optional and text[-1] not in "?*" else text
            optional = optional and not field.endswith(")?")

    def _plain(self, field: str) -> str:
        name, _, rest = field.partition(" ")
        kind = rest.rstrip("?*+~") if "=" not in rest else rest.partition("=")[0].rstrip("?*+~")
        marks = rest[len(kind) :]
        return f"{name} {self._resolved(kind)}{marks}"

    def _resolved(self, kind: str) -> str:
        content = self._types.get(kind)
        if content is None:
            return kind
        name = kind.partition(":")[2]
        name = name[0].upper() + name[1:]
        if content.startswith(":"):
            return f"{name}({self._record(content[1:])})"
        return f"{name}<{content[1:].partition(' ')[2]}>" if "|" in content else content[1:].partition(" ")[0]


def lines_of_model(model: type[BaseModel]) -> str:
    """A model in the same words."""
    return _record_of(describe(model))


def _record_of(record: RecordType) -> str:
    return ", ".join(map(_element_of, record.elements))


def _element_of(element: Element) -> str:
    many, few = ("+", "") if element.required else ("*", "?")
    default = (
        element.blank if element.default is not None or (element.type.name == "boolean" and element.blank) else None
    )
    nillable = "~" if element.nillable else ""
    text = "" if default is None or element.repeated else f"={_text_of(element, default)}"
    return f"{element.name} {_type_of(element)}{many if element.repeated else few}{nillable}{text}"


def _text_of(element: Element, value: object) -> str:
    return element.type.write(value) if isinstance(element.type, Scalar) else str(value)


def _type_of(element: Element) -> str:
    kind = element.type
    if isinstance(kind, RecordType):
        return f"{kind.name}({_record_of(kind)})"
    if isinstance(kind, EnumType):
        return f"{kind.name}<{'|'.join(str(member.value) for member in kind.python)}>"
    return kind.name
