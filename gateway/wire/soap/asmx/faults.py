"""Faults as ASMX writes them with custom errors on: only the chain of messages, without stack, with an empty detail.

A version mismatch also carries the Upgrade header that says which envelopes are understood.
"""

from __future__ import annotations

from typing import Final

from gateway.wire.soap.envelope import ENVELOPE_11, ENVELOPE_12, SoapVersion
from gateway.wire.soap.faults import FaultCode
from gateway.wire.xml import XSD, XSI, escape_text

CHAIN: Final = " ---> "
UNABLE_TO_READ: Final = "Server was unable to read request."
UNABLE_TO_PROCESS: Final = "Server was unable to process request."
MISSING_ENVELOPE: Final = "Request format is invalid: Missing required soap:Envelope element."
MISSING_BODY: Final = "Request format is invalid: Missing required soap:Body element."
ACTION_REQUIRED: Final = "Unable to handle request without a valid action parameter. Please supply a valid soap action."
TOO_LARGE: Final = "Maximum request length exceeded."


def unknown_header_action(value: str) -> str:
    """The text for a SOAPAction header that names no operation."""
    return f"Server did not recognize the value of HTTP Header SOAPAction: {value}."


def unknown_action(value: str) -> str:
    """The text for a SOAP 1.2 action that names no operation, when the body does not either."""
    return f"Unable to handle request. The action '{value}' was not recognized."


def version_mismatch(namespace: str) -> str:
    """The text for an envelope in a namespace that is neither version's."""
    return f"Possible SOAP version mismatch: Envelope namespace {namespace} was unexpected. Expecting {ENVELOPE_11}."


def error_in_document(line: int, column: int) -> str:
    """The text that says where a request could not be read."""
    return f"There is an error in XML document ({line}, {column})."


def not_understood(name: str) -> str:
    """The text for a header block that must be understood and is not."""
    return f"SOAP header {name} was not understood."


_DECLARATION: Final = '<?xml version="1.0" encoding="utf-8"?>'


def envelope_start(version: SoapVersion) -> str:
    """Everything before the Body's start tag."""
    return f'{_DECLARATION}<soap:Envelope xmlns:soap="{version.namespace}" xmlns:xsi="{XSI}" xmlns:xsd="{XSD}">'


ENVELOPE_END: Final = "</soap:Body></soap:Envelope>"

_UPGRADE: Final = (
    f'<soap:Header><soap12:Upgrade xmlns:soap12="{ENVELOPE_12}">'
    f'<soap12:SupportedEnvelope qname="soap:Envelope" xmlns:soap="{ENVELOPE_11}" />'
    f'<soap12:SupportedEnvelope qname="soap12:Envelope" xmlns:soap12="{ENVELOPE_12}" />'
    "</soap12:Upgrade></soap:Header>"
)


def write_fault_message(version: SoapVersion, code: FaultCode, text: str) -> str:
    """A whole message that holds a fault."""
    header = _UPGRADE if code is FaultCode.VERSION_MISMATCH else ""
    fault = _fault_11(code, text) if version is SoapVersion.SOAP_11 else _fault_12(code, text)
    return f"{envelope_start(version)}{header}<soap:Body><soap:Fault>{fault}</soap:Fault>{ENVELOPE_END}"


def _fault_11(code: FaultCode, text: str) -> str:
    return f"<faultcode>soap:{code.name_11}</faultcode><faultstring>{escape_text(text)}</faultstring><detail />"


def _fault_12(code: FaultCode, text: str) -> str:
    return (
        f"<soap:Code><soap:Value>soap:{code.name_12}</soap:Value></soap:Code>"
        f'<soap:Reason><soap:Text xml:lang="en">{escape_text(text)}</soap:Text></soap:Reason><soap:Detail />'
    )
