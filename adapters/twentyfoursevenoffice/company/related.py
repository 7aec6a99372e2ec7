"""What GetCompanies shows of a company beside its card: its contacts and its ids elsewhere. Source: CO-53."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from adapters.twentyfoursevenoffice.company.links import MAP, RELATION, company_in, links_of, values_in
from adapters.twentyfoursevenoffice.orders.properties import Values
from adapters.twentyfoursevenoffice.person.card import of_contact
from adapters.twentyfoursevenoffice.work import Work
from gateway.core.catalogue import Contact
from gateway.core.catalogue_records import CONTACT, item_of
from gateway.core.record_commands import GetRecords
from gateway.core.records import Record

Related: TypeAlias = Mapping[int, Mapping[str, Sequence[Values]]]
"""By company, its relations and maps, by property."""
_NAMES: Final = ("FirstName", "LastName")


async def related_to(work: Work, companies: Sequence[int], asked: frozenset[str]) -> Related:
    """The relations and maps of companies. asked: which of the two."""
    found: dict[int, dict[str, list[Values]]] = defaultdict(dict)
    if "Relations" in asked and companies:
        for company, relations in (await _relations(work, companies)).items():
            found[company]["Relations"] = relations
    if "Maps" in asked and companies:
        for link in await links_of(work, MAP, companies):
            found[company_in(link)].setdefault("Maps", []).append(values_in(link))
    return found


async def _relations(work: Work, companies: Sequence[int]) -> Mapping[int, list[Values]]:
    """By company, its contacts by ascending id: those with a relation, and those whose card names the company (inferred)."""
    cards = {int(record.id): record for record in await links_of(work, CONTACT, companies, "customers")}
    pairs: dict[tuple[int, int], Values] = {
        (company, own): {"ContactId": own, "CompanyId": company}
        for own, record in cards.items()
        for company in sorted(_contact(record).customers)
    }
    for link in await links_of(work, RELATION, companies):
        values = values_in(link)
        pairs[company_in(link), int(values["ContactId"])] = values
    names = _names({**cards, **await _cards(work, {own for _, own in pairs} - cards.keys())})
    found: dict[int, list[Values]] = defaultdict(list)
    for (company, own), values in sorted(pairs.items(), key=lambda pair: pair[0]):
        found[company].append({**names.get(own, {}), **values})
    return found


async def _cards(work: Work, contacts: Iterable[int]) -> Mapping[int, Record]:
    tenant = work.identity.tenant
    keys = tuple(CONTACT.key(tenant, own) for own in contacts)
    records = (await work.context.service.read(GetRecords(tenant, keys))).records.values() if keys else ()
    return {int(record.id): record for record in records}


def _names(cards: Mapping[int, Record]) -> Mapping[int, dict[str, Any]]:
    """The names on the cards of contacts, which a relation shows unless it was saved with others."""
    shown = {own: of_contact(_contact(record), record) for own, record in cards.items()}
    return {own: {name: values[name] for name in _NAMES if name in values} for own, values in shown.items()}


def _contact(record: Record) -> Contact:
    contact: Contact = item_of(record)
    return contact
