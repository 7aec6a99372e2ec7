"""SaveProducts, DeleteProducts, SetStockQuantity. Source: PR-02, PR-03, PR-06, PR-19 to PR-25."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from adapters.twentyfoursevenoffice.catalogue_saves import ItemSaves, Outcome, delete_items, stored
from adapters.twentyfoursevenoffice.items import ItemRefused, check_list, exception_for, not_found
from adapters.twentyfoursevenoffice.product.card import sent_by, with_values
from adapters.twentyfoursevenoffice.work import Work
from gateway.core import catalogue_records as kept
from gateway.core.catalogue import Product
from gateway.core.records import Record
from schemas.twentyfoursevenoffice.primitives import INTMIN
from schemas.twentyfoursevenoffice.product import messages as m
from schemas.twentyfoursevenoffice.product import types as t


def item_id(own: int) -> int | None:
    """The id that an item names; None when the system is to number it. 0 is what PHP sends for an empty one (G-28).

    Raises ItemRefused for one that no item can have.
    """
    if own in (INTMIN, 0):
        return None
    if own < 0:
        raise ItemRefused("property_invalid", property="Id")
    return own


async def save_products(work: Work, message: m.SaveProducts) -> m.SaveProductsResponse:
    """Save every product that can be saved: update the known ones, make the others. Raises OperationFault."""
    sent = message.products
    check_list(work, sent)
    if sent is None:
        return m.SaveProductsResponse(result=None)
    products = [product for product in sent if product is not None]
    categories = await _known_categories(work, (product.category_id for product in products))
    saves = ItemSaves(work, kept.PRODUCT, "SaveProducts", _id_of, _Making(work, categories).record)
    outcomes = iter(await saves.save(products))
    return m.SaveProductsResponse.model_construct(
        result=[None if product is None else _answer(work, product, next(outcomes)) for product in sent]
    )


def _id_of(product: t.Product) -> int | None:
    return product.id if product.id > 0 else None


async def _known_categories(work: Work, ids: Iterable[int]) -> frozenset[int] | None:
    """The categories that products may name; None for any (setting `unknown_category`)."""
    if work.settings.unknown_category == "accept":
        return None
    return frozenset(await stored(work, kept.PRODUCT_CATEGORY, {own for own in ids if own > 0}))


@dataclass(frozen=True, slots=True)
class _Making:
    """Makes the record of a product from what was sent."""

    work: Work
    categories: frozenset[int] | None

    def record(self, product: t.Product, before: Record | None) -> Record:
        own = item_id(product.id)
        sent = sent_by(product)
        made = with_values(None if before is None else kept.item_of(before), own or 0, sent)
        category = sent.get("CategoryId")
        if category is not None and self.categories is not None and category not in self.categories:
            raise not_found("CategoryId", category)
        return kept.record_of(self.work.identity.tenant, made, new=own is None)


def _answer(work: Work, product: t.Product, outcome: Outcome) -> t.Product:
    """What was sent, with the id or with the error."""
    if isinstance(outcome, Record):
        return product.model_copy(update={"id": int(outcome.id), "api_exception": None})
    return product.model_copy(update={"api_exception": exception_for(work, outcome)})


# --- deleting ---------------------------------------------------------------------------------------------------------


async def delete_products(work: Work, message: m.DeleteProducts) -> m.DeleteProductsResponse:
    """Delete products by Id; orders that name them stay as they are. Each one comes back, as PR-03 says.

    One that does not exist comes back with an APIException (inferred). Raises OperationFault.
    """
    sent = message.products
    check_list(work, sent)
    if sent is None:
        return m.DeleteProductsResponse(result=None)
    named = [product.id for product in sent if product is not None and product.id > 0]
    deleted = iter(await delete_items(work, kept.PRODUCT, named, "DeleteProducts"))
    return m.DeleteProductsResponse.model_construct(
        result=[None if product is None else _deleted(work, product, deleted) for product in sent]
    )


def _deleted(work: Work, product: t.Product, deleted: Iterable[Record | None]) -> t.Product:
    if product.id <= 0:
        unset = product.id in (INTMIN, 0)
        refused = ItemRefused("product_property_missing" if unset else "property_invalid", property="Id")
    elif next(iter(deleted)) is not None:
        return product.model_copy(update={"api_exception": None})
    else:
        refused = not_found("Id", product.id)
    return product.model_copy(update={"api_exception": exception_for(work, refused)})


# --- stock ------------------------------------------------------------------------------------------------------------


async def set_stock_quantity(work: Work, message: m.SetStockQuantity) -> m.SetStockQuantityResponse:
    """Set the stock of a product: true; false when there is no such product (inferred). Source: PR-25."""

    def with_stock(_: m.SetStockQuantity, before: Record | None) -> Record:
        if before is None:
            raise not_found("Id", message.product_id)
        product: Product = kept.item_of(before)
        changed = with_values(product, product.id, {"Stock": message.stock_quantity})
        return kept.record_of(work.identity.tenant, changed)

    if message.product_id <= 0:
        return m.SetStockQuantityResponse(result=False)
    saves = ItemSaves(work, kept.PRODUCT, "SetStockQuantity", lambda asked: asked.product_id, with_stock)
    (outcome,) = await saves.save([message])
    if isinstance(outcome, Exception) and not isinstance(outcome, ItemRefused):
        raise outcome
    return m.SetStockQuantityResponse(result=isinstance(outcome, Record))
