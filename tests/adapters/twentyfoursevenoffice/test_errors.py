"""Every refusal and every failure has an answer in the dialect, in both SOAP versions; every text can be configured."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, get_args

import pytest

from adapters.twentyfoursevenoffice.errors import (
    BUSINESS,
    FAILURES,
    FAULT_TEXTS,
    HostPage,
    api_exception,
    business_of,
    exception_of,
    fault_text,
)
from adapters.twentyfoursevenoffice.settings import Settings
from gateway.core import refusals
from gateway.core.documents import DocumentId, Status
from gateway.core.records import KindName, RecordId
from gateway.core.values import INVOICE, CounterKey, SeriesId
from gateway.spi.adapter import Failure, Reply
from gateway.wire.soap.envelope import ENVELOPE_11, ENVELOPE_12
from gateway.wire.xml import parse
from tests.adapters.twentyfoursevenoffice.dialect import make_bench, make_call
from tests.adapters.twentyfoursevenoffice.tenants import INVOICES

KEY = CounterKey(SeriesId(1), INVOICE)
ID = DocumentId(17)
ITEMS = KindName("customer")
EXAMPLES: dict[type[Any], Any] = {
    refusals.NumberBehind: refusals.NumberBehind(KEY, 443, 444),
    refusals.NumberOutOfRange: refusals.NumberOutOfRange(KEY, -1, 1, 9),
    refusals.NumberTaken: refusals.NumberTaken(KEY, 1),
    refusals.NumberUnknown: refusals.NumberUnknown(KEY, 1),
    refusals.CounterUnset: refusals.CounterUnset(KEY),
    refusals.CounterExhausted: refusals.CounterExhausted(KEY),
    refusals.ClearNotAllowed: refusals.ClearNotAllowed(KEY),
    refusals.SeriesUnknown: refusals.SeriesUnknown(None),
    refusals.SeriesInUse: refusals.SeriesInUse(SeriesId(1), 3),
    refusals.SeriesOwned: refusals.SeriesOwned(SeriesId(1), "elsewhere"),
    refusals.NameTaken: refusals.NameTaken("a"),
    refusals.KeyReused: refusals.KeyReused("a", KEY),
    refusals.AlreadyVoid: refusals.AlreadyVoid(KEY, 1),
    refusals.DocumentUnknown: refusals.DocumentUnknown(ID),
    refusals.DocumentExists: refusals.DocumentExists(ID),
    refusals.DocumentChanged: refusals.DocumentChanged(ID, 3),
    refusals.DocumentLocked: refusals.DocumentLocked(ID, Status.ISSUED),
    refusals.TransitionNotAllowed: refusals.TransitionNotAllowed(ID, Status.DRAFT, Status.VOID),
    refusals.RecordUnknown: refusals.RecordUnknown(ITEMS, RecordId("7")),
    refusals.RecordExists: refusals.RecordExists(ITEMS, RecordId("7")),
    refusals.RecordChanged: refusals.RecordChanged(ITEMS, RecordId("7"), 3),
    refusals.RecordTaken: refusals.RecordTaken(ITEMS, "name", RecordId("7")),
    refusals.RecordsFull: refusals.RecordsFull(ITEMS, "records", 9),
    refusals.DateBehind: refusals.DateBehind(KEY, dt.date(2020, 1, 1), dt.date(2020, 1, 2)),
}
ENVELOPES = {
    ENVELOPE_11: ("text/xml; charset=utf-8", "faultcode", "faultstring"),
    ENVELOPE_12: ("application/soap+xml; charset=utf-8", f"{{{ENVELOPE_12}}}Code", f"{{{ENVELOPE_12}}}Reason"),
}


def fault_of(reply: Reply, envelope: str) -> tuple[str, str]:
    """Code and text of a fault, whose layout is checked first."""
    content_type, code, text = ENVELOPES[envelope]
    assert (reply.status, dict(reply.headers)["Content-Type"]) == (500, content_type)
    root = parse(reply.body)
    assert root.tag == f"{{{envelope}}}Envelope"
    fault = root[0][0]
    assert fault.tag == f"{{{envelope}}}Fault"
    assert [child.tag for child in fault][:2] == [code, text]
    detail = fault[2]
    assert detail.tag.endswith("etail")
    assert len(detail) == 0
    return "".join(fault[0].itertext()), "".join(fault[1].itertext())


def test_there_is_an_example_of_every_refusal() -> None:
    assert set(EXAMPLES) == set(get_args(refusals.Refusal)) | set(get_args(refusals.DocumentRefusal)) - {
        refusals.DocumentRefusal
    }


@pytest.mark.parametrize("envelope", ENVELOPES)
@pytest.mark.parametrize("refusal", EXAMPLES.values(), ids=lambda refusal: type(refusal).__name__)
def test_refusals_of_a_whole_call(refusal: Any, envelope: str) -> None:
    call = make_call(path=INVOICES, body=f'<Envelope xmlns="{envelope}">'.encode())
    code, text = fault_of(make_bench().dialect.refuse(call, refusal), envelope)
    assert code == ("soap:Server" if envelope == ENVELOPE_11 else "soap:Receiver")
    assert text.startswith("Server was unable to process request. ---> ")
    assert "{" not in text


@pytest.mark.parametrize("refusal", EXAMPLES.values(), ids=lambda refusal: type(refusal).__name__)
def test_refusals_of_an_item(refusal: Any) -> None:
    exception = exception_of(refusal, Settings())
    assert exception.type is not None
    assert exception.message is not None
    assert re.fullmatch(r"Office24Seven(\.\w+)+", exception.type)
    assert exception.message
    assert "{" not in exception.message
    assert business_of(refusal).name in BUSINESS


def test_every_failure_is_in_the_table() -> None:
    assert set(FAILURES) == set(Failure)


@pytest.mark.parametrize("envelope", ENVELOPES)
@pytest.mark.parametrize("failure", Failure, ids=lambda failure: failure.name)
def test_failures(failure: Failure, envelope: str) -> None:
    """The SOAP version is that of the request's envelope, else its media type; pages and empty answers are the web server's."""
    media_type = ENVELOPES[envelope][0]
    for body, headers in ((f'<Envelope xmlns="{envelope}">'.encode(), {}), (b"", {"Content_Type": media_type})):
        call = make_call(body=body, **headers)
        reply = make_bench().dialect.fail(call, failure)
        row = FAILURES[failure]
        if isinstance(row, HostPage):
            assert reply.status == row.status
            assert bool(reply.body) == bool(row.title)
        else:
            code, text = fault_of(reply, envelope)
            assert code.partition(":")[2] in {"Client", "Server", "Sender", "Receiver"}
            assert text.startswith("Server was unable to ")
        assert call.outcome


def test_statuses() -> None:
    rows = {failure: row.status for failure, row in FAILURES.items() if isinstance(row, HostPage)}
    assert rows == {
        Failure.NOT_FOUND: 404,
        Failure.METHOD_NOT_ALLOWED: 405,
        Failure.BODY_UNREADABLE: 400,
        Failure.BODY_TIMEOUT: 408,
        Failure.OVERLOADED: 503,
        Failure.RATE_LIMITED: 429,
    }


@pytest.mark.parametrize("name", FAULT_TEXTS)
def test_every_fault_text_can_be_set(name: str) -> None:
    assert fault_text(Settings(), name, {}) == FAULT_TEXTS[name]
    assert fault_text(Settings.model_validate({"fault_texts": {name: "own {x}"}}), name, {"x": 1}) == "own 1"


@pytest.mark.parametrize("name", BUSINESS)
def test_every_business_error_can_be_set(name: str) -> None:
    usual = api_exception(name, Settings())
    assert usual.type is not None
    assert usual.type.startswith("Office24Seven.")
    own = Settings.model_validate({"errors": {name: {"message": "{id}!"}}})
    changed = api_exception(name, own, id="x" * 1000)
    assert (changed.type, changed.message) == (usual.type, "x" * 200 + "!")
    typed = api_exception(name, Settings.model_validate({"errors": {name: {"type": "A.B"}}}))
    assert (typed.type, typed.message) == ("A.B", usual.message)
