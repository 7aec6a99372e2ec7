"""Refusals and failures in the vendor's words: total tables, each row with the fact that it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, assert_never

from adapters.invoicexpress.documents.lifecycle import FINAL, DocumentType
from adapters.invoicexpress.documents.settings import DocumentSettings
from adapters.invoicexpress.mapping import MAX_CURRENT, label, taken_message
from adapters.invoicexpress.operations import CREATE, SERVED
from adapters.invoicexpress.settings import Settings
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
from gateway.spi.adapter import Call, Failure
from gateway.wire.rails.builder import errors_to_json, errors_to_xml
from gateway.wire.rails.paths import is_xml
from gateway.wire.rails.responses import Answer, RailsServer

INVALID_KEY: Final = "Invalid API key"
NO_CONTENT_TYPE: Final = "No content type or wrongly specified."
INVALID_STATE: Final = "Invalid state"
MISSING_XML: Final = "XML data is missing or elements wrongly named"
"""The vendor's table explains the status with this sentence. That answers hold it is inferred. Source: R-31."""
SEQUENCE_INVALID: Final = "Sequence is invalid"
_HTML: Final = "text/html; charset=utf-8"
_JSON: Final = "application/json; charset=utf-8"
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Faults:
    """Makes the answers that are not successes."""

    def __init__(self, settings: Settings, server: RailsServer) -> None:
        self._settings = settings
        self._server = server

    def errors(self, messages: Iterable[str], status: int = 422, *, as_json: bool = False) -> Answer:
        """A list of messages, one element each. Source: R-10.

        as_json: for a path that ends with `.json`.
        """
        if as_json:
            return self._server.rendered(status, errors_to_json(messages), _JSON)
        return self._server.rendered(status, errors_to_xml(messages))

    def unauthorized(self, *, as_json: bool) -> Answer:
        """Missing or wrong key, unknown account. Source: R-03; the XML body is inferred."""
        if as_json or self._settings.unauthorized == "errors":
            return self.errors([INVALID_KEY], 401, as_json=as_json)
        answer = self._server.rendered(401, b"HTTP Basic: Access denied.\n", _HTML)
        return answer._replace(headers=(*answer.headers, ("WWW-Authenticate", 'Basic realm="Application"')))

    def content_type_missing(self, call: Call) -> bool:
        """True when a request that needs an XML body does not say that it has one. Source: R-15."""
        return self._settings.require_xml_content_type and not is_xml(call.headers.get("Content-Type"))

    def wrong_content_type(self) -> Answer:
        """Source: R-15."""
        return self.errors([NO_CONTENT_TYPE])

    def unreadable(self) -> Answer:
        """Malformed XML, or a type that Rails refuses: the parameter parser fails outside the application. Source: R-14."""
        return self._server.failsafe(500)

    def no_route(self) -> Answer:
        """Source: R-13."""
        return self._server.page(404)

    def wrong_verb(self, allowed: Iterable[str]) -> Answer:
        """Source: R-16 (inferred)."""
        if self._settings.wrong_verb == 404:
            return self.no_route()
        return self._server.blank(405, (("Allow", ", ".join(allowed)),))

    def wrong_format(self) -> Answer:
        """A known path with another suffix, or without one. Source: R-17 (inferred)."""
        return self._server.blank(406)

    def declined(self, operation: str, *, as_json: bool) -> Answer:
        """An operation of the vendor that is not served, in XML or at all.

        It gets a text, because clients take a 404 for an empty answer. D-03.
        """
        text = f"Operation {operation} is not supported"
        return self.errors([f"{text} in JSON" if operation in SERVED else text], as_json=as_json)

    def document_locked(self, kind: DocumentType, state: str) -> Answer:
        """An update of what is no draft any more. Source: R-34; the text is known for `settled`."""
        was = "finalized" if state == FINAL else state.replace("_", " ")
        text = f"{kind.label} has been {was} so can't be changed anymore"
        return self.errors([text], self._settings.documents.locked_status)

    def refused(self, refusal: Refusal, operation: str) -> Answer:
        """The answer to a refusal of the core."""
        match refusal:
            case SeriesUnknown() if not operation.startswith("sequences.") and operation:
                return self.errors([SEQUENCE_INVALID])  # the account has none to take a number from (inferred)
            case SeriesUnknown() | NumberUnknown() | DocumentUnknown() | RecordUnknown():
                return self._server.blank(404)
            case SeriesInUse():
                return self.errors([self._settings.locked_message], self._settings.locked_status)  # R-12 (inferred)
            case SeriesOwned():
                return self._server.blank(404)  # a client of this vendor never sees such a series
            case NameTaken():
                return self.errors([taken_message(self._settings, operation == CREATE)])
            case DateBehind():
                return self.errors([date_message(refusal, self._settings.documents)])
            case _:
                return self.errors([_message(refusal)])

    def failed(self, failure: Failure, *, as_json: bool) -> Answer:
        """A failure outside the core. Source: R-14, R-18; all but the 500 inferred."""
        match failure:
            case Failure.NOT_FOUND:
                return self.no_route()
            case Failure.METHOD_NOT_ALLOWED:
                return self.wrong_verb(("GET", "POST", "PUT"))
            case Failure.BODY_TOO_LARGE:
                return self._server.failsafe(413)
            case Failure.BODY_TIMEOUT:
                return self._server.failsafe(408)
            case Failure.OVERLOADED:
                return self._overloaded()
            case Failure.RATE_LIMITED:
                return self._too_often()
            case Failure.STORE_UNAVAILABLE:
                return self._server.failsafe(self._settings.store_down_status)
            case Failure.UNAUTHORIZED:
                return self.unauthorized(as_json=as_json)
            case Failure.STRICT:
                return self.errors(["Not accepted by the strict profile"])  # ours, in the vendor's form (inferred)
            case Failure.DEADLINE:
                return self._server.failsafe(504)
            case Failure.BODY_UNREADABLE | Failure.INTERNAL:
                return self._server.failsafe(500)
            case _:
                assert_never(failure)

    def _overloaded(self) -> Answer:
        """429 is plain text: a client that parses every body as XML notices it. Source: R-18."""
        status = self._settings.overloaded_status
        return self._too_often() if status == 429 else self._server.failsafe(status)

    def _too_often(self) -> Answer:
        return self._server.plain(429, "Retry later\n")


