"""What dcodedevs/oflowDirectClients sends with PHP's SoapClient: its order of calls, property names and empty texts."""

from __future__ import annotations

import base64
from typing import Any

from tests.clients.twentyfoursevenoffice.bridges.bridge import V002, Connect, items, only


def test_oflow_invoices_a_customer(connect: Connect) -> None:
    """Customers are found by wildcard and ids; the order becomes an invoice with a second save."""
    with connect("PHP SoapClient 1.1") as c:
        c.log_in()
        assert c.call("Authenticate", "HasSession") is True
        wanted = [
            "OrganizationNumber",
            "Addresses",
            "EmailAddresses",
            "PhoneNumbers",
            "PaymentTime",
            "Type",
            "InvoiceLanguage",
        ]
        search = {"CompanyName": "%", "CompanyIds": [1]}
        known = only(c.call("CompanyService", "GetCompanies", searchParams=search, returnProperties=wanted)["Company"])
        assert (known["Id"], known["Name"]) == (1, "Bjørnstad Båtbyggeri AS")
        post = {"Street": "Storgata 1", "PostalCode": "0155", "PostalArea": "Oslo", "Country": "NO"}
        email = {"Description": "a@oflow.example", "Name": "a@oflow.example", "Value": "a@oflow.example"}
        company = {
            "Name": "Flyt AS",
            "Type": "Business",
            "Addresses": {"Post": post},
            "EmailAddresses": {"Invoice": email},
            "OrganizationNumber": "923609016",
            "PaymentTime": 14,
        }
        saved = c.call("CompanyService", "SaveCompanies", companies=[company])["Company"]
        assert saved["Id"] > 0
        assert "APIException" not in saved
        again = c.call(
            "CompanyService", "SaveCompanies", companies=[{**company, "Id": saved["Id"], "Name": "Flyt Ny AS"}]
        )
        assert again["Company"]["Id"] == saved["Id"]
        row = {"ProductId": 1, "Price": 100.0, "Quantity": 1, "Name": "Arbeid", "ChangeState": "Add"}
        order = {
            "OrderId": None,
            "CustomerId": saved["Id"],
            "OrderStatus": "ForInvoicing",
            "IncludeVAT": None,
            "InvoiceRows": [row],
        }
        made = c.call("InvoiceService", "SaveInvoices", invoices=[{k: v for k, v in order.items() if k != "OrderId"}])
        number = made["InvoiceOrder"]["OrderId"]
        done = {"OrderId": number, "CustomerId": saved["Id"], "OrderStatus": "Invoiced", "IncludeVAT": None}
        invoiced = c.call("InvoiceService", "SaveInvoices", invoices=[{**done, "DateInvoiced": "2024-03-15T00:00:00"}])[
            "InvoiceOrder"
        ]
        read = c.call(
            "InvoiceService",
            "GetInvoices",
            searchParams={"InvoiceIds": [invoiced["InvoiceId"]]},
            invoiceReturnProperties=["OrderStatus", "InvoiceId", "OrderTotalIncVat", "OrderTotalVat", "CustomerName"],
            rowReturnProperties=[],
        )["InvoiceOrder"]
        assert (read["OrderStatus"], read["InvoiceId"], read["CustomerName"]) == (
            "Invoiced",
            invoiced["InvoiceId"],
            "Flyt Ny AS",
        )
        pdf = c.call("InvoiceService", "GetInvoiceDocument", Parameters={"InvoiceId": invoiced["InvoiceId"]})
        assert base64.b64decode(pdf)[:4] == b"%PDF"


def test_oflow_keeps_its_customers_up_to_date(connect: Connect) -> None:
    """Pages of the list, then the active ones by their ids. None that changed: no page at all."""
    with connect("PHP SoapClient 1.1") as c:
        c.log_in()
        page = c.call("CompanyService", "GetCompanySyncList", syncSearchParameters={"Page": 1, "Active": None})
        ids = [each["CompanyId"] for each in page["Items"]["SyncCompany"] if each["Active"]]
        assert page["TotalPages"] == 1
        wanted = ["OrganizationNumber", "Addresses", "PhoneNumbers", "EmailAddresses"]
        found = c.call(
            "CompanyService",
            "GetCompanies",
            searchParams={"CompanyName": "%", "CompanyIds": ids},
            returnProperties=wanted,
        )["Company"]
        assert [each["Id"] for each in found] == ids
        later = {"Page": 1, "Active": None, "ChangedAfter": "2098-01-01T00:00:00"}
        assert c.call("CompanyService", "GetCompanySyncList", syncSearchParameters=later)["TotalPages"] == 0
        c.call("CompanyService", "DeleteCompanies", companies=[{"Id": ids[-1]}])
        page = c.call("CompanyService", "GetCompanySyncList", syncSearchParameters={"Page": 1, "Active": None})
        assert [each["Active"] for each in page["Items"]["SyncCompany"] if each["CompanyId"] == ids[-1]] == [False]
        gone = c.call("CompanyService", "GetCompanies", searchParams={"CompanyIds": [ids[-1]]}, returnProperties=wanted)
        assert items(gone) == []


def _oflow_voucher(number: int, amount: float) -> dict[str, Any]:
    common = {"Date": "2024-03-15T00:00:00", "CurrencyId": "NOK", "CurrencyRate": 1, "CurrencyUnit": 1}
    ledger = {**common, "CustomerId": 1, "AccountNo": 1500, "Amount": amount, "DueDate": "2024-03-29T00:00:00"}
    own = {"InvoiceReferenceNo": "502", "InvoiceOcr": "0000502", "Comment": "Purregebyr"}
    return {
        "TransactionNo": number,
        "Entries": [{**ledger, **own}, {**common, "AccountNo": 3900, "Amount": -amount, "TaxNo": "0", **own}],
        "Sort": 2,
    }


