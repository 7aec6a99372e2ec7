"""Refusals and failures in the vendor's words: total tables, each row with the fact behind it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, assert_never

from adapters.invoicexpress.mapping import MAX_CURRENT, label, taken_message
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
    Refusal,
    SeriesInUse,
    SeriesUnknown,
    TransitionNotAllowed,
)
from gateway.spi.adapter import Failure
from gateway.wire.rails.builder import errors_to_xml
from gateway.wire.rails.responses import Answer, RailsServer

INVALID_KEY: Final = "Invalid API key"
NO_CONTENT_TYPE: Final = "No content type or wrongly specified."
_HTML: Final = "text/html; charset=utf-8"


class Faults:
    """Makes the answers that are not successes."""

    def __init__(self, settings: Settings, server: RailsServer) -> None:
        self._settings = settings
        self._server = server

    def errors(self, messages: Iterable[str], status: int = 422) -> Answer:
        """A list of messages, one element each. Source: R-10."""
        return self._server.rendered(status, errors_to_xml(messages))

    def unauthorized(self) -> Answer:
        """Missing or wrong key, unknown account. Source: R-03; the XML body is inferred."""
        if self._settings.unauthorized == "errors":
            return self.errors([INVALID_KEY], 401)
        answer = self._server.rendered(401, b"HTTP Basic: Access denied.\n", _HTML)
        return answer._replace(headers=(*answer.headers, ("WWW-Authenticate", 'Basic realm="Application"')))

    def wrong_content_type(self) -> Answer:
        """Source: R-15."""
        return self.errors([NO_CONTENT_TYPE])

    def unreadable(self) -> Answer:
        """Malformed XML, or a type Rails refuses: the parameter parser raises outside the application. Source: R-14."""
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
        """A known path without `.xml`. Source: R-17 (inferred)."""
        return self._server.blank(406)

    def declined(self, operation: str) -> Answer:
        """An operation of the vendor that is not served: said aloud, because clients take a 404 for an empty answer."""
        return self.errors([f"Operation {operation} is not supported"])

    def refused(self, refusal: Refusal, creating: bool) -> Answer:
        """A refusal of the core. `creating`: of a create request."""
        match refusal:
            case SeriesUnknown() | NumberUnknown() | DocumentUnknown():
                return self._server.blank(404)
            case SeriesInUse():
                return self.errors([self._settings.locked_message], self._settings.locked_status)  # R-12 (inferred)
            case NameTaken():
                return self.errors([taken_message(self._settings, creating)])
            case _:
                return self.errors([_message(refusal)])

    def failed(self, failure: Failure) -> Answer:
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
            case Failure.STORE_UNAVAILABLE:
                return self._server.failsafe(self._settings.store_down_status)
            case Failure.UNAUTHORIZED:
                return self.unauthorized()
            case Failure.STRICT:
                return self.errors(["Not accepted by the strict profile"])  # ours, in the vendor's form (inferred)
            case Failure.DEADLINE:
                return self._server.failsafe(504)
            case Failure.BODY_UNREADABLE | Failure.INTERNAL:
                return self._server.failsafe(500)
            case _:
                assert_never(failure)

    def _overloaded(self) -> Answer:
        """Plain text, because a client that parses any body as XML then notices. Source: R-18."""
        status = self._settings.overloaded_status
        return self._server.plain(429, "Retry later\n") if status == 429 else self._server.failsafe(status)


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
    | DateBehind,
) -> str:
    """The text of a 422. All follow the templates of Rails (inferred). Source: R-11."""
    match refusal:
        case NumberBehind():
            return f"{label(refusal.counter.kind)} must be greater than or equal to {refusal.next_number - 1}"
        case NumberOutOfRange(requested=requested, minimum=minimum):
            bound = "greater than or equal to 0" if requested < minimum else f"less than or equal to {MAX_CURRENT}"
            return f"{label(refusal.counter.kind)} must be {bound}"
        case NumberTaken():
            return f"{label(refusal.counter.kind)} has already been taken"
        case CounterUnset() | ClearNotAllowed():
            return f"{label(refusal.counter.kind)} is not a number"
        case CounterExhausted():
            return f"{label(refusal.counter.kind)} must be less than or equal to {MAX_CURRENT}"
        case KeyReused() | DocumentExists():
            return "Document has already been taken"
        case AlreadyVoid() | DocumentChanged() | DocumentLocked() | TransitionNotAllowed():
            return "Invalid state"  # the vendor's text for a state that cannot be reached
        case DateBehind(latest=latest):
            return f"Date can not be before last sent invoice of this sequence {latest:%d/%m/%Y}"  # known from a client
        case _:
            assert_never(refusal)
