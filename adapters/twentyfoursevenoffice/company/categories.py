"""Categories of customers, which customer is in which, and statuses. Source: CO-05 to CO-09."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from adapters.twentyfoursevenoffice.company.links import (
    MEMBERSHIP,
    company_in,
    company_key,
    every,
    existing,
    links_of,
)
from adapters.twentyfoursevenoffice.company.refused import ItemRefused, check_list, exception_for, not_found
from adapters.twentyfoursevenoffice.company.tying import Tie, tied, untied
from adapters.twentyfoursevenoffice.errors import OperationFault
from adapters.twentyfoursevenoffice.work import Work
from gateway.core.catalogue import CustomerCategory
from gateway.core.catalogue_records import CUSTOMER_CATEGORY, item_of, record_of
from gateway.core.commands import Expect
from gateway.core.record_commands import GetRecords, SaveRecord, SaveRecords
from gateway.core.records import Record
from gateway.core.refusals import RecordChanged, RecordExists, RecordUnknown, Refused
from schemas.twentyfoursevenoffice.common import APIException, KeyValuePair
from schemas.twentyfoursevenoffice.company.messages import (
    DeleteCustomerCategories,
    DeleteCustomerCategoriesResponse,
    GetCategories,
    GetCategoriesResponse,
    GetCustomerCategories,
    GetCustomerCategoriesResponse,
    GetCustomerCategoryTree,
    GetCustomerCategoryTreeResponse,
    GetStatuses,
    GetStatusesResponse,
    SaveCategories,
    SaveCategoriesResponse,
    SaveCustomerCategories,
    SaveCustomerCategoriesResponse,
)
from schemas.twentyfoursevenoffice.company.types import Category
from schemas.twentyfoursevenoffice.primitives import INTMIN

ATTEMPTS: Final = 32
_MEANWHILE: Final = (RecordChanged, RecordExists, RecordUnknown)


async def get_statuses(work: Work, _message: GetStatuses) -> GetStatusesResponse:
    """The list of the settings: id and name. Source: CO-09."""
    statuses = sorted(work.settings.company_statuses.items())
    return GetStatusesResponse(result=[KeyValuePair(key=str(own), value=name) for own, name in statuses])


# --- categories -------------------------------------------------------------------------------------------------------


async def get_categories(work: Work, _message: GetCategories) -> GetCategoriesResponse:
    """All categories, by ascending id."""
    found = [_category(record) for record in await every(work, CUSTOMER_CATEGORY)]
    return GetCategoriesResponse.model_construct(
        result=[
            Category(id=own.id, name=own.name, show_contact=own.for_contacts, show_company=own.for_companies)
            for own in found
        ]
    )


async def save_categories(work: Work, message: SaveCategories) -> SaveCategoriesResponse:
    """Save all categories of a request, or none: the answer has no place for an error of one of them (inferred).

    An id that is not known is taken for a new category. Those that name an id get it before ids are made up for the others.
    Raises OperationFault.
    """
    check_list(work, message.categories)
    if message.categories is None:
        return SaveCategoriesResponse(result=None)
    categories = [category for category in message.categories if category is not None]
    in_order = sorted(range(len(categories)), key=lambda at: categories[at].id in (INTMIN, 0))
    saved = await _saved(work, [categories[at] for at in in_order]) if categories else []
    ids = iter([own for _, own in sorted(zip(in_order, saved, strict=True))])
    answers = [category and category.model_copy(update={"id": next(ids)}) for category in message.categories]
    return SaveCategoriesResponse.model_construct(result=answers)


async def _saved(work: Work, categories: Sequence[Category]) -> list[int]:
    """Save categories in one command, again when somebody else changes one of them meanwhile. Returns their ids."""
    tenant = work.identity.tenant
    keys = tuple(CUSTOMER_CATEGORY.key(tenant, own) for own in {each.id for each in categories} if own > 0)
    for attempt in range(ATTEMPTS):
        read = await work.context.service.read(GetRecords(tenant, keys)) if keys else None
        stored = {} if read is None else {int(own.id): own for own in read.records.values()}
        saves = _saves(work, categories, stored)
        try:
            done = await work.context.service.execute(
                SaveRecords(tenant, CUSTOMER_CATEGORY, saves, work.origin("SaveCategories"))
            )
            return [int(record.id) for record in done.records]
        except Refused as refused:
            if not isinstance(refused.refusal, _MEANWHILE) or attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


def _saves(work: Work, categories: Sequence[Category], stored: Mapping[int, Record]) -> tuple[SaveRecord, ...]:
    """One save for each category. Of those with one id, each is saved on top of the one before it."""
    tenant = work.identity.tenant
    names = {own: _category(record).name for own, record in stored.items()}
    saves = []
    for sent in categories:
        own = None if sent.id in (INTMIN, 0) else sent.id
        if own is not None and own < 0:
            raise OperationFault("property_invalid", property="Id")
        name = sent.name or names.get(own or 0, "")
        if not name:
            raise OperationFault("company_property_missing", property="Name")
        item = CustomerCategory(own or 0, name, for_companies=sent.show_company, for_contacts=sent.show_contact)
        made = record_of(tenant, item, new=own is None)
        if own is None:
            saves.append(SaveRecord(made, Expect.NEW))
        elif own in names:
            first = own in stored and not any(save.record.id == made.id for save in saves)
            saves.append(SaveRecord(made, Expect.EXISTING, stored[own].version if first else None))
        else:
            saves.append(SaveRecord(made, Expect.NEW))
        if own is not None:
            names[own] = name
    return tuple(saves)


def _category(record: Record) -> CustomerCategory:
    category: CustomerCategory = item_of(record)
    return category


# --- customers in categories ------------------------------------------------------------------------------------------


async def get_customer_categories(work: Work, message: GetCustomerCategories) -> GetCustomerCategoriesResponse:
    """The ids of the categories that a customer is in, ascending. Source: CO-06."""
    found = await links_of(work, MEMBERSHIP, [message.customer_id])
    if found and not await existing(work, [company_key(work.identity.tenant, message.customer_id)]):
        found = []
    return GetCustomerCategoriesResponse.model_construct(result=sorted(_category_in(record) for record in found))


async def get_customer_category_tree(work: Work, _message: GetCustomerCategoryTree) -> GetCustomerCategoryTreeResponse:
    """A pair for each link: the category's id and the customer's, in ascending order. Source: CO-07."""
    links = [(_category_in(record), company_in(record)) for record in await every(work, MEMBERSHIP)]
    tenant = work.identity.tenant
    there = await existing(work, [company_key(tenant, company) for _, company in links])
    return GetCustomerCategoryTreeResponse.model_construct(
        result=[
            KeyValuePair(key=str(category), value=str(company))
            for category, company in sorted(links)
            if company_key(tenant, company) in there
        ]
    )


async def save_customer_categories(work: Work, message: SaveCustomerCategories) -> SaveCustomerCategoriesResponse:
    """Put customers into categories. The answer has an exception for each pair that failed. Source: CO-08."""
    check_list(work, message.customer_categories)
    if message.customer_categories is None:
        return SaveCustomerCategoriesResponse(result=None)
    wanted = [_membership(work, pair) for pair in message.customer_categories]
    failed = await tied(work, MEMBERSHIP, wanted, "SaveCustomerCategories")
    return SaveCustomerCategoriesResponse.model_construct(result=_exceptions(work, failed))


async def delete_customer_categories(work: Work, message: DeleteCustomerCategories) -> DeleteCustomerCategoriesResponse:
    """Take customers out of categories. The answer has an exception for each pair that failed. Source: CO-08."""
    check_list(work, message.customer_categories)
    if message.customer_categories is None:
        return DeleteCustomerCategoriesResponse(result=None)
    wanted = [_membership(work, pair) for pair in message.customer_categories]
    failed = await untied(work, MEMBERSHIP, wanted, "DeleteCustomerCategories")
    return DeleteCustomerCategoriesResponse.model_construct(result=_exceptions(work, failed))


def _exceptions(work: Work, failed: Mapping[int, ItemRefused]) -> list[APIException | None]:
    return [exception_for(work, failed[at]) for at in sorted(failed)]


def _membership(work: Work, pair: KeyValuePair) -> Tie | ItemRefused:
    category, company = _number(pair.key), _number(pair.value)
    if category is None:
        return ItemRefused("property_invalid", property="Key")
    if company is None:
        return ItemRefused("property_invalid", property="Value")
    tenant = work.identity.tenant
    needs = {
        CUSTOMER_CATEGORY.key(tenant, category): not_found("Category", category),
        company_key(tenant, company): not_found("Customer", company),
    }
    absent = not_found("Customer", f"{company} in category {category}")
    return Tie(f"{category}-{company}", {"category": category, "company": company}, absent, needs)


def _number(text: str | None) -> int | None:
    plain = (text or "").strip()
    return int(plain) if plain.isdecimal() and plain.isascii() and len(plain) < 11 and int(plain) > 0 else None


def _category_in(record: Record) -> int:
    return int(record.id.partition("-")[0])
