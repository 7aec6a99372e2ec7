"""The bank's service for booked payments, for a script without SOAP libraries."""

import base64
import re
import urllib.request

NAMESPACE = "http://ecommerce.resurs.com/v4/msg/aftershopflow"
ENVELOPE = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
    '<a:{operation} xmlns:a="' + NAMESPACE + '">{inner}</a:{operation}></s:Body></s:Envelope>'
)


class Bank:
    def __init__(self, url: str, username: str, password: str) -> None:
        self.url = url
        self.login = base64.b64encode(f"{username}:{password}".encode()).decode()

    def finalize(self, payment: str, parcel: str, amount: int) -> None:
        """Invoice a part of a payment."""
        spec = f"<partPaymentSpec><totalAmount>{amount}</totalAmount></partPaymentSpec>"
        self._call("finalizePayment", f"<paymentId>{payment}</paymentId>{spec}<orderId>{parcel}</orderId>")

    def invoices(self, payment: str) -> list[tuple[str, int]]:
        """What the bank has invoiced: each parcel and the number of its invoice."""
        answer = self._call("getPayment", f"<paymentId>{payment}</paymentId>")
        found = re.findall(r"<orderId>(.*?)</orderId>\s*<invoiceId>(\d+)</invoiceId>", answer)
        return [(parcel, int(number)) for parcel, number in found]

    def _call(self, operation: str, inner: str) -> str:
        body = ENVELOPE.format(operation=operation, inner=inner).encode()
        request = urllib.request.Request(
            self.url, body, {"Content-Type": "text/xml", "Authorization": f"Basic {self.login}"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read().decode()
