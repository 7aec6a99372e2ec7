"""Refusals and failures in the vendor's words: total tables, each row with the fact that it rests on.

Two kinds of answer: an envelope with IsSuccess false and HTTP 200 where a POST was understood (R-22), and the framework's
own errors everywhere else (R-30 to R-36). All texts of envelopes are ours: no value of ErrorCode or ErrorMessage was found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from adapters.qqsolutions.settings import ErrorCodeName, Settings
from gateway.core.refusals import (
    AlreadyVoid,
    ClearNotAllowed,
    CounterExhausted,
    CounterUnset,
    KeyReused,
    NameTaken,
    NumberBehind,
    NumberOutOfRange,
    NumberTaken,
    NumberUnknown,
    Refusal,
    SeriesInUse,
    SeriesOwned,
    SeriesUnknown,
)
from gateway.spi.adapter import Failure
from gateway.wire.aspnet import httperror
from gateway.wire.aspnet.httperror import HttpError


@dataclass(frozen=True, slots=True)
class Business:
    """An error inside the envelope.

    code: its name; the setting `error_codes` can show another one.
    text: ErrorMessage.
    """

    code: ErrorCodeName
    text: str

    def shown_code(self, settings: Settings) -> str | None:
        """ErrorCode as configured; by default the name itself."""
        return settings.error_codes.get(self.code, self.code)


LOCATION_UNKNOWN: Final = Business("LocationNotFound", "The location was not found.")
"""Also the answer for another tenant's location, so that nobody learns which locations exist. Source: R-24, inferred."""
NULL_BODY: Final = Business("NumberNotAllowed", "The request has no body.")
_NOT_NOW: Final = Business("NotAllowed", "The number settings cannot be changed now.")

REFUSALS: Final[Mapping[type[Any], Business]] = MappingProxyType(
    {
        # R-22, inferred: the reaction is a guess, the text ours
        NumberBehind: Business("NumberTooLow", "The next number cannot be lower than the current next number."),
        # R-23, inferred
        NumberOutOfRange: Business("NumberNotAllowed", "The next number must be greater than zero."),
        SeriesUnknown: LOCATION_UNKNOWN,  # R-24, inferred
        CounterExhausted: Business("Exhausted", "No number is left."),
        # none of the served operations can meet the rest
        NumberTaken: _NOT_NOW,
        NumberUnknown: _NOT_NOW,
        CounterUnset: _NOT_NOW,
        ClearNotAllowed: _NOT_NOW,
        SeriesInUse: _NOT_NOW,
        SeriesOwned: _NOT_NOW,
        NameTaken: _NOT_NOW,
        KeyReused: _NOT_NOW,
        AlreadyVoid: _NOT_NOW,
    }
)


def business_of(refusal: Refusal) -> Business:
    """The error for a refusal of the core. Total: refusals about documents cannot come from these operations."""
    if isinstance(refusal, NumberOutOfRange) and refusal.requested > refusal.maximum:
        return Business("NumberNotAllowed", "The next number is too large.")
    return REFUSALS.get(type(refusal), _NOT_NOW)


# --- errors of the framework ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fault:
    """An answer of the framework, to be written in the negotiated form."""

    status: int
    error: HttpError
    headers: tuple[tuple[str, str], ...] = ()


USER_UNKNOWN: Final = Fault(400, httperror.message("User cannot be identified."))
"""A token without a user. Status and text are client-derived, the form of the body inferred. Source: R-15."""
NO_BODY: Final = Fault(400, httperror.message(httperror.INVALID))
"""The null message where it is rejected. Source: R-26, inferred."""
NOT_SHOWABLE: Final = Fault(500, httperror.generic())
"""The answer for a number that the integer type cannot hold; another dialect can move the line there. Source: R-25,
inferred."""


@dataclass(frozen=True, slots=True)
class Page:
    """An answer of the web server in front of the framework: always HTML. Source: R-36, inferred."""

    status: int
    html: str


_TOO_LARGE: Final = Page(413, "The page was not displayed because the request entity is too large.")
_TIMED_OUT: Final = Page(408, "<h1>Bad Request - Request timed out</h1>")
_UNREADABLE: Final = Fault(400, httperror.message(httperror.INVALID))


def _failed(status: int) -> Fault:
    return Fault(status, httperror.generic())


FAILURES: Final[Mapping[Failure, Fault | Page]] = MappingProxyType(
    {
        Failure.BODY_TOO_LARGE: _TOO_LARGE,
        Failure.BODY_TIMEOUT: _TIMED_OUT,
        Failure.BODY_UNREADABLE: _UNREADABLE,  # R-36, inferred
        Failure.OVERLOADED: _failed(503),  # R-36, inferred: status ours, body as for any exception
        Failure.RATE_LIMITED: _failed(429),  # R-36, inferred
        Failure.STORE_UNAVAILABLE: _failed(503),
        Failure.DEADLINE: _failed(500),
        Failure.INTERNAL: _failed(500),
        Failure.STRICT: Fault(400, httperror.message(httperror.INVALID)),  # R-36, inferred
    }
)
"""NOT_FOUND, METHOD_NOT_ALLOWED and UNAUTHORIZED need the request or the settings; `routes` answers them."""

TOKEN_FAILURES: Final[Mapping[Failure, tuple[int, str]]] = MappingProxyType(
    {
        Failure.NOT_FOUND: (404, "invalid_request"),
        Failure.METHOD_NOT_ALLOWED: (405, "invalid_request"),
        Failure.BODY_TOO_LARGE: (413, "invalid_request"),
        Failure.BODY_TIMEOUT: (408, "invalid_request"),
        Failure.BODY_UNREADABLE: (400, "invalid_request"),
        Failure.OVERLOADED: (503, "temporarily_unavailable"),
        Failure.RATE_LIMITED: (429, "temporarily_unavailable"),
        Failure.STORE_UNAVAILABLE: (503, "temporarily_unavailable"),
        Failure.DEADLINE: (503, "temporarily_unavailable"),
        Failure.INTERNAL: (500, "server_error"),
        Failure.UNAUTHORIZED: (400, "invalid_client"),
        Failure.STRICT: (400, "invalid_request"),
    }
)
"""The same at the login host's endpoints: status and error value of OAuth 2. Source: R-13, R-36, inferred."""


def fault_of_get(business: Business) -> Fault:
    """A business error where there is no envelope: GET answers the bare message only. Source: R-24, inferred."""
    return Fault(404 if business.code == LOCATION_UNKNOWN.code else 400, httperror.message(business.text))
