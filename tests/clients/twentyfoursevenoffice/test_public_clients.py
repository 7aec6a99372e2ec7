"""What public client programs send, in their order: property names, empty results, extra elements and all.

The programs themselves cannot be had here: each flow is written after what is known of its program, in the language of its
library.
"""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.clients.twentyfoursevenoffice.bridges.bridge import V002, Connect, Fault, items, only

# --- Rackbeat: PHP ext-soap 1.2; Matrosovdream: PHP ext-soap 1.1 ------------------------------------------------------


def test_rackbeat(connect: Connect) -> None:
    """Each read takes the first member of the result; none is an empty collection."""
    with connect("PHP SoapClient 1.2") as c:
        c.log_in()
        wanted = ["Id", "Name", "OrganizationNumber", "EmailAddresses"]
        found = c.call("CompanyService", "GetCompanies", searchParams={"CompanyId": 2}, returnProperties=wanted)
        assert only(found)["Name"] == "Räksmörgås & Söner AB"
        nobody = c.call("CompanyService", "GetCompanies", searchParams={"CompanyId": 9999}, returnProperties=wanted)
        assert items(nobody) == []
        made = c.call("CompanyService", "SaveCompanies", companies=[{"Name": "Rack AS", "Type": "Business"}])["Company"]
        refused = c.call("CompanyService", "SaveCompanies", companies=[{"Name": "Rack AS"}])["Company"]
        assert refused["APIException"]["Message"] == "Property Type is missing."
        person = {"FirstName": "Rakel", "LastName": "Beat", "CustomerId": made["Id"], "Id": 0, "EmployeeNumber": 0}
        contact = c.call("PersonService", "SavePerson", personItem=person)
        relation = {"ContactId": contact, "CompanyId": made["Id"], "Role": "Innkjøp"}
        assert items(c.call("CompanyService", "SaveRelations", relations=[relation])) == []
        product = c.call("ProductService", "GetProducts", searchParams={"Id": 2}, returnProperties=["Id", "Stock"])
        assert only(product)["Id"] == 2
        assert c.call("ProductService", "SetStockQuantity", productId=2, stockQuantity=12.5) is True
        assert c.call("ProductService", "SetStockQuantity", productId=9999, stockQuantity=1) is False
        stock = only(c.call("ProductService", "GetProducts", searchParams={"Id": 2}, returnProperties=["Stock"]))[
            "Stock"
        ]
        assert float(stock) == 12.5
        assert "NOK" in [each["Symbol"] for each in items(c.call("ClientService", "GetCurrencyList")["Currency"])]
        asked = {"Date": "2024-05-01", "SortNo": 2, "EntryNo": 0}
        assert c.call(V002, "GetEntryId", argEntryId=asked)["EntryNo"] == 1


def test_a_web_shop_with_the_woo_plug_in(connect: Connect) -> None:
    """A product by its number, a customer by an e-mail address; one that is not there is made."""
    with connect("PHP SoapClient 1.1") as c:
        c.log_in()
        product = only(c.call("ProductService", "GetProducts", searchParams={"No": "ÅRE-2"}))
        assert (product["Id"], product["Name"], product["No"]) == (2, "Årer (par)", "ÅRE-2")

        def by_email(address: str) -> list[Any]:
            return items(c.call("CompanyService", "GetCompanies", searchParams={"CompanyEmail": address}))

        assert by_email("kjoper@woo.example") == []
        email = {"Description": "Primary", "Name": "kjoper@woo.example", "Value": "kjoper@woo.example"}
        person = {"Name": "Kjøper", "FirstName": "Kari", "Type": "Consumer", "EmailAddresses": {"Primary": email}}
        saved = c.call("CompanyService", "SaveCompanies", companies=[person])["Company"]
        assert [each["Id"] for each in by_email("kjoper@woo.example")] == [saved["Id"]]


# --- 99x-incubator: node-soap -----------------------------------------------------------------------------------------


def test_99x(connect: Connect) -> None:
    """Ids are the client's own; the categories have elements that the contract does not know."""
    with connect("node-soap") as c:
        c.log_in()
        with pytest.raises(Fault, match="Object reference not set to an instance of an object"):
            c.call("ProductService", "SaveCategories")
        assert items(c.call("ProductService", "SaveCategories", categories={"Kategori": [{"Navn": "x"}]})) == []
        bikes = {"Id": 5, "Name": "Sykler", "IncVat": True, "Currency": "NOK"}
        made = c.call("ProductService", "SaveCategories", categories={"Category": [bikes]})
        assert (only(made)["Id"], only(made)["Name"]) == (5, "Sykler")
        bike = {"Id": 102, "Name": "Sykkel", "CategoryId": 5}
        saved = only(c.call("ProductService", "SaveProducts", products={"Product": [bike]}))
        assert (saved["Id"], saved["Name"]) == (102, "Sykkel")
        c.call("ProductService", "SaveProducts", products={"Product": [{**bike, "Id": 103}]})
        deleted = only(c.call("ProductService", "DeleteProducts", products={"Product": [{"Id": 103}]}))
        assert deleted["Id"] == 103
        company = {
            "Name": "99x AS",
            "Type": "Business",
            "OrganizationNumber": "923609016",
            "EmailAddresses": {
                "Invoice": {"Name": "f@99x.example", "Value": "f@99x.example"},
                "Work": {"Name": "w@99x.example", "Value": "w@99x.example"},
            },
        }
        echo = only(c.call("CompanyService", "SaveCompanies", companies={"Company": [company]}))
        assert list(echo) == [
            "Id",
            "OrganizationNumber",
            "Name",
            "EmailAddresses",
            "Type",
            "LedgerCustomerAccount",
            "LedgerSupplierAccount",
        ]
        assert items(c.call("CompanyService", "DeleteCompanies", companies={"Company": [{"Id": echo["Id"]}]})) == []
        offer = {
            "CustomerId": 1,
            "OrderStatus": "Offer",
            "InvoiceRows": {"InvoiceRow": [{"ProductId": 102, "Quantity": 1}]},
        }
        order = only(c.call("InvoiceService", "SaveInvoices", invoices={"InvoiceOrder": [offer]}))
        assert order["OrderId"] > 0


