"""The messages of ConfigurationService that are read or written, with the vendor's names as aliases.

Source: the contract files beside this module; `SOURCES.md` says where they come from.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Message(BaseModel):
    """What all messages share: read and written under the vendor's names, never changed."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, extra="forbid")


class PeekInvoiceSequence(Message):
    """`peekInvoiceSequence`: no children."""


class PeekInvoiceSequenceResponse(Message):
    """`nextInvoiceNumber` 0..1, not nillable: None means that the element is absent."""

    next_invoice_number: int | None = Field(default=None, alias="nextInvoiceNumber")


class SetInvoiceSequence(Message):
    """`nextInvoiceNumber` 0..1, nillable, so it has three states.

    next_invoice_number: a number without bounds; None for nil; not in `model_fields_set` for absent.
    """

    next_invoice_number: int | None = Field(default=None, alias="nextInvoiceNumber")


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
    error_type_id: int = Field(alias="errorTypeId")
    fixable_by_you: bool = Field(alias="fixableByYou")
    user_error_message: str = Field(alias="userErrorMessage", min_length=1)


class DeclinedRequest(Message):
    """A valid request of an operation that the gateway does not serve. Its content is not read."""

    operation: str


Request = PeekInvoiceSequence | SetInvoiceSequence | DeclinedRequest
