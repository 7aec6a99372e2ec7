"""The messages of ProductService."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from schemas.twentyfoursevenoffice.common import KeyValuePair
from schemas.twentyfoursevenoffice.primitives import Int, Message
from schemas.twentyfoursevenoffice.product.types import (
    Category,
    Discount,
    Product,
    ProductPriceList,
    ProductSearchParameters,
)


class SetStockQuantity(Message):
    """A product and its stock."""

    product_id: Annotated[Int, "min:1"] = Field(0, alias="productId")
    stock_quantity: Annotated[Decimal, "min:1"] = Field(Decimal(0), alias="stockQuantity")


class SetStockQuantityResponse(Message):
    """Whether the stock was set."""

    result: Annotated[bool, "min:1"] = Field(False, alias="SetStockQuantityResult")


class GetProducts(Message):
    """Asks for products, and for which properties of them."""

    search_params: ProductSearchParameters | None = Field(None, alias="searchParams")
    return_properties: list[str | None] | None = Field(None, alias="returnProperties")


class GetProductsResponse(Message):
    """The products that were found."""

    result: list[Product | None] | None = Field(None, alias="GetProductsResult")


class SaveProducts(Message):
    """Products to be saved. One without an id is new."""

    products: list[Product | None] | None = Field(None, alias="products")


class SaveProductsResponse(Message):
    """The products as they were sent, with their ids or their errors."""

    result: list[Product | None] | None = Field(None, alias="SaveProductsResult")


class DeleteProducts(Message):
    """Asks to delete products. Only their ids count."""

    products: list[Product | None] | None = Field(None, alias="products")


class DeleteProductsResponse(Message):
    """The products that were deleted, and those that failed, with their errors."""

    result: list[Product | None] | None = Field(None, alias="DeleteProductsResult")


class GetPriceList(Message):
    """Asks for a price list."""

    price_list_id: Annotated[Int, "min:1"] = Field(0, alias="priceListId")


class GetPriceListResponse(Message):
    """Pairs: key is the id of a product, value its price."""

    result: list[KeyValuePair] | None = Field(None, alias="GetPriceListResult")


class GetAllPriceLists(Message):
    """Takes nothing."""


class GetAllPriceListsResponse(Message):
    """The price lists."""

    result: list[ProductPriceList | None] | None = Field(None, alias="GetAllPriceListsResult")


class GetCategories(Message):
    """Asks for categories, and for which properties of them."""

    return_properties: list[str | None] | None = Field(None, alias="returnProperties")


class GetCategoriesResponse(Message):
    """The categories."""

    result: list[Category | None] | None = Field(None, alias="GetCategoriesResult")


class SaveCategories(Message):
    """Categories to be saved. One without an id is new."""

    categories: list[Category | None] | None = Field(None, alias="categories")


class SaveCategoriesResponse(Message):
    """The categories as they were sent, with their ids or their errors."""

    result: list[Category | None] | None = Field(None, alias="SaveCategoriesResult")


class GetDiscountMatrixPriceGroup(Message):
    """Takes nothing."""


class GetDiscountMatrixPriceGroupResponse(Message):
    """The discounts."""

    result: list[Discount | None] | None = Field(None, alias="GetDiscountMatrixPriceGroupResult")


class GetDiscountMatrixCategory(Message):
    """Takes nothing."""


class GetDiscountMatrixCategoryResponse(Message):
    """The discounts."""

    result: list[Discount | None] | None = Field(None, alias="GetDiscountMatrixCategoryResult")
