"""What the four services share: the class of all messages, and the detail of a fault.

Each service has a module for its messages; `common` has the types that several of them use. Source: the contract files
beside these modules; `SOURCES.md` says where they come from.
"""

from __future__ import annotations

from pydantic import Field

from schemas.resurs.configuration import (
    PeekInvoiceSequence,
    PeekInvoiceSequenceResponse,
    SetInvoiceSequence,
)
from schemas.resurs.primitives import Int, Message

__all__ = [
    "DeclinedRequest",
    "ECommerceError",
    "Message",
    "PeekInvoiceSequence",
    "PeekInvoiceSequenceResponse",
    "Request",
    "SetInvoiceSequence",
    "SetInvoiceSequenceResponse",
]


class SetInvoiceSequenceResponse(Message):
    """`setInvoiceSequenceResponse`: no children."""


class ECommerceError(Message):
    """The only detail of a fault; children in this order.

    error_type_description: the name of the error in the vendor's list.
    error_type_id: its number there.
    fixable_by_you: another input could have avoided the error.
    user_error_message: a text for the shop's end user, in the language of the account's country; never empty.
    """

    error_type_description: str = Field(alias="errorTypeDescription", min_length=1)
    error_type_id: Int = Field(alias="errorTypeId")
    fixable_by_you: bool = Field(alias="fixableByYou")
    user_error_message: str = Field(alias="userErrorMessage", min_length=1)


class DeclinedRequest(Message):
    """A valid request of an operation that the gateway does not serve. Its content is not read."""

    operation: str


Request = PeekInvoiceSequence | SetInvoiceSequence | DeclinedRequest
