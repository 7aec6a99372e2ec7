"""The only XML parser and writer.

One parser decides what a document is. It allows no DTD, no entities and no network, and it caps bytes, depth, elements and
attributes. It removes comments and processing instructions, so that `44<!-- -->5` reads as 445 in every dialect.
This module says why a document is refused; each dialect puts that into its own words.

How it stays cheap: the counts of `<` and `=` in the bytes are upper bounds for elements, depth and attributes. An ordinary
document is within the caps by these counts alone. Only a suspicious document is counted exactly.
"""

from __future__ import annotations

import enum
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, cast

import xmltodict
from lxml import etree

from gateway.wire.xml_names import is_familiar

XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
XSD: Final = "http://www.w3.org/2001/XMLSchema"


class XmlProblem(enum.Enum):
    """Why a document is not accepted."""

    EMPTY = "no document"
    TOO_LARGE = "more bytes than allowed"
    TOO_DEEP = "nested deeper than allowed"
    TOO_MANY = "more elements or attributes than allowed"
    DOCTYPE = "a document type declaration is not allowed"
    ENCODING = "the encoding is unknown, or the bytes do not fit it"
    MALFORMED = "not well-formed"


class XmlRefused(Exception):
    """A document was not accepted. `line` and `column` count from 1; 0 when unknown."""

    def __init__(self, problem: XmlProblem, detail: str = "", line: int = 0, column: int = 0) -> None:
        super().__init__(detail or problem.value)
        self.problem = problem
        self.detail = detail or problem.value
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class XmlLimits:
    """Caps on a document.

    max_bytes: size of the document in bytes.
    max_depth: depth of nesting; the root has depth 1. From 1 to 255.
    max_elements: elements in the whole document.
    max_attributes: attributes of one element. The whole document may have this many namespace declarations, and four more
        for each element.
    """

    max_bytes: int = 4 * 1024 * 1024
    max_depth: int = 64
    max_elements: int = 200_000
    max_attributes: int = 64

    def __post_init__(self) -> None:
        if not 1 <= self.max_depth <= 255:
            raise ValueError("max_depth is 1 to 255: libxml2 itself refuses 256")


DEFAULT_LIMITS = XmlLimits()


@dataclass(frozen=True, slots=True)
class Document:
    """A document with the facts that its tree no longer shows.

    root: the tree, without comments and processing instructions.
    encoding: the Python name of the codec that the bytes were read with.
    declared: the encoding as the XML declaration writes it; None without one.
    has_pi: True when a processing instruction was removed, wherever it stood.
    has_comment: True when a comment was removed, wherever it stood.
    """

    root: etree._Element
    encoding: str
    declared: str | None
    has_pi: bool
    has_comment: bool


def parse(body: bytes, limits: XmlLimits = DEFAULT_LIMITS, charset: str | None = None) -> etree._Element:
    """Parse a document. `charset` is the transport's (it outranks the declaration, as HTTP says). Raises XmlRefused."""
    return _tree(_unicode(body, limits, charset)[0], limits)


def parse_document(body: bytes, limits: XmlLimits = DEFAULT_LIMITS, charset: str | None = None) -> Document:
    """As `parse`, for a dialect that must know what the parser removed. Raises XmlRefused."""
    text, encoding, declared = _unicode(body, limits, charset)
    root = _tree(text, limits)
    has_pi = has_comment = False
    # The declaration is no processing instruction, so one `<?` is allowed for it. The rest may still be mere text in a
    # CDATA section; only a second parse that keeps everything knows.
    if text.count(b"<?") > text.startswith(_DECLARATION_STARTS) or b"<!--" in text:
        full = _apart(text, remove=False)
        has_pi, has_comment = bool(_ANY_PI(full)), bool(_ANY_COMMENT(full))
    return Document(root, encoding, declared, has_pi, has_comment)


# --- bytes to UTF-8 ---------------------------------------------------------------------------------------------------

_CODECS: Final = MappingProxyType(
    {
        "utf-8": "utf-8",
        "utf8": "utf-8",
        "us-ascii": "ascii",
        "ascii": "ascii",
        "iso-8859-1": "iso-8859-1",
        "iso8859-1": "iso-8859-1",
        "latin1": "iso-8859-1",
        "latin-1": "iso-8859-1",
        "iso-8859-15": "iso-8859-15",
        "windows-1252": "cp1252",
        "cp1252": "cp1252",
        "utf-16": "utf-16",
        "utf-16le": "utf-16-le",
        "utf-16be": "utf-16-be",
    }
)
"""Encodings that are read. The list is closed, because an exotic codec would be a way around the checks below."""

_DECLARATION = re.compile(
    rb"""<\?xml\s+version\s*=\s*["'][^"'<>]{1,8}["']\s+encoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]{0,39})["']"""
)
_DECLARATION_STARTS: Final = (b"<?xml ", b"<?xml\t", b"<?xml\r", b"<?xml\n")
# Possessive and atomic groups: without them a prolog of many unfinished comments would take quadratic time.
_PROLOG_DOCTYPE = re.compile(rb"(?:\s++|<\?(?>.*?\?>)|<!--(?>.*?-->))*+<!DOCTYPE", re.DOTALL)
_NOT_TAGS = re.compile(rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)", re.DOTALL)


