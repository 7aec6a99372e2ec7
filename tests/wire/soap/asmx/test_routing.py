"""The answer that a request gets before any operation runs: routing, versions, media types, unreadable requests."""

from __future__ import annotations

import re

import pytest

from gateway.wire.soap.asmx import AsmxCall, AsmxEndpoint, AsmxOptions, AsmxReply
from gateway.wire.xml import XmlLimits
from schemas.twentyfoursevenoffice.messages import GetInvoices, GetPaymentMethodsResponse, SaveInvoices
from schemas.twentyfoursevenoffice.person.contract import PERSON_SERVICE
from tests.wire.soap.asmx.loopback import ENVELOPE_11, ENVELOPE_12, NS, Loopback, Request, envelope, post

SOAP_12 = "application/soap+xml; charset=utf-8"
PAY = f'<GetPaymentMethods xmlns="{NS}" />'
ACTION = f"{NS}/GetPaymentMethods"
INVOICES = Loopback().endpoints[0]


def call(request: Request) -> AsmxCall:
    received = INVOICES.receive(request)
    assert isinstance(received, AsmxCall), received
    return received


def answer(request: Request) -> AsmxReply:
    received = INVOICES.receive(request)
    assert isinstance(received, AsmxReply), received
    return received


ROUTED = [
    # SOAPAction, Content-Type, payload, envelope namespace, operation, version of the answer
    (f'"{ACTION}"', "text/xml; charset=utf-8", PAY, ENVELOPE_11, "GetPaymentMethods", "SOAP_11"),
    (ACTION, 'TEXT/XML; charset="utf-8"', PAY, ENVELOPE_11, "GetPaymentMethods", "SOAP_11"),
    (ACTION.replace("/", "%2F").replace(":", "%3a"), "text/xml", PAY, ENVELOPE_11, "GetPaymentMethods", "SOAP_11"),
    (ACTION, "text/xml", f'<GetInvoices xmlns="{NS}"/>', ENVELOPE_11, "GetPaymentMethods", "SOAP_11"),
    (ACTION, "text/xml", "", ENVELOPE_11, "GetPaymentMethods", "SOAP_11"),
    (ACTION, "text/xml", PAY, ENVELOPE_12, "GetPaymentMethods", "SOAP_12"),
    (None, "text/xml", PAY, ENVELOPE_11, "GetPaymentMethods", "SOAP_11"),
    (None, "text/xml", PAY, ENVELOPE_12, "GetPaymentMethods", "SOAP_12"),
    (None, SOAP_12, PAY, ENVELOPE_12, "GetPaymentMethods", "SOAP_12"),
    (None, f'{SOAP_12}; action="{ACTION}"', "", ENVELOPE_12, "GetPaymentMethods", "SOAP_12"),
    (None, f"{SOAP_12}; action={ACTION}", f'<GetInvoices xmlns="{NS}"/>', ENVELOPE_12, "GetPaymentMethods", "SOAP_12"),
    (None, f'{SOAP_12}; action="{NS}/Other"', PAY, ENVELOPE_12, "GetPaymentMethods", "SOAP_12"),
    (None, f'text/xml; action="{ACTION}"', "", ENVELOPE_11, "GetPaymentMethods", "SOAP_11"),
    ("anything", SOAP_12, PAY, ENVELOPE_12, "GetPaymentMethods", "SOAP_12"),
]


@pytest.mark.parametrize(("action", "content_type", "payload", "namespace", "operation", "version"), ROUTED)
def test_routed(
    action: str | None, content_type: str, payload: str, namespace: str, operation: str, version: str
) -> None:
    received = call(post(envelope(payload, namespace), action, content_type))
    assert (received.operation.name, received.version.name) == (operation, version)


REQUIRED = "Unable to handle request without a valid action parameter. Please supply a valid soap action."
READ = "Server was unable to read request. ---> "
PROCESSED = "Request format is invalid: Missing required soap:{} element."
SAVE = f"{NS}/SaveInvoices"


def saving(order: str, inside: str = "", attributes: str = "", namespace: str = ENVELOPE_11) -> str:
    """A SaveInvoices of one order."""
    start = f'<SaveInvoices xmlns="{NS}"{attributes}>'
    return envelope(f"{start}{inside}<invoices>{order}</invoices></SaveInvoices>", namespace)


XSI = ' xmlns:i="http://www.w3.org/2001/XMLSchema-instance"'
BAD_NUMBER = saving("<InvoiceOrder><OrderId>x</OrderId></InvoiceOrder>")
BAD_STATE = saving(
    "<InvoiceOrder>\n<OrderStatus>web</OrderStatus>\n</InvoiceOrder>", inside="\n", namespace=ENVELOPE_12
)
BAD_TYPE = saving('<InvoiceOrder i:type="Invoice"/>', attributes=XSI)


