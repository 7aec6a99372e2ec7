"""suds, as a program would use it: arguments are the server's address and the file with the order."""

import base64
import json
import pathlib
import sys

from suds import WebFault
from suds.client import Client
from suds.sudsobject import Object

ADDRESS = sys.argv[1]
ORDER = json.loads(pathlib.Path(sys.argv[2]).read_text(encoding="utf-8"))
APPLICATION = "00000000-0000-4000-8000-000000000024"
NAMESPACE = "http://24sevenOffice.com/webservices"
TOKEN = "00000000-0000-4000-8000-00000000240f"


def client_for(path):
    return Client(f"{ADDRESS}{path}?WSDL", cache=None)


authenticate = client_for("/authenticate/v001/authenticate.asmx")
invoices = client_for("/Economy/InvoiceOrder/V001/InvoiceService.asmx")


def plain(value):
    if isinstance(value, Object):
        return {name: plain(inner) for name, inner in value if inner is not None and not name.startswith("_")}
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value if isinstance(value, bool | int) or value is None else str(value)


def step(name, call):
    try:
        value = plain(call())
    except WebFault as fault:
        value = {"fault": str(fault.fault.faultstring), "code": str(fault.fault.faultcode)}
    print(json.dumps([name, value]))
    return value


def credential(password="demo-secret", application=APPLICATION):
    return {"ApplicationId": application, "Username": "demo@example.com", "Password": password}


def log_in(session):
    for client in (authenticate, invoices):
        client.set_options(headers={"Cookie": f"ASP.NET_SessionId={session}"})
        client.options.transport.cookiejar.clear()


def operations(client):
    return list(client.wsdl.services[0].ports[0].methods)


def element_names(name):
    return [child.name for child, _ in invoices.factory.resolver.find(f"{{{NAMESPACE}}}{name}").children()]


def save(*orders):
    return invoices.service.SaveInvoices({"InvoiceOrder": list(orders)})


def get(ids, order=("OrderId",), row=()):
    found = invoices.service.GetInvoices({"OrderIds": {"int": ids}}, {"string": list(order)}, {"string": list(row)})
    return found or []


step("operations", lambda: sorted(operations(authenticate) + operations(invoices)))
step("list without session", invoices.service.GetPaymentMethods)
step("wrong password", lambda: authenticate.service.Login(credential("wrong")))
step("unknown application", lambda: authenticate.service.Login(credential(application=TOKEN)))
step("has session before", authenticate.service.HasSession)
log_in(step("login", lambda: authenticate.service.Login(credential())))
step("has session", authenticate.service.HasSession)
step("identity", authenticate.service.GetIdentity)
step("identities", authenticate.service.GetIdentities)
step("payment methods", invoices.service.GetPaymentMethods)
step("delivery methods", invoices.service.GetDeliveryMethods)
step("templates", invoices.service.GetInvoiceTemplates)

saved = step("save", lambda: save(ORDER))
order_id = saved["InvoiceOrder"][0]["OrderId"]
known = {"OrderId": order_id, "CustomerId": 1, "SkipStock": True}
added = {"ProductId": 2, "Quantity": 3, "SequenceNumber": 7, "ChangeState": "Add"}
step("add row", lambda: save({**known, "OrderStatus": "ForInvoicing", "InvoiceRows": {"InvoiceRow": [added]}}))
step("save two", lambda: save({"CustomerId": 999}, {"CustomerId": 2}))
invoiced = step("invoice", lambda: save({**known, "OrderStatus": "Invoiced"}))
invoice_id = invoiced["InvoiceOrder"][0]["InvoiceId"]
step("locked", lambda: save({**known, "OrderStatus": "Web"}))
step("read", lambda: get([order_id], element_names("InvoiceOrder"), element_names("InvoiceRow")))
update = {"InvoiceOrder": [{"OrderId": order_id, "ReferenceNumber": "REF-2"}]}
step("reference", lambda: invoices.service.UpdateInvoices(update))
pdf = base64.b64decode(str(invoices.service.GetInvoiceDocument({"InvoiceId": invoice_id})))
step("pdf", lambda: {"start": pdf[:5].decode(), "long": len(pdf) > 1000})
step("no such invoice", lambda: invoices.service.GetInvoiceDocument({"InvoiceId": 99}))
ids = step("sync", lambda: invoices.service.GetOrderSyncList({"RegisteredAfter": "2000-01-01T00:00:00"}))
step("batches", lambda: [get([each]) for each in ids["int"]])
passport = step("token", lambda: authenticate.service.AuthenticateByToken({"ApplicationId": APPLICATION, "Id": TOKEN}))
log_in(passport["SessionId"])
step("has session by token", authenticate.service.HasSession)
