"""Relations of persons with customers: the same records that CompanyService keeps. Source: PE-04, CO-53.

RelationData shows of a relation the role (as Title), and the e-mail address and numbers at work.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from adapters.twentyfoursevenoffice.company.links import RELATION, company_in, company_key, every, values_in
from adapters.twentyfoursevenoffice.company.tying import Tie, tied
from adapters.twentyfoursevenoffice.errors import OperationFault
from adapters.twentyfoursevenoffice.items import ItemRefused, not_found
from adapters.twentyfoursevenoffice.orders.properties import Values
from adapters.twentyfoursevenoffice.work import Work
from gateway.core.catalogue_records import CONTACT
from gateway.core.records import Record
from schemas.twentyfoursevenoffice.person import messages as m
from schemas.twentyfoursevenoffice.person import types as t

_AT_ONCE: Final = 400
"""So many persons are named by one search."""


async def make_relation(work: Work, message: m.MakeRelation) -> m.MakeRelationResponse:
    """Relate a person to a customer, or change the relation: true. False when one of them does not exist (inferred)."""
    if message.relation is None:
        raise OperationFault("null_reference")
    failed = await save_relations(work, message.relation.contact_id, [message.relation], "MakeRelation")
    return m.MakeRelationResponse(result=not failed)


async def save_relations(work: Work, contact: int, relations: Sequence[t.RelationData], reason: str) -> Collection[int]:
    """Save relations of one person. Returns the places of those that name somebody who does not exist."""
    ties = [_tie(work, contact, each) for each in relations]
    return await tied(work, RELATION, ties, reason)


def _tie(work: Work, contact: int, relation: t.RelationData) -> Tie | ItemRefused:
    tenant, company = work.identity.tenant, relation.customer_id
    if contact <= 0 or company <= 0:
        return not_found(*(("ContactId", contact) if contact <= 0 else ("CustomerId", company)))
    needs = {
        company_key(tenant, company): not_found("CustomerId", company),
        CONTACT.key(tenant, contact): not_found("ContactId", contact),
    }
    sent: Values = {"ContactId": contact, "CompanyId": company}
    if relation.title:
        sent["Role"] = relation.title
    if relation.email:
        sent["EmailAddresses"] = {"Work": {"Value": relation.email}}
    numbers = {"Mobile": relation.mobile, "Work": relation.phone}
    if any(numbers.values()):
        sent["PhoneNumbers"] = {kind: {"Value": number} for kind, number in numbers.items() if number}
    found_by = {"company": company, "contact": contact}
    return Tie(f"{contact}-{company}", found_by, not_found("ContactId", contact), needs, sent)


async def contacts_of(work: Work, customer: int) -> frozenset[int]:
    """The persons that are related to a customer."""
    found = await every(work, RELATION, (RELATION.is_one_of("company", customer),))
    return frozenset(_contact_in(record) for record in found)


async def relations_of(work: Work, contacts: Sequence[int]) -> Mapping[int, list[Values]]:
    """By person, the relations as RelationData shows them."""
    found: dict[int, list[Values]] = defaultdict(list)
    for start in range(0, len(contacts), _AT_ONCE):
        wanted = RELATION.is_one_of("contact", *contacts[start : start + _AT_ONCE])
        for record in await every(work, RELATION, (wanted,)):
            found[_contact_in(record)].append(_shown(record))
    return found


def _contact_in(record: Record) -> int:
    return int(record.id.partition("-")[0])


def _shown(record: Record) -> Values:
    values = values_in(record)
    emails, phones = values.get("EmailAddresses", {}), values.get("PhoneNumbers", {})
    shown: dict[str, Any] = {
        "ContactId": _contact_in(record),
        "CustomerId": company_in(record),
        "Email": _value(emails, "Work"),
        "Mobile": _value(phones, "Mobile"),
        "Phone": _value(phones, "Work"),
        "Title": values.get("Role"),
    }
    return {name: value for name, value in shown.items() if value is not None}


def _value(entries: Mapping[str, Mapping[str, Any]], kind: str) -> Any:
    return entries.get(kind, {}).get("Value")