def header_text(value: str) -> str:
    return f"Server did not recognize the value of HTTP Header SOAPAction: {value}."


def mismatch(namespace: str) -> str:
    return f"Possible SOAP version mismatch: Envelope namespace {namespace} was unexpected. Expecting {ENVELOPE_11}."


def bare(children: str, namespace: str = ENVELOPE_11) -> str:
    return f'<s:Envelope xmlns:s="{namespace}">{children}</s:Envelope>'


FAULTS = [
    # name, body, SOAPAction, Content-Type, code, text
    ("empty action", envelope(PAY), "", "text/xml", "soap:Client", header_text("")),
    ("empty quoted action", envelope(PAY), '""', "text/xml", "soap:Client", header_text("")),
    ("unknown action", envelope(PAY), f'"{NS}/Nope"', "text/xml", "soap:Client", header_text(f"{NS}/Nope")),
    ("action by case", envelope(PAY), ACTION.lower(), "text/xml", "soap:Client", header_text(ACTION.lower())),
    ("action with a slash too many", envelope(PAY), f"{ACTION}/", "text/xml", "soap:Client", header_text(f"{ACTION}/")),
    ("action is decoded in the text", envelope(PAY), "a%3Cb", "text/xml", "soap:Client", header_text("a&lt;b")),
    ("unknown action before the media type", "{}", "x", "application/json", "soap:Client", header_text("x")),
    ("no action, unknown element", envelope("<x/>"), None, "text/xml", "soap:Client", REQUIRED),
    ("no action, no element", envelope(""), None, "text/xml", "soap:Client", REQUIRED),
    ("no action, 1.2", envelope("<x/>", ENVELOPE_12), None, SOAP_12, "soap:Sender", REQUIRED),
    (
        "unknown parameter, 1.2",
        envelope("<x/>", ENVELOPE_12),
        None,
        f'{SOAP_12}; action="urn:x"',
        "soap:Sender",
        "Unable to handle request. The action 'urn:x' was not recognized.",
    ),
    ("other envelope", envelope(PAY, "urn:e"), ACTION, "text/xml", "soap:VersionMismatch", mismatch("urn:e")),
    ("other envelope, 1.2", envelope(PAY, "urn:e"), None, SOAP_12, "soap:VersionMismatch", mismatch("urn:e")),
    ("no envelope", "<x/>", ACTION, "text/xml", "soap:VersionMismatch", mismatch("")),
    (
        "not Envelope",
        f'<x xmlns="{ENVELOPE_11}"/>',
        ACTION,
        "text/xml",
        "soap:Client",
        READ + PROCESSED.format("Envelope"),
    ),
    ("empty Envelope", bare(""), ACTION, "text/xml", "soap:Client", READ + PROCESSED.format("Body")),
    ("only a Header", bare("<s:Header/>"), ACTION, "text/xml", "soap:Client", READ + PROCESSED.format("Body")),
    ("Body in another namespace", bare("<Body/>"), ACTION, "text/xml", "soap:Client", READ + PROCESSED.format("Body")),
    (
        "something before Body",
        bare(f"<x/><s:Body>{PAY}</s:Body>"),
        ACTION,
        "text/xml",
        "soap:Client",
        READ + PROCESSED.format("Body"),
    ),
    ("no Body, no action", bare(""), None, "text/xml", "soap:Client", READ + PROCESSED.format("Body")),
    ("no Body, 1.2", bare("", ENVELOPE_12), None, SOAP_12, "soap:Sender", READ + PROCESSED.format("Body")),
    (
        "must be understood",
        bare(f'<s:Header><h:Auth xmlns:h="urn:h" s:mustUnderstand="1"/></s:Header><s:Body>{PAY}</s:Body>'),
        ACTION,
        "text/xml",
        "soap:MustUnderstand",
        "SOAP header Auth was not understood.",
    ),
    (
        "bad number: the place of the tag after it",
        BAD_NUMBER,
        SAVE,
        "text/xml",
        "soap:Client",
        f"{READ}There is an error in XML document (1, {BAD_NUMBER.index('</InvoiceOrder>') + 3}). ---> "
        "Input string was not in a correct format.",
    ),
    (
        "bad enumeration: the place of the line break after it, 1.2",
        BAD_STATE,
        None,
        SOAP_12,
        "soap:Sender",
        f"{READ}There is an error in XML document (3, {len('<OrderStatus>web</OrderStatus>') + 1}). ---> "
        "Instance validation error: 'web' is not a valid value for OrderSlipStateType.",
    ),
    (
        "another type: the place of the element",
        BAD_TYPE,
        SAVE,
        "text/xml",
        "soap:Client",
        f"{READ}There is an error in XML document (1, {BAD_TYPE.index('<InvoiceOrder') + 2}). ---> "
        f"The specified type was not recognized: name='Invoice', namespace='{NS}', at &lt;InvoiceOrder xmlns='{NS}'>.",
    ),
]


