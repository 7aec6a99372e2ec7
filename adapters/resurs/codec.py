"""Bytes to messages and back. It knows envelopes and schemas, not what a number means."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

from lxml import etree

import schemas.resurs as contract_package
from gateway.wire.parse_cache import Readings
from gateway.wire.soap.envelope import SoapVersion, open_envelope, read_content_type
from gateway.wire.soap.faults import Fault, FaultCode, Layout, write_envelope, write_fault_envelope
from gateway.wire.soap.multipart import XOP, Package, read_package
from gateway.wire.soap.wsdl import Contract, SchemaFinding, Schemas
from gateway.wire.xml import XSI, XmlLimits, escape_text
from schemas.resurs.messages import DeclinedRequest, ECommerceError, PeekInvoiceSequence, Request, SetInvoiceSequence

MESSAGES: Final = "http://ecommerce.resurs.com/v4/msg/configuration"
EXCEPTIONS: Final = "http://ecommerce.resurs.com/v4/msg/exception"
OPERATIONS: Final = (
    "changePassword",
    "addPassword",
    "removePassword",
    "registerEventCallback",
    "getRegisteredEventCallback",
    "unregisterEventCallback",
    "peekInvoiceSequence",
    "setInvoiceSequence",
    "setInvoiceData",
    "getInvoiceData",
)
"""All operations in the order of the contract. Source: R-08."""

FOLDER: Final = Path(contract_package.__file__).parent
_FILES: Final = (
    "schemas/messages/ConfigurationServiceMessages.xsd",
    "schemas/messages/Exceptions.xsd",
    "schemas/types/common.xsd",
    "schemas/types/configuration.xsd",
)
_QUERIES: Final = {"wsdl": "ConfigurationService.wsdl", **{f"xsd={file}": file for file in _FILES}}
_LIMITS: Final = XmlLimits(max_elements=10_000)
MAX_BYTES: Final = _LIMITS.max_bytes
_MAX_DIGITS: Final = 1000  # Python refuses to read more than 4300; no invoice number has a thousand
_NAMES: Final = {f"{{{MESSAGES}}}{name}": name for name in OPERATIONS}
_NIL: Final = f"{{{XSI}}}nil"
_PASTED: Final = re.compile(rb"(?:\xc2\xa0[ \t\r\n]*)+\Z")


class OperationUnknown(Exception):
    """The first child of Body is no request of the service.

    name: its qualified name; "" for an empty Body.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class MessageInvalid(Exception):
    """A request breaks the schema."""

    def __init__(self, operation: str, findings: list[SchemaFinding]) -> None:
        super().__init__(operation)
        self.operation = operation
        self.findings = findings


class OtherSoapVersion(Exception):
    """A SOAP 1.2 message; the binding is 1.1 only. Source: R-05."""


@cache
def _contract_files() -> tuple[Contract, Schemas]:
    """What is served, and what requests are held against. Read once: a dialect is built anew for each change of tenants."""
    return Contract(FOLDER, _QUERIES, b"<?xml version='1.0' encoding='UTF-8'?>"), Schemas(FOLDER, _FILES)


