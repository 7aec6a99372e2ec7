"""The vendor's numbering service, for a script without SOAP libraries."""

import base64
import re
import urllib.request

NAMESPACE = "http://ecommerce.resurs.com/v4/msg/configuration"
ENVELOPE = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
    '<c:{operation} xmlns:c="' + NAMESPACE + '">{inner}</c:{operation}></s:Body></s:Envelope>'
)


class Resurs:
    def __init__(self, url: str, username: str, password: str) -> None:
        self.url = url
        self.login = base64.b64encode(f"{username}:{password}".encode()).decode()

    def peek(self) -> int:
        answer = self._call("peekInvoiceSequence")
        return int(re.search(r"<nextInvoiceNumber>(\d+)<", answer)[1])

    def set_next(self, number: int) -> None:
        self._call("setInvoiceSequence", f"<nextInvoiceNumber>{number}</nextInvoiceNumber>")

    def _call(self, operation: str, inner: str = "") -> str:
        body = ENVELOPE.format(operation=operation, inner=inner).encode()
        request = urllib.request.Request(
            self.url, body, {"Content-Type": "text/xml", "Authorization": f"Basic {self.login}"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read().decode()