@pytest.mark.parametrize(
    ("body", "action", "content_type", "code", "text"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS]
)
def test_faults(body: str, action: str | None, content_type: str, code: str, text: str) -> None:
    reply = answer(post(body, action, content_type))
    written = reply.body.decode().replace("&gt;", ">")
    found = re.search("<faultcode>(.*)</faultcode><faultstring>(.*)</faultstring><detail />", written)
    if code in {"soap:Sender", "soap:Receiver"}:
        found = re.search(
            '<soap:Value>(.*)</soap:Value>.*<soap:Text xml:lang="en">(.*)</soap:Text>.*<soap:Detail />', written
        )
    assert found is not None, written
    assert found.groups() == (code, text.replace("&gt;", ">"))
    assert reply.status == 500


BARE = [
    ("not XML", "{}", ACTION, "text/xml", 400),
    ("nothing", "", ACTION, "text/xml", 400),
    ("cut off", envelope(PAY)[:-5], ACTION, "text/xml", 400),
    ("not XML, routed by the body", "{}", None, "text/xml", 400),
    ("a document type", "<!DOCTYPE x []>" + envelope(PAY), ACTION, "text/xml", 400),
    ("an unknown entity", envelope(f'<GetInvoices xmlns="{NS}">&x;</GetInvoices>'), ACTION, "text/xml", 400),
    ("not the declared encoding", b'<?xml version="1.0" encoding="utf-8"?><a>\xff</a>', ACTION, "text/xml", 400),
    (
        "an element in a number",
        saving("<InvoiceOrder><OrderId>1<x/></OrderId></InvoiceOrder>"),
        SAVE,
        "text/xml",
        400,
    ),
    ("JSON", "{}", ACTION, "application/json", 415),
    ("JSON, routed by the body", "{}", None, "application/json", 415),
    ("plain XML type", envelope(PAY), ACTION, "application/xml", 415),
    ("plain XML type, routed by the body", envelope(PAY), None, "application/xml", 415),
    ("plain XML type, 1.2", envelope(PAY, ENVELOPE_12), None, "application/xml", 415),
    ("no type", envelope(PAY), ACTION, None, 415),
    ("1.1 as 1.2", envelope(PAY), None, SOAP_12, 415),
]


@pytest.mark.parametrize(
    ("body", "action", "content_type", "status"), [row[1:] for row in BARE], ids=[row[0] for row in BARE]
)
def test_answers_without_body(body: str | bytes, action: str | None, content_type: str | None, status: int) -> None:
    reply = answer(post(body, action, content_type))
    assert (reply.status, reply.body) == (status, b"")
    assert reply.headers == (("Cache-Control", "private"),)


def test_headers_that_need_not_be_understood_are_skipped() -> None:
    header = (
        '<s:Header><h:A xmlns:h="urn:h"/><h:B xmlns:h="urn:h" s:mustUnderstand="1" s:actor="urn:other"/></s:Header>'
    )
    assert call(post(bare(f"{header}<s:Body>{PAY}</s:Body>"), ACTION)).operation.name == "GetPaymentMethods"


# --- a header that the contract declares ---

PERSONS = AsmxEndpoint(PERSON_SERVICE)
CATEGORIES = f'<GetCategoryList xmlns="{NS}" />'


def persons(header: str, payload: str = CATEGORIES, operation: str = "GetCategoryList") -> Request:
    return post(bare(f"{header}<s:Body>{payload}</s:Body>"), f"{NS}/{operation}", path=PERSON_SERVICE.path)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "<s:Header/>",
        f'<s:Header><Authentication xmlns="{NS}"/></s:Header>',
        f'<s:Header><Authentication xmlns="{NS}"><ConsumerId>x</ConsumerId><Odd/></Authentication></s:Header>',
        f'<s:Header><Authentication xmlns="{NS}" s:mustUnderstand="1"><Password>p</Password></Authentication></s:Header>',
    ],
)
def test_a_declared_header_is_skipped_whatever_it_holds(header: str) -> None:
    """Source: PE-03."""
    received = PERSONS.receive(persons(header))
    assert isinstance(received, AsmxCall), received
    assert received.operation.name == "GetCategoryList"


def test_an_operation_that_does_not_declare_the_header_does_not_understand_it() -> None:
    header = f'<s:Header><Authentication xmlns="{NS}" s:mustUnderstand="1"/></s:Header>'
    reply = PERSONS.receive(persons(header, f'<GetAllNotes xmlns="{NS}" />', "GetAllNotes"))
    assert isinstance(reply, AsmxReply)
    assert b"<faultcode>soap:MustUnderstand</faultcode>" in reply.body


