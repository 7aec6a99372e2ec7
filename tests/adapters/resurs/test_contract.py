"""The served contracts: where they are, that fetching them is cheap, and that every answer of the cases keeps to them.

`tests/schemas/resurs` holds the files against the facts.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest

from adapters.resurs.aftershop import AFTERSHOP
from adapters.resurs.codec import EXCEPTIONS, FOLDER, Codec, MessageInvalid
from adapters.resurs.configuration import CONFIGURATION
from adapters.resurs.operation import Answer, OperationCall, Service
from adapters.resurs.routes import Resurs
from adapters.resurs.services import BASES, LIVE, SERVICES, TEST
from adapters.resurs.simplified import SIMPLIFIED
from gateway.spi.adapter import Reply
from gateway.wire.soap.binding import Binder, BindingOptions, Source
from gateway.wire.soap.envelope import open_envelope
from gateway.wire.soap.faults import write_envelope
from gateway.wire.soap.wsdl import Schemas
from gateway.wire.xml import parse
from schemas.resurs.configuration import PeekInvoiceSequenceResponse
from tests.adapters.resurs.dialect import make_call, make_dialect
from tests.schemas.resurs import structure
from tests.schemas.resurs.samples import sample

SCHEMAS = Schemas(FOLDER, sorted({file for service in SERVICES for file in service.schemas}))
NAMESPACES: Final = tuple(
    f"{{{namespace}}}" for namespace in (EXCEPTIONS, *(service.namespace for service in SERVICES))
)
RESPONSES = sorted((Path(__file__).parent / "cases").rglob("response.xml"))
ANY_MOMENT: Final = re.compile(rb"(<(?:booked|created|finalized|modified)>)\{\{any\}\}")
COMMON: Final = "schemas/types/common.xsd"
LOGIN: Final = "Basic ZGVtby1zZTpkZW1vLXNlY3JldA=="
ADDRESSES: Final = [(service, base) for service in SERVICES for base in BASES if service.on_live or base == TEST]
EACH = pytest.mark.parametrize(
    ("service", "base"), ADDRESSES, ids=[f"{base}{service.name}" for service, base in ADDRESSES]
)


async def fetched(dialect: Resurs, path: str, query: str, login: str = "") -> Reply:
    headers = {"Authorization": login} if login else {}
    return await dialect.answer(make_call("GET", path, query, b"", "", **headers))


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_the_table_of_a_service_agrees_with_its_contract(service: Service) -> None:
    facts = structure.SERVICES[service.name]
    operations = [f"{row.name}: {row.request.__name__} {row.wrapper}" for row in service.operations]
    assert sorted(operations) == sorted(
        f"{name}: {given[0].upper()}{given[1:]} {answer}"
        for name, given, answer in (line.replace(":", "").split() for line in facts[3:])
    )
    assert {row.response.__name__ for row in service.operations if row.response} <= {
        row.wrapper[0].upper() + row.wrapper[1:] for row in service.operations
    }
    assert service.namespace == facts[1].split()[1]
    assert sorted(service.schemas) == sorted(facts[2].split()[1:])


@EACH
async def test_a_client_reaches_every_document_by_its_links(service: Service, base: str) -> None:
    """As ecomphp fetches them before every call: the WSDL, then each file that is imported, once. Source: R-12."""
    dialect, path = make_dialect(), base + service.name
    address = f"http://127.0.0.1:7070{path}"
    seen: dict[str, bytes] = {}
    waiting = [f"{address}?wsdl"]
    while waiting:
        url = waiting.pop(0)
        if url in seen:
            continue
        where, _, query = url.partition("?")
        assert where == address
        reply = await fetched(dialect, path, query, LOGIN)
        assert (reply.status, dict(reply.headers)["Content-Type"]) == (200, "text/xml;charset=UTF-8")
        seen[url] = reply.body
        waiting += [str(link.get("schemaLocation")) for link in parse(reply.body).iter(f"{structure.XS}import")]
    assert set(seen) == {f"{address}?wsdl", *(f"{address}?xsd={file}" for file in service.schemas)}
    located = [e.get("location") for e in parse(seen[f"{address}?wsdl"]).iter(f"{structure.SOAP}address")]
    assert located == [address]
    for url, body in seen.items():  # remembered for the address, with credentials and without
        again = await fetched(dialect, path, url.partition("?")[2])
        assert again.body is body


async def test_the_developer_service_is_on_the_test_system_alone() -> None:
    """Source: P-01."""
    found = {
        setting: [
            base
            for base in BASES
            if (await fetched(make_dialect(developer_service=setting), f"{base}DeveloperWebService", "wsdl")).status
            == 200
        ]
        for setting in ("test", "both", "none")
    }
    assert found == {"test": [TEST], "both": [TEST, LIVE], "none": []}


async def test_a_service_serves_no_file_of_another() -> None:
    dialect = make_dialect()
    other = "xsd=schemas/types/configuration.xsd"
    assert (await fetched(dialect, f"{LIVE}AfterShopFlowService", other)).status == 401
    assert (await fetched(dialect, f"{LIVE}AfterShopFlowService", other, LOGIN)).status == 500


# --- contracts with more than the vendor's ---

ROW: Final = (
    "<specLines><id>1</id><artNo/><description/><quantity>1</quantity><unitMeasure/><unitAmountWithoutVat>1</unitAmountWithoutVat>"
    "<vatPct>0</vatPct><totalVatAmount>0</totalVatAmount><totalAmount>1</totalAmount>"
    "<deliveryDate>2026-12-01</deliveryDate></specLines>"
)
WITH_STORE: Final = (
    "<paymentData><paymentMethodId>INVOICE</paymentMethodId></paymentData>"
    f"<orderData>{ROW}<totalAmount>1</totalAmount></orderData><customer><address><addressRow1/><postalArea>a</postalArea>"
    "<postalCode>1</postalCode><country>SE</country></address></customer><storeId>7</storeId>"
)


async def unused(_call: OperationCall, _message: Any) -> Answer:
    """A handler for operations that have none, so that their messages are read."""


def reading(service: Service, **options: bool) -> Codec:
    rows = tuple(replace(row, handler=unused) for row in service.operations)
    return Codec(replace(service, operations=rows), 0, **options)


def decoded(codec: Codec, operation: str, children: str, default: bool = False) -> Any:
    """The message that a codec reads of a request."""
    prefix = "" if default else ":m"
    wrapper = operation if default else f"m:{operation}"
    payload = f'<{wrapper} xmlns{prefix}="{codec.service.namespace}">{children}</{wrapper}>'
    return codec.read_request(write_envelope(payload).encode(), None).message


async def test_what_only_pages_know_is_served_and_read_where_it_is_wanted() -> None:
    """Source: P-09."""
    plain, extended = reading(SIMPLIFIED), reading(SIMPLIFIED, extended=True)
    with pytest.raises(MessageInvalid, match="bookPayment"):
        decoded(plain, "bookPayment", WITH_STORE)
    booking = decoded(extended, "bookPayment", WITH_STORE)
    assert (booking.store_id, booking.order_data.spec_lines[0].delivery_date) == ("7", date(2026, 12, 1))
    for file, lines in structure.PAGES.items():
        path = f"{LIVE}SimplifiedShopFlowService"
        for setting in (False, True):
            reply = await fetched(make_dialect(serve_store_id=setting), path, f"xsd={file}")
            served = dict(line.split(": ") for line in structure.lines_of(parse(reply.body)) if ": " in line)
            for name, field in (line.split(": ") for line in lines):
                assert served[name].endswith(f", {field}") == setting


def test_children_in_the_wrappers_namespace_are_read_where_it_is_wanted() -> None:
    """Source: R-04."""
    sample_of_the_page = (
        '<paymentId>P</paymentId><partPaymentSpec xmlns=""><totalAmount>1</totalAmount></partPaymentSpec>'
        "<createdBy>clerk</createdBy>"
    )
    with pytest.raises(MessageInvalid):
        decoded(reading(AFTERSHOP), "annulPayment", sample_of_the_page, default=True)
    message = decoded(reading(AFTERSHOP, lenient=True), "annulPayment", sample_of_the_page, default=True)
    assert (message.payment_id, message.part_payment_spec.total_amount, message.created_by) == ("P", 1, "clerk")


@pytest.mark.parametrize("path", RESPONSES, ids=lambda path: f"{path.parent.parent.name}/{path.parent.name}")
def test_every_answer_keeps_the_schema(path: Path) -> None:
    text = ANY_MOMENT.sub(rb"\g<1>2026-11-30T10:00:00+01:00", path.read_bytes()).replace(b"{{any}}", b"0")
    if not text:
        return
    payload = open_envelope(text).payload
    assert payload is not None
    message = payload.find("detail/*") if payload.tag.endswith("}Fault") else payload
    if message is not None:
        assert message.tag.startswith(NAMESPACES)
        assert SCHEMAS.findings(message) == []


@pytest.mark.parametrize("number", [None, 0, 1, 444, 2**63 - 2])
@pytest.mark.parametrize("indent", [0, 3])
def test_every_number_is_written_validly(number: int | None, indent: int) -> None:
    row = next(row for row in CONFIGURATION.operations if row.name == "peekInvoiceSequence")
    written = Codec(CONFIGURATION, indent).write(row, PeekInvoiceSequenceResponse(next_invoice_number=number))
    payload = open_envelope(written).payload
    assert payload is not None
    assert SCHEMAS.findings(payload) == []
    assert payload.findtext("nextInvoiceNumber") == (None if number is None else str(number))


@pytest.mark.parametrize("indent", [0, 3])
@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_every_answer_is_written_validly_in_both_layouts(service: Service, indent: int) -> None:
    codec = Codec(service, indent)
    binder = Binder(service.namespace, BindingOptions(qualified=False, validated=True))
    for row in service.operations:
        for answer in [None] if row.response is None else [sample(row.response, True), sample(row.response, False)]:
            text = codec.write(row, answer)
            payload = open_envelope(text).payload
            assert payload is not None
            assert payload.tag == f"{{{service.namespace}}}{row.wrapper}"
            assert SCHEMAS.findings(payload) == []
            if row.response is not None:
                read = binder.reader(row.response)(payload, Source(payload.getroottree().getroot(), text))
                assert read == answer
            assert (text.count(b"\n") > 0) == (indent > 0)


@pytest.mark.parametrize(
    ("query", "document"),
    [
        ("wsdl", "wsdl"),
        ("WSDL=", "wsdl"),
        ("wsdl=1", "wsdl"),
        ("wsdl&nocache=1", "wsdl"),
        ("_=1&Wsdl", "wsdl"),
        ("a=wsdl&%77sdl", "wsdl"),
        (f"wsdl&xsd={COMMON}", f"xsd={COMMON}"),
        (f"_=1&XSD={COMMON.replace('/', '%2F')}&v=2", f"xsd={COMMON}"),
        ("wsdls", ""),
        ("a=wsdl", ""),
        ("xsd", ""),
        ("xsd=other.xsd&wsdl", ""),
        ("&&=", ""),
    ],
)
async def test_which_document_a_query_asks_for(query: str, document: str) -> None:
    call = make_call("GET", query=query)
    reply = await make_dialect().answer(call)
    assert (reply.status, call.operation) == ((200, document) if document else (401, ""))
