"""Real SOAP libraries on the served contract, without a socket: they write requests, the endpoints read them, and back."""

from __future__ import annotations

import io
import json
import os
import subprocess
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
import zeep
import zeep.exceptions
import zeep.transports

from gateway.wire.soap.asmx import UNABLE_TO_PROCESS, AsmxReply
from gateway.wire.soap.envelope import SoapVersion
from gateway.wire.soap.faults import FaultCode
from schemas.twentyfoursevenoffice import messages as m
from schemas.twentyfoursevenoffice.operations import AUTHENTICATE, INVOICE_SERVICE
from tests.clients.programs import HERE as CLIENTS
from tests.clients.programs import node_packages, node_program
from tests.wire.soap.asmx.loopback import BASE, NS, Loopback

APPLICATION = UUID("00000000-0000-4000-8000-000000000024")
MOMENT = datetime(2024, 2, 29, 12, 30, 15, 250000, UTC)
ROW = m.InvoiceRow(
    product_id=3, row_id=8, price=Decimal("99.90"), name="Rad på ordre", quantity=Decimal(-2), type=m.RowType.TEXT
)
ORDER = m.InvoiceOrder(
    order_id=12,
    customer_name="Å & <co>",
    addresses=m.Addresses(invoice=m.Address(city="Oslo")),
    order_status=m.OrderSlipStateType.INVOICED,
    invoice_id=445,
    date_invoiced=MOMENT,
    include_vat=True,
    invoice_rows=[ROW],
    user_defined_dimensions=[m.UserDefinedDimension(type_id=101, value="x")],
    invoice_template_id=APPLICATION,
)


def service() -> Loopback:
    return Loopback(
        {
            "Login": lambda message: m.LoginResponse(result="s3ss10n" if message.credential.password == "demo" else ""),
            "HasSession": lambda _: m.HasSessionResponse(result=True),
            "GetInvoices": lambda _: m.GetInvoicesResponse(result=[ORDER]),
            "SaveInvoices": lambda message: m.SaveInvoicesResponse(result=message.invoices),
            "GetOrderSyncList": lambda _: m.GetOrderSyncListResponse(result=[1, 2, 3]),
            "GetInvoiceDocument": lambda _: m.GetInvoiceDocumentResponse(result=b"%PDF-1.4"),
            "GetDeliveryMethods": lambda _: m.GetDeliveryMethodsResponse(result=[]),
        }
    )


# --- zeep ---


class ZeepLoop(zeep.transports.Transport):
    def __init__(self, loop: Loopback) -> None:
        super().__init__()
        self.loop = loop

    def load(self, url: str) -> bytes:
        return self.loop.send("GET", url, {}).body

    def post(self, address: str, message: bytes, headers: dict[str, str]) -> Any:
        reply = self.loop.send("POST", address, headers, message)

        return SimpleNamespace(
            status_code=reply.status, content=reply.body, headers=dict(reply.headers), encoding="utf-8"
        )


def zeep_client(loop: Loopback, path: str, port: str) -> Any:
    name = path.rpartition("/")[2].partition(".")[0]
    client = zeep.Client(f"{BASE}{path}?WSDL", transport=ZeepLoop(loop))
    service_name = {"invoiceservice": "InvoiceService", "authenticate": "Authenticate"}[name.lower()]
    return client.bind(service_name, f"{service_name}{port}")


PORTS = pytest.mark.parametrize("port", ["Soap", "Soap12"])


@PORTS
def test_zeep_authenticates(port: str) -> None:
    loop = service()
    client = zeep_client(loop, AUTHENTICATE.path, port)
    assert client.Login({"ApplicationId": str(APPLICATION), "Username": "a@b", "Password": "demo"}) == "s3ss10n"
    assert loop.calls[0].message == m.Login(
        credential=m.Credential(application_id=APPLICATION, username="a@b", password="demo")
    )
    assert not client.Login({"ApplicationId": str(APPLICATION), "Password": "no"})
    assert client.HasSession() is True


@PORTS
def test_zeep_reads_an_order(port: str) -> None:
    loop = service()
    client = zeep_client(loop, INVOICE_SERVICE.path, port)
    (order,) = client.GetInvoices({"OrderIds": {"int": [12, 13]}, "ChangedAfter": MOMENT}, {"string": ["OrderId"]})
    assert loop.calls[0].message == m.GetInvoices(
        search_params=m.InvoiceSearchParameters(order_ids=[12, 13], changed_after=MOMENT),
        invoice_return_properties=["OrderId"],
    )
    assert (order.OrderId, order.CustomerName, order.OrderStatus, order.InvoiceId) == (12, "Å & <co>", "Invoiced", 445)
    assert (order.DateInvoiced, order.IncludeVAT, order.CustomerId) == (MOMENT, True, None)
    row = order.InvoiceRows.InvoiceRow[0]
    assert (row.ProductId, row.Price, row.Quantity, row.Type) == (3, Decimal("99.90"), Decimal(-2), "Text")


