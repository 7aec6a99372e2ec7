"""The types of PersonService, with their elements in the order of the contract."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from schemas.twentyfoursevenoffice.primitives import DATEMIN, INTMIN, Int, Long, Message


class AddressType(StrEnum):
    """Address type."""

    POST = "Post"


class Address(Message):
    """Address."""

    city: str | None = Field(None, alias="City")
    country: str | None = Field(None, alias="Country")
    county: str | None = Field(None, alias="County")
    description: str | None = Field(None, alias="Description")
    postal_area: str | None = Field(None, alias="PostalArea")
    postal_code: str | None = Field(None, alias="PostalCode")
    state: str | None = Field(None, alias="State")
    street: str | None = Field(None, alias="Street")
    type: Annotated[AddressType, "min:1"] = Field(AddressType.POST, alias="Type")


class Authentication(Message):
    """Authentication."""

    username: str | None = Field(None, alias="Username")
    password: str | None = Field(None, alias="Password")
    user_id: str | None = Field(None, alias="UserId")
    employee_id: str | None = Field(None, alias="EmployeeId")
    consumer_id: Annotated[Long, "min:1"] = Field(0, alias="ConsumerId")


class Category(Message):
    """Category."""

    id: Annotated[Int, "min:1"] = Field(0, alias="Id")
    name: str | None = Field(None, alias="Name")
    note: str | None = Field(None, alias="Note")


class EmailAddressType(StrEnum):
    """Email address type."""

    HOME = "Home"
    PRIMARY = "Primary"
    ALTERNATIVE = "Alternative"


class EmailAddress(Message):
    """Email address."""

    description: str | None = Field(None, alias="Description")
    type: Annotated[EmailAddressType, "min:1"] = Field(EmailAddressType.HOME, alias="Type")
    value: str | None = Field(None, alias="Value")


class FaxNumberType(StrEnum):
    """Fax number type."""

    PRIMARY = "Primary"


class FaxNumber(Message):
    """Fax number."""

    description: str | None = Field(None, alias="Description")
    type: Annotated[FaxNumberType, "min:1"] = Field(FaxNumberType.PRIMARY, alias="Type")
    value: str | None = Field(None, alias="Value")


class NoteData(Message):
    """Note data."""

    id: Int = Field(0, alias="Id")
    subject: str | None = Field(None, alias="Subject")
    description: str = Field("", alias="Description")
    employee_id: Int = Field(-1, alias="EmployeeId")
    date_added: datetime = Field(DATEMIN, alias="DateAdded")
    date: datetime = Field(DATEMIN, alias="Date")
    person_id: Annotated[Long, "min:1"] = Field(0, alias="PersonId")


class PersonCategories(Message):
    """Person categories."""

    person_id: Annotated[Int, "min:1"] = Field(0, alias="personId")
    categories: list[Int] | None = Field(None, alias="categories")


class Gender(StrEnum):
    """Gender."""

    NO_CHANGE = "NoChange"
    UNKNOWN = "Unknown"
    FEMALE = "Female"
    MALE = "Male"


class PhoneNumberType(StrEnum):
    """Phone number type."""

    PRIMARY = "Primary"
    MOBILE = "Mobile"


class PhoneNumber(Message):
    """Phone number."""

    description: str | None = Field(None, alias="Description")
    type: Annotated[PhoneNumberType, "min:1"] = Field(PhoneNumberType.PRIMARY, alias="Type")
    value: str | None = Field(None, alias="Value")


class RelationData(Message):
    """Relation data."""

    contact_id: Annotated[Long, "min:1"] = Field(0, alias="ContactId")
    customer_id: Annotated[Long, "min:1"] = Field(0, alias="CustomerId")
    email: str | None = Field(None, alias="Email")
    mobile: str | None = Field(None, alias="Mobile")
    phone: str | None = Field(None, alias="Phone")
    title: str | None = Field(None, alias="Title")


class PersonItem(Message):
    """Person item."""

    comment: str | None = Field(None, alias="Comment")
    consumer_person_no: str | None = Field(None, alias="ConsumerPersonNo")
    country: str | None = Field(None, alias="Country")
    customer_id: Int = Field(INTMIN, alias="CustomerId")
    date_registered: datetime = Field(DATEMIN, alias="DateRegistered")
    date_changed: datetime = Field(DATEMIN, alias="DateChanged")
    date_of_birth: datetime = Field(DATEMIN, alias="DateOfBirth")
    department: str | None = Field(None, alias="Department")
    email_addresses: list[EmailAddress | None] | None = Field(None, alias="EmailAddresses")
    employee_number: Int = Field(INTMIN, alias="EmployeeNumber")
    fax_number: FaxNumber | None = Field(None, alias="FaxNumber")
    first_name: str | None = Field(None, alias="FirstName")
    gender: Gender = Field(Gender.NO_CHANGE, alias="Gender")
    id: Long = Field(0, alias="Id")
    last_name: str | None = Field(None, alias="LastName")
    nickname: str | None = Field(None, alias="Nickname")
    personal_status: str | None = Field(None, alias="PersonalStatus")
    phone_numbers: list[PhoneNumber | None] | None = Field(None, alias="PhoneNumbers")
    post_address: Address | None = Field(None, alias="PostAddress")
    relation_data: list[RelationData | None] | None = Field(None, alias="RelationData")
    url: str | None = Field(None, alias="Url")
    web_password: str | None = Field(None, alias="WebPassword")
    web_user_name: str | None = Field(None, alias="WebUserName")
    workplace: str | None = Field(None, alias="Workplace")
    work_position: str | None = Field(None, alias="WorkPosition")
    is_private: Annotated[bool | None, "nillable"] = Field(None, alias="IsPrivate")
    hour_cost: Annotated[Decimal | None, "nillable"] = Field(None, alias="HourCost")
    employee_id: Annotated[Int | None, "nillable"] = Field(None, alias="EmployeeId")


class TriState(StrEnum):
    """Tri state."""

    NONE = "none"
    TRUE = "True"
    FALSE = "False"


class PersonSearchParameters(Message):
    """Person search parameters."""

    changed_after: datetime = Field(DATEMIN, alias="ChangedAfter")
    consumer_person_no: str | None = Field(None, alias="ConsumerPersonNo")
    customer_id: Long = Field(0, alias="CustomerId")
    email: str | None = Field(None, alias="Email")
    employee_id: Int = Field(0, alias="EmployeeId")
    get_relation_data: bool = Field(False, alias="GetRelationData")
    id: Long = Field(0, alias="Id")
    is_employee: TriState = Field(TriState.NONE, alias="IsEmployee")
    name: str | None = Field(None, alias="Name")
    role: str | None = Field(None, alias="Role")
    phone: str | None = Field(None, alias="Phone")
