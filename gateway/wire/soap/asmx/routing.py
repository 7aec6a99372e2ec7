"""Which operation a POST means. The steps, and so the errors, come in ASMX's order.

A SOAPAction header decides alone. Without one (or with the 1.2 media type) the `action` parameter decides, then the body's
element. Media type and envelope matter only after that: the envelope's namespace decides the version of the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote_plus

from lxml import etree

from gateway.wire.soap.asmx import faults
from gateway.wire.soap.asmx.records import HttpRequest, Operation, soap_action
from gateway.wire.soap.binding import Source
from gateway.wire.soap.envelope import ENVELOPE_11, ENVELOPE_12, ContentType, SoapVersion, read_content_type
from gateway.wire.soap.faults import FaultCode
from gateway.wire.xml import XmlLimits, XmlProblem, XmlRefused, parse_document

_VERSIONS = {version.namespace: version for version in SoapVersion}
_TOO_MUCH = frozenset({XmlProblem.TOO_LARGE, XmlProblem.TOO_DEEP, XmlProblem.TOO_MANY})
_NEXT_ACTOR = "http://schemas.xmlsoap.org/soap/actor/next"
_MY_ROLES = frozenset({"", f"{ENVELOPE_12}/role/next", f"{ENVELOPE_12}/role/ultimateReceiver", _NEXT_ACTOR})


class FaultError(Exception):
    """The request is answered with a fault."""

    def __init__(self, version: SoapVersion, code: FaultCode, *texts: str) -> None:
        super().__init__(faults.CHAIN.join(texts))
        self.version = version
        self.code = code


class StatusError(Exception):
    """The request is answered with a status and no body."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


@dataclass(frozen=True, slots=True)
class Routed:
    """A request whose operation is known.

    operation: the operation.
    version: the version of the envelope.
    payloads: the children of Body.
    source: the document's text beside its tree.
    """

    operation: Operation
    version: SoapVersion
    payloads: Iterable[etree._Element]
    source: Source


class Router:
    """Routes the requests of one service."""

    def __init__(self, namespace: str, operations: Sequence[Operation], limits: XmlLimits) -> None:
        self._namespace = namespace
        self._by_action: Mapping[str, Operation] = {soap_action(namespace, each.name): each for each in operations}
        self._by_element: Mapping[str, Operation] = {f"{{{namespace}}}{each.name}": each for each in operations}
        self._limits = limits

    def route(self, request: HttpRequest) -> Routed:
        """Find the operation and open the envelope. Raises FaultError and StatusError."""
        content_type = read_content_type(request.headers.get("Content-Type"))
        operation = self._by_header(request.headers.get("SOAPAction"), content_type)
        if operation is not None and content_type.version is None:
            raise StatusError(415)
        source = self._parsed(request.body, content_type)
        version = _version(source.root)
        if operation is None:
            operation = self._by_body(source.root, version, content_type)
        _check_media_type(content_type, version)
        known = "" if operation.header is None else f"{{{self._namespace}}}{operation.header.__name__}"
        return Routed(operation, version, _payloads(source.root, version, known), source)

    def _by_header(self, header: str | None, content_type: ContentType) -> Operation | None:
        """The operation that the headers name; None when the body must say it."""
        if header is None or content_type.version is SoapVersion.SOAP_12:
            return self._by_action.get(unquote_plus(content_type.action or ""))
        quoted = len(header) >= 2 and header[0] == header[-1] == '"'
        action = unquote_plus(header[1:-1] if quoted else header)
        operation = self._by_action.get(action)
        if operation is None:
            raise FaultError(SoapVersion.SOAP_11, FaultCode.CLIENT, faults.unknown_header_action(action))
        return operation

    def _by_body(self, root: etree._Element, version: SoapVersion, content_type: ContentType) -> Operation:
        body = root.find(f"{{{version.namespace}}}Body")
        if body is None:
            raise _missing(root, version)
        first = next(iter(body), None)
        operation = None if first is None else self._by_element.get(str(first.tag))
        if operation is not None:
            return operation
        action = unquote_plus(content_type.action or "")
        text = faults.unknown_action(action) if action else faults.ACTION_REQUIRED
        raise FaultError(version, FaultCode.CLIENT, text)

    def _parsed(self, body: bytes, content_type: ContentType) -> Source:
        try:
            document = parse_document(body, self._limits, content_type.charset)
        except XmlRefused as refused:
            if content_type.version is None:
                raise StatusError(415) from None
            if refused.problem in _TOO_MUCH:
                guessed = content_type.version
                raise FaultError(guessed, FaultCode.CLIENT, faults.UNABLE_TO_READ, faults.TOO_LARGE) from None
            raise StatusError(400) from None
        return Source(document.root, body, document.encoding)


def _version(root: etree._Element) -> SoapVersion:
    namespace = etree.QName(root).namespace or ""
    version = _VERSIONS.get(namespace)
    if version is None:
        text = faults.version_mismatch(namespace)
        raise FaultError(SoapVersion.SOAP_11, FaultCode.VERSION_MISMATCH, text)
    return version


def _check_media_type(content_type: ContentType, version: SoapVersion) -> None:
    """A 1.1 envelope travels as text/xml only, a 1.2 envelope as either type."""
    if content_type.version is None or (
        version is SoapVersion.SOAP_11 and content_type.version is not SoapVersion.SOAP_11
    ):
        raise StatusError(415)


def _payloads(root: etree._Element, version: SoapVersion, known_header: str) -> Iterable[etree._Element]:
    envelope = f"{{{version.namespace}}}"
    if root.tag != f"{envelope}Envelope":
        raise _missing(root, version)
    children = list(root)
    if children and children[0].tag == f"{envelope}Header":
        for block in children.pop(0):
            if block.tag != known_header:
                _check_understood(block, version)
    if not children or children[0].tag != f"{envelope}Body":
        raise _missing(root, version)
    return children[0]


def _missing(root: etree._Element, version: SoapVersion) -> FaultError:
    is_envelope = root.tag == f"{{{version.namespace}}}Envelope"
    text = faults.MISSING_BODY if is_envelope else faults.MISSING_ENVELOPE
    return FaultError(version, FaultCode.CLIENT, faults.UNABLE_TO_READ, text)


def _check_understood(block: etree._Element, version: SoapVersion) -> None:
    """Refuse a header block that must be understood and that the operation does not declare.

    ASMX runs the call first and faults afterwards. Here the fault comes first, so that no number is consumed.
    """
    envelope = f"{{{version.namespace}}}"
    if block.get(f"{envelope}mustUnderstand", "").strip() not in {"1", "true"}:
        return
    role = block.get(f"{envelope}{'actor' if version.namespace == ENVELOPE_11 else 'role'}") or ""
    if role in _MY_ROLES:
        name = etree.QName(block).localname
        raise FaultError(version, FaultCode.MUST_UNDERSTAND, faults.not_understood(name))
