"""Types that several services share, with their elements in the order of the contracts."""

from __future__ import annotations

from pydantic import Field

from schemas.twentyfoursevenoffice.orders import Address, Addresses, APIException
from schemas.twentyfoursevenoffice.primitives import Message

__all__ = [
    "APIException",
    "Address",
    "Addresses",
    "EmailAddress",
    "EmailAddresses",
    "KeyValuePair",
    "PhoneNumber",
    "PhoneNumbers",
]


class EmailAddress(Message):
    """Email address."""

    description: str | None = Field(None, alias="Description")
    name: str | None = Field(None, alias="Name")
    value: str | None = Field(None, alias="Value")


class EmailAddresses(Message):
    """Email addresses."""

    home: EmailAddress | None = Field(None, alias="Home")
    invoice: EmailAddress | None = Field(None, alias="Invoice")
    primary: EmailAddress | None = Field(None, alias="Primary")
    work: EmailAddress | None = Field(None, alias="Work")
    alternative: EmailAddress | None = Field(None, alias="Alternative")


class PhoneNumber(Message):
    """Phone number."""

    description: str | None = Field(None, alias="Description")
    value: str | None = Field(None, alias="Value")


class PhoneNumbers(Message):
    """Phone numbers."""

    home: PhoneNumber | None = Field(None, alias="Home")
    fax: PhoneNumber | None = Field(None, alias="Fax")
    mobile: PhoneNumber | None = Field(None, alias="Mobile")
    primary: PhoneNumber | None = Field(None, alias="Primary")
    work: PhoneNumber | None = Field(None, alias="Work")


class KeyValuePair(Message):
    """Key value pair."""

    key: str | None = Field(None, alias="Key")
    value: str | None = Field(None, alias="Value")
