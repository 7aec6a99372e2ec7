"""SavePerson: makes a contact, or changes one. Source: PE-01."""

from __future__ import annotations

from collections.abc import Collection

from adapters.twentyfoursevenoffice.catalogue_saves import ItemSaves, stored
from adapters.twentyfoursevenoffice.errors import OperationFault
from adapters.twentyfoursevenoffice.items import Failed, ItemRefused, not_found
from adapters.twentyfoursevenoffice.person.card import sent_by, with_values
from adapters.twentyfoursevenoffice.person.people import contact_ids
from adapters.twentyfoursevenoffice.person.relations import relations_of, save_relations
from adapters.twentyfoursevenoffice.work import Work
from gateway.core.catalogue_records import CONTACT, CUSTOMER, item_of, record_of
from gateway.core.record_commands import Action, RecordsSaved, SaveRecord, SaveRecords
from gateway.core.records import Record
from gateway.core.together import Build, Part, SoFar, Together
from schemas.twentyfoursevenoffice.person import messages as m
from schemas.twentyfoursevenoffice.person import types as t


async def save_person(work: Work, message: m.SavePerson) -> m.SavePersonResponse:
    """Save a person; answer the Id.

    An Id that is sent is that of a person who exists: ids of new ones cannot be chosen. Employees are made elsewhere. Raises
    OperationFault.
    """
    person = message.person_item
    if person is None:
        raise OperationFault("null_reference")
    try:
        own = await _saved(work, person)
    except ItemRefused as refused:
        raise OperationFault(refused.name, **refused.facts) from None
    related = [each for each in person.relation_data or () if each is not None]
    if related:
        await save_relations(work, own, related, "SavePerson")
    return m.SavePersonResponse(result=own)


async def _saved(work: Work, person: t.PersonItem) -> int:
    """The id of the person that was saved. Raises ItemRefused, Refused, StoreUnavailableError."""
    if person.employee_id and contact_ids(work).get(person.employee_id) != person.id:
        raise ItemRefused("property_read_only", property="EmployeeId")
    await _check_customers(work, person)
    customer = person.customer_id if person.customer_id > 0 else None
    sent = sent_by(person)
    if not person.id:
        made = with_values(None, 0, sent, customer)
        return await _numbered(work, record_of(work.identity.tenant, made, new=True))

    def changed(_: t.PersonItem, before: Record | None) -> Record:
        if before is None:
            raise not_found("Id", person.id)
        return record_of(work.identity.tenant, with_values(item_of(before), person.id, sent, customer))

    if person.id < 0:
        raise ItemRefused("property_invalid", property="Id")
    (outcome,) = await ItemSaves(work, CONTACT, "SavePerson", lambda each: each.id, changed).save([person])
    return _id_of(outcome)


def _id_of(outcome: Record | Failed) -> int:
    if isinstance(outcome, Exception):
        raise outcome
    return int(outcome.id)


async def _check_customers(work: Work, person: t.PersonItem) -> None:
    """The customers that a person is to belong to must exist (inferred).

    A person may keep a customer that was deleted meanwhile: a client that sends back what it has read changes nothing about it.
    """
    named = {each.customer_id for each in person.relation_data or () if each is not None}
    named |= {person.customer_id} if person.customer_id > 0 else set()
    known = await stored(work, CUSTOMER, named)
    missing = named - known.keys()
    if missing and person.id > 0:
        missing -= await _customers_of(work, person.id)
    for customer in sorted(missing):
        raise not_found("CustomerId", customer)


async def _customers_of(work: Work, contact: int) -> frozenset[int]:
    """The customers that a person belongs to by now, deleted ones included."""
    own = (await stored(work, CONTACT, {contact})).get(contact)
    card = () if own is None else item_of(own).customers
    related = (await relations_of(work, [contact])).get(contact, ())
    return frozenset({*card, *(each["CustomerId"] for each in related)})


# --- new persons ------------------------------------------------------------------------------------------------------


async def _numbered(work: Work, record: Record) -> int:
    """Make a contact. It does not get the id that configuration gives to an employee."""
    taken = frozenset(contact_ids(work).values())
    tenant, by = work.identity.tenant, work.origin("SavePerson")
    first = SaveRecords(tenant, CONTACT, (SaveRecord(record),), by)

    def another(so_far: SoFar) -> SaveRecords | None:
        last = _last(so_far.results)
        if int(last.id) not in taken:
            return None
        gone = SaveRecord(CONTACT.record(tenant, last.id), action=Action.DELETE)
        return SaveRecords(tenant, CONTACT, (gone, SaveRecord(record)), by)

    if not taken:
        return int((await work.context.service.execute(first)).records[-1].id)
    parts: tuple[Part, ...] = (first, *(Build(another, like=first) for _ in taken))
    return int(_last((await work.context.service.execute(Together(tenant, parts, by))).results).id)


def _last(results: Collection[RecordsSaved | None]) -> Record:
    return next(each.records[-1] for each in reversed([*results]) if each is not None)
