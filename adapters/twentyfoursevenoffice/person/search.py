"""GetPersons and GetPersonsDetailed: contacts, and the tenant's own people. Source: PE-02, PE-05, PE-06."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from adapters.twentyfoursevenoffice.catalogue_search import ANY, ItemFilter, find_items, text_condition
from adapters.twentyfoursevenoffice.mapping.get import moment_of
from adapters.twentyfoursevenoffice.orders.properties import Values
from adapters.twentyfoursevenoffice.person.card import DETAILS, PERSON, of_contact, of_employee
from adapters.twentyfoursevenoffice.person.people import contact_ids
from adapters.twentyfoursevenoffice.person.relations import contacts_of, relations_of
from adapters.twentyfoursevenoffice.work import Work
from gateway.core.catalogue_records import CONTACT, item_of
from gateway.core.records import Condition, Record
from schemas.twentyfoursevenoffice.person import messages as m
from schemas.twentyfoursevenoffice.person import types as t

AT_ONCE: Final = 50
"""More persons are made in a thread, so that other requests do not wait."""
_NO_DETAILS: Final = frozenset[str]()


async def get_persons(work: Work, message: m.GetPersons) -> m.GetPersonsResponse:
    """The persons that meet every filter, without details: contacts by ascending Id, then further employees."""
    return m.GetPersonsResponse.model_construct(result=await _persons(work, message.person_search, DETAILS))


async def get_persons_detailed(work: Work, message: m.GetPersonsDetailed) -> m.GetPersonsDetailedResponse:
    """The same persons with every property that is known."""
    return m.GetPersonsDetailedResponse.model_construct(result=await _persons(work, message.person_search, _NO_DETAILS))


async def _persons(
    work: Work, search: t.PersonSearchParameters | None, left_out: Collection[str]
) -> list[t.PersonItem | None]:
    asked = search or t.PersonSearchParameters.model_construct()
    records = await _contacts(work, asked)
    if len(records) <= AT_ONCE:
        found = _all(work, records)
    else:
        found = await asyncio.to_thread(_all, work, records)
    found = [own for own in found if _is_wanted(own, asked)]
    found += [own for own in _further_employees(work, records, asked) if _is_wanted(own, asked)]
    if asked.get_relation_data or asked.role:
        found = await _with_relations(work, found, asked)
    return [PERSON.message({name: own[name] for name in own if name not in left_out}) for own in found]


def _all(work: Work, records: Iterable[Record]) -> list[Values]:
    employees = {contact: employee for employee, contact in contact_ids(work).items()}
    found = []
    for record in records:
        own = of_contact(item_of(record), record)
        if own["Id"] in employees:
            own["EmployeeId"] = employees[own["Id"]]
        found.append(own)
    return found


# --- contacts ---------------------------------------------------------------------------------------------------------


async def _contacts(work: Work, asked: t.PersonSearchParameters) -> list[Record]:
    where = _conditions(work, asked)
    ids = frozenset({asked.id}) if asked.id else None
    changed_after = moment_of(asked.changed_after)
    if not asked.customer_id:
        return await find_items(work, CONTACT, ItemFilter(where, ids, changed_after))
    related = await contacts_of(work, asked.customer_id)
    named = related if ids is None else related & ids
    belongs = CONTACT.is_one_of("customers", asked.customer_id)
    found = await find_items(work, CONTACT, ItemFilter(where, named, changed_after))
    found += await find_items(work, CONTACT, ItemFilter((*where, belongs), ids, changed_after))
    return [record for _, record in sorted({int(record.id): record for record in found}.items())]


def _conditions(work: Work, asked: t.PersonSearchParameters) -> tuple[Condition, ...]:
    """One for each text that is indexed and narrows the search. An empty text is no filter (G-28)."""
    name = asked.name or ""
    if name and ANY not in name and work.settings.name_match == "contains":
        name = f"{ANY}{name}{ANY}"
    texts = (("name", name, "Name"), ("email", asked.email, "Email"), ("phone", asked.phone, "Phone"))
    found = [text_condition(CONTACT, field, text, label) for field, text, label in texts if text]
    return tuple(condition for condition in found if condition is not None)


def _is_wanted(own: Mapping[str, Any], asked: t.PersonSearchParameters) -> bool:
    """The filters that no index knows. 0 is no filter (PE-02)."""
    employee = own.get("EmployeeId")
    if asked.employee_id and employee != asked.employee_id:
        return False
    if asked.is_employee is not t.TriState.NONE and (employee is not None) is not (
        asked.is_employee is t.TriState.TRUE
    ):
        return False
    return not asked.consumer_person_no or own.get("ConsumerPersonNo") == asked.consumer_person_no


# --- employees --------------------------------------------------------------------------------------------------------


def _further_employees(work: Work, records: Iterable[Record], asked: t.PersonSearchParameters) -> list[Values]:
    """The employees who are no contacts. They belong to no customer, and always count as changed (inferred)."""
    if asked.customer_id or asked.phone or asked.role or asked.is_employee is t.TriState.FALSE:
        return []
    own_contacts, shown = contact_ids(work), {int(record.id) for record in records}
    conditions = _conditions(work, asked)
    found = []
    for employee in work.catalogue.employees.values():
        contact = own_contacts.get(employee.id)
        if contact in shown or (asked.id and contact != asked.id):
            continue
        texts = CONTACT.record(
            work.identity.tenant, "1", values={"name": employee.name, "email": employee.email or None}
        )
        if all(condition.meets(texts.values) for condition in conditions):
            found.append(of_employee(employee, contact))
    return found


# --- relations --------------------------------------------------------------------------------------------------------


async def _with_relations(work: Work, found: Sequence[Values], asked: t.PersonSearchParameters) -> list[Values]:
    """The persons with their relations if those are asked for, and only those who have the role."""
    relations = await relations_of(work, [own["Id"] for own in found if "Id" in own])
    shown = []
    for own in found:
        related = relations.get(own.get("Id", 0), [])
        if asked.role and not _has_role(own, related, asked.role):
            continue
        if asked.get_relation_data and (every := _with_first(own, related)):
            own["RelationData"] = every
        shown.append(own)
    return shown


def _has_role(own: Mapping[str, Any], related: Iterable[Mapping[str, Any]], role: str) -> bool:
    """Whether a person has the role with some customer, or it is the person's position. Letter case does not count."""
    texts = (own.get("WorkPosition", ""), *(each.get("Title", "") for each in related))
    return role.casefold() in {text.casefold() for text in texts if text}


def _with_first(own: Mapping[str, Any], related: Sequence[Values]) -> list[Values]:
    customer = own.get("CustomerId")
    if customer is None or any(each["CustomerId"] == customer for each in related):
        return [*related]
    return [{"ContactId": own["Id"], "CustomerId": customer}, *related]
