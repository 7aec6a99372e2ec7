"""SOAP clients of five languages load the contracts of all services and run one story through them.

Each library calls every operation that section "Coverage" of the READMEs calls served and that a program needs: customers,
products, an invoice and its payment, vouchers, receipts, persons.
"""

from __future__ import annotations

import base64
import hashlib
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from tests.clients.twentyfoursevenoffice.bridges.bridge import KINDS, V002, Bridge, Fault, bridge, items, only
from tests.processes import Running

PICTURE: Final = bytes(range(256)) * 40
NEVER: Final = "2099-01-01T00:00:00"
LONG_AGO: Final = "1970-01-01T00:00:00"


@pytest.mark.parametrize("kind", KINDS)
def test_the_story_of_all_services(gateway: Running, tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "client"
    folder.mkdir()
    with bridge(kind, gateway.data_url, folder) as client:
        with pytest.raises(Fault, match="Session is not authenticated"):
            client.call("CompanyService", "GetCategories")
        client.log_in()
        company = _customers(client)
        _products(client)
        _client_company(client)
        _accounts(client)
        invoice = _invoice_and_payment(client, company)
        numbers = _vouchers(client, company)
        _transactions(client, invoice, numbers)
        _receipts(client)
        _persons(client, company)


def _customers(c: Bridge) -> int:
    """CompanyService; returns a new customer's Id."""

    def get(properties: list[str], **search: Any) -> list[Any]:
        returned = {"string": properties}
        return items(c.call("CompanyService", "GetCompanies", searchParams=search, returnProperties=returned))

    with pytest.raises(Fault, match="Please specify at least one search parameter"):
        get(["Name"])
    email = {"Name": "post@ny.example", "Value": "post@ny.example"}
    new = {"OrganizationNumber": "923609016", "Name": "Ny Kunde AS", "EmailAddresses": {"Work": email}}
    saved = items(
        c.call(
            "CompanyService", "SaveCompanies", companies={"Company": [{**new, "Type": "Business"}, {"Name": "Uten"}]}
        )
    )
    assert (saved[0]["Name"], saved[0]["Type"]) == ("Ny Kunde AS", "Business")
    assert (saved[0]["LedgerCustomerAccount"], saved[0]["LedgerSupplierAccount"]) == (0, 0)
    assert saved[1]["APIException"]["Message"] == "Property Type is missing."
    company = int(saved[0]["Id"])
    (found,) = get(["Name", "EmailAddresses"], CompanyEmail="post@ny.example")
    assert (int(found["Id"]), found["EmailAddresses"]["Work"]["Value"]) == (company, "post@ny.example")
    both = get(["Name"], CompanyName="%", CompanyIds={"int": [1, company, 9999]})
    assert [int(each["Id"]) for each in both] == [1, company]
    assert get(["Name"], CompanyIds={"int": [9999]}) == []
    page = c.call("CompanyService", "GetCompanySyncList", syncSearchParameters={"Page": 1, "Active": True})
    listed = {int(each["CompanyId"]): each for each in items(page["Items"])}
    assert (int(page["TotalPages"]), int(page["TotalItems"])) == (1, len(listed))
    assert listed[company]["Active"] in (True, "true")

    category = {"Name": "Medlem", "ShowContact": False, "ShowCompany": True}
    ((number, _),) = [
        (each["Id"], each["Name"])
        for each in items(c.call("CompanyService", "SaveCategories", categories={"Category": [{"Id": 0, **category}]}))
    ]
    assert "Medlem" in [each["Name"] for each in items(c.call("CompanyService", "GetCategories"))]
    pair = {"KeyValuePair": [{"Key": str(number), "Value": str(company)}]}
    assert items(c.call("CompanyService", "SaveCustomerCategories", customerCategories=pair)) == []
    assert [int(each) for each in items(c.call("CompanyService", "GetCustomerCategories", customerId=company))] == [
        number
    ]
    return company


def _products(c: Bridge) -> None:
    """ProductService."""
    (category,) = items(
        c.call("ProductService", "SaveCategories", categories={"Category": [{"Id": 5, "Name": "Sykler"}]})
    )
    assert (int(category["Id"]), category["Name"]) == (5, "Sykler")
    listed = c.call("ProductService", "GetCategories", returnProperties={"string": ["Id", "Name"]})
    assert "Sykler" in [each["Name"] for each in items(listed)]
    bike = {"Id": 102, "Name": "Sykkel", "CategoryId": 5, "No": "SY-1", "Price": "1250.00"}
    (saved,) = items(c.call("ProductService", "SaveProducts", products={"Product": [bike]}))
    assert (int(saved["Id"]), saved["Name"]) == (102, "Sykkel")

    def get(**search: Any) -> list[Any]:
        wanted = {"string": ["Id", "Name", "Price"]}
        return items(c.call("ProductService", "GetProducts", searchParams=search, returnProperties=wanted))

    (found,) = get(No="SY-1")
    assert (int(found["Id"]), Decimal(str(found["Price"]))) == (102, 1250)
    (deleted,) = items(c.call("ProductService", "DeleteProducts", products={"Product": [{"Id": 102}]}))
    assert int(deleted["Id"]) == 102
    assert get(No="SY-1") == []


def _client_company(c: Bridge) -> None:
    """ClientService."""
    groups = items(c.call("ClientService", "GetTypeGroupList", module="Sale"))
    assert {1, 2, 3} <= {int(each["Id"]) for each in groups}
    assert c.call("ClientService", "GetClientInformation")["Name"] == "Demo AS"
    assert "NOK" in [each["Symbol"] for each in items(c.call("ClientService", "GetCurrencyList"))]
    assert "Kari Nordmann" in [each["Name"] for each in items(c.call("ClientService", "GetUsers"))]
    assert {Decimal(str(each["Rate"])) for each in items(c.call("ClientService", "GetVatTypeList"))} >= {0, 25}
    assert items(c.call("ClientService", "GetDepartmentList"))


def _accounts(c: Bridge) -> None:
    """The lists of AccountService, at both of its paths."""
    for service in ("AccountService", V002):
        codes = {each["TaxNo"]: each for each in items(c.call(service, "GetTaxCodeList"))}
        assert (int(codes["3"]["TaxId"]), Decimal(str(codes["3"]["TaxRate"]))) == (103, 25)
        assert 3000 in [int(each["AccountNo"]) for each in items(c.call(service, "GetAccountList"))]
        titles = " ".join(each["Title"] for each in items(c.call(service, "GetTypeList")))
        assert "Utgående faktura" in titles
        assert "Bank" in titles
    asked = {"AccountData": [_account(3000), _account(3999)]}
    checked = items(c.call("AccountService", "CheckAccountNo", accountList=asked))
    assert [each["Error"] for each in checked] == ["Ok", "AccountDontExist"]


def _account(number: int) -> dict[str, Any]:
    return {"AccountId": 0, "AccountNo": number, "AccountTax": 0, "TaxNo": 0}


def _invoice_and_payment(c: Bridge, company: int) -> int:
    """InvoiceService and PaymentService; returns the InvoiceId."""
    row = {"ProductId": 2, "Quantity": 2, "ChangeState": "Add"}
    order = {"CustomerId": company, "OrderStatus": "Invoiced", "IncludeVAT": True, "InvoiceRows": {"InvoiceRow": [row]}}
    (saved,) = items(c.call("InvoiceService", "SaveInvoices", invoices={"InvoiceOrder": [order]}))
    invoice = int(saved["InvoiceId"])
    payment = {"InvoiceId": invoice, "Date": "2024-03-20T00:00:00", "Amount": "3125.00"}
    paid = c.call("PaymentService", "RegisterInvoicePayment", payment=payment)
    assert (int(paid["InvoiceId"]), "APIException" in paid) == (invoice, False)
    (failed,) = items(
        c.call("PaymentService", "RegisterInvoicePayments", payments={"Payment": [{**payment, "InvoiceId": 99999}]})
    )
    assert "99999" in failed["APIException"]["Message"]
    (read,) = items(
        c.call(
            "InvoiceService",
            "GetInvoices",
            searchParams={"InvoiceIds": {"int": [invoice]}},
            invoiceReturnProperties={"string": ["InvoiceId", "Paid", "OrderTotalIncVat"]},
            rowReturnProperties={"string": []},
        )
    )
    assert (str(read["Paid"])[:10], Decimal(str(read["OrderTotalIncVat"]))) == ("2024-03-20", 3125)
    return invoice


def _entry_number(c: Bridge, service: str, sort: int = 1, date: str = "2024-03-15T00:00:00") -> int:
    asked = {"Date": date, "SortNo": sort, "EntryNo": 999}
    return int(c.call(service, "GetEntryId", argEntryId=asked)["EntryNo"])


def _entry(account: int, amount: str, **more: Any) -> dict[str, Any]:
    return {"AccountNo": account, "Date": "2024-03-15T00:00:00", "Amount": amount, **more}


def bundle(
    *vouchers: tuple[int, list[dict[str, Any]]], option: int = 0, year: int = 2024, sort: int = 2
) -> dict[str, Any]:
    """A BundleList of one bundle. vouchers: number and entries of each."""
    made = [{"TransactionNo": number, "Entries": {"Entry": entries}, "Sort": sort} for number, entries in vouchers]
    whole = {
        "YearId": year,
        "Vouchers": {"Voucher": made},
        "Sort": sort,
        "Name": "Bunt",
        "BundleDirectAccounting": False,
        "UseAutoBaseRate": False,
    }
    return {
        "Bundles": {"Bundle": [whole]},
        "AllowDifference": False,
        "DirectLedger": False,
        "SaveOption": option,
        "DefaultCustomerId": 0,
        "IgnoreWarnings": {"string": ["invoicealreadyexists"]},
    }


def _vouchers(c: Bridge, company: int) -> list[int]:
    """The numbers of AccountService; returns those of two booked vouchers."""
    first, second = _entry_number(c, "AccountService"), _entry_number(c, V002)
    assert 0 < first < second
    assert _entry_number(c, "AccountService", date="2091-03-15T00:00:00") == -1
    entries = [_entry(1500, "70.00", CustomerId=company, Comment="Gebyr"), _entry(3900, "-70.00", TaxNo="0")]
    answer = c.call("AccountService", "SaveBundleList", BundleList=bundle((first, entries), (second, entries)))
    assert answer["Type"] == "Ok", answer
    again = c.call(
        "AccountService", "SaveBundleList", BundleList=bundle((first, [_entry(1500, "1"), _entry(3900, "-1")]))
    )
    assert again["Type"] != "Ok"
    link, other = int(c.call("AccountService", "CreateLink")), int(c.call("AccountService", "CreateLink"))
    assert 0 < link < other
    return [first, second]


def _transactions(c: Bridge, invoice: int, numbers: list[int]) -> None:
    """TransactionService, and the operations of AccountService that take its lines."""
    titles = [each["Title"] for each in items(c.call("TransactionService", "GetTransactionTypes"))]
    assert any("Bank" in each for each in titles)
    years = items(c.call("TransactionService", "GetFiscalYears"))
    assert "2024-01-01" in [str(each["StartingDate"])[:10] for each in years]
    c.call("TransactionService", "GetUserDefinedDimensions")

    def get(start: str, end: str, **more: Any) -> list[Any]:
        dates = {"DateSearchParameters": "EntryDate", "DateStart": f"{start}T00:00:00", "DateEnd": f"{end}T23:59:59"}
        nothing = {"SystemType": None, "HasInvoiceId": None}
        return items(c.call("TransactionService", "GetTransactions", searchParams={**dates, **nothing, **more}))

    own = {"TransactionNoStart": numbers[0], "TransactionNoEnd": numbers[1], "TransactionTypeId": 2}
    lines = get("2024-03-01", "2024-03-31", **own)
    booked = [(int(each["TransactionNo"]), int(each["AccountNo"]), Decimal(str(each["Amount"]))) for each in lines]
    assert sorted(booked) == [
        (number, account, amount)
        for number in numbers
        for account, amount in ((1500, Decimal(70)), (3900, Decimal(-70)))
    ]
    ids = [each["Id"] for each in lines if int(each["AccountNo"]) == 1500]
    link = int(c.call("AccountService", "CreateLink"))
    item = {"LineIds": {"guid": ids}, "LinkId": link}
    assert c.call("AccountService", "ReplaceLinkEntries", linkEntryItem=item) in (True, "true")
    due = {"EntryItem": [{"LineId": ids[0], "DueDate": "2024-05-01T00:00:00"}]}
    assert only(c.call("AccountService", "UpdateEntryDueDate", entryItems=due))["LineId"] == ids[0]
    changed = get("2024-03-01", "2024-03-31", **own)
    assert {int(each["LinkId"]) for each in changed if each["Id"] in ids} == {link}
    posted = get("2000-01-01", "2098-12-31", InvoiceNo=str(invoice))
    assert sum(Decimal(str(each["Amount"])) for each in posted) == 0


def _receipts(c: Bridge) -> None:
    """AttachmentService: a picture in two chunks, a stamp number, and the picture back."""
    size = int(c.call("AttachmentService", "GetMaxRequestLength"))
    assert size * 1024 > len(PICTURE)
    stamp = int(c.call("AttachmentService", "GetStampNo"))
    assert int(c.call("AttachmentService", "GetStampNo")) == stamp
    file = c.call("AttachmentService", "Create", type="Png")
    known = {"Id": file["Id"], "Type": file["Type"], "StampNo": 0}
    half = len(PICTURE) // 2
    for offset in (0, half):
        chunk = base64.b64encode(PICTURE[offset : offset + half]).decode()
        c.call("AttachmentService", "AppendChunk", file=known, buffer=chunk, offset=offset)
    frame = {"Id": 1, "StampNo": stamp, "MetaData": {"KeyValuePair": [{"Key": "PageNo", "Value": "1"}]}, "Status": 0}
    whole = {**known, "FrameInfo": {"ImageFrameInfo": [frame]}}
    c.call("AttachmentService", "Save", file=whole, location="Journal")
    assert int(c.call("AttachmentService", "GetStampNo")) == stamp + 1
    search = {"StampNo": {"int": [stamp]}, "HasStampNo": None, "FileApproved": None}
    found = only(c.call("AttachmentService", "GetFileInfo", parameters=search))
    assert int(found["Id"]) == int(file["Id"])
    assert int(c.call("AttachmentService", "GetSize", file=known)) == len(PICTURE)
    assert c.call("AttachmentService", "GetChecksum", file=known).lower() == hashlib.md5(PICTURE).hexdigest()
    read = c.call("AttachmentService", "DownloadChunk", file=known, offset=0, bufferSize=len(PICTURE))
    assert base64.b64decode(read) == PICTURE
    series = items(c.call("AttachmentService", "GetSeries"))
    for each in series:
        number = int(c.call("AttachmentService", "GetSeriesStampNo", SeriesId=each["Id"]))
        assert int(each["Start"]) <= number <= int(each["End"])
    with pytest.raises(Fault):
        c.call("AttachmentService", "GetSize", file={**known, "Id": 99999})


def _persons(c: Bridge, company: int) -> None:
    """PersonService."""
    search = {"ChangedAfter": LONG_AGO, "CustomerId": 0, "EmployeeId": 0, "GetRelationData": False, "Id": 0}
    everybody = {**search, "IsEmployee": "none"}
    before = items(c.call("PersonService", "GetPersons", personSearch=everybody))
    person = {"CustomerId": company, "FirstName": "Ola", "LastName": "Nordmann", "Id": 0, "EmployeeNumber": 0}
    saved = int(c.call("PersonService", "SavePerson", personItem=person))
    assert saved > 0
    after = items(c.call("PersonService", "GetPersons", personSearch=everybody))
    assert {_id(each) for each in after} - {_id(each) for each in before} == {saved}
    detailed = only(c.call("PersonService", "GetPersonsDetailed", personSearch={**everybody, "Id": saved}))
    assert (detailed["FirstName"], detailed["LastName"]) == ("Ola", "Nordmann")


def _id(person: dict[str, Any]) -> int:
    """A person's Id; an employee who is no contact has none."""
    return int(person.get("Id", 0))
