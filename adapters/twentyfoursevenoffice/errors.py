"""Errors in the vendor's words: the fault of a whole call, the APIException of one item. Total tables.

The texts stand in `texts.py` of this folder and of the services' folders. Settings can replace each of them (`fault_texts`,
`errors`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from adapters.twentyfoursevenoffice import texts
from adapters.twentyfoursevenoffice.account import texts as account
from adapters.twentyfoursevenoffice.attachment import texts as attachment
from adapters.twentyfoursevenoffice.client import texts as client
from adapters.twentyfoursevenoffice.company import texts as company
from adapters.twentyfoursevenoffice.payment import texts as payment
from adapters.twentyfoursevenoffice.person import texts as person
from adapters.twentyfoursevenoffice.product import texts as product
from adapters.twentyfoursevenoffice.settings import Settings
from adapters.twentyfoursevenoffice.transaction import texts as transaction
from adapters.twentyfoursevenoffice.wording import BusinessText, joined
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
    RecordRefusal,
    RecordsFull,
    RecordTaken,
    RecordUnknown,
    Refusal,
    SeriesInUse,
    SeriesOwned,
    SeriesUnknown,
    TransitionNotAllowed,
)
from gateway.spi.adapter import Failure
from gateway.wire.soap.asmx import UNABLE_TO_PROCESS, UNABLE_TO_READ
from gateway.wire.soap.faults import FaultCode
from schemas.twentyfoursevenoffice.messages import APIException

ALL_TEXTS: Final = (texts, account, attachment, client, company, payment, person, product, transaction)

# --- the whole call ---------------------------------------------------------------------------------------------------

FAULT_TEXTS: Final[Mapping[str, str]] = MappingProxyType(joined(*(each.FAULT_TEXTS for each in ALL_TEXTS)))
"""The last part of a fault's text: `Server was unable to process request. ---> <text>`."""


class OperationFault(Exception):
    """The whole call fails.

    name: of FAULT_TEXTS or BUSINESS.
    facts: what the placeholders of its text stand for.
    """

    def __init__(self, name: str, **facts: Any) -> None:
        super().__init__(name)
        self.name = name
        self.facts = facts


def check_array(array: Sequence[Any] | None, settings: Settings) -> None:
    """Check that a save has its array. Raises OperationFault if not, unless such a save is to have no result. Source: G-24."""
    if array is None and settings.missing_array == "fault":
        raise OperationFault("null_reference")


def check_names(settings: Settings) -> None:
    """Check that settings replace texts of known errors only. Raises ValueError."""
    for section, given, known in (
        ("fault_texts", settings.fault_texts, FAULT_TEXTS),
        ("errors", settings.errors, BUSINESS),
    ):
        if unknown := sorted(set(given) - set(known)):
            raise ValueError(f"{section}: unknown {', '.join(unknown)}; there are {', '.join(known)}")


def fault_text(settings: Settings, name: str, facts: Mapping[str, Any]) -> str:
    """The text of a fault by its name."""
    if name in BUSINESS:
        return business_text(settings, name, facts).message
    return _filled(settings.fault_texts.get(name) or FAULT_TEXTS[name], facts)


@dataclass(frozen=True, slots=True)
class HostPage:
    """An answer of the web server itself, before the service.

    title, text: of a page for people; "" for no body.
    """

    status: int
    title: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class WholeFault:
    """A fault of the whole call.

    parts: its text, joined as .NET joins nested exceptions.
    name: of the last part, in FAULT_TEXTS; "" when `parts` is everything.
    """

    code: FaultCode
    parts: tuple[str, ...]
    name: str = ""


def server_fault(name: str) -> WholeFault:
    """The usual fault: the service could not process the request."""
    return WholeFault(FaultCode.SERVER, (UNABLE_TO_PROCESS,), name)


FAILURES: Final[Mapping[Failure, WholeFault | HostPage]] = MappingProxyType(
    {
        Failure.NOT_FOUND: HostPage(404, "Not Found", "The resource cannot be found."),
        Failure.METHOD_NOT_ALLOWED: HostPage(405, "Method Not Allowed", "Request format is unrecognized."),
        Failure.BODY_TOO_LARGE: WholeFault(FaultCode.CLIENT, (UNABLE_TO_READ, "Maximum request length exceeded.")),
        Failure.BODY_UNREADABLE: HostPage(400),
        Failure.BODY_TIMEOUT: HostPage(408),
        Failure.OVERLOADED: HostPage(503, "Service Unavailable", "The service is unavailable."),
        Failure.RATE_LIMITED: HostPage(429),  # without a body
        Failure.STORE_UNAVAILABLE: server_fault("unavailable"),
        Failure.DEADLINE: server_fault("timeout"),
        Failure.INTERNAL: server_fault("internal"),
        Failure.UNAUTHORIZED: server_fault("no_session"),
        Failure.STRICT: WholeFault(FaultCode.CLIENT, (UNABLE_TO_READ,), "strict"),
    }
)
"""Failures outside the core. Pages and empty answers are those of the web server, IIS (R-30, inferred)."""

