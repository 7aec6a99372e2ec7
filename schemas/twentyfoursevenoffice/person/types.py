"""The types of PersonService, with their elements in the order of the contract."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from schemas.twentyfoursevenoffice.primitives import DATEMIN, INTMIN, Int, Long, Message


class AddressType(StrEnum):
    """Which address it is."""

    POST = "Post"


class Address(Message):
    """The postal address of a person."""

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
    """A header of older clients. A session takes its place, and what it holds is skipped. Source: PE-03."""

    username: str | None = Field(None, alias="Username")
    password: str | None = Field(None, alias="Password", repr=False)
    user_id: str | None = Field(None, alias="UserId")
    employee_id: str | None = Field(None, alias="EmployeeId")
    consumer_id: Annotated[Long, "min:1"] = Field(0, alias="ConsumerId")


class Category(Message):
    """A category of persons."""

    id: Annotated[Int, "min:1"] = Field(0, alias="Id")
    name: str | None = Field(None, alias="Name")
    note: str | None = Field(None, alias="Note")


class EmailAddressType(StrEnum):
    """Which e-mail address it is."""

    HOME = "Home"
    PRIMARY = "Primary"
    ALTERNATIVE = "Alternative"


class EmailAddress(Message):
    """One e-mail address of a person."""

    description: str | None = Field(None, alias="Description")
    type: Annotated[EmailAddressType, "min:1"] = Field(EmailAddressType.HOME, alias="Type")
    value: str | None = Field(None, alias="Value")


class FaxNumberType(StrEnum):
    """Which fax it is."""

    PRIMARY = "Primary"


class FaxNumber(Message):
    """The fax number of a person."""

    description: str | None = Field(None, alias="Description")
    type: Annotated[FaxNumberType, "min:1"] = Field(FaxNumberType.PRIMARY, alias="Type")
    value: str | None = Field(None, alias="Value")


class NoteData(Message):
    """A note about a person."""

    id: Int = Field(0, alias="Id")
    subject: str | None = Field(None, alias="Subject")
    description: str = Field("", alias="Description")
    employee_id: Int = Field(-1, alias="EmployeeId")
    date_added: datetime = Field(DATEMIN, alias="DateAdded")
    date: datetime = Field(DATEMIN, alias="Date")
    person_id: Annotated[Long, "min:1"] = Field(0, alias="PersonId")


class PersonCategories(Message):
    """The ids of the categories that a person is in."""

    person_id: Annotated[Int, "min:1"] = Field(0, alias="personId")
    categories: list[Int] | None = Field(None, alias="categories")


class Gender(StrEnum):
    """The gender of a person. NoChange leaves it as it is."""

    NO_CHANGE = "NoChange"
    UNKNOWN = "Unknown"
    FEMALE = "Female"
    MALE = "Male"


class PhoneNumberType(StrEnum):
    """Which telephone it is."""

    PRIMARY = "Primary"
    MOBILE = "Mobile"


class PhoneNumber(Message):
    """One telephone number of a person."""

    description: str | None = Field(None, alias="Description")
    type: Annotated[PhoneNumberType, "min:1"] = Field(PhoneNumberType.PRIMARY, alias="Type")
    value: str | None = Field(None, alias="Value")


class RelationData(Message):
    """Ties a contact to a customer. Source: PE-04."""

    contact_id: Annotated[Long, "min:1"] = Field(0, alias="ContactId")
    customer_id: Annotated[Long, "min:1"] = Field(0, alias="CustomerId")
    email: str | None = Field(None, alias="Email")
    mobile: str | None = Field(None, alias="Mobile")
    phone: str | None = Field(None, alias="Phone")
    title: str | None = Field(None, alias="Title")


class PersonItem(Message):
    """A person: a contact or an employee.

    id: 0 for a new one; it cannot be chosen.
    Source: PE-01.
    """

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
    web_password: str | None = Field(None, alias="WebPassword", repr=False)
    web_user_name: str | None = Field(None, alias="WebUserName")
    workplace: str | None = Field(None, alias="Workplace")
    work_position: str | None = Field(None, alias="WorkPosition")
    is_private: Annotated[bool | None, "nillable"] = Field(None, alias="IsPrivate")
    hour_cost: Annotated[Decimal | None, "nillable"] = Field(None, alias="HourCost")
    employee_id: Annotated[Int | None, "nillable"] = Field(None, alias="EmployeeId")


class TriState(StrEnum):
    """Yes, no, or either. Letter case counts, and it is mixed. Source: PE-05."""

    NONE = "none"
    TRUE = "True"
    FALSE = "False"


class PersonSearchParameters(Message):
    """Which persons are wanted. All filters that are set must fit. Source: PE-02."""

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
