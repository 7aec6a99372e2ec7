"""A product of the vendor and a product of the core: one mapping, both ways. Source: PR-10 to PR-20.

What the core has no field for is kept in `Product.extras` under the dialect's name, in the form of `orders.properties`; the
stock, too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from adapters.twentyfoursevenoffice.items import ItemRefused
from adapters.twentyfoursevenoffice.orders.properties import Properties, Values
from adapters.twentyfoursevenoffice.work import DIALECT
from gateway.core.catalogue import Catalogue, Product
from gateway.core.records import Record
from schemas.twentyfoursevenoffice.product import types as t

PRODUCT: Final = Properties(t.Product)

READ_ONLY: Final = frozenset({"Id", "DateChanged", "APIException"})
"""Properties that a message may hold but that SaveProducts does not keep: they are the system's."""
ACTIVE: Final = 1
"""StatusId of a product that is sold; an expired one has 0. Source: PR-17."""
_DIRECT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Name": "name",
        "No": "number",
        "EAN1": "ean",
        "Price": "price",
        "Cost": "cost",
        "TaxRate": "vat_rate",
        "CategoryId": "category",
    }
)
"""Properties that have a field of their own in the core."""
_LIMITS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "Name": 125,
        "Description": 500,
        "No": 100,
        "EAN1": 50,
        "StockLocation": 100,
        "SupplierProductCode": 50,
        "SupplierProductName": 250,
    }
)
"""Characters at most. Source: PR-16."""
_HIGHEST_RATE: Final = 100


def sent_by(product: t.Product) -> Values:
    """What a message sets and SaveProducts keeps. Raises ItemRefused for a value that no product can have."""
    sent = {name: value for name, value in PRODUCT.given(product).items() if name not in READ_ONLY}
    if sent.get("CategoryId") == 0:  # PHP sends an empty number as 0 (G-28)
        del sent["CategoryId"]
    for name, limit in PRODUCT.too_long(sent, _LIMITS):
        raise ItemRefused("property_too_long", property=name, limit=limit)
    if not 0 <= sent.get("TaxRate", 0) <= _HIGHEST_RATE:
        raise ItemRefused("property_invalid", property="TaxRate")
    if not math.isfinite(sent.get("CashPriceIncTax", 0.0)):
        raise ItemRefused("property_invalid", property="CashPriceIncTax")
    return sent


def with_values(before: Product | None, product_id: int, sent: Mapping[str, Any]) -> Product:
    """The product with what was sent in the place of what it had. What was not sent stays (inferred, as CO-64).

    Raises ItemRefused when a new product has no category or no name. Source: PR-10, PR-23.
    """
    if before is None:
        for name in ("CategoryId", "Name"):
            if name not in sent:
                raise ItemRefused("product_property_missing", property=name)
        before = Product(product_id, sent["Name"])
    direct = {attribute: sent[name] for name, attribute in _DIRECT.items() if name in sent}
    own = {name: value for name, value in sent.items() if name not in _DIRECT}
    if not own:
        return replace(before, **direct)
    return replace(before, **direct, extras={**before.extras, DIALECT: {**before.extras.get(DIALECT, {}), **own}})


def values_of(product: Product, record: Record, catalogue: Catalogue) -> Values:
    """Every property of a product that is known.

    A product of the catalogue file or of another dialect shows the VAT rate of its type of sale, and is active (inferred).
    """
    found: Values = {"StatusId": ACTIVE, **product.extras.get(DIALECT, {})}
    found |= {
        name: value for name, attribute in _DIRECT.items() if (value := getattr(product, attribute)) not in (None, "")
    }
    rate: Decimal | None = catalogue.product_vat_rate(product)
    if rate is not None:
        found["TaxRate"] = rate
    found["Id"] = product.id
    found["DateChanged"] = record.changed
    return found
