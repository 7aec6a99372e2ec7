"""GetProducts: which products it finds, and which of their properties it shows. Source: PR-11 to PR-15, PR-18."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from adapters.twentyfoursevenoffice.catalogue_search import ItemFilter, find_items, text_condition
from adapters.twentyfoursevenoffice.errors import OperationFault
from adapters.twentyfoursevenoffice.mapping.get import moment_of
from adapters.twentyfoursevenoffice.product.card import PRODUCT, values_of
from adapters.twentyfoursevenoffice.return_properties import shown_names
from adapters.twentyfoursevenoffice.work import Work
from gateway.core import catalogue_records as kept
from gateway.core.catalogue import Catalogue
from gateway.core.records import Condition, Record
from schemas.twentyfoursevenoffice.primitives import DECMIN, INTMIN
from schemas.twentyfoursevenoffice.product import types as t
from schemas.twentyfoursevenoffice.product.messages import GetProducts, GetProductsResponse

AT_ONCE = 50
"""More products are made in a thread, so that other requests do not wait."""
_ALWAYS = ("Id",)
_NOT_SET = (INTMIN, 0)
"""PHP sends a number that it leaves empty as 0 (G-28), so 0 is no filter by Id or CategoryId (inferred)."""


async def get_products(work: Work, message: GetProducts) -> GetProductsResponse:
    """The products that meet every filter, by ascending Id. Raises OperationFault."""
    wanted = _filter(work, message.search_params or t.ProductSearchParameters.model_construct())
    names = shown_names(PRODUCT, message.return_properties, work.settings.product_default_properties, _ALWAYS)
    records = await find_items(work, kept.PRODUCT, wanted)
    if len(records) <= AT_ONCE:
        products = _shown(records, names, work.catalogue)
    else:
        products = await asyncio.to_thread(_shown, records, names, work.catalogue)
    return GetProductsResponse.model_construct(result=products)


def _shown(records: Sequence[Record], names: Sequence[str], catalogue: Catalogue) -> list[t.Product | None]:
    return [_product(record, names, catalogue) for record in records]


def _product(record: Record, names: Sequence[str], catalogue: Catalogue) -> t.Product:
    values = values_of(kept.item_of(record), record, catalogue)
    return PRODUCT.message({name: values[name] for name in names if name in values})


def _filter(work: Work, asked: t.ProductSearchParameters) -> ItemFilter:
    """The conditions of a search. An empty text or list is no filter. Raises OperationFault."""
    ids = _ids(asked)
    changed_after = moment_of(asked.date_changed)
    where = _conditions(asked)
    if not where and ids is None and changed_after is None and work.settings.no_filter_products == "fault":
        raise OperationFault("no_filter")
    return ItemFilter(tuple(each for each in where if each is not None), ids, changed_after)


def _conditions(asked: t.ProductSearchParameters) -> list[Condition | None]:
    """One for each filter that is set; None for a name that every product has."""
    kind, found = kept.PRODUCT, list[Condition | None]()
    if asked.category_id not in _NOT_SET:
        found.append(kind.is_one_of("category", asked.category_id))
    if asked.no:
        found.append(kind.is_one_of("number", asked.no))
    if asked.ean1:
        found.append(kind.is_one_of("ean", asked.ean1))
    if asked.name:
        found.append(text_condition(kind, "name", asked.name, "Name"))
    if asked.price != DECMIN:
        found.append(kind.is_one_of("price", kept.price_text(asked.price)))
    return found


def _ids(asked: t.ProductSearchParameters) -> frozenset[int] | None:
    """Both filters by id must hold."""
    several = frozenset(asked.product_ids) if asked.product_ids else None
    if asked.id in _NOT_SET:
        return several
    one = frozenset({asked.id})
    return one if several is None else one & several
