"""Every refusal of the core and every failure around it has an answer in the dialect."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, get_args

import pytest

from adapters.invoicexpress import adapter
from adapters.invoicexpress.settings import Settings
from gateway.core.documents import DocumentId, Status
from gateway.core.ports import StoreOverloadedError, StoreUnavailableError
from gateway.core.records import KindName, RecordId
from gateway.core.refusals import (
    AlreadyVoid,
    ClearNotAllowed,
    CounterExhausted,
    CounterUnset,
    DateBehind,
    DocumentChanged,
    DocumentExists,
    DocumentLocked,
    DocumentUnknown,
    KeyReused,
    NameTaken,
    NumberBehind,
    NumberOutOfRange,
    NumberTaken,
    NumberUnknown,
    RecordChanged,
    RecordExists,
    RecordsFull,
    RecordTaken,
    RecordUnknown,
    Refusal,
    SeriesInUse,
    SeriesOwned,
    SeriesUnknown,
    TransitionNotAllowed,
)
from gateway.core.values import CREDIT_NOTE, INVOICE, CounterKey, DocumentKind, SeriesId
from gateway.spi.adapter import Dialect, Failure
from gateway.spi.exchange import Exchange
from gateway.wire.rails.builder import errors_to_xml
from tests.adapters.invoicexpress.dialect import bound, call, make_dialect

SERIES = SeriesId(1)
INVOICES = CounterKey(SERIES, INVOICE)
CREDITS = CounterKey(SERIES, CREDIT_NOTE)
HIGHEST = 2**63 - 3
DOCUMENT = DocumentId(9)
CLIENTS, CLIENT = KindName("customer"), RecordId("7")

REFUSALS: list[tuple[Refusal, int, str]] = [
    (NumberBehind(INVOICES, 3, 445), 422, "Current number must be greater than or equal to 444"),
    (NumberOutOfRange(CREDITS, -1, 0, 9), 422, "Credit note: must be greater than or equal to 0"),
    (
        NumberOutOfRange(INVOICES, HIGHEST + 2, 0, HIGHEST + 1),
        422,
        f"Current number must be less than or equal to {HIGHEST}",
    ),
    (NumberOutOfRange(INVOICES, 10, 3, 9), 422, "Current number must be less than or equal to 8"),
    (NumberOutOfRange(INVOICES, 2, 3, 9), 422, "Current number must be greater than or equal to 2"),
    (NumberTaken(INVOICES, 5), 422, "Current number has already been taken"),
    (NumberUnknown(INVOICES, 5), 404, ""),
    (CounterUnset(CREDITS), 422, "Credit note: is not a number"),
    (CounterExhausted(INVOICES), 422, f"Current number must be less than or equal to {HIGHEST}"),
    (ClearNotAllowed(INVOICES), 422, "Current number is not a number"),
    (SeriesUnknown(SERIES), 404, ""),
    (SeriesOwned(SERIES, "elsewhere"), 404, ""),
    (SeriesInUse(SERIES, 2), 422, "Only sequences with no finalized invoices can be updated"),
    (NameTaken("2009"), 422, "Serie has already been taken"),
    (KeyReused("key", INVOICES), 422, "Document has already been taken"),
    (AlreadyVoid(INVOICES, 5), 422, "Invalid state"),
    (DocumentUnknown(DOCUMENT), 404, ""),
    (DocumentExists(DOCUMENT), 422, "Document has already been taken"),
    (DocumentChanged(DOCUMENT, 3), 422, "Invalid state"),
    (DocumentLocked(DOCUMENT, Status.ISSUED), 422, "Invalid state"),
    (TransitionNotAllowed(DOCUMENT, Status.ISSUED, Status.DRAFT), 422, "Invalid state"),
    (RecordUnknown(CLIENTS, CLIENT), 404, ""),
    (RecordExists(CLIENTS, CLIENT), 422, "Id has already been taken"),
    (RecordChanged(CLIENTS, CLIENT, 2), 422, "Invalid state"),
    (RecordTaken(CLIENTS, "fiscal_id", CLIENT), 422, "Fiscal id has already been taken"),
    (RecordsFull(CLIENTS, "records", 9), 422, "Account limit has been reached"),
    (RecordsFull(CLIENTS, "body", 9), 422, "Data is too long (maximum is 9 bytes)"),
    (
        DateBehind(INVOICES, date(2013, 5, 1), date(2013, 5, 30)),
        422,
        "Date can not be before last sent invoice of this sequence 30/05/2013",
    ),
]


@pytest.fixture(name="dialect")
def _dialect() -> Dialect:
    return make_dialect()


@pytest.mark.parametrize(("refusal", "status", "message"), REFUSALS, ids=lambda value: type(value).__name__)
def test_refusals(dialect: Dialect, refusal: Refusal, status: int, message: str) -> None:
    reply = dialect.refuse(call(), refusal)
    assert reply.status == status
    assert reply.body == (errors_to_xml([message]) if message else b" ")
    assert ("Status", str(status)) in reply.headers


@pytest.mark.parametrize("operation", ["invoices.create", "credit_notes.change_state"])
def test_a_document_without_a_sequence_is_there_all_the_same(dialect: Dialect, operation: str) -> None:
    asked = call()
    asked.operation = operation
    reply = dialect.refuse(asked, SeriesUnknown(None))
    assert (reply.status, reply.body) == (422, errors_to_xml(["Sequence is invalid"]))


@pytest.mark.parametrize(
    ("kind", "words", "message"),
    [
        (INVOICE, "legacy", "Date can not be before last sent invoice of this sequence 02/08/0926"),
        (CREDIT_NOTE, "legacy", "Date can not be before last sent invoice of this sequence 02/08/0926"),
        (INVOICE, "2026", "Date cannot be earlier than the last invoice of this sequence[02 Aug 26]"),
        (CREDIT_NOTE, "2026", "Date cannot be earlier than the last credit-note of this sequence[02 Aug 26]"),
    ],
)
def test_words_for_a_date_that_goes_back(kind: DocumentKind, words: str, message: str) -> None:
    settings = Settings.model_validate({"documents": {"date_message": words}})
    behind = DateBehind(CounterKey(SERIES, kind), date(926, 8, 1), date(926, 8, 2))
    assert make_dialect(settings).refuse(call(), behind).body == errors_to_xml([message])


def members(family: Any) -> Iterator[type]:
    """The classes of a union, nested unions included."""
    for member in get_args(family) or (family,):
        yield from members(member) if get_args(member) else (member,)


def test_no_refusal_is_forgotten() -> None:
    assert {type(refusal) for refusal, _, _ in REFUSALS} == set(members(Refusal))


FAILURES = {
    Failure.NOT_FOUND: (404, "text/html; charset=utf-8"),
    Failure.METHOD_NOT_ALLOWED: (405, "application/xml; charset=utf-8"),
    Failure.BODY_TOO_LARGE: (413, "text/html"),
    Failure.BODY_UNREADABLE: (500, "text/html"),
    Failure.BODY_TIMEOUT: (408, "text/html"),
    Failure.OVERLOADED: (429, "text/plain"),
    Failure.RATE_LIMITED: (429, "text/plain"),
    Failure.STORE_UNAVAILABLE: (500, "text/html"),
    Failure.DEADLINE: (504, "text/html"),
    Failure.INTERNAL: (500, "text/html"),
    Failure.UNAUTHORIZED: (401, "application/xml; charset=utf-8"),
    Failure.STRICT: (422, "application/xml; charset=utf-8"),
}


@pytest.mark.parametrize("failure", Failure)
def test_failures(dialect: Dialect, failure: Failure) -> None:
    reply = dialect.fail(call(), failure)
    status, content_type = FAILURES[failure]
    assert (reply.status, reply.headers[0]) == (status, ("Content-Type", content_type))
    assert reply.body


@pytest.mark.parametrize(
    ("settings", "failure", "status"),
    [
        ({"overloaded_status": 503}, Failure.OVERLOADED, 503),
        ({"overloaded_status": 500}, Failure.OVERLOADED, 500),
        ({"store_down_status": 503}, Failure.STORE_UNAVAILABLE, 503),
        ({"wrong_verb": 404}, Failure.METHOD_NOT_ALLOWED, 404),
    ],
)
def test_chosen_statuses(settings: dict[str, Any], failure: Failure, status: int) -> None:
    reply = make_dialect(Settings(**settings)).fail(call(), failure)
    assert reply.status == status
    assert reply.headers[0][1].startswith("text/html")


class FailingService:
    """Raises the same error for every command."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def read(self, query: object) -> object:
        raise self._error


@pytest.mark.parametrize(
    ("error", "status"),
    [(StoreUnavailableError("disk full"), 500), (StoreOverloadedError("queue full"), 429), (KeyError("bug"), 500)],
)
async def test_a_store_that_fails_is_answered_in_dialect(error: Exception, status: int) -> None:
    dialect = make_dialect(service=FailingService(error))
    reply = await Exchange(adapter.name, dialect, deadline_seconds=5, max_in_flight=1).run(call())
    assert reply.status == status
    assert b"disk" not in reply.body


def test_answers_tell_no_secret_and_no_header_of_a_library() -> None:
    dialect = make_dialect(Settings(server_header=""), bindings=[bound()])
    for failure in Failure:
        reply = dialect.fail(call(), failure)
        assert "Server" not in dict(reply.headers)
        assert b"secret-key" not in reply.body
