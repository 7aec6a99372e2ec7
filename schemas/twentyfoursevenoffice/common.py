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
    """One e-mail address. Clients also send the address as its name or description. Source: CO-51."""

    description: str | None = Field(None, alias="Description")
    name: str | None = Field(None, alias="Name")
    value: str | None = Field(None, alias="Value")


class EmailAddresses(Message):
    """The e-mail addresses of a company or person. Of a company only Invoice and Work are in use. Source: CO-50."""

    home: EmailAddress | None = Field(None, alias="Home")
    invoice: EmailAddress | None = Field(None, alias="Invoice")
    primary: EmailAddress | None = Field(None, alias="Primary")
    work: EmailAddress | None = Field(None, alias="Work")
    alternative: EmailAddress | None = Field(None, alias="Alternative")


class PhoneNumber(Message):
    """One telephone number."""

    description: str | None = Field(None, alias="Description")
    value: str | None = Field(None, alias="Value")


class PhoneNumbers(Message):
    """The telephone numbers of a company or person. Of a company only Fax, Mobile and Work are in use. Source: CO-50."""

    home: PhoneNumber | None = Field(None, alias="Home")
    fax: PhoneNumber | None = Field(None, alias="Fax")
    mobile: PhoneNumber | None = Field(None, alias="Mobile")
    primary: PhoneNumber | None = Field(None, alias="Primary")
    work: PhoneNumber | None = Field(None, alias="Work")


class KeyValuePair(Message):
    """A pair of texts. What they mean depends on the operation."""

    key: str | None = Field(None, alias="Key")
    value: str | None = Field(None, alias="Value")
