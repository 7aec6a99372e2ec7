"""Refusals and failures in the vendor's words: total tables, each row with the fact that it rests on.

Two kinds of answer: an ECommerceError inside a fault (business), and a bare SOAP fault in the manner of Apache CXF, on
which the vendor's service seems to run (everything before the operation). Source: R-24 to R-30.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, get_args

from adapters.resurs.codec import OPERATIONS, MessageInvalid, OperationUnknown, OtherSoapVersion
from adapters.resurs.settings import Language, UserText
from gateway.core.refusals import (
    AlreadyVoid,
    ClearNotAllowed,
    CounterExhausted,
    CounterUnset,
    DocumentRefusal,
    KeyReused,
    NameTaken,
    NumberBehind,
    NumberOutOfRange,
    NumberTaken,
    NumberUnknown,
    RecordExists,
    RecordRefusal,
    RecordTaken,
    RecordUnknown,
    Refusal,
    SeriesInUse,
    SeriesOwned,
    SeriesUnknown,
)
from gateway.spi.adapter import Failure
from gateway.spi.findings import Finding
from gateway.wire.soap.envelope import EnvelopeProblem, EnvelopeRefused
from gateway.wire.soap.faults import FaultCode
from gateway.wire.soap.multipart import PackageRefused
from gateway.wire.xml import XmlProblem, XmlRefused


@dataclass(frozen=True, slots=True)
class Business:
    """An ECommerceError to be written.

    id, name: of the error in the vendor's list (R-25).
    text: technical English, for the fault string.
    fixable: whether another input could have avoided the error.
    user_text: which text the end user gets.
    """

    id: int
    name: str
    text: str
    fixable: bool
    user_text: UserText


TOO_LOW: Final = Business(
    1, "ILLEGAL_ARGUMENT", "Setting a invoice number lower than last number is not allowed", True, "too_low"
)
"""Documented word for word, the article included. Source: R-18."""

NOT_IMPLEMENTED: Final = Business(11, "NOT_IMPLEMENTED", "The operation is not implemented", False, "not_supported")
_TOO_HIGH: Final = Business(
    1, "ILLEGAL_ARGUMENT", "The invoice number is too large", True, "too_high"
)  # R-23, inferred
_INTERNAL: Final = Business(3, "INTERNAL_ERROR", "Internal error", False, "technical")  # R-25, inferred


def _not_now(text: str) -> Business:
    return Business(25, "NOT_ALLOWED_IN_CURRENT_STATE", text, True, "not_possible")


REFUSALS: Final[Mapping[type[Any], Business]] = MappingProxyType(
    {
        NumberBehind: TOO_LOW,  # R-18, documented
        NumberOutOfRange: TOO_LOW,  # R-22, inferred: the only wording known for a number that may not be set
        # The two operations cannot meet the others; the names are the vendor's, the choice is inferred.
        NumberTaken: Business(29, "ALREADY_EXISTS_INVOICE_ID", "Invoice number already exists", True, "not_possible"),
        NumberUnknown: Business(8, "REFERENCED_DATA_DONT_EXISTS", "No such invoice number", True, "not_found"),
        CounterUnset: _not_now("No invoice sequence is set"),
        CounterExhausted: _not_now("The invoice sequence is exhausted"),
        ClearNotAllowed: Business(
            4, "NOT_ALLOWED", "Clearing the invoice sequence is not allowed", True, "not_possible"
        ),
        SeriesUnknown: Business(
            22, "SERVICE_CONFIGURATION_EXCEPTION", "No invoice sequence is configured", False, "technical"
        ),
        SeriesOwned: _not_now("The sequence cannot be used"),
        SeriesInUse: _not_now("Invoices were already issued from the sequence"),
        NameTaken: Business(19, "OBJECT_WITH_ID_ALREADY_EXIST", "The name is already used", True, "not_possible"),
        KeyReused: Business(29, "ALREADY_EXISTS_INVOICE_ID", "The id is already used", True, "not_possible"),
        AlreadyVoid: _not_now("The invoice is already annulled"),
        **dict.fromkeys(get_args(DocumentRefusal), _not_now("The document cannot be changed")),
        **dict.fromkeys(get_args(RecordRefusal), _not_now("The data cannot be changed")),
        RecordUnknown: Business(8, "REFERENCED_DATA_DONT_EXISTS", "Referenced data do not exist", True, "not_found"),
        RecordExists: Business(19, "OBJECT_WITH_ID_ALREADY_EXIST", "The id is already used", True, "not_possible"),
        RecordTaken: Business(19, "OBJECT_WITH_ID_ALREADY_EXIST", "The value is already used", True, "not_possible"),
    }
)

_OTHER: Final = _not_now("Not allowed in the current state")
"""For refusals about documents: this service has no operation that could meet one."""


def business_of(refusal: Refusal) -> Business:
    """The vendor's error for a refusal of the core. Total."""
    if isinstance(refusal, NumberOutOfRange) and refusal.requested > refusal.maximum:
        return _TOO_HIGH
    return REFUSALS.get(type(refusal), _OTHER)