# --- loyning/python-24so: suds ----------------------------------------------------------------------------------------


def test_loyning_books_supplier_invoices_with_their_pictures(connect: Connect) -> None:
    """One number of the series is asked for; the vouchers take it and those behind it. Entries name `AccountId`."""
    with connect("suds") as c:
        c.log_in()
        pictures = [b"\x89PNG" + bytes([place]) * 5000 for place in (1, 2)]
        stamps = []
        for picture in pictures:
            stamp = c.call("AttachmentService", "GetStampNo")
            file = c.call("AttachmentService", "Create", type="Png")
            known = {"Id": file["Id"], "Type": "Png", "StampNo": 0}
            for offset, chunk in ((0, picture), (len(picture), b"")):
                data = base64.b64encode(chunk).decode()
                c.call("AttachmentService", "AppendChunk", file=known, buffer=data, offset=offset)
            frame = {"Id": 1, "StampNo": stamp, "Status": 0}
            whole = {**known, "FrameInfo": {"ImageFrameInfo": [frame]}}
            c.call("AttachmentService", "Save", file=whole, location="Journal")
            stamps.append(stamp)
        assert stamps[1] == stamps[0] + 1
        rates = {each["Symbol"]: each["Rate"] for each in c.call("ClientService", "GetCurrencyList")["Currency"]}
        asked = {"Date": "2024-01-01T00:00:00", "SortNo": 3, "EntryNo": 1}
        number = c.call("AccountService", "GetEntryId", argEntryId=asked)["EntryNo"]
        vouchers = [
            {
                "TransactionNo": number + place,
                "Sort": 1,
                "Entries": {
                    "Entry": [
                        {
                            "AccountNo": account,
                            "Date": "2024-02-01T00:00:00",
                            "Amount": amount,
                            "CurrencyId": "NOK",
                            "CurrencyRate": rates["NOK"],
                            "StampNo": stamp,
                            "CustomerId": customer,
                        }
                        for account, amount, customer in ((6800, "100.00", 0), (2400, "-100.00", 2))
                    ]
                },
            }
            for place, stamp in enumerate(stamps)
        ]
        bundle = {"YearId": 2024, "Vouchers": {"Voucher": vouchers}, "Sort": 1, "Name": "Faktura"}
        listed = {"Bundles": {"Bundle": [bundle]}, "SaveOption": 0, "DirectLedger": False, "AllowDifference": False}
        assert c.call("AccountService", "SaveBundleList", BundleList=listed)["Type"] == "Ok"
        found = c.call("AttachmentService", "GetFileInfo", parameters={"StampNo": {"int": [stamps[0]]}})
        read = c.call("AttachmentService", "DownloadChunk", file=only(found), offset=0, bufferSize=100_000)
        assert base64.b64decode(read) == pictures[0]
        after = c.call("AccountService", "GetEntryId", argEntryId=asked)["EntryNo"]
        assert after == number + 2


# --- maisak (WCF) and TempusAS (ASMX proxies): .NET -------------------------------------------------------------------


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_dotnet_proxies_read(connect: Connect, version: str) -> None:
    services = ("CompanyService", "ProductService", "PersonService")
    with connect(f".NET proxy {version}", *services) as c:
        c.log_in()
        identity = c.call("Authenticate", "GetIdentity")
        assert c.call("Authenticate", "SetIdentity", identity=identity) is True
        search = {"ChangedAfter": "2000-01-01T00:00:00"}
        companies = c.call(
            "CompanyService", "GetCompanies", searchParams=search, returnProperties=["Name", "Type", "Id"]
        )
        assert [each["Id"] for each in companies] == [1, 2, 3, 4, 5]
        assert c.call("CompanyService", "GetCategories") is not None
        made = only(c.call("ProductService", "SaveCategories", categories=[{"Name": "Varer"}]))
        saved = only(c.call("ProductService", "SaveProducts", products=[{"Name": "Vare", "CategoryId": made["Id"]}]))
        found = c.call(
            "ProductService",
            "GetProducts",
            searchParams={"CategoryId": made["Id"]},
            returnProperties=["Name", "Id"],
        )
        assert only(found)["Id"] == saved["Id"]
        persons = c.call("PersonService", "GetPersons", personSearch=search)
        assert isinstance(persons, list)
