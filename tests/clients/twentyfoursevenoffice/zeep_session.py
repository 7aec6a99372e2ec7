"""zeep, as a program would use it: arguments are the server's address and the file with the order."""

import json
import pathlib
import sys

import requests
from zeep import Client, Transport
from zeep.exceptions import Fault
from zeep.helpers import serialize_object

ADDRESS = sys.argv[1]
ORDER = json.loads(pathlib.Path(sys.argv[2]).read_text(encoding="utf-8"))
APPLICATION = "00000000-0000-4000-8000-000000000024"
TOKEN = "00000000-0000-4000-8000-00000000240f"
http = requests.Session()
http.trust_env = False


def client_for(path):
    return Client(f"{ADDRESS}{path}?WSDL", transport=Transport(session=http))


authenticate = client_for("/authenticate/v001/authenticate.asmx")
invoices = client_for("/Economy/InvoiceOrder/V001/InvoiceService.asmx")


def plain(value):
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value if isinstance(value, bool | int) or value is None else str(value)


def step(name, call):
    try:
        value = plain(serialize_object(call(), dict))
    except Fault as fault:
        value = {"fault": fault.message, "code": str(fault.code)}
    print(json.dumps([name, value]))
    return value


def credential(password="demo-secret", application=APPLICATION):
    return {"ApplicationId": application, "Username": "demo@example.com", "Password": password}


def log_in(session):
    http.headers["Cookie"] = f"ASP.NET_SessionId={session}"


def operations(client):
    return [
        name for port in client.wsdl.services.values() for name in next(iter(port.ports.values())).binding._operations
    ]


def element_names(name):
    return [each for each, _ in invoices.get_type(f"{{http://24sevenOffice.com/webservices}}{name}").elements]


def save(*orders):
    return invoices.service.SaveInvoices(invoices={"InvoiceOrder": list(orders)})


def get(ids, order=("OrderId",), row=()):
    found = invoices.service.GetInvoices(
        searchParams={"OrderIds": {"int": ids}},
        invoiceReturnProperties={"string": list(order)},
        rowReturnProperties={"string": list(row)},
    )
    return found or []


step("operations", lambda: sorted(operations(authenticate) + operations(invoices)))
step("list without session", invoices.service.GetPaymentMethods)
step("wrong password", lambda: authenticate.service.Login(credential=credential("wrong")))
step("unknown application", lambda: authenticate.service.Login(credential=credential(application=TOKEN)))
step("has session before", authenticate.service.HasSession)
http.cookies.clear()
log_in(step("login", lambda: authenticate.service.Login(credential=credential())))
http.cookies.clear()
step("has session", authenticate.service.HasSession)
step("identity", authenticate.service.GetIdentity)
step("identities", authenticate.service.GetIdentities)
step("payment methods", invoices.service.GetPaymentMethods)
step("delivery methods", invoices.service.GetDeliveryMethods)
step("templates", invoices.service.GetInvoiceTemplates)

saved = step("save", lambda: save(ORDER))
order_id = saved[0]["OrderId"]
known = {"OrderId": order_id, "CustomerId": 1, "SkipStock": True}
added = {"ProductId": 2, "Quantity": 3, "SequenceNumber": 7, "ChangeState": "Add"}
step("add row", lambda: save({**known, "OrderStatus": "ForInvoicing", "InvoiceRows": {"InvoiceRow": [added]}}))
step("save two", lambda: save({"CustomerId": 999}, {"CustomerId": 2}))
invoice_id = step("invoice", lambda: save({**known, "OrderStatus": "Invoiced"}))[0]["InvoiceId"]
step("locked", lambda: save({**known, "OrderStatus": "Web"}))
step("read", lambda: get([order_id], element_names("InvoiceOrder"), element_names("InvoiceRow")))
step(
    "reference",
    lambda: invoices.service.UpdateInvoices(
        invoices={"InvoiceOrder": [{"OrderId": order_id, "ReferenceNumber": "REF-2"}]}
    ),
)
pdf = invoices.service.GetInvoiceDocument(Parameters={"InvoiceId": invoice_id})
step("pdf", lambda: {"start": pdf[:5].decode(), "long": len(pdf) > 1000})
step("no such invoice", lambda: invoices.service.GetInvoiceDocument(Parameters={"InvoiceId": 99}))
ids = step("sync", lambda: invoices.service.GetOrderSyncList(syncParams={"RegisteredAfter": "2000-01-01T00:00:00"}))
step("batches", lambda: [get([each]) for each in ids])
passport = step(
    "token", lambda: authenticate.service.AuthenticateByToken(token={"ApplicationId": APPLICATION, "Id": TOKEN})
)
http.cookies.clear()
log_in(passport["SessionId"])
step("has session by token", authenticate.service.HasSession)