def _oflow_bundles(*vouchers: dict[str, Any], option: int = 0) -> dict[str, Any]:
    one = {
        "YearId": 2024,
        "Vouchers": list(vouchers),
        "Sort": 2,
        "Name": "Bundle",
        "BundleDirectAccounting": False,
        "UseAutoBaseRate": False,
    }
    return {
        "Bundles": [one],
        "AllowDifference": False,
        "DirectLedger": False,
        "SaveOption": option,
        "DefaultCustomerId": 0,
        "IgnoreWarnings": ["invoicealreadyexists"],
    }


def test_oflow_books_fees(connect: Connect) -> None:
    """A number for each voucher before any is saved, then all of them in one bundle."""
    with connect("PHP SoapClient 1.1") as c:
        c.log_in()
        numbers = []
        for _ in range(3):
            types = c.call("AccountService", "GetTypeList")["TypeData"]
            named = [each for each in types if each["TypeNo"] > 0 and "Utgående faktura" in each["Title"]]
            assert named
            asked = {"Date": "2024-03-15T00:00:00+01:00", "SortNo": 1, "EntryNo": ""}
            entry = c.call("AccountService", "GetEntryId", argEntryId=asked)
            assert entry["EntryNo"] > 0
            numbers.append(entry["EntryNo"])
        assert len(set(numbers)) == 3
        vouchers = [_oflow_voucher(number, 70.0) for number in numbers]
        answer = c.call("AccountService", "SaveBundleList", BundleList=_oflow_bundles(*vouchers))
        assert answer["Type"] == "Ok", answer
        search = {
            "DateSearchParameters": "EntryDate",
            "DateStart": "2024-03-01",
            "DateEnd": "2024-03-31T23:59:59",
            "SystemType": None,
            "HasInvoiceId": None,
            "TransactionNoStart": numbers[0],
            "TransactionNoEnd": numbers[-1],
        }
        lines = c.call("TransactionService", "GetTransactions", searchParams=search)["Transaction"]
        assert {each["TransactionNo"] for each in lines} == set(numbers)
        assert {each["OCR"] for each in lines} == {"0000502"}
        link = c.call("AccountService", "CreateLink")
        assert link > 0
        ids = [each["Id"] for each in lines if each["AccountNo"] == 1500][:2]
        linked = c.call("AccountService", "ReplaceLinkEntries", linkEntryItem={"LineIds": ids, "LinkId": link})
        assert linked is True
        missing = c.call(
            "AccountService",
            "GetEntryId",
            argEntryId={"Date": "2091-01-01T00:00:00+01:00", "SortNo": 1, "EntryNo": ""},
        )
        assert missing["EntryNo"] == -1


def test_oflow_settles(connect: Connect) -> None:
    """A settlement is a journal: the type with `Bank` in its title says from which series its number comes."""
    with connect("PHP SoapClient 1.1") as c:
        c.log_in()
        (bank,) = [each for each in c.call("AccountService", "GetTypeList")["TypeData"] if "Bank" in each["Title"]]
        asked = {"Date": "2024-03-15T00:00:00+01:00", "SortNo": bank["EntrySeriesId"], "EntryNo": ""}
        number = c.call("AccountService", "GetEntryId", argEntryId=asked)["EntryNo"]
        voucher = _oflow_voucher(number, 70.0)
        voucher["Sort"] = bank["TypeNo"]
        voucher["Entries"] = [
            {"AccountNo": account, "Date": "2024-03-15T00:00:00", "Amount": amount}
            for account, amount in ((1920, 60.0), (2910, 10.0), (1500, -70.0))
        ]
        answer = c.call("AccountService", "SaveBundleList", BundleList=_oflow_bundles(voucher, option=1))
        assert answer["Type"] == "Ok", answer


def test_oflow_keeps_products_and_sets_itself_up(connect: Connect) -> None:
    """`ProductId` is no element of a product, so each save makes a new one. Lists come from the older AccountService."""
    with connect("PHP SoapClient 1.1") as c:
        c.log_in()
        listed = c.call("ProductService", "GetCategories", returnProperties=["Id", "Name"])
        assert "Getynet article" not in [each["Name"] for each in items(listed)]
        made = c.call("ProductService", "SaveCategories", categories=[{"Name": "Getynet article"}])["Category"]
        article = {"Name": "Artikkel", "CategoryId": made["Id"], "Price": 99.5, "ProductId": 7}
        first = c.call("ProductService", "SaveProducts", products=[article])["Product"]
        second = c.call("ProductService", "SaveProducts", products=[article])["Product"]
        assert second["Id"] == first["Id"] + 1
        wanted = ["Id", "Name", "Price", "Stock", "Cost", "TaxRate", "No", "Web"]
        everything = c.call("ProductService", "GetProducts", searchParams={"Name": "%"}, returnProperties=wanted)[
            "Product"
        ]
        assert {first["Id"], second["Id"], 1} <= {each["Id"] for each in everything}
        accounts = c.call(V002, "GetAccountList")["AccountData"]
        assert all(each["AccountNo"] > 0 and each["AccountName"] for each in accounts)
        assert "103" in [str(each["TaxId"]) for each in c.call(V002, "GetTaxCodeList")["TaxCodeElement"]]
        own = c.call("ClientService", "GetClientInformation")
        assert own["Name"] == "Demo AS"
        departments = c.call("ClientService", "GetDepartmentList")["Department"]
        assert [(each["Id"], each["Name"]) for each in departments] == [(1, "Verksted"), (2, "Butikk")]