# --- one item ---------------------------------------------------------------------------------------------------------

BUSINESS: Final[Mapping[str, BusinessText]] = MappingProxyType(joined(*(each.BUSINESS for each in ALL_TEXTS)))
"""Business errors by name. All inferred but for the type of `not_found` and the message of `property_missing`."""


def business_text(settings: Settings, name: str, facts: Mapping[str, Any]) -> BusinessText:
    """A business error with its placeholders filled in, in the configured words."""
    usual, own = BUSINESS[name], settings.errors.get(name)
    kind = (own.type if own else "") or usual.type
    return BusinessText(kind, _filled((own.message if own else "") or usual.message, facts))


def api_exception(name: str, settings: Settings, method: str = "", /, **facts: Any) -> APIException:
    """The APIException of an item that failed.

    name: of BUSINESS.
    method: the .NET method in which it happened, for the stack trace (CO-67); "" for none.
    """
    kind, message = business_text(settings, name, facts)
    trace = f"   at {method}" if method and settings.stack_trace == "short" else ""
    return APIException(type=kind, message=message, stack_trace=trace)


def _filled(text: str, facts: Mapping[str, Any]) -> str:
    for name, value in facts.items():
        text = text.replace(f"{{{name}}}", str(value)[:200])
    return text


# --- refusals of the core ---------------------------------------------------------------------------------------------


class Business(NamedTuple):
    """A business error and what its placeholders stand for."""

    name: str
    facts: Mapping[str, Any] = MappingProxyType({})


def business_of(refusal: Refusal) -> Business:
    """The business error of a refusal. Total: mypy and a test hold that no member of the family is missing."""
    match refusal:
        case DocumentUnknown(document):
            return Business("not_found", {"property": "OrderId", "id": document})
        case DocumentExists(document):
            return Business("duplicate", {"order": document})
        case DocumentChanged(document):
            return Business("order_changed", {"order": document})
        case DocumentLocked(document):
            return Business("order_locked", {"order": document})
        case TransitionNotAllowed():
            return Business("status_not_allowed")
        case DateBehind(_, date, latest):
            return Business("date_behind", {"date": date, "latest": latest})
        case SeriesUnknown():
            return Business("series_missing")
        case CounterUnset():
            return Business("number_unset")
        case CounterExhausted():
            return Business("number_exhausted")
        case NumberTaken(_, number):
            return Business("number_taken", {"number": number})
        case KeyReused():
            return Business("duplicate")
    return _never_asked(refusal)


def _never_asked(
    refusal: NumberBehind
    | NumberOutOfRange
    | NumberUnknown
    | ClearNotAllowed
    | SeriesInUse
    | SeriesOwned
    | NameTaken
    | AlreadyVoid
    | RecordRefusal,
) -> Business:
    """Refusals of commands that this dialect does not send. They have an answer all the same, so that the table is total."""
    match refusal:
        case NumberBehind(_, number) | NumberOutOfRange(_, number) | NumberUnknown(_, number) | AlreadyVoid(_, number):
            return Business("number_invalid", {"number": number})
        case ClearNotAllowed() | SeriesInUse() | SeriesOwned() | NameTaken():
            return Business("status_not_allowed")
    return _about_record(refusal)


def _about_record(refusal: RecordRefusal) -> Business:
    match refusal:
        case RecordUnknown(kind, record):
            return Business("not_found", {"property": kind.rpartition(".")[2].capitalize(), "id": record})
        case RecordExists(_, record) | RecordTaken(_, _, record):
            return Business("item_taken", {"id": record})
        case RecordChanged(_, record):
            return Business("item_changed", {"id": record})
        case RecordsFull(limit=limit):
            return Business("storage_full", {"limit": limit})


def exception_of(refusal: Refusal, settings: Settings, method: str = "") -> APIException:
    """The APIException of an item that the core refused."""
    name, facts = business_of(refusal)
    return api_exception(name, settings, method, **facts)
