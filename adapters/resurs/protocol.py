"""Faults of the SOAP layer: what a request that could not be read gets, in the manner of Apache CXF. Source: R-28, R-30."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from adapters.resurs.codec import MessageInvalid, OperationUnknown, OtherSoapVersion
from adapters.resurs.errors import INTERNAL, STRICT, Business
from adapters.resurs.services import OPERATION_NAMES
from gateway.spi.adapter import Failure
from gateway.spi.findings import Finding
from gateway.wire.soap.envelope import EnvelopeProblem, EnvelopeRefused
from gateway.wire.soap.faults import FaultCode
from gateway.wire.soap.multipart import PackageRefused
from gateway.wire.xml import XmlProblem, XmlRefused


@dataclass(frozen=True, slots=True)
class Protocol:
    """A fault of the SOAP layer, without an ECommerceError. Source: R-28, inferred."""

    status: int
    code: FaultCode
    text: str


UNREADABLE: Final = (PackageRefused, XmlRefused, EnvelopeRefused, OtherSoapVersion, OperationUnknown, MessageInvalid)
"""What the codec raises instead of a request."""


def protocol_of(error: Exception) -> Protocol:
    """The fault for a request that could not be read; `error` is one of UNREADABLE."""
    if isinstance(error, PackageRefused):
        return Protocol(413 if error.too_large else 500, FaultCode.CLIENT, _short(error.text))
    if isinstance(error, XmlRefused):
        return _unparsable(error)
    if isinstance(error, EnvelopeRefused):
        return _no_message(error)
    if isinstance(error, OtherSoapVersion):
        text = "A SOAP 1.2 message is not valid when sent to a SOAP 1.1 only endpoint."
        return Protocol(500, FaultCode.VERSION_MISMATCH, text)
    if isinstance(error, OperationUnknown):
        return Protocol(500, FaultCode.CLIENT, _unknown_operation(error.name))
    if isinstance(error, MessageInvalid):
        return Protocol(500, FaultCode.CLIENT, invalid_text(error))
    raise TypeError(f"not a reading problem: {type(error).__name__}")


def _unparsable(error: XmlRefused) -> Protocol:
    status = 413 if error.problem in {XmlProblem.TOO_LARGE, XmlProblem.TOO_DEEP, XmlProblem.TOO_MANY} else 500
    detail = "Unexpected EOF in prolog" if error.problem is XmlProblem.EMPTY else error.detail
    where = f"[{max(error.line, 1)},{error.column}]"
    text = f"Error reading XMLStreamReader: {_short(detail)}\n at [row,col {{unknown-source}}]: {where}"
    return Protocol(status, FaultCode.CLIENT, text)


def _no_message(error: EnvelopeRefused) -> Protocol:
    name = _short(error.name)
    if error.problem is EnvelopeProblem.NOT_UNDERSTOOD:
        return Protocol(500, FaultCode.MUST_UNDERSTAND, f"MustUnderstand headers: [{name}] are not understood.")
    if error.problem in {EnvelopeProblem.NOT_AN_ENVELOPE, EnvelopeProblem.VERSION_MISMATCH}:
        local = name.rpartition("}")[2]
        text = f'"{name}", the namespace on the "{local}" element, is not a valid SOAP version.'
        return Protocol(500, FaultCode.VERSION_MISMATCH, text)
    return Protocol(500, FaultCode.CLIENT, f"Error reading SOAP message: {error.problem.value}.")


def _unknown_operation(name: str) -> str:
    if not name:
        return "No binding operation info while invoking unknown method with params unknown."
    return f"Message part {_short(name)} was not recognized.  (Does it exist in service WSDL?)"


_DATATYPE = re.compile(
    r"Element '([^']*)': (?:\[.*?\] )?'(.*)' is not a valid value of the .*type '(?:xs:)?([^']*)'\.", re.DOTALL
)


def invalid_text(error: MessageInvalid) -> str:
    """What is wrong with a message, in the manner of a Java schema validator."""
    finding = error.findings[0]
    match = _DATATYPE.match(finding.message)
    if match is None:
        return f"Unmarshalling Error: {_short(finding.message)} "
    value, kind = match[2], match[3]
    return f"Unmarshalling Error: cvc-datatype-valid.1.2.1: '{_short(value)}' is not a valid value for '{kind}'. "


def _short(text: str, longest: int = 300) -> str:
    """The beginning of a client's own text. An answer must not grow with the request that it echoes."""
    return text if len(text) <= longest else text[:longest] + "…"


FAILURES: Final[Mapping[Failure, Protocol | Business]] = MappingProxyType(
    {
        Failure.BODY_TOO_LARGE: Protocol(413, FaultCode.CLIENT, "The message is too large"),  # R-28, inferred
        Failure.BODY_UNREADABLE: Protocol(500, FaultCode.CLIENT, "Couldn't parse stream."),  # R-28, inferred
        Failure.BODY_TIMEOUT: Protocol(500, FaultCode.CLIENT, "Error reading XMLStreamReader: Read timed out"),
        Failure.OVERLOADED: INTERNAL,  # a problem on the service's side, fixableByYou false
        Failure.RATE_LIMITED: INTERNAL,  # no limit is known; as for any trouble of the service (inferred)
        Failure.STORE_UNAVAILABLE: INTERNAL,
        Failure.DEADLINE: INTERNAL,
        Failure.INTERNAL: INTERNAL,
        Failure.STRICT: STRICT,
    }
)
"""NOT_FOUND, METHOD_NOT_ALLOWED and UNAUTHORIZED are not SOAP yet; `routes` answers them as the servlet would."""


def near_miss(error: Exception) -> tuple[Finding, str]:
    """What made an unreadable request miss; `error` is one of UNREADABLE."""
    if isinstance(error, OperationUnknown):
        local = error.name.rpartition("}")[2]
        return Finding.WRONG_NAMESPACE if local in OPERATION_NAMES else Finding.UNKNOWN_OPERATION, local
    if isinstance(error, OtherSoapVersion) or (
        isinstance(error, EnvelopeRefused) and error.problem is EnvelopeProblem.VERSION_MISMATCH
    ):
        return Finding.WRONG_NAMESPACE, "Envelope"
    return Finding.UNREADABLE_MESSAGE, ""