def _unicode(body: bytes, limits: XmlLimits, charset: str | None) -> tuple[bytes, str, str | None]:
    """The document as UTF-8 without a byte order mark, the codec it was read with, and the declared encoding."""
    if len(body) > limits.max_bytes:
        raise XmlRefused(XmlProblem.TOO_LARGE)
    codec, skip = _codec_of(body, charset)
    if codec == "utf-8":
        text = body[skip:] if skip else body
        _check_utf8(text)
    else:
        text = _transcode(body[skip:], codec)
    # C code takes NUL for the end of a text. What libxml2 would make of the rest is not worth finding out.
    if b"\0" in text:
        raise XmlRefused(XmlProblem.MALFORMED, "the document holds a NUL character")
    if not text or text.isspace():
        raise XmlRefused(XmlProblem.EMPTY)
    return text, codec, _declared(text)


def _codec_of(body: bytes, charset: str | None) -> tuple[str, int]:
    """The codec, and how many bytes the byte order mark takes.

    The byte order mark outranks the transport's charset. Then come the look of the bytes (UTF-16) and the declaration.
    """
    if body.startswith(b"\xef\xbb\xbf"):
        return "utf-8", 3
    if body.startswith(b"\xff\xfe"):
        return "utf-16-le", 2
    if body.startswith(b"\xfe\xff"):
        return "utf-16-be", 2
    if charset:
        return _known(charset.strip("\"' ")), 0
    if body.startswith(b"<\0"):
        return "utf-16-le", 0
    if body.startswith(b"\0<"):
        return "utf-16-be", 0
    declared = _declared(body)
    if declared is None:
        return "utf-8", 0
    codec = _known(declared)
    # The declaration could be read as ASCII, so the document cannot be UTF-16, whatever it says about itself.
    if codec.startswith("utf-16"):
        raise XmlRefused(XmlProblem.ENCODING, f"declared as {declared}, but the bytes are not")
    return codec, 0


def _declared(text: bytes) -> str | None:
    match = _DECLARATION.match(text)
    return match[1].decode("ascii") if match else None


def _known(name: str) -> str:
    codec = _CODECS.get(name.lower())
    if codec is None:
        raise XmlRefused(XmlProblem.ENCODING, f"encoding {name!r} is not supported")
    return codec


def _check_utf8(text: bytes) -> None:
    if text.isascii():
        return
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _bad_bytes(text, error) from None


def _transcode(body: bytes, codec: str) -> bytes:
    try:
        return body.decode(codec).encode("utf-8")
    except UnicodeDecodeError as error:
        raise _bad_bytes(body, error) from None


def _bad_bytes(body: bytes, error: UnicodeDecodeError) -> XmlRefused:
    line = body.count(b"\n", 0, error.start) + 1
    column = error.start - (body.rfind(b"\n", 0, error.start) + 1) + 1
    return XmlRefused(XmlProblem.ENCODING, f"not valid {error.encoding}", line, column)


# --- UTF-8 to a tree --------------------------------------------------------------------------------------------------


def _new_parser(remove: bool) -> etree.XMLParser:
    # Every option is written out, also where it is lxml's default: a new default must not soften the parser.
    return etree.XMLParser(
        encoding="utf-8",  # outranks the declaration: the bytes were already brought to UTF-8
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        no_network=True,
        huge_tree=False,
        recover=False,
        collect_ids=False,
        remove_comments=remove,
        remove_pis=remove,
        strip_cdata=True,
    )


_PARSER: Final = _new_parser(remove=True)


def _apart(text: bytes, remove: bool = True) -> etree._Element:
    """Parse in a thread of its own, so that its names are freed at the end (see `xml_names`). Raises XMLSyntaxError."""
    outcome: list[etree._Element | Exception] = []

    def run() -> None:
        try:
            outcome.append(etree.fromstring(text, _new_parser(remove)))
        except Exception as error:  # noqa: BLE001 - raised again in the caller's thread
            outcome.append(error)

    thread = threading.Thread(target=run, name="xml")
    thread.start()
    thread.join()
    if isinstance(outcome[0], Exception):
        raise outcome[0]
    return outcome[0]


_ANY_PI: Final = etree.XPath("boolean(//processing-instruction())")
_ANY_COMMENT: Final = etree.XPath("boolean(//comment())")


@lru_cache(maxsize=32)
def _deeper_than(depth: int) -> etree.XPath:
    return etree.XPath("boolean(" + "/*" * (depth + 1) + ")")


@lru_cache(maxsize=32)
def _more_attributes_than(count: int) -> etree.XPath:
    return etree.XPath(f"boolean(//@*[position() > {count}])")


