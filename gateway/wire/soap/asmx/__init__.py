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

Where an endpoint knowingly differs from ASMX:

* A request without action that is not XML, or has no Body, is answered as one with an action is: 400 without body, or
  "unable to read request" from the client's side. ASMX blames itself then ("unable to process request", soap:Server).
* A header that must be understood is refused before the operation runs, not after: nothing may have happened.
* `?wsdl=` is served like `?wsdl`, since some HTTP clients write it so.
* A time with an offset is kept as UTC; ASMX turns it into the server's local time. Times of day and days without year,
  which .NET reads as dateTime, are refused.
* A carriage return is written as a reference and a character that XML cannot hold as U+FFFD; ASMX would lose the one and
  write an unreadable document with the other.
* Requests above the limits are refused as ASP.NET words it, but as a fault (inferred); pages for people are in our words.
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
