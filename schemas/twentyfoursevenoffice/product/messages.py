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
    """Asks for SetStockQuantity."""

    product_id: Annotated[Int, "min:1"] = Field(0, alias="productId")
    stock_quantity: Annotated[Decimal, "min:1"] = Field(Decimal(0), alias="stockQuantity")


class SetStockQuantityResponse(Message):
    """The answer to SetStockQuantity."""

    result: Annotated[bool, "min:1"] = Field(False, alias="SetStockQuantityResult")


class GetProducts(Message):
    """Asks for GetProducts."""

    search_params: ProductSearchParameters | None = Field(None, alias="searchParams")
    return_properties: list[str | None] | None = Field(None, alias="returnProperties")


class GetProductsResponse(Message):
    """The answer to GetProducts."""

    result: list[Product | None] | None = Field(None, alias="GetProductsResult")


class SaveProducts(Message):
    """Asks for SaveProducts."""

    products: list[Product | None] | None = Field(None, alias="products")


class SaveProductsResponse(Message):
    """The answer to SaveProducts."""

    result: list[Product | None] | None = Field(None, alias="SaveProductsResult")


class DeleteProducts(Message):
    """Asks for DeleteProducts."""

    products: list[Product | None] | None = Field(None, alias="products")


class DeleteProductsResponse(Message):
    """The answer to DeleteProducts."""

    result: list[Product | None] | None = Field(None, alias="DeleteProductsResult")


class GetPriceList(Message):
    """Asks for GetPriceList."""

    price_list_id: Annotated[Int, "min:1"] = Field(0, alias="priceListId")


class GetPriceListResponse(Message):
    """The answer to GetPriceList."""

    result: list[KeyValuePair] | None = Field(None, alias="GetPriceListResult")


class GetAllPriceLists(Message):
    """Takes nothing."""


class GetAllPriceListsResponse(Message):
    """The answer to GetAllPriceLists."""

    result: list[ProductPriceList | None] | None = Field(None, alias="GetAllPriceListsResult")


class GetCategories(Message):
    """Asks for GetCategories."""

    return_properties: list[str | None] | None = Field(None, alias="returnProperties")


class GetCategoriesResponse(Message):
    """The answer to GetCategories."""

    result: list[Category | None] | None = Field(None, alias="GetCategoriesResult")


class SaveCategories(Message):
    """Asks for SaveCategories."""

    categories: list[Category | None] | None = Field(None, alias="categories")


class SaveCategoriesResponse(Message):
    """The answer to SaveCategories."""

    result: list[Category | None] | None = Field(None, alias="SaveCategoriesResult")


class GetDiscountMatrixPriceGroup(Message):
    """Takes nothing."""


class GetDiscountMatrixPriceGroupResponse(Message):
    """The answer to GetDiscountMatrixPriceGroup."""

    result: list[Discount | None] | None = Field(None, alias="GetDiscountMatrixPriceGroupResult")


class GetDiscountMatrixCategory(Message):
    """Takes nothing."""


class GetDiscountMatrixCategoryResponse(Message):
    """The answer to GetDiscountMatrixCategory."""

    result: list[Discount | None] | None = Field(None, alias="GetDiscountMatrixCategoryResult")