@PORTS
def test_zeep_saves_an_order(port: str) -> None:
    loop = service()
    client = zeep_client(loop, INVOICE_SERVICE.path, port)
    row = {"ProductId": 1, "Price": Decimal("10.50"), "Quantity": 2, "ChangeState": "Add", "SequenceNumber": 1}
    (saved,) = client.SaveInvoices(
        {"InvoiceOrder": [{"CustomerId": 5, "IncludeVAT": None, "InvoiceRows": {"InvoiceRow": [row]}}]}
    )
    (sent,) = loop.calls[0].message.invoices  # type: ignore[attr-defined]
    assert (sent.customer_id, sent.include_vat, sent.order_status) == (5, None, m.OrderSlipStateType.WEB)
    assert sent.invoice_rows[0].price == Decimal("10.50")
    assert (saved.CustomerId, saved.InvoiceRows.InvoiceRow[0].ChangeState) == (5, "Add")


@PORTS
def test_zeep_reads_lists_and_bytes(port: str) -> None:
    client = zeep_client(service(), INVOICE_SERVICE.path, port)
    assert client.GetOrderSyncList({"RegisteredAfter": MOMENT}) == [1, 2, 3]
    assert client.GetInvoiceDocument({"InvoiceId": 5}) == b"%PDF-1.4"
    assert not client.GetDeliveryMethods()


@PORTS
def test_zeep_sees_a_fault(port: str) -> None:
    loop = service()
    failing = loop.endpoints[1]

    def refuse(url: str, message: bytes, headers: dict[str, str]) -> AsmxReply:
        version = SoapVersion.SOAP_11 if port == "Soap" else SoapVersion.SOAP_12
        return failing.fault(version, FaultCode.SERVER, UNABLE_TO_PROCESS, "No such application")

    loop.send = lambda method, url, headers, body=b"": (  # type: ignore[method-assign]
        Loopback.send(loop, method, url, headers, body) if method == "GET" else refuse(url, body, dict(headers))
    )
    client = zeep_client(loop, AUTHENTICATE.path, port)
    with pytest.raises(zeep.exceptions.Fault, match=r"unable to process request\. ---> No such application"):
        client.HasSession()


# --- suds ---


@pytest.fixture
def suds_client(tmp_path: Path) -> Any:
    suds_client_module = pytest.importorskip("suds.client")
    transport_module = pytest.importorskip("suds.transport")

    class SudsLoop(transport_module.Transport):  # type: ignore[misc, name-defined]
        def __init__(self, loop: Loopback) -> None:
            super().__init__()
            self.loop = loop

        def open(self, request: Any) -> Any:
            return io.BytesIO(self.loop.send("GET", request.url, {}).body)

        def send(self, request: Any) -> Any:
            headers = {str(name): os.fsdecode(value) for name, value in request.headers.items()}
            reply = self.loop.send("POST", request.url, headers, request.message)
            return transport_module.Reply(reply.status, dict(reply.headers), reply.body)

    def make(loop: Loopback, path: str) -> Any:
        client = suds_client_module.Client(f"{BASE}{path}?WSDL", transport=SudsLoop(loop), cache=None)
        name = {INVOICE_SERVICE.path: "InvoiceServiceSoap", AUTHENTICATE.path: "AuthenticateSoap"}[path]
        client.set_options(port=name)
        return client

    return make


def test_suds_authenticates(suds_client: Any) -> None:
    loop = service()
    client = suds_client(loop, AUTHENTICATE.path)
    credential = client.factory.create("Credential")
    credential.ApplicationId, credential.Username, credential.Password = str(APPLICATION), "a@b", "demo"
    assert client.service.Login(credential) == "s3ss10n"
    sent = loop.calls[0].message.credential  # type: ignore[attr-defined]
    assert (sent.application_id, sent.username, sent.identity_id) == (APPLICATION, "a@b", m.EMPTYGUID)
    assert client.service.HasSession() is True


def test_suds_saves_and_reads_an_order(suds_client: Any) -> None:
    loop = service()
    client = suds_client(loop, INVOICE_SERVICE.path)
    make = client.factory.create
    order, row, rows, orders = (
        make("InvoiceOrder"),
        make("InvoiceRow"),
        make("ArrayOfInvoiceRow"),
        make("ArrayOfInvoiceOrder"),
    )
    order.CustomerId, order.OrderStatus, order.IncludeVAT = 5, "Offer", False
    row.ProductId, row.Price, row.Type, row.ChangeState = 1, "10.50", "Normal", "Add"
    rows.InvoiceRow, order.InvoiceRows, orders.InvoiceOrder = [row], rows, [order]
    saved = client.service.SaveInvoices(orders)
    (sent,) = loop.calls[0].message.invoices  # type: ignore[attr-defined]
    assert (sent.customer_id, sent.order_status, sent.include_vat) == (5, m.OrderSlipStateType.OFFER, False)
    assert sent.invoice_rows[0].price == Decimal("10.50")
    assert saved.InvoiceOrder[0].CustomerId == 5
    found = client.service.GetInvoices({"OrderIds": {"int": [12]}})
    assert loop.calls[1].message.search_params.order_ids == [12]  # type: ignore[attr-defined]
    assert str(found.InvoiceOrder[0].CustomerName) == "Å & <co>"