ILLEGAL_MESSAGE: Final = Business(1, "ILLEGAL_ARGUMENT", "", True, "not_possible")
"""For `invalid_message: illegal_argument`; the text is the schema's finding."""


@dataclass(frozen=True, slots=True)
class Protocol:
    """A fault of the SOAP layer, without an ECommerceError. Source: R-28, inferred."""

    status: int
    code: FaultCode
    text: str


UNREADABLE: Final = (PackageRefused, XmlRefused, EnvelopeRefused, OtherSoapVersion, OperationUnknown, MessageInvalid)
"""What the codec raises instead of a request."""


def protocol_of(error: Exception) -> Protocol:
    """The fault for a request that could not be read; `error` is one of UNREADABLE."""
    if isinstance(error, PackageRefused):
        return Protocol(413 if error.too_large else 500, FaultCode.CLIENT, _short(error.text))
    if isinstance(error, XmlRefused):
        return _unparsable(error)
    if isinstance(error, EnvelopeRefused):
        return _no_message(error)
    if isinstance(error, OtherSoapVersion):
        text = "A SOAP 1.2 message is not valid when sent to a SOAP 1.1 only endpoint."
        return Protocol(500, FaultCode.VERSION_MISMATCH, text)
    if isinstance(error, OperationUnknown):
        return Protocol(500, FaultCode.CLIENT, _unknown_operation(error.name))
    if isinstance(error, MessageInvalid):
        return Protocol(500, FaultCode.CLIENT, invalid_text(error))
    raise TypeError(f"not a reading problem: {type(error).__name__}")


def _unparsable(error: XmlRefused) -> Protocol:
    status = 413 if error.problem in {XmlProblem.TOO_LARGE, XmlProblem.TOO_DEEP, XmlProblem.TOO_MANY} else 500
    detail = "Unexpected EOF in prolog" if error.problem is XmlProblem.EMPTY else error.detail
    where = f"[{max(error.line, 1)},{error.column}]"
    text = f"Error reading XMLStreamReader: {_short(detail)}\n at [row,col {{unknown-source}}]: {where}"
    return Protocol(status, FaultCode.CLIENT, text)


def _no_message(error: EnvelopeRefused) -> Protocol:
    name = _short(error.name)
    if error.problem is EnvelopeProblem.NOT_UNDERSTOOD:
        return Protocol(500, FaultCode.MUST_UNDERSTAND, f"MustUnderstand headers: [{name}] are not understood.")
    if error.problem in {EnvelopeProblem.NOT_AN_ENVELOPE, EnvelopeProblem.VERSION_MISMATCH}:
        local = name.rpartition("}")[2]
        text = f'"{name}", the namespace on the "{local}" element, is not a valid SOAP version.'
        return Protocol(500, FaultCode.VERSION_MISMATCH, text)
    return Protocol(500, FaultCode.CLIENT, f"Error reading SOAP message: {error.problem.value}.")


def _unknown_operation(name: str) -> str:
    if not name:
        return "No binding operation info while invoking unknown method with params unknown."
    return f"Message part {_short(name)} was not recognized.  (Does it exist in service WSDL?)"


_DATATYPE = re.compile(
    r"Element '([^']*)': (?:\[.*?\] )?'(.*)' is not a valid value of the .*type '(?:xs:)?([^']*)'\.", re.DOTALL
)


def invalid_text(error: MessageInvalid) -> str:
    """What is wrong with a message, in the manner of a Java schema validator."""
    finding = error.findings[0]
    match = _DATATYPE.match(finding.message)
    if match is None:
        return f"Unmarshalling Error: {_short(finding.message)} "
    value, kind = match[2], match[3]
    return f"Unmarshalling Error: cvc-datatype-valid.1.2.1: '{_short(value)}' is not a valid value for '{kind}'. "


