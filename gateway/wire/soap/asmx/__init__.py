"""Classic ASP.NET web services (.asmx): routing, SOAP 1.1 and 1.2, faults, contract, discovery and help pages.

An `AsmxEndpoint` stands for one service. It turns a request into an `AsmxCall` (operation and message) or straight into
an answer, and an operation's result or a fault into an answer:

    received = endpoint.receive(request)
    if isinstance(received, AsmxReply):
        return received
    response = ...                       # do what received.operation.name says with received.message
    return endpoint.respond(received, response)

The sources are those of the .NET Framework (SoapServerProtocol, XmlSerializationReader and their neighbours), as published.
What they leave to the host (IIS) is marked inferred. Must not know: which vendor's service it is, what an operation means.

Where an endpoint differs from ASMX on purpose:

* A request without action that is not XML, or has no Body, gets the same answer as a request with an action: 400 without
  body, or "unable to read request" as a client's fault. ASMX answers "unable to process request" as a server's fault.
* A header that must be understood is refused before the operation runs, not after, so that nothing has happened.
* A header that the contract declares is skipped; ASMX reads it, and faults on values that it cannot read.
* `?wsdl=` is served like `?wsdl`, because some HTTP clients write it so.
* A time with an offset is kept as UTC; ASMX turns it into the server's local time. Times of day and days without year are
  refused; .NET reads them as dateTime.
* A carriage return is written as a reference, and a character that XML cannot hold as U+FFFD. ASMX would lose the first
  and write an unreadable document with the second.
* A request above the limits is refused in ASP.NET's words, but as a fault (inferred). Pages for people use our own words.
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
