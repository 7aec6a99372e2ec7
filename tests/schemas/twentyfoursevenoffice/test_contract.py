"""The contracts agree with the table of facts, the models agree with the contracts, and real tools can read the contracts."""

from __future__ import annotations

from pathlib import Path

import pytest
import suds.client
import zeep
from lxml import etree

from gateway.wire.soap.asmx import wsdl
from schemas.twentyfoursevenoffice.account.contract import ACCOUNT_SERVICE_V002
from schemas.twentyfoursevenoffice.contract import ServiceContract
from schemas.twentyfoursevenoffice.operations import AUTHENTICATE, INVOICE_SERVICE, SERVICES
from schemas.twentyfoursevenoffice.primitives import GUID_NAMESPACE
from tests.schemas.twentyfoursevenoffice.structure import (
    FILES,
    SOAP,
    XS,
    Row,
    W,
    compiled,
    contract,
    element_row,
    facts,
    grouped,
    rows_of_contract,
    rows_of_models,
)

OLDEST = (INVOICE_SERVICE, AUTHENTICATE)
"""The services whose facts are in one table of elements and one of enumerations."""
SIBLINGS = tuple(each for each in SERVICES if each not in OLDEST)
"""The services that have a table of facts each."""


def each_of(services: tuple[ServiceContract, ...]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("service", services, ids=lambda service: service.file.partition(".")[0])


EACH, EACH_SIBLING = each_of(SERVICES), each_of(SIBLINGS)


def table_of(service: ServiceContract) -> dict[str, list[Row]]:
    """The facts of a service. At the V002 path an entry has two elements more, and the vendor's host is another."""
    rows = facts(f"{service.name}.tsv")
    if service is ACCOUNT_SERVICE_V002:
        rows = [("service", *rows[0][1:3], service.address, *rows[0][4:]), *rows[1:]]
        rows += [("member", "Entry", name, type_, "0", "1", "0", "false") for name, type_ in V002]
    return grouped(rows)


V002 = (("AccountId", "s:int"), ("Period", "s:short"))


@EACH_SIBLING
@pytest.mark.parametrize("suffix", SOAP)
def test_a_contract_is_as_its_facts_say(service: ServiceContract, suffix: str) -> None:
    written, known = grouped(rows_of_contract(contract(service), suffix)), table_of(service)
    assert written.keys() == known.keys()
    for name, rows in known.items():
        assert written[name] == rows, name


@EACH_SIBLING
def test_the_models_are_as_the_facts_say(service: ServiceContract) -> None:
    written = {name: list(dict.fromkeys(rows)) for name, rows in grouped(rows_of_models(service)).items()}
    known = {name: rows for name, rows in table_of(service).items() if name.startswith(("member ", "enumeration "))}
    assert written == known


def test_the_tables_of_facts_are_whole() -> None:
    counted = {
        service.name: len(table_of(service)["operation"]) for service in SIBLINGS if service is not ACCOUNT_SERVICE_V002
    }
    assert counted == {
        "CompanyService": 17,
        "ProductService": 10,
        "ClientService": 6,
        "AccountService": 10,
        "PaymentService": 2,
        "TransactionService": 6,
        "AttachmentService": 13,
        "PersonService": 20,
    }
    company, person = table_of(SIBLINGS[0]), facts("PersonService.tsv")
    assert len(company["member Company"]) == 51
    assert sum(row[0] == "operation" and row[3] == "Authentication" for row in person) == 11


# --- InvoiceService and Authenticate ---


def element_facts() -> dict[str, list[Row]]:
    table: dict[str, list[Row]] = {}
    for row in facts("elements.tsv"):
        table.setdefault(row[0], []).append(row[1:])
    return table


def contract_elements(service: ServiceContract) -> dict[str, list[Row]]:
    """Every type and wrapper of a contract with its elements, in the form of the table of facts."""
    schema = contract(service).find(f"{W}types/{XS}schema")
    assert schema is not None
    table: dict[str, list[Row]] = {}
    for holder in schema:
        if holder.tag in {f"{XS}element", f"{XS}complexType"}:
            rows = [element_row(element) for element in holder.iterfind(f".//{XS}sequence/{XS}element")]
            if rows:
                table[holder.get("name", "")] = rows
    return table


def test_every_element_is_as_the_facts_say_and_no_other_exists() -> None:
    written: dict[str, list[Row]] = {}
    for service in OLDEST:
        written |= contract_elements(service)
    known = element_facts()
    assert written.keys() == known.keys()
    for name, rows in known.items():
        assert written[name] == rows, name


def test_the_table_of_facts_is_whole() -> None:
    counts = {name: len(rows) for name, rows in element_facts().items()}
    assert (counts["InvoiceOrder"], counts["InvoiceRow"]) == (55, 26)
    mandatory = [row[0] for row in element_facts()["InvoiceOrder"] if row[2] == "1"]
    assert mandatory == ["IncludeVAT"]


def test_enumerations() -> None:
    written = {
        each.get("name"): [value.get("value") for value in each.iter(f"{XS}enumeration")]
        for each in contract(INVOICE_SERVICE).iter(f"{XS}simpleType")
        if each.get("name") != "guid"
    }
    assert written == {name: values.split() for name, values in facts("enumerations.tsv")}


OPERATIONS = {
    "InvoiceService": "GetOrderSyncList GetInvoices UpdateInvoices SaveInvoices GetInvoiceDocument GetDeliveryMethods "
    "GetInvoiceTemplates GetPaymentMethods",
    "Authenticate": "AuthenticateByToken Login HasSession GetIdentity GetIdentities SetIdentity SetIdentityById "
    "GetIdentitiesWithCredential GetIdentitiesWithCredentialByService",
}
"""Of the services without a table of their own."""


# --- all services ---


def names_of(service: ServiceContract) -> list[str]:
    if service in OLDEST:
        return OPERATIONS[service.name].split()
    return [row[1] for row in table_of(service)["operation"]]


@EACH
def test_operations_stand_in_order_everywhere(service: ServiceContract) -> None:
    names = names_of(service)
    root = contract(service)
    assert [each.name for each in service.operations] == names
    port_type = root.find(f"{W}portType")
    assert port_type is not None
    assert port_type.get("name") == f"{service.name}Soap"
    assert [each.get("name") for each in port_type] == names
    assert all(each.findtext(f"{W}documentation") for each in port_type)
    headers = {each.name: each.header.__name__ for each in service.operations if each.header}
    assert [each.get("name") for each in root.iterfind(f"{W}message")] == [
        name + tail for name in names for tail in ("SoapIn", "SoapOut", *([headers[name]] if name in headers else []))
    ]
    wrappers = [each.get("name") for each in root.iterfind(f"{W}types/{XS}schema/{XS}element")]
    assert [name for name in wrappers if name not in headers.values()] == [
        name + suffix for name in names for suffix in ("", "Response")
    ]


@EACH
@pytest.mark.parametrize("suffix", ["Soap", "Soap12"])
def test_bindings(service: ServiceContract, suffix: str) -> None:
    root, prefix = contract(service), SOAP[suffix]
    binding = root.find(f"{W}binding[@name='{service.name}{suffix}']")
    assert binding is not None
    assert binding.get("type") == f"tns:{service.name}Soap"
    actions = [each.get("soapAction") for each in binding.iter(f"{prefix}operation")]
    assert actions == [service.namespace.rstrip("/") + "/" + each.name for each in service.operations]
    address = root.find(f"{W}service/{W}port[@name='{service.name}{suffix}']/{prefix}address")
    assert address is not None
    assert address.get("location") == service.address


TYPES = {
    "InvoiceService": "InvoiceSyncParameters ArrayOfInt InvoiceSearchParameters ArrayOfOrderSlipStateType ArrayOfString "
    "ArrayOfInvoiceOrder InvoiceOrder Addresses Address Currency ArrayOfInvoiceRow InvoiceRow TaxSettings "
    "ArrayOfUserDefinedDimension UserDefinedDimension APIException DeliveryMethod InvoiceDocumentSearchParameters "
    "ArrayOfDeliveryMethod ArrayOfTemplateModel TemplateModel ArrayOfPaymentMethod PaymentMethod",
    "Authenticate": "Token Passport ArrayOfIdentity Identity User Client ArrayOfServer Server Credential",
    "AccountService": "BundleList ArrayOfBundle Bundle ArrayOfVoucher Voucher ArrayOfEntry Entry "
    "ArrayOfUserDefinedDimension UserDefinedDimension ArrayOfLinkModel LinkModel DifferenceOptions ArrayOfString "
    "SaveResponse EntryId ArrayOfAccountData AccountData ArrayOfTypeData TypeData ArrayOfTaxCodeElement TaxCodeElement "
    "ArrayOfAccountDataErrors AccountDataErrors LinkEntryItem ArrayOfGuid ArrayOfEntryItem EntryItem",
}


@pytest.mark.parametrize("name", TYPES)
def test_types_stand_in_the_order_in_which_they_are_met(name: str) -> None:
    """Clients that were generated from the vendor's contract have their structures in this order."""
    service = next(each for each in SERVICES if each.name == name)
    types = [each.get("name") for each in contract(service).iterfind(f"{W}types/{XS}schema/{XS}complexType")]
    assert types == TYPES[name].split()


@EACH
def test_the_file_is_what_the_models_say(service: ServiceContract) -> None:
    assert wsdl(service, service.address).encode() == (FILES / service.file).read_bytes()


@EACH
def test_lines_and_prefixes(service: ServiceContract) -> None:
    body = (FILES / service.file).read_bytes()
    assert body.startswith(b'<?xml version="1.0" encoding="utf-8"?>\r\n<wsdl:definitions ')
    assert body.count(b"\n") == body.count(b"\r\n")
    prefixes = {prefix for prefix in contract(service).nsmap if prefix}
    assert {"s", "tns", "soap", "soap12"} <= prefixes


@EACH
def test_guids_have_a_schema_where_there_are_guids(service: ServiceContract) -> None:
    body, prefixes = (FILES / service.file).read_bytes(), contract(service).nsmap
    there = b's1:guid"' in body
    assert there is (service.name not in {"CompanyService", "ProductService", "PersonService", "PaymentService"})
    assert (prefixes.get("s1") == GUID_NAMESPACE) is there
    for text in (
        b'<s:import namespace="http://microsoft.com/wsdl/types/" />',
        b'<s:pattern value="[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}" />',
    ):
        assert (text in body) is there


@EACH
def test_what_is_inferred_says_so(service: ServiceContract) -> None:
    words = [each.text or "" for each in contract(service).iterfind(f".//{W}service/{W}documentation")]
    inferred = service.name == "PaymentService" or service is ACCOUNT_SERVICE_V002
    assert [("inferred" in text) for text in words] == [True] * inferred


@EACH
def test_another_address_takes_the_vendors_place(service: ServiceContract) -> None:
    written = wsdl(service, "http://127.0.0.1:7070/a&b" + service.path)
    assert service.host not in written
    locations = [
        each.get("location")
        for prefix in SOAP.values()
        for each in etree.fromstring(written.encode()).iter(f"{prefix}address")
    ]
    assert locations == ["http://127.0.0.1:7070/a&b" + service.path] * 2


NS = "http://24sevenOffice.com/webservices"


@pytest.mark.parametrize(
    ("body", "valid"),
    [
        ("<invoices><InvoiceOrder><OrderId>1</OrderId><IncludeVAT>true</IncludeVAT></InvoiceOrder></invoices>", True),
        ("<invoices><InvoiceOrder><OrderId>1</OrderId></InvoiceOrder></invoices>", False),
        (
            "<invoices><InvoiceOrder><OrderStatus>web</OrderStatus><IncludeVAT>1</IncludeVAT></InvoiceOrder></invoices>",
            False,
        ),
        ("<invoices><InvoiceOrder><IncludeVAT>1</IncludeVAT><OrderId>1</OrderId></InvoiceOrder></invoices>", False),
        (
            "<invoices><InvoiceOrder><IncludeVAT>1</IncludeVAT><InvoiceTemplateId>x</InvoiceTemplateId></InvoiceOrder></invoices>",
            False,
        ),
    ],
)
def test_the_contract_is_a_schema(tmp_path: Path, body: str, valid: bool) -> None:
    schema = compiled(contract(INVOICE_SERVICE), tmp_path)
    message = etree.fromstring(f'<SaveInvoices xmlns="{NS}">{body}</SaveInvoices>')
    assert schema.validate(message) is valid


def test_authenticate_is_a_schema(tmp_path: Path) -> None:
    schema = compiled(contract(AUTHENTICATE), tmp_path)
    good = etree.fromstring(
        f'<HasSessionResponse xmlns="{NS}"><HasSessionResult>false</HasSessionResult></HasSessionResponse>'
    )
    assert schema.validate(good)
    assert not schema.validate(etree.fromstring(f'<HasSessionResponse xmlns="{NS}" />'))


@EACH
def test_zeep_reads_the_contract(service: ServiceContract) -> None:
    client = zeep.Client(str(FILES / service.file))
    for suffix in SOAP:
        binding = client.wsdl.bindings[f"{{{service.namespace}}}{service.name}{suffix}"]
        assert list(binding.all()) == [each.name for each in service.operations]
        assert [name for name, each in binding.all().items() if each.input.header.type.elements] == [
            each.name for each in service.operations if each.header
        ]
    client.wsdl.dump()  # resolves every type


@EACH
def test_suds_reads_the_contract(service: ServiceContract) -> None:
    client = suds.client.Client((FILES / service.file).as_uri(), cache=None)
    (definition, *_) = client.sd
    names = {name for port, methods in definition.ports for name, _ in methods}
    assert names == {each.name for each in service.operations}
    for name in (row[1] for row in rows_of_contract(contract(service), "Soap") if row[0] == "record"):
        assert client.factory.create(f"{{{service.namespace}}}{name}") is not None
