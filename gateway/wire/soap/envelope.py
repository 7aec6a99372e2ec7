"""Reading and framing SOAP envelopes, and the HTTP headers that travel with them.

The namespace of the envelope alone decides the version; prefixes never matter. A problem is a member of a closed enum, and
the dialect finds the words for it. Must not know: operations, vendors, what a payload means.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from lxml import etree

from gateway.wire.xml import DEFAULT_LIMITS, XmlLimits, parse

ENVELOPE_11: Final = "http://schemas.xmlsoap.org/soap/envelope/"
ENVELOPE_12: Final = "http://www.w3.org/2003/05/soap-envelope"
_NEXT_ACTOR_11: Final = "http://schemas.xmlsoap.org/soap/actor/next"
_MY_ROLES_12: Final = frozenset({f"{ENVELOPE_12}/role/next", f"{ENVELOPE_12}/role/ultimateReceiver"})


class SoapVersion(enum.Enum):
    """The two versions, with the namespace of their envelope and the media type they travel as."""

    SOAP_11 = (ENVELOPE_11, "text/xml")
    SOAP_12 = (ENVELOPE_12, "application/soap+xml")

    def __init__(self, namespace: str, media_type: str) -> None:
        self.namespace = namespace
        self.media_type = media_type


class EnvelopeProblem(enum.Enum):
    """Why a well-formed document is not a message."""

    NOT_AN_ENVELOPE = "the root element is not an Envelope"
    VERSION_MISMATCH = "an Envelope in an unknown namespace"
    NO_BODY = "the Envelope has no Body"
    MISPLACED_HEADER = "a Header that is not the first child, or a second one"
    TRAILING_ELEMENT = "an element beside Header and Body"
    NOT_UNDERSTOOD = "a header block that must be understood is not"


class EnvelopeRefused(Exception):
    """A document is no message.

    problem: why.
    name: the qualified name ({namespace}local) that the problem is about.
    version: the version of the envelope; None when its namespace is unknown.
    """

    def __init__(self, problem: EnvelopeProblem, name: str = "", version: SoapVersion | None = None) -> None:
        super().__init__(f"{problem.value}: {name}" if name else problem.value)
        self.problem = problem
        self.name = name
        self.version = version


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message.

    version: the version of the envelope.
    headers: the header blocks.
    payloads: the element children of Body; none when Body is empty.
    """

    version: SoapVersion
    headers: tuple[etree._Element, ...]
    payloads: tuple[etree._Element, ...]

    @property
    def payload(self) -> etree._Element | None:
        """The first child of Body, by whose qualified name document/literal services dispatch."""
        return self.payloads[0] if self.payloads else None


def _nothing(_name: str) -> bool:
    return False


def read_envelope(root: etree._Element, understands: Callable[[str], bool] = _nothing) -> Envelope:
    """Read a parsed document as a message. Raises EnvelopeRefused.

    understands: says whether we understand a header block, by its qualified name. It is asked about blocks that are
        addressed to us and must be understood.

    SOAP 1.1 allows elements after Body, and they are ignored. SOAP 1.2 does not allow them.
    """
    version = _version(root)
    envelope = f"{{{version.namespace}}}"
    children = list(root)
    header = children.pop(0) if children and children[0].tag == f"{envelope}Header" else None
    if not children or children[0].tag != f"{envelope}Body":
        raise _no_body(children, envelope, version)
    _refuse_trailing(children[1:], envelope, version)
    headers = () if header is None else tuple(header)
    for block in headers:
        if _must_understand(block, version) and not understands(str(block.tag)):
            raise EnvelopeRefused(EnvelopeProblem.NOT_UNDERSTOOD, str(block.tag), version)
    return Envelope(version, headers, tuple(children[0]))


def open_envelope(
    body: bytes,
    charset: str | None = None,
    understands: Callable[[str], bool] = _nothing,
    limits: XmlLimits = DEFAULT_LIMITS,
) -> Envelope:
    """Parse bytes and read them as a message. `charset` is the transport's. Raises XmlRefused and EnvelopeRefused."""
    return read_envelope(parse(body, limits, charset), understands)


def _version(root: etree._Element) -> SoapVersion:
    name = etree.QName(root)
    if name.localname != "Envelope":
        raise EnvelopeRefused(EnvelopeProblem.NOT_AN_ENVELOPE, name.text)
    for version in SoapVersion:
        if name.namespace == version.namespace:
            return version
    raise EnvelopeRefused(EnvelopeProblem.VERSION_MISMATCH, name.text)


def _no_body(children: list[etree._Element], envelope: str, version: SoapVersion) -> EnvelopeRefused:
    names = [str(child.tag) for child in children]
    if f"{envelope}Header" in names:
        return EnvelopeRefused(EnvelopeProblem.MISPLACED_HEADER, f"{envelope}Header", version)
    if f"{envelope}Body" in names:
        return EnvelopeRefused(EnvelopeProblem.TRAILING_ELEMENT, names[0], version)
    return EnvelopeRefused(EnvelopeProblem.NO_BODY, names[0] if names else "", version)


def _refuse_trailing(after_body: list[etree._Element], envelope: str, version: SoapVersion) -> None:
    for child in after_body:
        if child.tag == f"{envelope}Header":
            raise EnvelopeRefused(EnvelopeProblem.MISPLACED_HEADER, str(child.tag), version)
        if version is SoapVersion.SOAP_12 or str(child.tag).startswith(envelope):
            raise EnvelopeRefused(EnvelopeProblem.TRAILING_ELEMENT, str(child.tag), version)


def _must_understand(block: etree._Element, version: SoapVersion) -> bool:
    """True when the block is addressed to us and says that it must be understood ("1", or "true" in 1.2)."""
    envelope = f"{{{version.namespace}}}"
    if block.get(f"{envelope}mustUnderstand", "0").strip() not in {"1", "true"}:
        return False
    if version is SoapVersion.SOAP_11:
        return block.get(f"{envelope}actor") in {None, "", _NEXT_ACTOR_11}
    role = block.get(f"{envelope}role")
    return not role or role in _MY_ROLES_12


# --- HTTP headers -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ContentType:
    """A Content-Type header.

    media_type: in lower case, without parameters.
    charset: the parameter, None without one.
    action: the parameter by which SOAP 1.2 names the operation, None without one.
    version: the SOAP version that travels as this type, None for any other type.
    """

    media_type: str
    charset: str | None = None
    action: str | None = None
    version: SoapVersion | None = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "version", _VERSION_OF.get(self.media_type))


_VERSION_OF: Final = {version.media_type: version for version in SoapVersion}


_PARAMETER = re.compile(r';\s*([!#$%&\'*+.^_`|~0-9A-Za-z-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))')
_ESCAPED = re.compile(r"\\(.)")


@lru_cache(maxsize=256)
def read_content_type(header: str | None) -> ContentType:
    """Read a Content-Type header; absent or empty gives an empty media type. Never raises."""
    media_type, _, _ = (header or "").partition(";")
    found: dict[str, str] = {}
    for name, quoted, token in _PARAMETER.findall(header or ""):
        found.setdefault(name.lower(), _ESCAPED.sub(r"\1", quoted) or token)
    return ContentType(media_type.strip().lower(), found.get("charset") or None, found.get("action"))


def read_action(header: str | None, content_type: ContentType) -> str | None:
    """The action that a request names: the SOAPAction header without its quotes, else the 1.2 parameter, else None.

    `""` and an empty header are both read as the empty string: "the intent is in the payload".
    """
    if header is None:
        return content_type.action
    text = header.strip()
    quoted = len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1] if quoted else text
