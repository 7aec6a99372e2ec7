"""The four contracts agree with the facts, the models agree with the contracts, and every message is read and written."""

from __future__ import annotations

import importlib
from datetime import UTC, date, datetime
from types import ModuleType
from typing import Any, Final

import pytest
from lxml import etree
from pydantic import BaseModel

from gateway.wire.soap.binding import Binder, BindingOptions, Source
from gateway.wire.soap.wsdl import Contract, Schemas
from gateway.wire.xml import parse, parse_document
from schemas.resurs.messages import ECommerceError, Message
from tests.schemas.resurs.samples import sample
from tests.schemas.resurs.structure import (
    FILES,
    FOLDER,
    SERVICES,
    SOAP,
    WSDL,
    XS,
    Notation,
    lines_of,
    lines_of_model,
    with_pages,
)

MODULES: Final[dict[str, ModuleType]] = {
    service: importlib.import_module(f"schemas.resurs.{name}")
    for service, name in {
        "ConfigurationService": "configuration",
        "AfterShopFlowService": "aftershop",
        "SimplifiedShopFlowService": "simplified",
        "DeveloperWebService": "developer",
    }.items()
}
OPTIONS: Final = BindingOptions(qualified=False, validated=True, jaxb=True)
EACH = pytest.mark.parametrize("service", SERVICES)
ADDRESS: Final = "http://shop.example/ecommerce-test/ws/V4/Service"


def names_of(service: str) -> list[str]:
    return SERVICES[service][0].split()[1:]


def namespace_of(service: str) -> str:
    return SERVICES[service][1].split()[1]


def files_of(service: str) -> list[str]:
    return SERVICES[service][2].split()[1:]


def operations_of(service: str) -> list[tuple[str, str, str]]:
    rows = [line.replace(":", "").split() for line in SERVICES[service][3:]]
    return [(name, given, answer) for name, given, answer in rows]


def elements_of(service: str) -> list[str]:
    return list(dict.fromkeys(name for _, *both in operations_of(service) for name in both))


def contract(service: str) -> Contract:
    files = {f"xsd={file}": file for file in files_of(service)}
    return Contract(FOLDER, {"wsdl": f"{service}.wsdl", **files})


def served(service: str, query: str = "wsdl") -> etree._Element:
    body = contract(service).serve(query, ADDRESS)
    assert body is not None
    return parse(body)


# --- the WSDL ---


@EACH
def test_names_of_the_wsdl(service: str) -> None:
    root = served(service)
    name, port, binding, port_type = names_of(service)
    found = {tag: [e.get("name") for e in root.iter(WSDL + tag)] for tag in ("service", "port", "binding", "portType")}
    assert found == {"service": [name], "port": [port], "binding": [binding], "portType": [port_type]}
    assert root.get("targetNamespace") == "http://ecommerce.resurs.com/v4"
    assert [e.get("location") for e in root.iter(f"{SOAP}address")] == [ADDRESS]
    style = root.find(f".//{SOAP}binding")
    assert style is not None
    assert dict(style.attrib) == {"style": "document", "transport": "http://schemas.xmlsoap.org/soap/http"}


@EACH
def test_operations_of_the_wsdl(service: str) -> None:
    root = served(service)
    elements: dict[str, list[tuple[str | None, str | None]]] = {
        f"tns:{message.get('name')}": [
            (part.get("name"), part.get("element")) for part in message.findall(f"{WSDL}part")
        ]
        for message in root.findall(f"{WSDL}message")
    }
    port_type = [
        (
            operation.get("name"),
            *(elements[str(e.get("message"))] for e in operation if e.tag != f"{WSDL}documentation"),
        )
        for operation in root.findall(f"{WSDL}portType/{WSDL}operation")
    ]
    fault = [("fault", "exc:ECommerceError")]
    assert port_type == [
        (name, [("parameters", f"msg:{given}")], [("parameters", f"msg:{answer}")], fault)
        for name, given, answer in operations_of(service)
    ]
    assert root.nsmap["msg"] == namespace_of(service)


@EACH
def test_the_binding_of_the_wsdl(service: str) -> None:
    operations = served(service).findall(f"{WSDL}binding/{WSDL}operation")
    assert [operation.get("name") for operation in operations] == [name for name, _, _ in operations_of(service)]
    for operation in operations:
        assert [(etree.QName(e).localname, *e.attrib.items()) for e in operation.iter(f"{SOAP}*")] == [
            ("operation", ("soapAction", "")),
            ("body", ("use", "literal")),
            ("body", ("use", "literal")),
            ("fault", ("name", "ECommerceErrorException"), ("use", "literal")),
        ]


