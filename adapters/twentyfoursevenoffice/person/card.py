"""A person of the vendor: a contact of the core, or one of the tenant's own people. Source: PE-01, PE-02, PE-06.

What the core has no field for is kept in `Contact.extras` under the dialect's name, in the form of `orders.properties`. The
password of a person's web login is neither kept nor shown (D-86).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from adapters.twentyfoursevenoffice.items import ItemRefused
from adapters.twentyfoursevenoffice.orders.properties import Properties, Values
from adapters.twentyfoursevenoffice.work import DIALECT
from gateway.core.catalogue import Contact, Employee
from gateway.core.records import Record
from schemas.twentyfoursevenoffice.person import types as t

PERSON: Final = Properties(t.PersonItem)

NEVER_KEPT: Final = frozenset(
    {"Id", "DateRegistered", "DateChanged", "WebPassword", "RelationData", "CustomerId", "EmployeeId", "Gender"}
)
"""Properties that are the system's, are kept elsewhere, or say what to do. A Gender of its own value is kept."""
DETAILS: Final = frozenset(
    {"Comment", "DateOfBirth", "HourCost", "PersonalStatus", "PostAddress", "Url", "WebUserName"}
)
"""What GetPersons, the light one, leaves out (inferred)."""
_MAIN: Final = ("Primary", "Mobile")
"""The core's phone is the first of these kinds, else the first number."""
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


def sent_by(person: t.PersonItem) -> Values:
    """What a message sets and SavePerson keeps. Empty texts count as not sent (G-28)."""
    given = PERSON.given(person)
    sent = {name: value for name, value in given.items() if name not in NEVER_KEPT and value != ""}
    if given.get("Gender", t.Gender.NO_CHANGE) != t.Gender.NO_CHANGE:
        sent["Gender"] = given["Gender"]
    for name in ("EmailAddresses", "PhoneNumbers"):
        if name in sent:
            sent[name] = [own for own in sent[name] if own and own.get("Value")]
    return sent


def with_values(before: Contact | None, contact_id: int, sent: Mapping[str, Any], customer: int | None) -> Contact:
    """The contact with what was sent in the place of what it had; lists are replaced as a whole (inferred).

    customer: the one that the person belongs to first; None leaves them as they are.
    Raises ItemRefused for a new person without a name (inferred).
    """
    contact = before or Contact(contact_id, "")
    own: Values = {**_own(contact), **sent}
    name = _name(own)
    if not name:
        raise ItemRefused("property_missing", property="LastName")
    customers = contact.customers
    if customer is not None:
        customers = (customer, *(each for each in customers if each != customer))
    return replace(
        contact,
        name=name,
        email=_first(own.get("EmailAddresses", ()), ("Primary",)),
        phone=_first(own.get("PhoneNumbers", ()), _MAIN),
        customers=customers,
        extras={**contact.extras, DIALECT: own},
    )


def of_contact(contact: Contact, record: Record) -> Values:
    """Every property of a contact that is known, but its relations."""
    found = _own(contact)
    found |= {"Id": contact.id, "DateRegistered": record.registered, "DateChanged": record.changed}
    if contact.customers:
        found["CustomerId"] = contact.customers[0]
    return found


def of_employee(employee: Employee, contact_id: int | None) -> Values:
    """The properties of one of the tenant's own people. Without a contact there is no Id (D-85)."""
    found: Values = {**_names(employee.name), "EmployeeId": employee.id}
    if employee.email:
        found["EmailAddresses"] = [{"Type": t.EmailAddressType.PRIMARY.value, "Value": employee.email}]
    if contact_id is not None:
        found["Id"] = contact_id
    return found


def _own(contact: Contact) -> Values:
    """As it was saved here; what has become another since then, and what was never saved here, follows the contact."""
    own: Values = dict(contact.extras.get(DIALECT, _NOTHING))
    if _name(own) != contact.name:
        for name in ("FirstName", "LastName"):
            own.pop(name, None)
        own |= _names(contact.name)
    if _first(own.get("EmailAddresses", ()), ("Primary",)) != contact.email:
        own["EmailAddresses"] = (
            [{"Type": t.EmailAddressType.PRIMARY.value, "Value": contact.email}] if contact.email else []
        )
    if _first(own.get("PhoneNumbers", ()), _MAIN) != contact.phone:
        own["PhoneNumbers"] = (
            [{"Type": t.PhoneNumberType.PRIMARY.value, "Value": contact.phone}] if contact.phone else []
        )
    return {name: value for name, value in own.items() if value != []}


def _name(own: Mapping[str, Any]) -> str:
    return " ".join(text for name in ("FirstName", "LastName") if (text := own.get(name, "").strip()))


def _names(name: str) -> Values:
    """First and last name of a whole one: the last word is the last name (inferred)."""
    first, _, last = name.strip().rpartition(" ")
    return {"FirstName": first.strip(), "LastName": last} if first else {"LastName": last}


def _first(entries: Sequence[Mapping[str, Any]], kinds: Sequence[str]) -> str:
    """The value of the first of the kinds that there is, else of the first entry; "" without entries."""
    by_kind = {own.get("Type"): own["Value"] for own in reversed(entries)}
    found = next((by_kind[kind] for kind in kinds if kind in by_kind), "")
    return str(found or (entries[0]["Value"] if entries else ""))
