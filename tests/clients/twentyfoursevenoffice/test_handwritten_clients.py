"""What public programs send that write their envelopes by hand, replayed byte by byte over plain HTTP."""

from __future__ import annotations

import base64
import http.client
import re
import urllib.parse
from typing import Final

import pytest

from tests.clients.twentyfoursevenoffice.bridges.bridge import APPLICATION, PATHS
from tests.processes import Running

NAMESPACE: Final = "http://24sevenOffice.com/webservices"
ACCOUNTING: Final = "http://24sevenoffice.com/webservices/economy/accounting/"
BOOKS: Final = {"TransactionService", "AttachmentService"}


class Raw:
    """Plain HTTP; a session of its own."""

    def __init__(self, address: str) -> None:
        self._authority = urllib.parse.urlsplit(address).netloc
        self.session = ""

    def send(self, service: str, body: str, **headers: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection(self._authority, timeout=30)
        try:
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            if self.session:
                given["Cookie"] = f"ASP.NET_SessionId={self.session}"
            connection.request("POST", PATHS[service], body.encode(), given)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def log_in(self) -> None:
        inner = (
            f"<credential><ApplicationId>{APPLICATION}</ApplicationId><Username>demo@example.com</Username>"
            "<Password>demo-secret</Password></credential>"
        )
        _status, text = self.call12("Authenticate", "Login", inner)
        self.session = re.findall("<LoginResult>(.+?)</LoginResult>", text)[0]

    def call12(self, service: str, operation: str, inner: str = "") -> tuple[int, str]:
        """As biso-no sends it: 1.2, no action anywhere. Returns status and text."""
        namespace = ACCOUNTING if service in BOOKS else NAMESPACE
        body = (
            '<?xml version="1.0" encoding="utf-8"?>\n'
            '<soap12:Envelope xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            'xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:soap12="http://www.w3.org/2003/05/soap-envelope">\n'
            f'  <soap12:Body>\n    <{operation} xmlns="{namespace}">{inner}</{operation}>\n  </soap12:Body>\n</soap12:Envelope>'
        )
        return self.send(service, body, Content_Type="application/soap+xml; charset=utf-8")


@pytest.fixture
def raw(gateway: Running) -> Raw:
    client = Raw(gateway.data_url)
    client.log_in()
    return client


def values(text: str, name: str) -> list[str]:
    """The texts of every element of a name."""
    return re.findall(f"<{name}>([^<]*)</{name}>", text)


def test_biso_no_makes_a_students_invoice(raw: Raw) -> None:
    """The student's number is the customer's Id; the answer is read by the names `soap:Envelope` and `soap:Body`."""
    properties = "<returnProperties><string>Name</string></returnProperties>"
    inner = f"<searchParams><CompanyId>990001</CompanyId></searchParams>{properties}"
    status, text = raw.call12("CompanyService", "GetCompanies", inner)
    assert (status, "<GetCompaniesResult />" in text) == (200, True)
    assert re.search(r"<soap:Envelope [^>]*><soap:Body>", text)
    inner = inner.replace("<CompanyId>990001</CompanyId>", "<ExternalId>s990001</ExternalId>")
    assert "<GetCompaniesResult />" in raw.call12("CompanyService", "GetCompanies", inner)[1]
    student = (
        "<companies><Company><Id>990001</Id><Name>Student</Name><FirstName>Stine</FirstName><Type>Consumer</Type></Company>"
        "</companies>"
    )
    _, text = raw.call12("CompanyService", "SaveCompanies", student)
    assert values(text, "Id") == ["990001"]
    _, text = raw.call12(
        "CompanyService",
        "SaveCategories",
        "<categories><Category><Name>Medlem</Name><ShowCompany>true</ShowCompany></Category></categories>",
    )
    (category,) = values(text, "Id")
    pair = f"<customerCategories><KeyValuePair><Key>{category}</Key><Value>990001</Value></KeyValuePair></customerCategories>"
    _, text = raw.call12("CompanyService", "SaveCustomerCategories", pair)
    assert "<SaveCustomerCategoriesResult />" in text
    _, text = raw.call12("CompanyService", "GetCustomerCategories", "<customerId>990001</customerId>")
    assert values(text, "int") == [category]
    _, text = raw.call12("CompanyService", "GetCustomerCategoryTree")
    assert (values(text, "Key"), values(text, "Value")) == ([category], ["990001"])
    invoice = (
        "<invoices><InvoiceOrder><CustomerId>990001</CustomerId><OrderStatus>Invoiced</OrderStatus>"
        "<DateInvoiced>2024-03-15T00:00:00</DateInvoiced><PaymentMethodId>1</PaymentMethodId><PaymentTime>0</PaymentTime>"
        "<PaymentAmount>350</PaymentAmount><DepartmentId>1</DepartmentId><InvoiceRows><InvoiceRow><ProductId>6</ProductId>"
        "<Quantity>1</Quantity></InvoiceRow></InvoiceRows></InvoiceOrder></invoices>"
    )
    _, text = raw.call12("InvoiceService", "SaveInvoices", invoice)
    assert "APIException" not in text
    assert int(values(text, "InvoiceId")[0]) > 0


def test_biso_no_files_receipts(raw: Raw) -> None:
    """Each file draws a stamp number of its own; its metadata has no KeyValuePair and is skipped."""
    stamps = []
    for place in range(3):
        _, text = raw.call12("AttachmentService", "Create", "<type>Png</type>")
        (file,) = values(text, "Id")
        known = f"<file><Id>{file}</Id><Type>Png</Type><StampNo>0</StampNo>%s</file>"
        for offset in (0, 7):
            chunk = base64.b64encode(f"chunk{place}x"[:7].encode()).decode()
            inner = f"{known % ''}<buffer>{chunk}</buffer><offset>{offset}</offset>"
            assert raw.call12("AttachmentService", "AppendChunk", inner)[0] == 200
        (stamp,) = values(raw.call12("AttachmentService", "GetStampNo")[1], "GetStampNoResult")
        frame = (
            f"<FrameInfo><ImageFrameInfo><Id>1</Id><StampNo>{stamp}</StampNo><MetaData><Key>PageNo</Key><Value>1</Value>"
            "</MetaData><Status>0</Status></ImageFrameInfo></FrameInfo>"
        )
        status, text = raw.call12("AttachmentService", "Save", f"{known % frame}<location>Retrieval</location>")
        assert status == 200, text
        stamps.append(int(stamp))
    assert stamps == [stamps[0], stamps[0] + 1, stamps[0] + 2]
    status, text = raw.call12("AttachmentService", "Create", "<type>PNG</type>")
    assert (status, "Instance validation error" in text) == (500, True)


def test_biso_no_has_wrappers_for_accounts(raw: Raw) -> None:
    """Empty texts for numbers are unreadable."""
    for operation in ("GetTypeList", "GetAccountList", "GetTaxCodeList", "CreateLink"):
        status, text = raw.call12("AccountService", operation)
        assert (status, f"<{operation}Result>" in text) == (200, True)
    empty = "<argEntryId><Date></Date><SortNo></SortNo><EntryNo></EntryNo></argEntryId>"
    status, text = raw.call12("AccountService", "GetEntryId", empty)
    assert (status, "soap:Sender" in text, "There is an error in XML document" in text) == (500, True, True)


def test_omniboost(raw: Raw) -> None:
    """Elements with the default namespace; a body element without namespace and children, which leaves all arguments out."""

    def call(service: str, operation: str, element: str) -> str:
        namespace = ACCOUNTING if service in BOOKS else NAMESPACE
        body = (
            '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Header></soapenv:Header>'
            f"<soapenv:Body>{element}</soapenv:Body></soapenv:Envelope>"
        )
        action = namespace.removesuffix("/") + "/" + operation
        status, text = raw.send(service, body, Content_Type="text/xml; charset=utf-8", SOAPAction=action)
        assert status == 200, text
        return text

    groups = call("ClientService", "GetTypeGroupList", "<GetTypeGroupList></GetTypeGroupList>")
    assert values(groups, "Id") == ["1", "2", "3", "4", "5"]
    for operation in ("GetTaxCodeList", "GetAccountList", "GetTypeList"):
        assert f"<{operation}Result>" in call(
            "AccountService", operation, f'<{operation} xmlns="{NAMESPACE}"></{operation}>'
        )
    asked = "<argEntryId><Date>2024-03-15T00:00:00Z</Date><SortNo>1</SortNo><EntryNo>0</EntryNo></argEntryId>"
    entry = call("AccountService", "GetEntryId", f'<GetEntryId xmlns="{NAMESPACE}">{asked}</GetEntryId>')
    assert values(entry, "EntryNo") == ["1"]
    page = "<syncSearchParameters><Page>1</Page></syncSearchParameters>"
    listed = call(
        "CompanyService", "GetCompanySyncList", f'<GetCompanySyncList xmlns="{NAMESPACE}">{page}</GetCompanySyncList>'
    )
    assert values(listed, "CompanyId") == ["1", "2", "3", "4", "5"]
    dates = "<searchParams><DateStart>2024-01-01</DateStart><DateEnd>2024-12-31</DateEnd></searchParams>"
    found = call(
        "TransactionService", "GetTransactions", f'<GetTransactions xmlns="{ACCOUNTING}">{dates}</GetTransactions>'
    )
    assert "<GetTransactionsResult />" in found


def test_valuetechdev(raw: Raw) -> None:
    """gowsdl: SOAPAction without quotes, numbers of four places, a smoke test over all services."""
    now = "2024-03-15T12:00:00.123456+01:00"
    later = f"<ChangedAfter>{now}</ChangedAfter>"
    calls = [
        ("Authenticate", "HasSession", ""),
        ("Authenticate", "GetIdentities", ""),
        ("AccountService", "GetAccountList", ""),
        ("ClientService", "GetClientInformation", ""),
        ("CompanyService", "GetCompanies", f"<searchParams>{later}</searchParams>"),
        ("InvoiceService", "GetInvoices", f"<searchParams>{later}</searchParams>"),
        ("PersonService", "GetPersons", f"<personSearch>{later}</personSearch>"),
        ("PersonService", "GetPersonsDetailed", f"<personSearch>{later}</personSearch>"),
        ("ProductService", "GetProducts", f"<searchParams><DateChanged>{now}</DateChanged></searchParams>"),
    ]
    for service, operation, inner in calls:
        body = (
            '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
            f'<{operation} xmlns="{NAMESPACE}">{inner}</{operation}></soap:Body></soap:Envelope>'
        )
        headers = {"Content_Type": 'text/xml; charset="utf-8"', "SOAPAction": f"{NAMESPACE}/{operation}"}
        status, text = raw.send(service, body, **headers)
        assert (status, "Fault" in text) == (200, False), (operation, text)


def test_thoberre_and_tfso(raw: Raw) -> None:
    """Savon: every property is asked for, also names that there are not; a payment settles an invoice."""

    def call(service: str, operation: str, inner: str) -> str:
        body = (
            '<?xml version="1.0" encoding="UTF-8"?><env:Envelope xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
            'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            f'xmlns:tns="{NAMESPACE}" xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Body>'
            f"<tns:{operation}>{inner}</tns:{operation}></env:Body></env:Envelope>"
        )
        headers = {"Content_Type": "text/xml;charset=UTF-8", "SOAPAction": f'"{NAMESPACE}/{operation}"'}
        status, text = raw.send(service, body, **headers)
        assert status == 200, text
        return text

    known = ["Id", "ExternalId", "Name", "Type", "DateChanged"]
    names = [*known, "CompanyId", "CompanyName", "CompanyEmail", "Currency", "APIException"]
    wanted = "".join(f"<tns:string>{name}</tns:string>" for name in names)
    search = "<tns:searchParams><tns:ChangedAfter>1970-01-01T00:00:00</tns:ChangedAfter></tns:searchParams>"
    every = call("CompanyService", "GetCompanies", f"{search}<tns:returnProperties>{wanted}</tns:returnProperties>")
    assert values(every, "Id") == ["1", "2", "3", "4", "5"]
    statuses = call("CompanyService", "GetStatuses", "")
    assert "<GetStatusesResult" in statuses
    mapped = (
        "<tns:maps><tns:CompanyMap><tns:MapType>1</tns:MapType><tns:ExternalId>X-1</tns:ExternalId>"
        "<tns:CompanyId>1</tns:CompanyId></tns:CompanyMap></tns:maps>"
    )
    assert "<SaveMapsResult />" in call("CompanyService", "SaveMaps", mapped)
    company = (
        "<tns:companies><tns:Company><tns:Name>Tfso AS</tns:Name><tns:Type>Business</tns:Type>"
        "<tns:DistributionMethod>EMail</tns:DistributionMethod></tns:Company></tns:companies>"
    )
    saved = call("CompanyService", "SaveCompanies", company)
    assert values(saved, "DistributionMethod") == ["EMail"]
    groups = call("ClientService", "GetTypeGroupList", "<tns:module_type>Sale</tns:module_type>")
    assert len(values(groups, "Id")) == 5
    order = (
        "<tns:invoices><tns:InvoiceOrder><tns:CustomerId>1</tns:CustomerId><tns:OrderStatus>Invoiced</tns:OrderStatus>"
        "<tns:InvoiceRows><tns:InvoiceRow><tns:ProductId>2</tns:ProductId><tns:Quantity>1</tns:Quantity></tns:InvoiceRow>"
        "</tns:InvoiceRows></tns:InvoiceOrder></tns:invoices>"
    )
    (invoice,) = values(call("InvoiceService", "SaveInvoices", order), "InvoiceId")
    payment = (
        f"<tns:payment><tns:InvoiceId>{invoice}</tns:InvoiceId><tns:Date>2024-03-20T00:00:00</tns:Date>"
        "<tns:Amount>1562.50</tns:Amount></tns:payment>"
    )
    assert values(call("PaymentService", "RegisterInvoicePayment", payment), "InvoiceId") == [invoice]
    inner = (
        f"<tns:searchParams><tns:InvoiceIds><tns:int>{invoice}</tns:int></tns:InvoiceIds></tns:searchParams>"
        "<tns:invoiceReturnProperties><tns:string>Paid</tns:string></tns:invoiceReturnProperties>"
    )
    assert values(call("InvoiceService", "GetInvoices", inner), "Paid") == ["2024-03-20T00:00:00"]
