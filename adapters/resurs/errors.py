"""ECommerceErrors: refusals of the core, and everything that an operation refuses, in the vendor's words.

Total tables, each row with the fact that it rests on. Whatever goes wrong before an operation is in `protocol`.
Source: R-24, R-25; the error ids of payments P-80 to P-92.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, get_args

from adapters.resurs.settings import UserText
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


@dataclass(frozen=True, slots=True)
class Business:
    """An ECommerceError to be written.

    id, name: of the error in the vendor's list (R-25).
    text: technical English, for the fault string; a name in braces is replaced by a fact.
    fixable: whether another input could have avoided the error.
    user_text: which text the end user gets.
    """

    id: int
    name: str
    text: str
    fixable: bool
    user_text: UserText


class Fault(Exception):
    """Carries an error from an operation to the front, which writes it.

    facts: what the texts name, by name. Never a secret.
    """

    def __init__(self, business: Business, **facts: str) -> None:
        super().__init__(business.name)
        self.business = business
        self.facts = facts


TOO_LOW: Final = Business(
    1, "ILLEGAL_ARGUMENT", "Setting a invoice number lower than last number is not allowed", True, "too_low"
)
"""Documented word for word, the article included. Source: R-18."""

NOT_IMPLEMENTED: Final = Business(11, "NOT_IMPLEMENTED", "The operation is not implemented", False, "not_supported")
_TOO_HIGH: Final = Business(
    1, "ILLEGAL_ARGUMENT", "The invoice number is too large", True, "too_high"
)  # R-23, inferred
INTERNAL: Final = Business(3, "INTERNAL_ERROR", "Internal error", False, "technical")  # R-25, inferred


def _not_now(text: str) -> Business:
    return Business(25, "NOT_ALLOWED_IN_CURRENT_STATE", text, True, "not_possible")


def _illegal(text: str, user_text: UserText = "invalid_field") -> Business:
    return Business(1, "ILLEGAL_ARGUMENT", text, True, user_text)


# Payments

PAYMENT_UNKNOWN: Final = Business(
    8, "REFERENCED_DATA_DONT_EXISTS", "This order group do not exists", True, "payment_unknown"
)
"""Facts: id. Documented word for word. Source: P-80."""
FROZEN: Final = Business(25, "NOT_ALLOWED_IN_CURRENT_STATE", "Payment is frozen", True, "frozen")
"""The id is recorded, the text inferred. Source: P-81."""
PAYMENT_STATE: Final = Business(
    20, "NOT_ALLOWED_IN_PAYMENT_STATE", "Operation not allowed in payment state", True, "payment_state"
)
"""Source: P-82; documented for bookSignedPayment, else inferred."""
OVER_FINALIZE: Final = Business(
    26, "INVALID_FINALIZATION", "Amount exceeds what can be finalized", True, "over_finalize"
)
"""Source: P-83, inferred."""
OVER_CREDIT: Final = Business(23, "INVALID_CREDITING", "Amount exceeds what can be credited", True, "over_credit")
"""Source: P-84, inferred."""
OVER_ANNUL: Final = Business(36, "ANNUL_FAILED", "Amount exceeds what can be annulled", True, "over_annul")
"""Source: P-85, inferred."""
OVER_LIMIT: Final = Business(10, "CREDITAPPLICATION_FAILED", "Amount exceeds the limit", True, "over_limit")
"""Source: P-86, inferred."""
NUMBER_USED: Final = Business(29, "ALREADY_EXISTS_INVOICE_ID", "Invoice id already exists", True, "number_used")
"""Facts: id. The error is recorded, the text inferred. Source: P-87."""
NUMBER_NOT_ALLOWED: Final = Business(
    28, "NOT_ALLOWED_INVOICE_ID", "Invoice id not allowed for this payment method", True, "number_not_allowed"
)
"""Source: P-88, inferred."""
INVALID_FIELD: Final = _illegal("Invalid value: {field}")
"""Facts: field. Source: P-89, inferred."""
METHOD_FORBIDS: Final = Business(
    4, "NOT_ALLOWED", "Operation not allowed for this payment method", True, "method_forbids"
)
"""Source: P-90, inferred."""
NO_SEQUENCE: Final = Business(22, "SERVICE_CONFIGURATION_EXCEPTION", "No invoice sequence is set", True, "not_possible")
"""For `without_sequence: refuse`. Source: P-73, inferred."""
DOCUMENT_UNKNOWN: Final = Business(8, "REFERENCED_DATA_DONT_EXISTS", "The document does not exist", True, "not_found")
"""Source: P-112, inferred."""
PDF_UNAVAILABLE: Final = Business(3, "INTERNAL_ERROR", "The gateway has no PDF writer installed", False, "technical")
"""The extra `pdf` is missing; inferred."""

# The shop flow

GOVERNMENT_ID: Final = _illegal("Government identity invalid! : Malformed government id", "government_id")
"""Facts: id. Documented word for word. Source: P-140."""
PAYMENT_EXISTS: Final = Business(
    19, "OBJECT_WITH_ID_ALREADY_EXIST", "A payment with id {id} already exists", True, "id_used"
)
"""Facts: id. Source: P-130, the id inferred."""
METHOD_UNKNOWN: Final = Business(
    8, "REFERENCED_DATA_DONT_EXISTS", "The payment method {id} does not exist", True, "not_found"
)
"""Facts: id. Source: P-140, inferred."""
SIGNING_REQUIRED: Final = Business(15, "SIGNING_REQUIRED", "The payment is not signed yet", True, "signing_required")
"""Inferred."""
CARD_REFUSED: Final = Business(17, "AUTHORIZATION_FAILED", "The card was refused", True, "card_refused")
"""Source: P-138, inferred."""
PERSON_UNKNOWN: Final = Business(8, "REFERENCED_DATA_DONT_EXISTS", "The person is not known", True, "not_found")
"""Of getAddress, inferred."""
COUNTRY_NOT_SUPPORTED: Final = Business(
    4, "NOT_ALLOWED", "Address lookup is available in Sweden only", True, "not_supported"
)
"""Of getAddress, inferred."""

# The configuration service

EVENT_UNKNOWN: Final = _illegal("Unknown event type: {type}", "not_possible")
"""Facts: type. Source: SUI, the error documented."""
CALLBACK_EXISTS: Final = _illegal("Callback of type {type} already exists!", "not_possible")
"""Facts: type. Documented word for word, for `register_twice: refuse`. Source: SUI."""
CALLBACK_UNKNOWN: Final = Business(
    8, "REFERENCED_DATA_DONT_EXISTS", "Callback of type {type} does not exist!", True, "not_found"
)
"""Facts: type. Documented word for word. Source: SUI."""
CALLBACK_NOT_REGISTERED: Final = _illegal("No callback of type {type} is registered", "not_possible")
"""Facts: type. Of triggerEvent; the error documented. Source: SUI."""
NO_INVOICE_DATA: Final = Business(8, "REFERENCED_DATA_DONT_EXISTS", "No invoice data are set", True, "not_found")
"""Inferred."""
WEAK_PASSWORD: Final = Business(502, "WEAK_PASSWORD", "The password is too weak", True, "weak_password")
"""Documented."""
CREDENTIALS_CONFIGURED: Final = Business(
    4, "NOT_ALLOWED", "Credentials are configured outside of the service", True, "not_possible"
)
"""For `passwords: refuse`, inferred."""
IDENTIFIER_UNKNOWN: Final = Business(
    8, "REFERENCED_DATA_DONT_EXISTS", "No password has this identifier", True, "not_found"
)
"""Inferred."""
IDENTIFIER_USED: Final = Business(
    19, "OBJECT_WITH_ID_ALREADY_EXIST", "A password with this identifier already exists", True, "not_possible"
)
"""Inferred."""
MASTER_PASSWORD: Final = Business(4, "NOT_ALLOWED", "The master password cannot be removed", True, "not_possible")
"""Inferred."""
TOO_MANY_PASSWORDS: Final = Business(4, "NOT_ALLOWED", "No further password can be added", True, "not_possible")
"""Inferred."""
NOT_AUTHORIZED: Final = Business(503, "NOT_AUTHORIZED", "Not authorized", True, "not_possible")
"""Inferred."""


REFUSALS: Final[Mapping[type[Any], Business]] = MappingProxyType(
    {
        NumberBehind: TOO_LOW,  # R-18, documented
        NumberOutOfRange: TOO_LOW,  # R-22, inferred: the only wording known for a number that may not be set
        # The names are the vendor's, the choice is inferred. Payments have their own words for what they can meet.
        NumberTaken: NUMBER_USED,
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


def business_of(refusal: Refusal) -> Business:
    """The vendor's error for a refusal of the core. Total."""
    if isinstance(refusal, NumberOutOfRange) and refusal.requested > refusal.maximum:
        return _TOO_HIGH
    return REFUSALS.get(type(refusal), _OTHER)


def facts_of(refusal: Refusal) -> dict[str, str]:
    """What the texts for a refusal of the core name."""
    return {"id": str(refusal.number)} if isinstance(refusal, NumberTaken) else {}


ILLEGAL_MESSAGE: Final = Business(1, "ILLEGAL_ARGUMENT", "", True, "not_possible")
"""For `invalid_message: illegal_argument`; the text is the schema's finding."""
STRICT: Final = Business(1, "ILLEGAL_ARGUMENT", "Not accepted by the strict profile", True, "not_possible")
"""The strict profile is ours, not the vendor's. It refuses a mistake of the client, so it takes the words for one (R-25,
inferred)."""