def _tree(text: bytes, limits: XmlLimits) -> etree._Element:
    bound = _refuse_floods(text, limits)
    # A document with no more elements than `max_depth` cannot be deeper than that, and `=` bounds the attributes in the
    # same way. Hence ordinary documents skip both walks over the tree.
    try:
        root = etree.fromstring(text, _PARSER) if is_familiar(text) else _apart(text)
    except etree.XMLSyntaxError as error:
        raise _refusal(error) from None
    if bound > limits.max_depth and _deeper_than(limits.max_depth)(root):
        raise XmlRefused(XmlProblem.TOO_DEEP)
    if text.count(b"=") > limits.max_attributes and _more_attributes_than(limits.max_attributes)(root):
        raise XmlRefused(XmlProblem.TOO_MANY, "an element has more attributes than allowed")
    return root


def _refuse_floods(text: bytes, limits: XmlLimits) -> int:
    """Refuse what can be refused without parsing. Returns an upper bound of the number of elements."""
    bound = text.count(b"<") - text.count(b"</")
    special = text.count(b"<!") + text.count(b"<?")
    if special and b"<!DOCTYPE" in text and _PROLOG_DOCTYPE.match(text):
        raise XmlRefused(XmlProblem.DOCTYPE)
    if bound - special > limits.max_elements and _elements(text) > limits.max_elements:
        raise XmlRefused(XmlProblem.TOO_MANY, "more elements than allowed")
    # XPath's attribute axis does not show namespace declarations, so they are counted in the bytes.
    if text.count(b"xmlns") > limits.max_attributes + 4 * bound:
        raise XmlRefused(XmlProblem.TOO_MANY, "more namespace declarations than allowed")
    return bound


def _elements(text: bytes) -> int:
    """How many elements a well-formed document has. `<` in CDATA, comments and processing instructions begins none."""
    plain = _NOT_TAGS.sub(b"", text)
    return plain.count(b"<") - plain.count(b"</")


def _refusal(error: etree.XMLSyntaxError) -> XmlRefused:
    line, column = error.position if error.position[0] is not None else (0, 0)
    problem = _PROBLEMS.get(getattr(error, "code", 0), XmlProblem.MALFORMED)
    return XmlRefused(problem, (error.msg or "").rsplit(", line ", 1)[0].strip(), line, column)


_RESOURCE_LIMIT: Final = 114  # libxml2's XML_ERR_RESOURCE_LIMIT: depth above 256; lxml has no name for it
_PROBLEMS: Final[Mapping[int, XmlProblem]] = MappingProxyType(
    {
        etree.ErrorTypes.ERR_INVALID_ENCODING: XmlProblem.ENCODING,
        etree.ErrorTypes.ERR_UNSUPPORTED_ENCODING: XmlProblem.ENCODING,
        etree.ErrorTypes.ERR_NAME_TOO_LONG: XmlProblem.TOO_LARGE,
        _RESOURCE_LIMIT: XmlProblem.TOO_DEEP,
    }
)


# --- writing ----------------------------------------------------------------------------------------------------------

_TEXT_SPECIAL = re.compile(r"[&<>\r]")
_ATTRIBUTE_SPECIAL = re.compile(r'[&<>"\t\n\r]')
_REFERENCES: Final = MappingProxyType(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
)
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def escape_text(text: str) -> str:
    """Text fit for element content. Characters that XML 1.0 cannot hold become U+FFFD."""
    if _FORBIDDEN.search(text):
        text = _FORBIDDEN.sub("\ufffd", text)
    return _TEXT_SPECIAL.sub(_reference, text) if _TEXT_SPECIAL.search(text) else text


def escape_attribute(text: str) -> str:
    """Text fit for an attribute value in double quotes. Characters that XML 1.0 cannot hold become U+FFFD."""
    if _FORBIDDEN.search(text):
        text = _FORBIDDEN.sub("\ufffd", text)
    return _ATTRIBUTE_SPECIAL.sub(_reference, text) if _ATTRIBUTE_SPECIAL.search(text) else text


def _reference(match: re.Match[str]) -> str:
    return _REFERENCES[match[0]]


def serialise(element: etree._Element, declaration: bytes = b"", encoding: str = "utf-8") -> bytes:
    """The element as bytes, without its tail, after `declaration` exactly as given (with its own line break).

    Empty elements are written `<a/>`. A character that `encoding` cannot hold becomes a decimal reference.
    """
    written = etree.tostring(element, encoding=encoding, xml_declaration=False, with_tail=False)
    return declaration + cast("bytes", written)  # a str only for encoding="unicode"


def canonical(body: bytes, strip_space: bool = False) -> bytes:
    """The C14N 2.0 form, for comparing documents. `strip_space` drops white space around text."""
    text: str = etree.canonicalize(serialise(parse(body)).decode(), strip_text=strip_space)
    return text.encode()


def to_mapping(element: etree._Element, **options: Any) -> dict[str, Any]:
    """The element as xmltodict reads it. xmltodict sees only what the hardened parser wrote, never a client's bytes.

    options: arguments for `xmltodict.parse`. Entities stay disabled whatever the options say.
    """
    mapping: dict[str, Any] = xmltodict.parse(serialise(element), **{**options, "disable_entities": True})
    return mapping