class Codec:
    """Reads requests and writes answers in one layout."""

    def __init__(self, indent: int) -> None:
        self.contract, self._schemas = _contract_files()
        self._layout = Layout(prefix="soap", indent=indent)
        self.read_request: Final = Readings(self._decode, _renumbered).read
        """Reads an envelope: its bytes and Content-Type. Raises the exceptions of `errors.UNREADABLE`."""
        names = f'xmlns:ns3="{MESSAGES}" xmlns:ns2="{EXCEPTIONS}"'
        self._peek_unset = self._envelope(f"<ns3:peekInvoiceSequenceResponse {names}/>")
        self._set_done = self._envelope(f"<ns3:setInvoiceSequenceResponse {names}/>")
        # The answer to a peek is the same but for its number, so all of it is written once, around a character that no
        # XML holds.
        before, after = self._line(3), self._line(2)
        mark = "\0"
        peeked = self._envelope(
            f"<ns3:peekInvoiceSequenceResponse {names}>{before}<nextInvoiceNumber>{mark}</nextInvoiceNumber>{after}"
            "</ns3:peekInvoiceSequenceResponse>"
        )
        self._peek_start, _, self._peek_end = peeked.partition(mark.encode())

    @staticmethod
    def is_pasted(body: bytes) -> bool:
        """True when no-break spaces follow the document."""
        return len(_trimmed(body)) < len(body)

    def read_packaged(self, body: bytes, content_type: str) -> Request:
        """Read a multipart package with an envelope in it. Raises the exceptions of `errors.UNREADABLE`."""
        package = read_package(body, content_type)
        root = package.root.content
        if package.others and XOP.encode() in root:
            return self._decode(root, package.content_type, package)
        return self.read_request(root, package.content_type)

    def _decode(self, body: bytes, content_type: str | None, package: Package | None = None) -> Request:
        envelope = open_envelope(_trimmed(body), read_content_type(content_type).charset, limits=_LIMITS)
        if envelope.version is not SoapVersion.SOAP_11:
            raise OtherSoapVersion
        payload = envelope.payload
        name = "" if payload is None else str(payload.tag)
        operation = _NAMES.get(name)
        if payload is None or operation is None or len(envelope.payloads) > 1:
            raise OperationUnknown(name if operation is None else str(envelope.payloads[1].tag))
        if package is not None:
            _put_in_place(payload, package)
        findings = self._schemas.findings(payload)
        if findings:
            raise MessageInvalid(operation, findings)
        return _request(operation, payload)

    def write_peeked(self, next_invoice_number: int | None) -> bytes:
        """The answer to peekInvoiceSequence. None gives the empty wrapper, never a nil element. Source: R-14."""
        if next_invoice_number is None:
            return self._peek_unset
        return b"%b%d%b" % (self._peek_start, next_invoice_number, self._peek_end)

    def write_set(self) -> bytes:
        """The answer to setInvoiceSequence: the empty wrapper."""
        return self._set_done

    def write_error(self, text: str, error: ECommerceError) -> bytes:
        """A fault with an ECommerceError. Source: R-24.

        text: technical English, for the logs of the shop.
        """
        line = self._line(5)
        fixable = "true" if error.fixable_by_you else "false"
        detail = (
            f'<ns2:ECommerceError xmlns:ns2="{EXCEPTIONS}" xmlns:ns3="{MESSAGES}">'
            f"{line}<errorTypeDescription>{error.error_type_description}</errorTypeDescription>"
            f"{line}<errorTypeId>{error.error_type_id}</errorTypeId>"
            f"{line}<fixableByYou>{fixable}</fixableByYou>"
            f"{line}<userErrorMessage>{escape_text(error.user_error_message)}</userErrorMessage>"
            f"{self._line(4)}</ns2:ECommerceError>"
        )
        return write_fault_envelope(Fault(FaultCode.SERVER, text, detail), layout=self._layout).encode()

    def write_fault(self, code: FaultCode, text: str) -> bytes:
        """A fault of the SOAP layer, without detail."""
        return write_fault_envelope(Fault(code, text), layout=self._layout).encode()

    def _envelope(self, payload: str) -> bytes:
        return write_envelope(payload, layout=self._layout).encode()

    def _line(self, level: int) -> str:
        return "\n" + " " * (self._layout.indent * level) if self._layout.indent else ""


def _put_in_place(payload: etree._Element, package: Package) -> None:
    """Replace each XOP reference by the part that it names. One without its part stays, and breaks the schema. Source: R-40."""
    for reference in list(payload.iter(f"{{{XOP}}}Include")):
        content, parent = package.base64_of(reference.get("href", "")), reference.getparent()
        if content is not None and parent is not None and len(parent) == 1:
            parent.remove(reference)
            parent.text = content


def _trimmed(body: bytes) -> bytes:
    """The body without no-break spaces at its end.

    The vendor's page has one after its sample, so clients whose authors pasted the sample send it. D-02.
    """
    tail = body[-32:]
    return body if b"\xc2\xa0" not in tail else body[:-32] + _PASTED.sub(b"", tail)


def _request(operation: str, payload: etree._Element) -> Request:
    if operation == "peekInvoiceSequence":
        return PeekInvoiceSequence()
    if operation != "setInvoiceSequence":
        return DeclinedRequest(operation=operation)
    if not len(payload):
        return SetInvoiceSequence()
    child = payload[0]
    if child.get(_NIL, "").strip() in {"true", "1"}:
        return SetInvoiceSequence(next_invoice_number=None)
    text = (child.text or "").strip()
    if len(text) > _MAX_DIGITS:
        message = f"Element 'nextInvoiceNumber': a number of more than {_MAX_DIGITS} digits"
        raise MessageInvalid(operation, [SchemaFinding("", message, 0)])
    return SetInvoiceSequence(next_invoice_number=int(text))


def _renumbered(one: Request, other: Request) -> Callable[[int], Request] | None:
    """How to put another number into a message; None unless both messages set one (ADR-33).

    Two messages that set a number differ in nothing but that number.
    """
    both_set = isinstance(one, SetInvoiceSequence) and isinstance(other, SetInvoiceSequence)
    return (lambda number: SetInvoiceSequence(next_invoice_number=number)) if both_set else None
