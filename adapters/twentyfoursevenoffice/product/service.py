"""ProductService: the handler of each operation that is served."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.twentyfoursevenoffice.product.categories import get_categories, save_categories
from adapters.twentyfoursevenoffice.product.save import delete_products, save_products, set_stock_quantity
from adapters.twentyfoursevenoffice.product.search import get_products
from adapters.twentyfoursevenoffice.service import Handler, Service
from gateway.spi.adapter import Evidence
from schemas.twentyfoursevenoffice.product.contract import PRODUCT_SERVICE

HANDLERS: Final[Mapping[str, Handler]] = MappingProxyType(
    {
        "SetStockQuantity": set_stock_quantity,
        "GetProducts": get_products,
        "SaveProducts": save_products,
        "DeleteProducts": delete_products,
        "GetCategories": get_categories,
        "SaveCategories": save_categories,
    }
)
"""The handler of each operation; others are declined."""

PRODUCT: Final = Service(
    PRODUCT_SERVICE, HANDLERS, Evidence.DOCUMENTED, repeated=frozenset({"GetProducts", "GetCategories"})
)