def date_message(refusal: DateBehind, choices: DocumentSettings) -> str:
    """A date that goes back within a line. Both texts are known from clients, the form of the date in the first is inferred.

    Source: R-35.
    """
    latest = refusal.latest
    if choices.date_message == "legacy":
        return f"Date can not be before last sent invoice of this sequence {latest:%d/%m}/{latest.year:04}"
    kind = refusal.counter.line.replace("_", "-")
    day = f"{latest.day:02} {_MONTHS[latest.month - 1]} {latest.year % 100:02}"
    return f"Date cannot be earlier than the last {kind} of this sequence[{day}]"


def _message(
    refusal: NumberBehind
    | NumberOutOfRange
    | NumberTaken
    | CounterUnset
    | CounterExhausted
    | ClearNotAllowed
    | KeyReused
    | AlreadyVoid
    | DocumentExists
    | DocumentChanged
    | DocumentLocked
    | TransitionNotAllowed
    | RecordExists
    | RecordChanged
    | RecordTaken
    | RecordsFull,
) -> str:
    """The text of a 422. All follow the templates of Rails (inferred). Source: R-11."""
    match refusal:
        case NumberBehind():
            return f"{label(refusal.counter.line)} must be greater than or equal to {refusal.next_number - 1}"
        case NumberOutOfRange(requested=requested, minimum=minimum, maximum=maximum):
            least, most = max(0, minimum - 1), min(MAX_CURRENT, maximum - 1)
            bound = f"greater than or equal to {least}" if requested < minimum else f"less than or equal to {most}"
            return f"{label(refusal.counter.line)} must be {bound}"
        case NumberTaken():
            return f"{label(refusal.counter.line)} has already been taken"
        case CounterUnset() | ClearNotAllowed():
            return f"{label(refusal.counter.line)} is not a number"
        case CounterExhausted():
            return f"{label(refusal.counter.line)} must be less than or equal to {MAX_CURRENT}"
        case KeyReused() | DocumentExists():
            return "Document has already been taken"
        case RecordExists():
            return "Id has already been taken"
        case RecordTaken(field=field):
            return f"{field.replace('_', ' ').capitalize()} has already been taken"
        case RecordsFull(what="body", limit=limit):
            return f"Data is too long (maximum is {limit} bytes)"
        case RecordsFull():
            return "Account limit has been reached"
        case AlreadyVoid() | DocumentChanged() | DocumentLocked() | TransitionNotAllowed() | RecordChanged():
            return INVALID_STATE  # the vendor's text for a state that cannot be reached
        case _:
            assert_never(refusal)
