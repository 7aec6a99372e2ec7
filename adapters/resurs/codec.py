"""Bytes to messages and back, for one service. It knows envelopes and schemas, not what a message means."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from lxml import etree
from pydantic import BaseModel

import schemas.resurs as contract_package
from adapters.resurs.operation import Answer, Service, ServiceOperation
from gateway.wire.parse_cache import Readings, Writings
from gateway.wire.soap.binding import Binder, BindingOptions, ReadRefusedError, Source
from gateway.wire.soap.envelope import SoapVersion, open_envelope, read_content_type
from gateway.wire.soap.faults import Fault, FaultCode, Layout, write_envelope, write_fault_envelope
from gateway.wire.soap.multipart import XOP, Package, read_package
from gateway.wire.soap.wsdl import Addition, Contract, SchemaFinding, Schemas
from gateway.wire.xml import XmlLimits, escape_text
from schemas.resurs.configuration import PeekInvoiceSequenceResponse, SetInvoiceSequence
from schemas.resurs.messages import ECommerceError

EXCEPTIONS: Final = "http://ecommerce.resurs.com/v4/msg/exception"
FOLDER: Final = Path(contract_package.__file__).parent
_LIMITS: Final = XmlLimits(max_elements=10_000)
MAX_BYTES: Final = _LIMITS.max_bytes
_MAX_DIGITS: Final = 1000  # Python refuses to read more than 4300; no invoice number has a thousand
_PASTED: Final = re.compile(rb"(?:\xc2\xa0[ \t\r\n]*)+\Z")
_PAYLOAD_LEVEL: Final = 2
_ADDITIONS: Final = (
    Addition("schemas/messages/SimplifiedShopFlowServiceMessages.xsd", "bookPayment", "storeId", "common:id"),
    Addition("schemas/types/common.xsd", "specLine", "deliveryDate", "xs:date"),
)
"""What the vendor's pages know and its contracts lack. Source: P-09."""


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


@dataclass(frozen=True, slots=True)
class Received:
    """A request that was read.

    message: None for an operation that is declined: its content is validated, and nobody reads it.
    """

    operation: ServiceOperation
    message: BaseModel | None


@cache
def _contract_files(wsdl: str, files: tuple[str, ...], additions: tuple[Addition, ...]) -> tuple[Contract, Schemas]:
    """What is served, and what requests are held against. Read once: a dialect is built anew for each change of tenants."""
    queries = {"wsdl": wsdl, **{f"xsd={file}": file for file in files}}
    declaration = b"<?xml version='1.0' encoding='UTF-8'?>"
    return Contract(FOLDER, queries, declaration, additions), Schemas(FOLDER, files, additions)


@cache
def _binder(namespace: str, indent: int) -> Binder:
    return Binder(namespace, BindingOptions(qualified=False, validated=True, jaxb=True, indent=indent))


