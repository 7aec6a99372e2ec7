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
    """`nextInvoiceNumber` 0..1, nillable: absent, nil and a number stay three states.

    Absent: not in `model_fields_set`. Nil: None. Otherwise the number, unbounded both ways.
    """

    next_invoice_number: int | None = Field(default=None, alias="nextInvoiceNumber")


class SetInvoiceSequenceResponse(Message):
    """`setInvoiceSequenceResponse`: no children."""


class ECommerceError(Message):
    """The only detail of a fault; children in this order.

    error_type_description: the constant's name. error_type_id: its number. fixable_by_you: another input could have
    avoided it. user_error_message: for the shop's end user, in the language of the account's country; never empty.
    """

    error_type_description: str = Field(alias="errorTypeDescription", min_length=1)
    error_type_id: int = Field(alias="errorTypeId")
    fixable_by_you: bool = Field(alias="fixableByYou")
    user_error_message: str = Field(alias="userErrorMessage", min_length=1)


class DeclinedRequest(Message):
    """A schema-valid request of an operation that the gateway does not serve; its content is not read."""

    operation: str


Request = PeekInvoiceSequence | SetInvoiceSequence | DeclinedRequest