def _short(text: str, longest: int = 300) -> str:
    """The beginning of a client's own text. An answer must not grow with the request that it echoes."""
    return text if len(text) <= longest else text[:longest] + "…"


FAILURES: Final[Mapping[Failure, Protocol | Business]] = MappingProxyType(
    {
        Failure.BODY_TOO_LARGE: Protocol(413, FaultCode.CLIENT, "The message is too large"),  # R-28, inferred
        Failure.BODY_UNREADABLE: Protocol(500, FaultCode.CLIENT, "Couldn't parse stream."),  # R-28, inferred
        Failure.BODY_TIMEOUT: Protocol(500, FaultCode.CLIENT, "Error reading XMLStreamReader: Read timed out"),
        Failure.OVERLOADED: _INTERNAL,  # a problem on the service's side, fixableByYou false
        Failure.RATE_LIMITED: _INTERNAL,  # no limit is known; as for any trouble of the service (inferred)
        Failure.STORE_UNAVAILABLE: _INTERNAL,
        Failure.DEADLINE: _INTERNAL,
        Failure.INTERNAL: _INTERNAL,
        # The strict profile is ours, not the vendor's. It refuses a mistake of the client, so it takes the words for one
        # (R-25, inferred).
        Failure.STRICT: Business(1, "ILLEGAL_ARGUMENT", "Not accepted by the strict profile", True, "not_possible"),
    }
)
"""NOT_FOUND, METHOD_NOT_ALLOWED and UNAUTHORIZED are not SOAP yet; `routes` answers them as the servlet would."""


def near_miss(error: Exception) -> tuple[Finding, str]:
    """What made an unreadable request miss; `error` is one of UNREADABLE."""
    if isinstance(error, OperationUnknown):
        local = error.name.rpartition("}")[2]
        return Finding.WRONG_NAMESPACE if local in OPERATIONS else Finding.UNKNOWN_OPERATION, local
    if isinstance(error, OtherSoapVersion) or (
        isinstance(error, EnvelopeRefused) and error.problem is EnvelopeProblem.VERSION_MISMATCH
    ):
        return Finding.WRONG_NAMESPACE, "Envelope"
    return Finding.UNREADABLE_MESSAGE, ""


USER_TEXTS: Final[Mapping[Language, Mapping[UserText, str]]] = MappingProxyType(
    {
        "sv": {
            "too_low": "Startnummer för faktura får inte vara lägre än tidigare nummer",  # R-18, documented
            "too_high": "Startnummer för faktura är för högt",
            "not_found": "Uppgiften finns inte",
            "not_possible": "Åtgärden kan inte utföras",
            "not_supported": "Funktionen stöds inte",
            "technical": "Ett tekniskt fel har inträffat, försök igen senare",
        },
        "no": {
            "too_low": "Startnummer for faktura kan ikke være lavere enn tidligere nummer",
            "too_high": "Startnummer for faktura er for høyt",
            "not_found": "Opplysningen finnes ikke",
            "not_possible": "Handlingen kan ikke utføres",
            "not_supported": "Funksjonen støttes ikke",
            "technical": "En teknisk feil har oppstått, prøv igjen senere",
        },
        "da": {
            "too_low": "Startnummer for faktura må ikke være lavere end tidligere nummer",
            "too_high": "Startnummer for faktura er for højt",
            "not_found": "Oplysningen findes ikke",
            "not_possible": "Handlingen kan ikke udføres",
            "not_supported": "Funktionen understøttes ikke",
            "technical": "Der er opstået en teknisk fejl, prøv igen senere",
        },
        "fi": {
            "too_low": "Laskun aloitusnumero ei saa olla pienempi kuin aiempi numero",
            "too_high": "Laskun aloitusnumero on liian suuri",
            "not_found": "Tietoa ei löydy",
            "not_possible": "Toimintoa ei voi suorittaa",
            "not_supported": "Toimintoa ei tueta",
            "technical": "Tapahtui tekninen virhe, yritä myöhemmin uudelleen",
        },
    }
)
"""What the shop's end users read. Only the Swedish `too_low` is the vendor's; all others are inferred (R-27) and can be
configured."""
