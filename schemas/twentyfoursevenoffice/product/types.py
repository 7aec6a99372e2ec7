"""The types of ProductService, with their elements in the order of the contract.

`"max:…"` is a limit from the vendor's data type pages; the contract itself has none. Source: PR-16.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from schemas.twentyfoursevenoffice.common import APIException
from schemas.twentyfoursevenoffice.primitives import DATEMIN, DECMIN, INTMIN, Int, Message


class Category(Message):
    """A category of products. Each product has one. Categories may stand below others. Source: PR-04, PR-10."""

    id: Int = Field(INTMIN, alias="Id")
    name: str = Field("", alias="Name")
    no: str = Field("", alias="No")
    parent_id: Int = Field(INTMIN, alias="ParentId")
    api_exception: APIException | None = Field(None, alias="APIException")


class Discount(Message):
    """A discount for a customer, by price group or by category. Source: PR-07."""

    price_group_id: Int = Field(INTMIN, alias="PriceGroupId")
    category_id: Int = Field(INTMIN, alias="CategoryId")
    customer_id: Int = Field(INTMIN, alias="CustomerId")
    value: Annotated[Decimal, "min:1"] = Field(Decimal(0), alias="Value")


class Product(Message):
    """A product.

    id: the system makes it, unless a new product comes with one of its own.
    name, category_id: a new product must have both.
    no: the number that people see, also on the rows of invoices.
    status_id: 1 for active, 0 for expired.
    tax_rate: in percent.
    cash_price_inc_tax, web, web_price: for shops on the web.
    api_exception: why this product was not saved.
    Source: N-32, PR-10, PR-16, PR-17.
    """

    cash_price_inc_tax: float = Field(-1.7976931348623157e308, alias="CashPriceIncTax")
    web_price: Decimal = Field(DECMIN, alias="WebPrice")
    supplier_id: Int = Field(INTMIN, alias="SupplierId")
    id: Int = Field(INTMIN, alias="Id")
    name: Annotated[str, "max:125"] = Field("", alias="Name")
    tax_rate: Decimal = Field(DECMIN, alias="TaxRate")
    stock: Decimal = Field(DECMIN, alias="Stock")
    status_id: Int = Field(INTMIN, alias="StatusId")
    category_id: Int = Field(INTMIN, alias="CategoryId")
    price_group_id: Int = Field(INTMIN, alias="PriceGroupID")
    in_price: Decimal = Field(DECMIN, alias="InPrice")
    description: Annotated[str, "max:500"] = Field("", alias="Description")
    description_long: str = Field("", alias="DescriptionLong")
    cost: Decimal = Field(DECMIN, alias="Cost")
    ean1: Annotated[str, "max:50"] = Field("", alias="EAN1")
    price: Decimal = Field(DECMIN, alias="Price")
    no: Annotated[str, "max:100"] = Field("", alias="No")
    date_changed: datetime = Field(DATEMIN, alias="DateChanged")
    api_exception: APIException | None = Field(None, alias="APIException")
    weight: Decimal = Field(DECMIN, alias="Weight")
    minimum_stock: Decimal = Field(DECMIN, alias="MinimumStock")
    order_proposal: Decimal = Field(DECMIN, alias="OrderProposal")
    stock_location: Annotated[str, "max:100"] = Field("", alias="StockLocation")
    supplier_product_code: Annotated[str, "max:50"] = Field("", alias="SupplierProductCode")
    supplier_product_name: Annotated[str, "max:250"] = Field("", alias="SupplierProductName")
    web: Annotated[bool | None, "nillable"] = Field(None, alias="Web")
    product_code: str = Field("", alias="ProductCode")
    stock_controlled: Annotated[bool | None, "nillable"] = Field(None, alias="StockControlled")
    new_offer: Annotated[bool | None, "nillable"] = Field(None, alias="NewOffer")
    new_product: Annotated[bool | None, "nillable"] = Field(None, alias="NewProduct")


class ProductPriceList(Message):
    """A price list. `inc_vat` says whether its prices contain VAT. Source: PR-07."""

    id: Annotated[Int, "min:1"] = Field(0, alias="Id")
    name: str | None = Field(None, alias="Name")
    inc_vat: Annotated[bool, "min:1"] = Field(False, alias="IncVat")
    currency: str | None = Field(None, alias="Currency")


class ProductSearchParameters(Message):
    """Which products are wanted. All filters that are set must fit.

    name: a part of the name, or a pattern with the wildcard `%`.
    date_changed: products that were changed after it.
    Source: PR-11, PR-12.
    """

    id: Int = Field(INTMIN, alias="Id")
    category_id: Int = Field(INTMIN, alias="CategoryId")
    no: str = Field("", alias="No")
    ean1: str = Field("", alias="EAN1")
    name: str = Field("", alias="Name")
    price: Decimal = Field(DECMIN, alias="Price")
    date_changed: datetime = Field(DATEMIN, alias="DateChanged")
    product_ids: list[Int] | None = Field(None, alias="ProductIds")
