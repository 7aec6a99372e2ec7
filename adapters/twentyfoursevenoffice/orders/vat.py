"""Which VAT rate a row has. Source: R-70.

TaxSettings of the row  >  type group of the row  >  type of sale of the order  >  the product's own
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from gateway.core.catalogue import Catalogue, Product

_NONE: Final[Mapping[str, Any]] = {}


def vat_rate(
    row: Mapping[str, Any], order: Mapping[str, Any], product: Product | None, catalogue: Catalogue
) -> Decimal | None:
    """The rate in percent; None when nothing names one.

    row, order: properties by the vendor's names.
    """
    tax = row.get("TaxSettings", _NONE)
    if "TaxRate" in tax:
        rate: Decimal = tax["TaxRate"]
        return rate
    code = catalogue.tax_codes.get(tax.get("TaxCode", -1))
    if code is not None:
        return code.rate
    for group_id in (row.get("TypeGroupId"), order.get("TypeOfSaleId")):
        group = catalogue.type_groups.get(group_id) if group_id is not None else None
        if group is not None:
            return group.vat_rate
    return None if product is None else catalogue.product_vat_rate(product)
