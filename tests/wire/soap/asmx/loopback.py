"""Both services of the contract in this process: client requests go to the endpoint, and answers come from a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from multidict import CIMultiDict, CIMultiDictProxy
from pydantic import BaseModel

from gateway.wire.soap.asmx import AsmxCall, AsmxEndpoint, AsmxOptions, AsmxReply
from schemas.twentyfoursevenoffice.operations import AUTHENTICATE, INVOICE_SERVICE

BASE = "http://gateway.test"
NS = "http://24sevenOffice.com/webservices"
ENVELOPE_11 = "http://schemas.xmlsoap.org/soap/envelope/"
ENVELOPE_12 = "http://www.w3.org/2003/05/soap-envelope"
TEXT_XML = "text/xml; charset=utf-8"
PATHS = {service.name: service.path for service in (INVOICE_SERVICE, AUTHENTICATE)}


@dataclass(frozen=True)
class Request:
    """A request in the form that an endpoint takes."""

    method: str = "POST"
    path: str = INVOICE_SERVICE.path
    query: str = ""
    headers: CIMultiDictProxy[str] = field(default_factory=lambda: CIMultiDictProxy(CIMultiDict()))
    body: bytes = b""
    base_url: str = BASE


def post(
    body: str | bytes, action: str | None = None, content_type: str | None = TEXT_XML, path: str = INVOICE_SERVICE.path
) -> Request:
    """A POST.

    action: the value of SOAPAction, None for no such header.
    """
    headers = CIMultiDict[str]()
    if content_type is not None:
        headers["Content-Type"] = content_type
    if action is not None:
        headers["SOAPAction"] = action
    return Request(path=path, headers=CIMultiDictProxy(headers), body=body.encode() if isinstance(body, str) else body)


def envelope(payload: str, namespace: str = ENVELOPE_11) -> str:
    return f'<soap:Envelope xmlns:soap="{namespace}"><soap:Body>{payload}</soap:Body></soap:Envelope>'


Answer = Callable[[Any], BaseModel]


class Loopback:
    """The two endpoints, which keep the calls.

    answers: the answer for each operation.
    """

    def __init__(self, answers: Mapping[str, Answer] | None = None, options: AsmxOptions | None = None) -> None:
        self.endpoints = [AsmxEndpoint(service, options) for service in (INVOICE_SERVICE, AUTHENTICATE)]
        self.answers = answers or {}
        self.calls: list[AsmxCall] = []

    def handle(self, request: Request) -> AsmxReply:
        for endpoint in self.endpoints:
            if endpoint.claims(request.path):
                received = endpoint.receive(request)
                if isinstance(received, AsmxReply):
                    return received
                self.calls.append(received)
                return endpoint.respond(received, self.answers[received.operation.name](received.message))
        raise LookupError(request.path)

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> AsmxReply:
        """Send a request in the way HTTP clients do."""
        parts = urlsplit(url)
        proxy = CIMultiDictProxy(CIMultiDict(headers))
        return self.handle(Request(method, parts.path, parts.query, proxy, body, f"{parts.scheme}://{parts.netloc}"))
