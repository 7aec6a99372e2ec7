"""A tenant's catalogue as people write it: the configuration's `catalogue` section, or a YAML or JSON file of its own.

The names are those of `gateway.core.catalogue`, whose docstrings say what each field means. The author of the file chooses
the ids, which must be unique in their list. Write amounts and percentages in quotes or with few digits ("1250.00"), because
YAML reads a bare 1250.00 as a binary fraction.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from pydantic import BaseModel, Field, model_validator

from gateway.config.catalogue_entries import (
    AccountEntry,
    AddressesEntry,
    ContactEntry,
    CurrencyEntry,
    CustomerCategoryEntry,
    CustomerEntry,
    EmployeeEntry,
    Entry,
    FiscalYearEntry,
    NamedEntry,
    ProductCategoryEntry,
    ProductEntry,
    StampSeriesEntry,
    TaxCodeEntry,
    TemplateEntry,
    TypeGroupEntry,
    VoucherSeriesEntry,
    VoucherTypeEntry,
)
from gateway.core import catalogue as core

_REFERENCES: Final = (
    ("products", "type_group", "type_groups"),
    ("products", "category", "product_categories"),
    ("product_categories", "parent", "product_categories"),
    ("type_groups", "tax_code", "tax_codes"),
    ("accounts", "tax_code", "tax_codes"),
    ("voucher_types", "series", "voucher_series"),
)
"""A list, one of its fields, and the list that the field names an id of."""
_ONE_OF: Final = {
    "type_groups": "type group",
    "product_categories": "product category",
    "tax_codes": "tax code",
    "voucher_series": "voucher series",
}
"""What one item of such a list is called."""


def _refuse_twins(name: str, field: str, values: Sequence[Any]) -> None:
    """Raises ValueError when two have the same."""
    if len(set(values)) != len(values):
        twin = min(value for value, times in Counter(values).items() if times > 1)
        raise ValueError(f"{name}: two have the {field} {twin}")


def _refuse_overlaps(name: str, spans: Sequence[tuple[Any, Any, Any]]) -> None:
    """Raises ValueError for a span that is empty or has something in common with another one.

    spans: of each the start, the end that is not in it, and the id.
    """
    for start, end, own in spans:
        if start >= end:
            raise ValueError(f"{name}: {own} ends before it begins")
    for (_, end, own), (start, _, other) in itertools.pairwise(sorted(spans)):
        if start < end:
            raise ValueError(f"{name}: {own} and {other} overlap")


class CatalogueSection(Entry):
    """What a tenant's catalogue begins with (ADR-16).

    The gateway applies it at the start when it differs from the one applied last: it replaces items of the same list and id;
    all others stay. `projects`, `departments` and `employees` may stay empty: then documents may name any id. Without
    `fiscal_years`, `voucher_types`, `currencies` or `accounts` a dialect takes what its own settings say.
    """

    customers: list[CustomerEntry] = Field(default_factory=list)
    products: list[ProductEntry] = Field(default_factory=list)
    product_categories: list[ProductCategoryEntry] = Field(default_factory=list)
    customer_categories: list[CustomerCategoryEntry] = Field(default_factory=list)
    contacts: list[ContactEntry] = Field(default_factory=list)
    type_groups: list[TypeGroupEntry] = Field(default_factory=list)
    tax_codes: list[TaxCodeEntry] = Field(default_factory=list)
    payment_methods: list[NamedEntry] = Field(default_factory=list)
    delivery_methods: list[NamedEntry] = Field(default_factory=list)
    templates: list[TemplateEntry] = Field(default_factory=list)
    projects: list[NamedEntry] = Field(default_factory=list)
    departments: list[NamedEntry] = Field(default_factory=list)
    employees: list[EmployeeEntry] = Field(default_factory=list)
    accounts: list[AccountEntry] = Field(default_factory=list)
    currencies: list[CurrencyEntry] = Field(default_factory=list)
    voucher_series: list[VoucherSeriesEntry] = Field(default_factory=list)
    voucher_types: list[VoucherTypeEntry] = Field(default_factory=list)
    fiscal_years: list[FiscalYearEntry] = Field(default_factory=list)
    stamp_series: list[StampSeriesEntry] = Field(default_factory=list)

    @model_validator(mode="after")
    def _consistent(self) -> CatalogueSection:
        for name in core.SECTIONS.values():
            _refuse_twins(name, "id", [entry.id for entry in getattr(self, name)])
        self._check_references()
        return self

    def _check_references(self) -> None:
        for name, field, target in _REFERENCES:
            known = {entry.id for entry in getattr(self, target)}
            wanted = ((entry.id, getattr(entry, field)) for entry in getattr(self, name))
            unknown = next((pair for pair in wanted if pair[1] is not None and pair[1] not in known), None)
            if unknown is not None:
                what = _ONE_OF[target]
                raise ValueError(f"{name}: {unknown[0]} names the {what} {unknown[1]}, which is not listed")
        for name in ("type_groups", "templates"):
            if sum(entry.is_default for entry in getattr(self, name)) > 1:
                raise ValueError(f"{name}: more than one is marked default")
        self._check_categories()
        self._check_books()

    def _check_categories(self) -> None:
        """No category is a part of itself."""
        parents = {entry.id: entry.parent for entry in self.product_categories}
        for own, parent in parents.items():
            above, seen = parent, {own}
            while above is not None and above not in seen:
                seen.add(above)
                above = parents[above]
            if above == own:
                raise ValueError(f"product_categories: {own} is a part of itself")

    def _check_books(self) -> None:
        _refuse_twins("accounts", "number", [entry.number for entry in self.accounts])
        _refuse_twins("currencies", "symbol", [entry.symbol for entry in self.currencies])
        _refuse_overlaps("fiscal_years", [(year.start, year.end, year.id) for year in self.fiscal_years])
        spans = [(entry.first, entry.last + 1, entry.id) for entry in self.stamp_series]
        _refuse_overlaps("stamp_series", spans)

    def items(self) -> tuple[core.CatalogueItem, ...]:
        """Everything listed, as the core knows it."""
        return tuple(_item(kind, entry) for kind, name in core.SECTIONS.items() for entry in getattr(self, name))


def _item(kind: type[Any], entry: BaseModel) -> core.CatalogueItem:
    fields = {name: getattr(entry, name) for name in type(entry).model_fields}
    if isinstance(entry, CustomerEntry):
        fields["addresses"] = _addresses(entry.addresses)
    fields |= {name: tuple(value) for name, value in fields.items() if isinstance(value, list)}
    item: core.CatalogueItem = kind(**fields)
    return item


def _addresses(entry: AddressesEntry) -> core.Addresses:
    given = {name: getattr(entry, name) for name in type(entry).model_fields}
    return core.Addresses(**{name: core.Address(**own.model_dump()) for name, own in given.items() if own is not None})