class Codec:
    """Reads requests of one service and writes its answers in one layout.

    indent: spaces of each level; 0 writes on one line.
    extended: the contract has what only the vendor's pages know, too. Source: P-09.
    lenient: children may be in the wrapper's namespace.
    """

    def __init__(self, service: Service, indent: int, *, extended: bool = False, lenient: bool = False) -> None:
        self.service = service
        self.contract, self._schemas = _contract_files(service.wsdl, service.schemas, _ADDITIONS if extended else ())
        self._lenient = lenient
        self._layout = Layout(prefix="soap", indent=indent)
        self.read_request: Final = Readings(self._decode, _renumbered, _is_remembered).read
        """Reads an envelope: its bytes and Content-Type. Raises the exceptions of `protocol.UNREADABLE`."""
        binder = _binder(service.namespace, indent)
        self._operations = {f"{{{service.namespace}}}{row.name}": row for row in service.operations}
        self._readers = {row.name: binder.reader(row.request) for row in service.operations}
        self._writers = {
            row.name: binder.writer(row.response, _PAYLOAD_LEVEL + 1)
            for row in service.operations
            if row.response is not None
        }
        self._peeked = Writings()
        self._names = f'xmlns:ns3="{service.namespace}" xmlns:ns2="{EXCEPTIONS}"'
        self._empty = {row.name: self._envelope(f"<ns3:{row.wrapper} {self._names}/>") for row in service.operations}

    @staticmethod
    def is_pasted(body: bytes) -> bool:
        """True when no-break spaces follow the document."""
        return len(_trimmed(body)) < len(body)

    def read_packaged(self, body: bytes, content_type: str) -> Received:
        """Read a multipart package with an envelope in it. Raises the exceptions of `protocol.UNREADABLE`."""
        package = read_package(body, content_type)
        root = package.root.content
        if package.others and XOP.encode() in root:
            return self._decode(root, package.content_type, package)
        return self.read_request(root, package.content_type)

    def _decode(self, body: bytes, content_type: str | None, package: Package | None = None) -> Received:
        envelope = open_envelope(_trimmed(body), read_content_type(content_type).charset, limits=_LIMITS)
        if envelope.version is not SoapVersion.SOAP_11:
            raise OtherSoapVersion
        payload = envelope.payload
        name = "" if payload is None else str(payload.tag)
        row = self._operations.get(name)
        if payload is None or row is None or len(envelope.payloads) > 1:
            raise OperationUnknown(name if row is None else str(envelope.payloads[1].tag))
        if package is not None:
            _put_in_place(payload, package)
        if self._lenient:
            _disqualify(payload, f"{{{self.service.namespace}}}")
        findings = self._schemas.findings(payload)
        if findings:
            raise MessageInvalid(row.name, findings)
        return Received(row, None if row.handler is None else self._message(row, payload, body))

    def _message(self, row: ServiceOperation, payload: etree._Element, body: bytes) -> BaseModel:
        for child in payload.iterfind("nextInvoiceNumber"):
            if len((child.text or "").strip()) > _MAX_DIGITS:
                message = f"Element 'nextInvoiceNumber': a number of more than {_MAX_DIGITS} digits"
                raise MessageInvalid(row.name, [SchemaFinding("", message, 0)])
        try:
            return self._readers[row.name](payload, Source(payload.getroottree().getroot(), body))
        except ReadRefusedError as refused:  # a value that the schema allows, and no type of ours holds
            raise MessageInvalid(row.name, [SchemaFinding("", f"Element '{refused.name}': {refused}", 0)]) from None

    def write(self, row: ServiceOperation, answer: Answer) -> bytes:
        """The answer to an operation. Raises ValueError for a value that its type cannot hold."""
        if answer is None:
            return self._empty[row.name]
        if isinstance(answer, PeekInvoiceSequenceResponse) and answer.next_invoice_number is not None:
            return self._peeked.write(
                row.name,
                answer.next_invoice_number,
                lambda number: self._written(row, PeekInvoiceSequenceResponse(next_invoice_number=number)),
            )
        return self._written(row, answer)

    def _written(self, row: ServiceOperation, answer: BaseModel) -> bytes:
        children = self._writers[row.name](answer)
        if not children:
            return self._empty[row.name]
        end = self._line(_PAYLOAD_LEVEL)
        return self._envelope(f"<ns3:{row.wrapper} {self._names}>{children}{end}</ns3:{row.wrapper}>")

    def write_error(self, text: str, error: ECommerceError) -> bytes:
        """A fault with an ECommerceError. Source: R-24.

        text: technical English, for the logs of the shop.
        """
        line = self._line(5)
        fixable = "true" if error.fixable_by_you else "false"
        detail = (
            f'<ns2:ECommerceError xmlns:ns2="{EXCEPTIONS}" xmlns:ns3="{self.service.namespace}">'
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


def _disqualify(payload: etree._Element, namespace: str) -> None:
    """Take the children out of the wrapper's namespace. One sample on the vendor's pages has them there."""
    for element in payload.iterdescendants(f"{namespace}*"):
        element.tag = str(element.tag).removeprefix(namespace)


def _trimmed(body: bytes) -> bytes:
    """The body without no-break spaces at its end.

    The vendor's page has one after its sample, so clients whose authors pasted the sample send it. D-02.
    """
    tail = body[-32:]
    return body if b"\xc2\xa0" not in tail else body[:-32] + _PASTED.sub(b"", tail)


def _is_remembered(received: Received) -> bool:
    return received.operation.remembered


def _renumbered(one: Received, other: Received) -> Callable[[int], Received] | None:
    """How to put another number into a message; None unless both messages set one (ADR-33).

    Two messages that set a number differ in nothing but that number.
    """
    both_set = isinstance(one.message, SetInvoiceSequence) and isinstance(other.message, SetInvoiceSequence)
    row = one.operation
    return (lambda number: Received(row, SetInvoiceSequence(next_invoice_number=number))) if both_set else None
