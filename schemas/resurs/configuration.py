"""The messages of ConfigurationService, and their types. Operations without a response class here answer an empty wrapper."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from schemas.resurs.primitives import Message


class DigestAlgorithm(StrEnum):
    """How the digest of a callback is computed."""

    MD5 = "MD5"
    SHA1 = "SHA1"


class DigestConfiguration(Message):
    """How a receiver of callbacks can prove that a call is genuine.

    digest_parameters: names of the placeholders whose values are digested, in this order; one or more.
    digest_salt: text behind the values.
    """

    digest_algorithm: DigestAlgorithm = Field(alias="digestAlgorithm")
    digest_parameters: Annotated[list[str], "repeated"] = Field(alias="digestParameters")
    digest_salt: Annotated[str | None, "nillable"] = Field(None, alias="digestSalt")


class InvoiceData(Message):
    """The sender as invoices print it. Every text has one or more characters, except `fax` and `modifiedby`.

    logotype: an image.
    companytaxnote: the sender has Swedish company tax (F-skatt).
    modifiedby: who changed the record.
    """

    name: str
    street: str
    zipcode: str
    city: str
    country: str
    phone: str
    fax: str | None = None
    email: str
    homepage: str
    vatreg: str
    orgnr: str
    companytaxnote: Annotated[bool, "min:1"] = True
    logotype: bytes
    modifiedby: str


class ChangePassword(Message):
    """Changes a password; None as identifier is the master password."""

    identifier: Annotated[str | None, "nillable"] = None
    new_password: str = Field(alias="newPassword")


class AddPassword(Message):
    """Adds a further password of the representative under an identifier."""

    identifier: str
    description: Annotated[str | None, "nillable"] = None
    new_password: str = Field(alias="newPassword")


class RemovePassword(Message):
    """Removes the password of an identifier."""

    identifier: str


class RegisterEventCallback(Message):
    """Registers the address for events of a type.

    uri_template: a URL with placeholders such as `{paymentId}`.
    basic_auth_user_name, basic_auth_password: sent along with each call.
    digest_configuration: how `{digest}` is computed.
    """

    event_type: str = Field(alias="eventType")
    uri_template: str = Field(alias="uriTemplate")
    basic_auth_user_name: Annotated[str | None, "nillable"] = Field(None, alias="basicAuthUserName")
    basic_auth_password: Annotated[str | None, "nillable"] = Field(None, alias="basicAuthPassword")
    digest_configuration: Annotated[DigestConfiguration | None, "nillable"] = Field(None, alias="digestConfiguration")


class GetRegisteredEventCallback(Message):
    """Asks for the address of an event type."""

    event_type: str = Field(alias="eventType")


class GetRegisteredEventCallbackResponse(Message):
    """The address of an event type; None when nothing is registered."""

    uri_template: str | None = Field(None, alias="uriTemplate")


class UnregisterEventCallback(Message):
    """Removes the address of an event type."""

    event_type: str = Field(alias="eventType")


class PeekInvoiceSequence(Message):
    """`peekInvoiceSequence`: no children."""


class PeekInvoiceSequenceResponse(Message):
    """`nextInvoiceNumber` 0..1, not nillable: None means that the element is absent."""

    next_invoice_number: int | None = Field(None, alias="nextInvoiceNumber")


class SetInvoiceSequence(Message):
    """`nextInvoiceNumber` 0..1, nillable, so it has three states.

    next_invoice_number: a number without bounds; None for nil; not in `model_fields_set` for absent.
    """

    next_invoice_number: Annotated[int | None, "nillable"] = Field(None, alias="nextInvoiceNumber")


class SetInvoiceData(Message):
    """Replaces the sender that invoices print."""

    invoice_data: InvoiceData = Field(alias="invoiceData")


class GetInvoiceData(Message):
    """Asks for the sender that invoices print."""


class GetInvoiceDataResponse(Message):
    """The sender that invoices print."""

    invoice_data: InvoiceData = Field(alias="invoiceData")
