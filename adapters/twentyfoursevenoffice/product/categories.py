"""GetCategories and SaveCategories: the categories of products. Source: PR-04, PR-05, PR-19, PR-21, N-32."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from adapters.twentyfoursevenoffice.catalogue_saves import ItemSaves, Outcome, stored
from adapters.twentyfoursevenoffice.catalogue_search import ItemFilter, find_items
from adapters.twentyfoursevenoffice.items import ItemRefused, check_list, exception_for, not_found
from adapters.twentyfoursevenoffice.orders.properties import Properties
from adapters.twentyfoursevenoffice.product.save import item_id
from adapters.twentyfoursevenoffice.return_properties import shown_names
from adapters.twentyfoursevenoffice.work import Work
from gateway.core import catalogue_records as kept
from gateway.core.catalogue import ProductCategory
from gateway.core.records import Record
from schemas.twentyfoursevenoffice.primitives import INTMIN
from schemas.twentyfoursevenoffice.product import messages as m
from schemas.twentyfoursevenoffice.product import types as t

CATEGORY: Final = Properties(t.Category)
LONGEST: Final = 300
"""Characters of a Name or No at most: what a catalogue file may hold, too. Inferred."""
_DEFAULT: Final = ("Id", "Name", "No", "ParentId")
_ALWAYS: Final = ("Id",)
_AT_ONCE: Final = 200


async def get_categories(work: Work, message: m.GetCategories) -> m.GetCategoriesResponse:
    """All categories by ascending Id."""
    names = shown_names(CATEGORY, message.return_properties, _DEFAULT, _ALWAYS)
    records = await find_items(work, kept.PRODUCT_CATEGORY, ItemFilter())
    if len(records) <= _AT_ONCE:
        categories = _shown(records, names)
    else:
        categories = await asyncio.to_thread(_shown, records, names)
    return m.GetCategoriesResponse.model_construct(result=categories)


def _shown(records: Sequence[Record], names: Sequence[str]) -> list[t.Category | None]:
    return [_category(kept.item_of(record), names) for record in records]


def _category(category: ProductCategory, names: Sequence[str]) -> t.Category:
    values = {"Id": category.id, "Name": category.name, "No": category.number, "ParentId": category.parent}
    return CATEGORY.message({name: values[name] for name in names if values[name] is not None})


async def save_categories(work: Work, message: m.SaveCategories) -> m.SaveCategoriesResponse:
    """Save every category that can be saved: update the known ones, make the others. Raises OperationFault."""
    sent = message.categories
    check_list(work, sent)
    if sent is None:
        return m.SaveCategoriesResponse(result=None)
    categories = [category for category in sent if category is not None]
    saves = ItemSaves(
        work, kept.PRODUCT_CATEGORY, "SaveCategories", _id_of, _Making(work, await _parents(work, categories)).record
    )
    outcomes = iter(await saves.save(categories))
    return m.SaveCategoriesResponse.model_construct(
        result=[None if category is None else _answer(work, category, next(outcomes)) for category in sent]
    )


def _id_of(category: t.Category) -> int | None:
    return category.id if category.id > 0 else None


async def _parents(work: Work, categories: Sequence[t.Category]) -> frozenset[int] | None:
    """The categories that may be named as parents: known ones and those of the request; None for any."""
    if work.settings.unknown_category == "accept":
        return None
    known = await stored(work, kept.PRODUCT_CATEGORY, {each.parent_id for each in categories if each.parent_id > 0})
    return frozenset(known) | {each.id for each in categories}


@dataclass(frozen=True, slots=True)
class _Making:
    """Makes the record of a category from what was sent."""

    work: Work
    parents: frozenset[int] | None

    def record(self, category: t.Category, before: Record | None) -> Record:
        own = item_id(category.id)
        direct: dict[str, Any] = {"name": category.name} if category.name else {}
        if category.no:
            direct["number"] = category.no
        if category.parent_id not in (INTMIN, 0):
            direct["parent"] = category.parent_id
        for name, text in (("Name", category.name), ("No", category.no)):
            if len(text) > LONGEST:
                raise ItemRefused("property_too_long", property=name, limit=LONGEST)
        if before is None and not category.name:
            raise ItemRefused("product_property_missing", property="Name")
        parent = direct.get("parent")
        if parent is not None and self.parents is not None and parent not in self.parents:
            raise not_found("ParentId", parent)
        former = ProductCategory(own or 0, "") if before is None else kept.item_of(before)
        return kept.record_of(self.work.identity.tenant, replace(former, **direct), new=own is None)


def _answer(work: Work, category: t.Category, outcome: Outcome) -> t.Category:
    """What was sent, with the id or with the error."""
    if isinstance(outcome, Record):
        return category.model_copy(update={"id": int(outcome.id), "api_exception": None})
    return category.model_copy(update={"api_exception": exception_for(work, outcome)})