# --- node-soap ---

NODE_SCRIPT = """
const soap = require('soap'), fs = require('fs');
const [wsdl, replies, out] = process.argv.slice(2);
const answers = JSON.parse(fs.readFileSync(replies));
const sent = [];
const httpClient = { request(url, data, callback, headers) {
  const found = answers.find(each => data.includes(each.contains));
  sent.push({ url, headers, data });
  setImmediate(() => callback(null, { statusCode: found.status, headers: {}, data: found.body }, found.body));
} };
soap.createClientAsync(wsdl, { httpClient, disableCache: true }).then(async client => {
  const row = { ProductId: 1, Price: '10.50', Quantity: 2 };
  const order = { CustomerId: 5, OrderStatus: 'Offer', InvoiceRows: { InvoiceRow: [row] } };
  const [saved] = await client.SaveInvoicesAsync({ invoices: { InvoiceOrder: [order] } });
  const [found] = await client.GetInvoicesAsync({ searchParams: { OrderIds: { int: [12, 13] } } });
  let fault = null;
  try { await client.GetPaymentMethodsAsync({}); } catch (error) { fault = error.message; }
  fs.writeFileSync(out, JSON.stringify({ sent, saved, found, fault, operations: Object.keys(client.describe()) }));
}).catch(error => { console.error(error); process.exit(1); });
"""


def test_node_soap(tmp_path: Path) -> None:
    """node-soap cannot call into this process: it gets prepared answers, and its requests are read here."""
    modules, loop = node_packages(CLIENTS / "node"), service()
    invoices = loop.endpoints[0]
    contract = loop.send("GET", f"{BASE}{INVOICE_SERVICE.path}?wsdl", {})
    (tmp_path / "service.wsdl").write_bytes(contract.body)
    (tmp_path / "client.js").write_text(NODE_SCRIPT, encoding="utf-8")
    echo = f'<soap:Body><SaveInvoices xmlns="{NS}"><invoices><InvoiceOrder><CustomerId>5</CustomerId></InvoiceOrder></invoices>'
    save = f'<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">{echo}</SaveInvoices></soap:Body></soap:Envelope>'
    address, action = f"{BASE}{INVOICE_SERVICE.path}", {"Content-Type": "text/xml", "SOAPAction": f"{NS}/SaveInvoices"}
    fault = invoices.fault(SoapVersion.SOAP_11, FaultCode.SERVER, UNABLE_TO_PROCESS, "Session is not authenticated")
    read = save.replace("SaveInvoices", "GetInvoices")
    replies = [
        {"contains": "<SaveInvoices", "reply": loop.send("POST", address, action, save.encode())},
        {"contains": "<GetInvoices", "reply": loop.send("POST", address, {"Content-Type": "text/xml"}, read.encode())},
        {"contains": "GetPaymentMethods", "reply": fault},
    ]
    prepared = [
        {"contains": each["contains"], "status": each["reply"].status, "body": each["reply"].body.decode()}  # type: ignore[union-attr, attr-defined]
        for each in replies
    ]
    (tmp_path / "replies.json").write_text(json.dumps(prepared), encoding="utf-8")
    command = [node_program(), "client.js", "service.wsdl", "replies.json", "out.json"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "NODE_PATH": str(modules)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert result["operations"] == ["InvoiceService"]
    assert result["saved"]["SaveInvoicesResult"]["InvoiceOrder"][0]["CustomerId"] == 5
    order = result["found"]["GetInvoicesResult"]["InvoiceOrder"][0]
    assert (order["CustomerName"], order["InvoiceRows"]["InvoiceRow"][0]["Price"]) == ("Å & <co>", 99.9)
    assert "Session is not authenticated" in result["fault"]
    loop.calls.clear()
    for each in result["sent"][:2]:
        assert each["url"] == address
        loop.send("POST", each["url"], each["headers"], each["data"].encode())
    saved, found = (call.message for call in loop.calls)
    assert isinstance(saved, m.SaveInvoices)
    assert saved.invoices is not None
    assert saved.invoices[0] == m.InvoiceOrder(
        customer_id=5,
        order_status=m.OrderSlipStateType.OFFER,
        invoice_rows=[m.InvoiceRow(product_id=1, price=Decimal("10.50"), quantity=Decimal(2))],
    )
    assert found == m.GetInvoices(search_params=m.InvoiceSearchParameters(order_ids=[12, 13]))