def test_a_request_that_may_hold_a_password_is_not_remembered() -> None:
    request = persons(f'<s:Header><Authentication xmlns="{NS}"><Password>p</Password></Authentication></s:Header>')
    assert PERSONS.receive(request) is not PERSONS.receive(request)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_encodings(encoding: str) -> None:
    body = saving("<InvoiceOrder><InvoiceTitle>Kjøp</InvoiceTitle></InvoiceOrder>")
    declared = f'<?xml version="1.0" encoding="{encoding}"?>' if encoding.startswith("iso") else ""
    message = call(post((declared + body).encode(encoding), SAVE, "text/xml")).message
    assert isinstance(message, SaveInvoices)
    assert message.invoices is not None
    assert message.invoices[0] is not None
    assert message.invoices[0].invoice_title == "Kjøp"


def test_other_elements_in_the_body_are_skipped_and_later_ones_overrule() -> None:
    one = f'<GetInvoices xmlns="{NS}"><searchParams/><rowReturnProperties/></GetInvoices>'
    two = f'<GetInvoices xmlns="{NS}"><rowReturnProperties><string>Name</string></rowReturnProperties></GetInvoices>'
    message = call(post(envelope(f"<x/>{one}{two}"), f"{NS}/GetInvoices")).message
    assert isinstance(message, GetInvoices)
    assert message.search_params is not None
    assert message.row_return_properties == ["Name"]
    assert message.invoice_return_properties is None


def test_a_body_without_the_operations_element_gives_blank_arguments() -> None:
    assert call(post(envelope("<GetInvoices/>"), f"{NS}/GetInvoices")).message == GetInvoices()


def test_more_than_is_allowed_is_a_fault() -> None:
    endpoint = Loopback(options=AsmxOptions(limits=XmlLimits(max_elements=10))).endpoints[0]
    reply = endpoint.receive(post(envelope("<x/>" * 11), ACTION))
    assert isinstance(reply, AsmxReply)
    assert reply.status == 500
    assert b"Server was unable to read request. ---&gt; Maximum request length exceeded." in reply.body


# --- paths and verbs ---


@pytest.mark.parametrize(
    ("path", "claimed"),
    [
        ("/Economy/InvoiceOrder/V001/InvoiceService.asmx", True),
        ("/economy/invoiceorder/v001/invoiceservice.ASMX", True),
        ("/Economy/InvoiceOrder/V001/Invoice%53ervice.asmx", True),
        ("/Economy/InvoiceOrder/V001/InvoiceService.asmx/GetInvoices", True),
        ("/Economy/InvoiceOrder/V001/InvoiceService.asmxx", False),
        ("/Economy/InvoiceOrder/V001/PaymentService.asmx", False),
        ("/", False),
    ],
)
def test_paths(path: str, claimed: bool) -> None:
    assert INVOICES.claims(path) is claimed


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH", "HEAD"])
def test_other_verbs(method: str) -> None:
    reply = answer(Request(method=method))
    assert reply.status == 405
    assert bool(reply.body) is (method != "HEAD")


def test_a_path_below_the_service() -> None:
    reply = answer(Request(method="GET", path=INVOICES.service.path + "/Get<b>Invoices"))
    assert reply.status == 500
    assert b"unexpectedly ending in '/Get&lt;b&gt;Invoices'." in reply.body


# --- memory of requests ---


def test_the_same_small_request_is_decoded_once() -> None:
    endpoint = Loopback(options=AsmxOptions(remembered=frozenset({"GetInvoices"}), remembered_requests=2)).endpoints[0]
    get = post(envelope(f'<GetInvoices xmlns="{NS}"/>'), f"{NS}/GetInvoices")
    first = endpoint.receive(get)
    assert endpoint.receive(get) is first
    for number in range(2):
        endpoint.receive(post(envelope(f'<GetInvoices xmlns="{NS}" n="{number}"/>'), f"{NS}/GetInvoices"))
    assert endpoint.receive(get) is not first  # the cache keeps only a few
    save = post(envelope(f'<SaveInvoices xmlns="{NS}"/>'), SAVE)
    assert endpoint.receive(save) is not endpoint.receive(save)


def test_a_remembered_request_is_known_by_all_its_bytes() -> None:
    request = post(envelope(PAY), ACTION)
    first = call(request)
    assert call(request) is first
    assert call(post(envelope(PAY, ENVELOPE_12), None, SOAP_12)).version is not first.version
    assert INVOICES.respond(first, GetPaymentMethodsResponse()).status == 200
