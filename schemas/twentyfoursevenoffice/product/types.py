"""The types of ProductService, with their elements in the order of the contract."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from schemas.twentyfoursevenoffice.common import APIException
from schemas.twentyfoursevenoffice.primitives import DATEMIN, DECMIN, INTMIN, Int, Message


class Category(Message):
    """Category."""

    id: Int = Field(INTMIN, alias="Id")
    name: str = Field("", alias="Name")
    no: str = Field("", alias="No")
    parent_id: Int = Field(INTMIN, alias="ParentId")
    api_exception: APIException | None = Field(None, alias="APIException")


class Discount(Message):
    """Discount."""

    price_group_id: Int = Field(INTMIN, alias="PriceGroupId")
    category_id: Int = Field(INTMIN, alias="CategoryId")
    customer_id: Int = Field(INTMIN, alias="CustomerId")
    value: Annotated[Decimal, "min:1"] = Field(Decimal(0), alias="Value")


class Product(Message):
    """Product."""

    cash_price_inc_tax: float = Field(-1.7976931348623157e308, alias="CashPriceIncTax")
    web_price: Decimal = Field(DECMIN, alias="WebPrice")
    supplier_id: Int = Field(INTMIN, alias="SupplierId")
    id: Int = Field(INTMIN, alias="Id")
    name: str = Field("", alias="Name")
    tax_rate: Decimal = Field(DECMIN, alias="TaxRate")
    stock: Decimal = Field(DECMIN, alias="Stock")
    status_id: Int = Field(INTMIN, alias="StatusId")
    category_id: Int = Field(INTMIN, alias="CategoryId")
    price_group_id: Int = Field(INTMIN, alias="PriceGroupID")
    in_price: Decimal = Field(DECMIN, alias="InPrice")
    description: str = Field("", alias="Description")
    description_long: str = Field("", alias="DescriptionLong")
    cost: Decimal = Field(DECMIN, alias="Cost")
    ean1: str = Field("", alias="EAN1")
    price: Decimal = Field(DECMIN, alias="Price")
    no: str = Field("", alias="No")
    date_changed: datetime = Field(DATEMIN, alias="DateChanged")
    api_exception: APIException | None = Field(None, alias="APIException")
    weight: Decimal = Field(DECMIN, alias="Weight")
    minimum_stock: Decimal = Field(DECMIN, alias="MinimumStock")
    order_proposal: Decimal = Field(DECMIN, alias="OrderProposal")
    stock_location: str = Field("", alias="StockLocation")
    supplier_product_code: str = Field("", alias="SupplierProductCode")
    supplier_product_name: str = Field("", alias="SupplierProductName")
    web: Annotated[bool | None, "nillable"] = Field(None, alias="Web")
    product_code: str = Field("", alias="ProductCode")
    stock_controlled: Annotated[bool | None, "nillable"] = Field(None, alias="StockControlled")
    new_offer: Annotated[bool | None, "nillable"] = Field(None, alias="NewOffer")
    new_product: Annotated[bool | None, "nillable"] = Field(None, alias="NewProduct")


class ProductPriceList(Message):
    """Product price list."""

    id: Annotated[Int, "min:1"] = Field(0, alias="Id")
    name: str | None = Field(None, alias="Name")
    inc_vat: Annotated[bool, "min:1"] = Field(False, alias="IncVat")
    currency: str | None = Field(None, alias="Currency")


class ProductSearchParameters(Message):
    """Product search parameters."""

    id: Int = Field(INTMIN, alias="Id")
    category_id: Int = Field(INTMIN, alias="CategoryId")
    no: str = Field("", alias="No")
    ean1: str = Field("", alias="EAN1")
    name: str = Field("", alias="Name")
    price: Decimal = Field(DECMIN, alias="Price")
    date_changed: datetime = Field(DATEMIN, alias="DateChanged")
    product_ids: list[Int] | None = Field(None, alias="ProductIds")
