"""The contracts agree with the table of facts, the models agree with the contracts, and real tools can read the contracts."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import zeep
from lxml import etree

from gateway.wire.soap.asmx import wsdl
from schemas.twentyfoursevenoffice.operations import AUTHENTICATE, INVOICE_SERVICE, SERVICES, ServiceContract

HERE = Path(__file__).parent
FILES = HERE.parents[2] / "schemas" / "twentyfoursevenoffice"
VENDOR = "https://api.24sevenoffice.com"
XS = "{http://www.w3.org/2001/XMLSchema}"
W = "{http://schemas.xmlsoap.org/wsdl/}"
SOAP = {"Soap": "{http://schemas.xmlsoap.org/wsdl/soap/}", "Soap12": "{http://schemas.xmlsoap.org/wsdl/soap12/}"}
EACH = pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)

Row = tuple[str, ...]


def facts(file: str) -> list[list[str]]:
    with (HERE / file).open(newline="", encoding="utf-8") as lines:
        rows = csv.reader((line for line in lines if not line.startswith("#")), delimiter="\t", quoting=csv.QUOTE_NONE)
        return list(rows)


def element_facts() -> dict[str, list[Row]]:
    table: dict[str, list[Row]] = {}
    for row in facts("elements.tsv"):
        table.setdefault(row[0], []).append(tuple(row[1:]))
    return table


def contract(service: ServiceContract) -> etree._Element:
    return etree.fromstring((FILES / f"{service.name}.wsdl").read_bytes())


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


def element_row(element: etree._Element) -> Row:
    default = element.get("default")
    return (
        element.get("name", ""),
        element.get("type", ""),
        element.get("minOccurs", ""),
        element.get("maxOccurs", ""),
        "-" if default is None else default or '""',
        element.get("nillable", "false"),
    )


def test_every_element_is_as_the_facts_say_and_no_other_exists() -> None:
    written: dict[str, list[Row]] = {}
    for service in SERVICES:
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


@EACH
def test_operations_stand_in_order_everywhere(service: ServiceContract) -> None:
    names = OPERATIONS[service.name].split()
    root = contract(service)
    assert [each.name for each in service.operations] == names
    port_type = root.find(f"{W}portType")
    assert port_type is not None
    assert port_type.get("name") == f"{service.name}Soap"
    assert [each.get("name") for each in port_type] == names
    assert all(each.findtext(f"{W}documentation") for each in port_type)
    assert [each.get("name") for each in root.iterfind(f"{W}message")] == [
        f"{name}Soap{direction}" for name in names for direction in ("In", "Out")
    ]
    wrappers = [each.get("name") for each in root.iterfind(f"{W}types/{XS}schema/{XS}element")]
    assert wrappers == [name + suffix for name in names for suffix in ("", "Response")]


@EACH
@pytest.mark.parametrize("suffix", ["Soap", "Soap12"])
def test_bindings(service: ServiceContract, suffix: str) -> None:
    root, prefix = contract(service), SOAP[suffix]
    binding = root.find(f"{W}binding[@name='{service.name}{suffix}']")
    assert binding is not None
    assert binding.get("type") == f"tns:{service.name}Soap"
    actions = [each.get("soapAction") for each in binding.iter(f"{prefix}operation")]
    assert actions == [f"http://24sevenOffice.com/webservices/{each.name}" for each in service.operations]
    address = root.find(f"{W}service/{W}port[@name='{service.name}{suffix}']/{prefix}address")
    assert address is not None
    assert address.get("location") == VENDOR + service.path


TYPES = {
    "InvoiceService": "InvoiceSyncParameters ArrayOfInt InvoiceSearchParameters ArrayOfOrderSlipStateType ArrayOfString "
    "ArrayOfInvoiceOrder InvoiceOrder Addresses Address Currency ArrayOfInvoiceRow InvoiceRow TaxSettings "
    "ArrayOfUserDefinedDimension UserDefinedDimension APIException DeliveryMethod InvoiceDocumentSearchParameters "
    "ArrayOfDeliveryMethod ArrayOfTemplateModel TemplateModel ArrayOfPaymentMethod PaymentMethod",
    "Authenticate": "Token Passport ArrayOfIdentity Identity User Client ArrayOfServer Server Credential",
}


@EACH
def test_types_stand_in_the_order_in_which_they_are_met(service: ServiceContract) -> None:
    """Clients that were generated from the vendor's contract have their structures in this order."""
    types = [each.get("name") for each in contract(service).iterfind(f"{W}types/{XS}schema/{XS}complexType")]
    assert types == TYPES[service.name].split()


@EACH
def test_the_file_is_what_the_models_say(service: ServiceContract) -> None:
    written = wsdl(service, VENDOR + service.path).encode()
    assert written == (FILES / f"{service.name}.wsdl").read_bytes()


@EACH
def test_lines_and_prefixes(service: ServiceContract) -> None:
    body = (FILES / f"{service.name}.wsdl").read_bytes()
    assert body.startswith(b'<?xml version="1.0" encoding="utf-8"?>\r\n<wsdl:definitions ')
    assert body.count(b"\n") == body.count(b"\r\n")
    prefixes = {prefix for prefix in contract(service).nsmap if prefix}
    assert {"s", "tns", "s1", "soap", "soap12"} <= prefixes
    assert b'<s:import namespace="http://microsoft.com/wsdl/types/" />' in body
    assert b'<s:pattern value="[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}" />' in body


@EACH
def test_another_address_takes_the_vendors_place(service: ServiceContract) -> None:
    written = wsdl(service, "http://127.0.0.1:7070/a&b" + service.path)
    assert VENDOR not in written
    locations = [
        each.get("location")
        for prefix in SOAP.values()
        for each in etree.fromstring(written.encode()).iter(f"{prefix}address")
    ]
    assert locations == ["http://127.0.0.1:7070/a&b" + service.path] * 2


def compiled(service: ServiceContract, folder: Path) -> etree.XMLSchema:
    """The contract's two schema blocks as libxml2 reads them; the import in the first points at the second."""
    main, guids = contract(service).iterfind(f"{W}types/{XS}schema")
    (folder / "guid.xsd").write_bytes(etree.tostring(guids))
    link = main.find(f"{XS}import")
    assert link is not None
    link.set("schemaLocation", "guid.xsd")
    (folder / "main.xsd").write_bytes(etree.tostring(main))
    return etree.XMLSchema(etree.parse(str(folder / "main.xsd")))


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
    schema = compiled(INVOICE_SERVICE, tmp_path)
    message = etree.fromstring(f'<SaveInvoices xmlns="{NS}">{body}</SaveInvoices>')
    assert schema.validate(message) is valid


def test_authenticate_is_a_schema(tmp_path: Path) -> None:
    schema = compiled(AUTHENTICATE, tmp_path)
    good = etree.fromstring(
        f'<HasSessionResponse xmlns="{NS}"><HasSessionResult>false</HasSessionResult></HasSessionResponse>'
    )
    assert schema.validate(good)
    assert not schema.validate(etree.fromstring(f'<HasSessionResponse xmlns="{NS}" />'))


@EACH
def test_zeep_reads_the_contract(service: ServiceContract) -> None:
    client = zeep.Client(str(FILES / f"{service.name}.wsdl"))
    for suffix in SOAP:
        binding = client.wsdl.bindings[f"{{{NS}}}{service.name}{suffix}"]
        assert list(binding.all()) == [each.name for each in service.operations]