@EACH
def test_the_schema_of_the_wsdl_only_imports(service: str) -> None:
    schema = served(service).find(f"{WSDL}types/{XS}schema")
    assert schema is not None
    assert schema.get("targetNamespace") == SERVICES[service][1].split()[2]
    assert [(e.tag, e.get("namespace"), e.get("schemaLocation")) for e in schema] == [
        (f"{XS}import", namespace_of(service), f"{ADDRESS}?xsd={files_of(service)[0]}"),
        (
            f"{XS}import",
            "http://ecommerce.resurs.com/v4/msg/exception",
            f"{ADDRESS}?xsd=schemas/messages/Exceptions.xsd",
        ),
    ]


# --- the schemas ---


@pytest.mark.parametrize("file", FILES)
def test_a_schema_says_what_the_facts_say(file: str) -> None:
    root = parse((FOLDER / file).read_bytes())
    found, expected = lines_of(root), FILES[file]
    assert found[:2] == expected[:2]
    assert sorted(found) == sorted(expected)
    assert (root.get("version"), root.get("elementFormDefault")) == ("4.0", None)


@EACH
def test_every_file_is_served_and_every_link_leads_to_a_served_file(service: str) -> None:
    addresses = {f"{ADDRESS}?xsd={file}" for file in files_of(service)}
    reached = {e.get("schemaLocation") for e in served(service).iter(f"{XS}import")}
    for file in files_of(service):
        reached |= {e.get("schemaLocation") for e in served(service, f"xsd={file}").iter(f"{XS}import")}
    assert reached == addresses


@EACH
def test_each_message_has_a_type_of_its_own_name(service: str) -> None:
    """Generated clients name their classes after these types, and messages may name them with xsi:type."""
    root = served(service, f"xsd={files_of(service)[0]}")
    assert {e.get("name"): e.get("type") for e in root.findall(f"{XS}element")} == {
        name: f"msg:{name}" for name in elements_of(service)
    }


