"""The services together, over HTTP: from an unknown customer to a paid invoice on paper, and from receipts to a voucher."""

from __future__ import annotations

import base64
from typing import Any

from tests.adapters.twentyfoursevenoffice.orders.office import NAMESPACE
from tests.adapters.twentyfoursevenoffice.payment.cashier import ACCOUNTING, Cashier, cashier
from tests.conftest import MakeGateway

COMPANIES = "/CRM/Company/V001/CompanyService.asmx"
ACCOUNTS = "/Economy/Account/V004/Accountservice.asmx"
FILES = "/Economy/Accounting/Accounting_V001/AttachmentService.asmx"
GIF = base64.b64encode(b"GIF89a\x01\x00\x01\x00\x00\x00\x00;").decode()


async def test_from_a_customer_to_a_paid_invoice(make_gateway: MakeGateway) -> None:
    desk = await cashier(await make_gateway())
    search = "<searchParams><OrganizationNumber>987654333</OrganizationNumber></searchParams>"
    names = "<returnProperties><string>OrganizationNumber</string></returnProperties>"
    assert await desk.ask(COMPANIES, NAMESPACE, "GetCompanies", search + names) == []
    card = (
        "<OrganizationNumber>987654333</OrganizationNumber><Name>Ny Kunde AS</Name><Type>Business</Type>"
        "<PaymentTime>14</PaymentTime>"
    )
    (made,) = await desk.ask(COMPANIES, NAMESPACE, "SaveCompanies", f"<companies><Company>{card}</Company></companies>")
    (found,) = await desk.ask(COMPANIES, NAMESPACE, "GetCompanies", search + names)
    assert (found["Id"], found["Name"]) == (made["Id"], "Ny Kunde AS")

    row = {"ProductId": 1, "Quantity": 2, "Price": 100}
    order = {"CustomerId": found["Id"], "OrderStatus": "Invoiced", "DateInvoiced": "2024-03-10T00:00:00"}
    (invoice,) = await desk.save({**order, "InvoiceRows": [row]})
    number = int(invoice["InvoiceId"])
    (owed,) = await desk.transactions(ShowOpenEntries="true")
    assert (owed["Amount"], owed["DueDate"], owed["InvoiceNo"]) == ("250.00", "2024-03-24T00:00:00", str(number))

    assert "APIException" not in await desk.pay(number, "250.00", "2024-03-20T00:00:00")
    (paid,) = await desk.get(["CustomerName", "OrderTotalIncVat", "Paid"], InvoiceIds=[number])
    assert (paid["CustomerName"], paid["OrderTotalIncVat"], paid["Paid"]) == (
        "Ny Kunde AS",
        "250.00",
        "2024-03-20T00:00:00",
    )
    assert await desk.transactions(ShowOpenEntries="true") == []
    paper = await desk.call("GetInvoiceDocument", {"Parameters": {"InvoiceId": number}})
    assert base64.b64decode(paper).startswith(b"%PDF-")


async def test_receipts_and_the_voucher_that_is_booked_on_them(make_gateway: MakeGateway) -> None:
    desk = await cashier(await make_gateway())
    stamps = [await _receipt(desk) for _ in range(2)]
    assert stamps[1] == stamps[0] + 1
    entry = "<argEntryId><Date>2024-03-15T00:00:00</Date><SortNo>3</SortNo></argEntryId>"
    number = int((await desk.ask(ACCOUNTS, NAMESPACE, "GetEntryId", entry))[-1])
    day = "<Date>2024-03-15T00:00:00</Date>"
    lines = "".join(
        f"<Entry><AccountNo>{account}</AccountNo>{day}<Amount>{amount}</Amount><StampNo>{stamp}</StampNo></Entry>"
        for stamp in stamps
        for account, amount in ((6800, 40), (2400, -40))
    )
    voucher = f"<Voucher><TransactionNo>{number}</TransactionNo><Entries>{lines}</Entries><Sort>1</Sort></Voucher>"
    bundle = f"<Bundle><YearId>2024</YearId><Vouchers>{voucher}</Vouchers><Sort>1</Sort></Bundle>"
    saved = f"<BundleList><Bundles>{bundle}</Bundles><SaveOption>0</SaveOption></BundleList>"
    assert await desk.ask(ACCOUNTS, NAMESPACE, "SaveBundleList", saved) == ["Ok"]
    found: list[dict[str, Any]] = await desk.transactions(TransactionNoStart=number, TransactionNoEnd=number)
    assert [(int(each["StampNo"]), int(each["AccountNo"]), each["Amount"]) for each in found] == [
        (stamp, account, amount) for stamp in stamps for account, amount in ((6800, "40"), (2400, "-40"))
    ]


async def _receipt(desk: Cashier) -> int:
    """Upload a picture under the next stamp number; returns that number."""
    own, *_ = await desk.ask(FILES, ACCOUNTING, "Create", "<type>Gif</type>")
    file = f"<Id>{own}</Id><Type>Gif</Type><StampNo>0</StampNo>"
    chunk = f"<file>{file}</file><buffer>{GIF}</buffer><offset>0</offset>"
    await desk.ask(FILES, ACCOUNTING, "AppendChunk", chunk)
    stamp = int(await desk.text(FILES, ACCOUNTING, "GetStampNo"))
    frame = f"<ImageFrameInfo><Id>1</Id><StampNo>{stamp}</StampNo><Status>0</Status></ImageFrameInfo>"
    await desk.ask(
        FILES, ACCOUNTING, "Save", f"<file>{file}<FrameInfo>{frame}</FrameInfo></file><location>Journal</location>"
    )
    return stamp
