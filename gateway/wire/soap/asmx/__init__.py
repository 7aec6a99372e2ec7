"""Classic ASP.NET web services (.asmx): routing, SOAP 1.1 and 1.2, faults, contract, discovery and help pages.

An `AsmxEndpoint` stands for one service. It turns a request into an `AsmxCall` (operation and message) or straight into
an answer, and an operation's result or a fault into an answer:

    received = endpoint.receive(request)
    if isinstance(received, AsmxReply):
        return received
    response = ...                       # do what received.operation.name says with received.message
    return endpoint.respond(received, response)

Sources are the published .NET Framework sources (SoapServerProtocol, XmlSerializationReader and their neighbours); what
they leave to the host (IIS) is marked inferred. Must not know: which vendor's service it is, what an operation means.
"""

from gateway.wire.soap.asmx.contract import discovery, wsdl
from gateway.wire.soap.asmx.endpoint import AsmxEndpoint
from gateway.wire.soap.asmx.faults import (
    UNABLE_TO_PROCESS,
    UNABLE_TO_READ,
    write_fault_message,
)
from gateway.wire.soap.asmx.records import AsmxCall, AsmxOptions, AsmxReply, HttpRequest, Operation, Service

__all__ = [
    "UNABLE_TO_PROCESS",
    "UNABLE_TO_READ",
    "AsmxCall",
    "AsmxEndpoint",
    "AsmxOptions",
    "AsmxReply",
    "HttpRequest",
    "Operation",
    "Service",
    "discovery",
    "write_fault_message",
    "wsdl",
]