def test_every_type_of_the_facts_is_held_by_a_file() -> None:
    assert {file for service in SERVICES for file in files_of(service)} == set(FILES)
    assert {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.xsd")} == set(FILES)


# --- the models ---

NOTATION: Final = Notation(with_pages())
MESSAGES: Final = [(service, name) for service in SERVICES for name in elements_of(service)]


def model_of(service: str, element: str) -> type[Message] | None:
    found: type[Message] | None = getattr(MODULES[service], element[0].upper() + element[1:], None)
    return found


@pytest.mark.parametrize(("service", "element"), MESSAGES, ids=map("/".join, MESSAGES))
def test_a_model_is_its_element(service: str, element: str) -> None:
    model = model_of(service, element)
    expected = NOTATION.message(namespace_of(service).rpartition("/")[2], element)
    if model is None:
        assert element.endswith("Response")
        assert expected == ""
    else:
        assert lines_of_model(model) == expected


def test_the_detail_of_a_fault_is_its_element() -> None:
    assert lines_of_model(ECommerceError) == NOTATION.message("exception", "ECommerceError")


@EACH
def test_there_is_no_other_message(service: str) -> None:
    classes = {
        name
        for name, value in vars(MODULES[service]).items()
        if isinstance(value, type) and issubclass(value, BaseModel) and value.__module__ == MODULES[service].__name__
    }
    messages = {element[0].upper() + element[1:] for element in elements_of(service)}
    used = " ".join(
        filter(None, (lines_of_model(model) for model in map(MODULES[service].__dict__.get, messages) if model))
    )
    assert {name for name in classes - messages if f" {name}(" not in f" {used}"} == set()


# --- reading and writing ---

SCHEMAS: Final = {service: Schemas(FOLDER, files_of(service)) for service in SERVICES}


def read(service: str, model: type[Message], text: str) -> Any:
    body = text.encode()
    document = parse_document(body)
    return Binder(namespace_of(service), OPTIONS).reader(model)(document.root, Source(document.root, body, "utf-8"))


def write(service: str, element: str, message: Message) -> str:
    children = Binder(namespace_of(service), OPTIONS).writer(type(message))(message)
    return f'<m:{element} xmlns:m="{namespace_of(service)}">{children}</m:{element}>'


@pytest.mark.parametrize("full", [True, False], ids=["full", "least"])
@pytest.mark.parametrize(("service", "element"), MESSAGES, ids=map("/".join, MESSAGES))
def test_every_message_is_valid_and_comes_back(service: str, element: str, full: bool) -> None:
    model = model_of(service, element)
    if model is None:
        return
    message = sample(model, full)
    text = write(service, element, message)
    assert SCHEMAS[service].findings(parse(text.encode())) == []
    assert read(service, model, text) == message


AFTERSHOP, SIMPLIFIED = "AfterShopFlowService", "SimplifiedShopFlowService"
XSI: Final = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


def accepted(service: str, element: str, children: str) -> Any:
    """A request as clients write it: it keeps the schema, and is read."""
    common = 'xmlns:c="http://ecommerce.resurs.com/v4/types/common"'
    types = 'xmlns:t="http://ecommerce.resurs.com/v4/types/simplifiedshopflow"'
    text = f'<m:{element} xmlns:m="{namespace_of(service)}" {XSI} {common} {types}>{children}</m:{element}>'
    assert SCHEMAS[service].findings(parse(text.encode())) == []
    model = model_of(service, element)
    assert model is not None
    return read(service, model, text)


PLACE = (
    "<address><fullName>Prov Testsson</fullName><addressRow1/><postalArea>Provstad</postalArea>"
    "<postalCode>12345</postalCode><country>SE</country></address>"
)
NIL = 'xsi:nil="true"'


def test_a_booking_is_read_as_clients_write_it() -> None:
    """Types of three namespaces, named with xsi:type; nil entries; empty elements that have defaults."""
    booking = accepted(
        SIMPLIFIED,
        "bookPayment",
        f'<paymentData xsi:type="t:paymentData"><preferredId {NIL}/><paymentMethodId>INVOICE</paymentMethodId>'
        f"<waitForFraudControl/><annulIfFrozen {NIL}/><finalizeIfBooked>1</finalizeIfBooked></paymentData>"
        '<orderData xsi:type="c:paymentSpec"><totalAmount> 200 </totalAmount></orderData>'
        f"<metaData {NIL}/><metaData><key>a</key></metaData>"
        f'<customer xsi:type="t:extendedCustomer"><governmentId {NIL}/>{PLACE}<phone/><type {NIL}/>'
        f"<cellPhone/><deliveryAddress {NIL}/></customer><card {NIL}/>"
        "<invoiceData><invoiceDeliveryType></invoiceDeliveryType></invoiceData>",
    )
    data, customer = booking.payment_data, booking.customer
    assert (data.preferred_id, data.wait_for_fraud_control, data.annul_if_frozen, data.finalize_if_booked) == (
        None,
        True,
        False,
        True,
    )
    assert (booking.order_data.total_amount, booking.order_data.spec_lines) == (200, [])
    assert [(entry.key, entry.value) for entry in booking.meta_data] == [("a", None)]
    assert (customer.government_id, customer.type, customer.phone, customer.cell_phone) == (None, None, "", "")
    assert (customer.address.country, customer.address.address_row1, customer.delivery_address) == ("SE", "", None)
    assert (booking.card, booking.signing, booking.invoice_data.invoice_delivery_type) == (None, None, "EMAIL")


def test_a_nil_and_an_absent_element_read_alike() -> None:
    nil = accepted(
        AFTERSHOP, "finalizePayment", f"<paymentId>P</paymentId><partPaymentSpec {NIL}/><invoiceDate {NIL}/>"
    )
    assert nil == accepted(AFTERSHOP, "finalizePayment", "<paymentId>P</paymentId>")


def test_days_and_moments_are_read() -> None:
    given = accepted(
        AFTERSHOP, "creditPayment", "<paymentId>P</paymentId><creditNoteDate>2026-11-30+01:00</creditNoteDate>"
    )
    assert given.credit_note_date == date(2026, 11, 30)
    times = "<bookedFrom>2026-11-30T10:00:00</bookedFrom><bookedTo>2026-11-30T10:00:00+01:00</bookedTo>"
    criteria = accepted(AFTERSHOP, "calculateResultSize", f"<searchCriteria>{times}</searchCriteria>").search_criteria
    assert criteria.booked_from == datetime(2026, 11, 30, 10)
    assert criteria.booked_to == datetime(2026, 11, 30, 9, tzinfo=UTC)


def test_the_three_states_of_a_set_number() -> None:
    requests = [
        accepted("ConfigurationService", "setInvoiceSequence", children)
        for children in ("", f"<nextInvoiceNumber {NIL}/>", "<nextInvoiceNumber>7</nextInvoiceNumber>")
    ]
    given = {"next_invoice_number"}
    assert [(r.next_invoice_number, r.model_fields_set) for r in requests] == [(None, set()), (None, given), (7, given)]
