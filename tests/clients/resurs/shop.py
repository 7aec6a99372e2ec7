"""A shop over all four services in Python: arguments are the library, the base address, user name and password."""

import base64
import json
import sys
from http.client import HTTPConnection
from urllib.parse import urlsplit

LIBRARY, BASE, USER, PASSWORD = sys.argv[1:]
CLIENTS = {}

if LIBRARY == "zeep":
    import requests
    from requests.auth import HTTPBasicAuth
    from zeep import Client, Settings, Transport
    from zeep.exceptions import Fault

    def client_for(service):
        session = requests.Session()
        session.auth = HTTPBasicAuth(USER, PASSWORD)
        return Client(f"{BASE}{service}?wsdl", transport=Transport(session=session), settings=Settings(strict=True))

    def error_of(fault):
        return CLIENTS["AfterShopFlowService"].wsdl.types.deserialize(fault.detail[0])

    def binary(content):  # zeep encodes and decodes by itself
        return content

    def plain(content):
        return content

else:
    from suds import WebFault as Fault
    from suds.client import Client
    from suds.transport.http import HttpAuthenticated

    def client_for(service):
        transport = HttpAuthenticated(username=USER, password=PASSWORD)
        return Client(f"{BASE}{service}?wsdl", transport=transport, cache=None)

    def error_of(fault):
        return fault.fault.detail.ECommerceError

    def binary(content):
        return base64.b64encode(content).decode()

    def plain(content):
        return base64.b64decode(content)


def call(service, operation, **arguments):
    if service not in CLIENTS:
        CLIENTS[service] = client_for(service)
    answer = getattr(CLIENTS[service].service, operation)(**arguments)
    return None if answer in ("", None) else answer


def after(operation, **arguments):
    return call("AfterShopFlowService", operation, **arguments)


def flow(operation, **arguments):
    return call("SimplifiedShopFlowService", operation, **arguments)


def configuration(operation, **arguments):
    return call("ConfigurationService", operation, **arguments)


def step(name, act):
    try:
        value = act()
    except Fault as fault:
        error = error_of(fault)
        fixable = str(error.fixableByYou).lower() == "true"
        value = {"id": int(error.errorTypeId), "name": str(error.errorTypeDescription), "fixable": fixable}
    print(json.dumps([name, value], default=str))


def spec(quantity):
    sums = {"totalVatAmount": 20 * quantity, "totalAmount": 100 * quantity}
    line = {"id": "1", "artNo": "CUP-1", "description": "Cup", "quantity": quantity, "unitMeasure": "st"}
    return {"specLines": [{**line, "unitAmountWithoutVat": 80, "vatPct": 25, **sums}], **sums}


def booked(payment_id, person, **more):
    place = {"fullName": "Prov Testsson", "addressRow1": "Provgatan 1", "postalArea": "Provstad", "postalCode": "12345"}
    place["country"] = "SE"
    customer = {"governmentId": person, "address": place, "type": "NATURAL"}
    if more:
        customer["deliveryAddress"] = {**place, **more}  # asks for a signature
    return flow(
        "bookPayment",
        paymentData={"preferredId": payment_id, "paymentMethodId": "INVOICE", "waitForFraudControl": True},
        orderData=spec(2),
        customer={**customer, "email": "prov@example.com", "phone": "0701122333"},
        signing={"successUrl": "http://shop.example/ok", "failUrl": "http://shop.example/no"},
    )


def signed(url):
    """What the shop's customer does on the page, and where the page leads."""
    where = urlsplit(url)
    connection = HTTPConnection(where.hostname, where.port, timeout=30)
    connection.request(
        "POST", f"{where.path}?{where.query}", "answer=sign", {"Content-Type": "application/x-www-form-urlencoded"}
    )
    return connection.getresponse().headers["Location"]


def payment():
    got = after("getPayment", paymentId="P-1")
    numbers = [str(number) for diff in got.paymentDiffs if (number := getattr(diff, "invoiceId", None))]
    status = [str(one) for one in got.status]
    return {"total": got.totalAmount, "status": status, "limit": got.limit, "numbers": numbers}


def document():
    name = after("getPaymentDocumentNames", paymentId="P-1")[0]
    return plain(after("getPaymentDocument", paymentId="P-1", documentName=name).pdfData)[:5].decode()


SENDER = dict.fromkeys(("street", "zipcode", "city", "country", "phone", "email", "homepage", "vatreg", "orgnr"), "x")
SENDER |= {"name": "Provbolaget", "companytaxnote": True, "logotype": binary(b"\x89PNG"), "modifiedby": "clerk"}
LATEST = {"ascending": False, "sortColumns": ["FINALIZED_TIME", "BOOKED_TIME"]}
TEMPLATE = "http://127.0.0.1:9/cb?id={paymentId}&digest={digest}"
DIGEST = {"digestAlgorithm": "SHA1", "digestParameters": ["paymentId"], "digestSalt": "s3cret"}

step("methods", lambda: [str(method.id) for method in flow("getPaymentMethods")])
step("set", lambda: configuration("setInvoiceSequence", nextInvoiceNumber=445))
step("book", lambda: booked("P-1", "198305147715").bookPaymentStatus)
step("booked", payment)
step("metadata", lambda: after("addMetaData", paymentId="P-1", key="CustomerId", value="C-9"))
step("finalize a part", lambda: after("finalizePayment", paymentId="P-1", partPaymentSpec=spec(1), orderId="O-1"))
step("finalize the rest", lambda: after("finalizePayment", paymentId="P-1"))
step("credit", lambda: after("creditPayment", paymentId="P-1", createdBy="clerk"))
step("credited", payment)
step("names", lambda: len(after("getPaymentDocumentNames", paymentId="P-1")))
step("document", document)
CRITERIA = {"statusSet": ["IS_CREDITED"]}
step(
    "found",
    lambda: [
        str(one.paymentId)
        for one in after("findPayments", searchCriteria=CRITERIA, pageNumber=1, itemsPerPage=10, sortBy=LATEST)
    ],
)
step("size", lambda: after("calculateResultSize", searchCriteria={}))
step("finalize again", lambda: after("finalizePayment", paymentId="P-1"))
step("missing", lambda: after("getPayment", paymentId="No-such-payment"))
step("book frozen", lambda: booked("P-2", "198209123705").bookPaymentStatus)
step("finalize frozen", lambda: after("finalizePayment", paymentId="P-2"))
step("sign nothing", lambda: flow("bookSignedPayment", paymentId="P-1"))
asked = booked("P-3", "198305147715", addressRow1="Annan gata 2")
step("book with a signature", lambda: asked.bookPaymentStatus)
step("too early", lambda: flow("bookSignedPayment", paymentId="P-3"))
step("sign", lambda: signed(str(asked.signingUrl)))
step("signed", lambda: flow("bookSignedPayment", paymentId="P-3").bookPaymentStatus)
step("address", lambda: flow("getAddress", governmentId="198305147715", customerType="NATURAL").country)
step("annuities", lambda: len(flow("getAnnuityFactors", paymentMethodId="PARTPAYMENT")))
step("cost", lambda: "priceTable" in flow("getCostOfPurchaseHtml", paymentMethodId="INVOICE", amount=500))
step(
    "register",
    lambda: configuration(
        "registerEventCallback", eventType="UPDATE", uriTemplate=TEMPLATE, digestConfiguration=DIGEST
    ),
)
step("registered", lambda: configuration("getRegisteredEventCallback", eventType="UPDATE"))
step("unregister", lambda: configuration("unregisterEventCallback", eventType="UPDATE"))
step("not registered", lambda: configuration("getRegisteredEventCallback", eventType="UPDATE"))
step("trigger", lambda: call("DeveloperWebService", "triggerEvent", eventType="TEST", param=["a", "b"]))
step("set sender", lambda: configuration("setInvoiceData", invoiceData=SENDER))
step("sender", lambda: str(configuration("getInvoiceData").name))
step("bonus", lambda: after("getCustomerBonus", governmentId="198305147715"))
step("peek", lambda: configuration("peekInvoiceSequence"))
