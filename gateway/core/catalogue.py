"""What a tenant's documents and books refer to: customers, products, VAT, payment, layout, accounts, years. Values only.

A catalogue is small, and is held in memory as a whole, so it answers without waiting. Customers, products, their categories and
contacts may be many. They are records (see `catalogue_records`), and stand in a catalogue only where one was made for what a
request names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from gateway.core.catalogue_items import (
    Account,
    Address,
    Addresses,
    Contact,
    Currency,
    Customer,
    CustomerCategory,
    DeliveryMethod,
    Department,
    Employee,
    FiscalYear,
    PaymentMethod,
    Product,
    ProductCategory,
    Project,
    StampSeries,
    TaxCode,
    Template,
    TypeGroup,
    VoucherSeries,
    VoucherType,
)

__all__ = [
    "EMPTY",
    "SECTIONS",
    "Account",
    "Address",
    "Addresses",
    "Catalogue",
    "CatalogueItem",
    "Contact",
    "Currency",
    "Customer",
    "CustomerCategory",
    "DeliveryMethod",
    "Department",
    "Employee",
    "FiscalYear",
    "ItemKey",
    "ManyItem",
    "PaymentMethod",
    "Product",
    "ProductCategory",
    "Project",
    "StampSeries",
    "TaxCode",
    "Template",
    "TypeGroup",
    "VoucherSeries",
    "VoucherType",
]

_NOTHING: Final[Mapping[Any, Any]] = MappingProxyType({})


CatalogueItem: TypeAlias = (
    Customer
    | Product
    | ProductCategory
    | CustomerCategory
    | Contact
    | TypeGroup
    | TaxCode
    | PaymentMethod
    | DeliveryMethod
    | Template
    | Project
    | Department
    | Employee
    | Account
    | Currency
    | VoucherSeries
    | VoucherType
    | FiscalYear
    | StampSeries
)
ManyItem: TypeAlias = Customer | Product | ProductCategory | CustomerCategory | Contact
"""Items of which a tenant may have many; they are records."""
ItemKey: TypeAlias = tuple[type[Any], int | str]
"""The type of an item (one of CatalogueItem) and its id."""

SECTIONS: Final[Mapping[type[Any], str]] = MappingProxyType(
    {
        Customer: "customers",
        Product: "products",
        ProductCategory: "product_categories",
        CustomerCategory: "customer_categories",
        Contact: "contacts",
        TypeGroup: "type_groups",
        TaxCode: "tax_codes",
        PaymentMethod: "payment_methods",
        DeliveryMethod: "delivery_methods",
        Template: "templates",
        Project: "projects",
        Department: "departments",
        Employee: "employees",
        Account: "accounts",
        Currency: "currencies",
        VoucherSeries: "voucher_series",
        VoucherType: "voucher_types",
        FiscalYear: "fiscal_years",
        StampSeries: "stamp_series",
    }
)
"""In which field of a catalogue items of a type are."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything of one tenant by id, each section in ascending order of ids. A catalogue never changes; see `with_changes`.

    customers, products: those that a request names (see `naming`). A store's own catalogue has none, and no other items that
        are records.
    kept: types of which the tenant has items beside those that stand here, or had some.
    """

    customers: Mapping[int, Customer] = field(default_factory=lambda: _NOTHING)
    products: Mapping[int, Product] = field(default_factory=lambda: _NOTHING)
    product_categories: Mapping[int, ProductCategory] = field(default_factory=lambda: _NOTHING)
    customer_categories: Mapping[int, CustomerCategory] = field(default_factory=lambda: _NOTHING)
    contacts: Mapping[int, Contact] = field(default_factory=lambda: _NOTHING)
    type_groups: Mapping[int, TypeGroup] = field(default_factory=lambda: _NOTHING)
    tax_codes: Mapping[int, TaxCode] = field(default_factory=lambda: _NOTHING)
    payment_methods: Mapping[int, PaymentMethod] = field(default_factory=lambda: _NOTHING)
    delivery_methods: Mapping[int, DeliveryMethod] = field(default_factory=lambda: _NOTHING)
    templates: Mapping[str, Template] = field(default_factory=lambda: _NOTHING)
    projects: Mapping[int, Project] = field(default_factory=lambda: _NOTHING)
    departments: Mapping[int, Department] = field(default_factory=lambda: _NOTHING)
    employees: Mapping[int, Employee] = field(default_factory=lambda: _NOTHING)
    accounts: Mapping[int, Account] = field(default_factory=lambda: _NOTHING)
    currencies: Mapping[int, Currency] = field(default_factory=lambda: _NOTHING)
    voucher_series: Mapping[int, VoucherSeries] = field(default_factory=lambda: _NOTHING)
    voucher_types: Mapping[int, VoucherType] = field(default_factory=lambda: _NOTHING)
    fiscal_years: Mapping[int, FiscalYear] = field(default_factory=lambda: _NOTHING)
    stamp_series: Mapping[str, StampSeries] = field(default_factory=lambda: _NOTHING)
    kept: frozenset[type[Any]] = frozenset()

    def naming(self, items: Iterable[Customer | Product], kept: frozenset[type[Any]]) -> Catalogue:
        """The same catalogue for one request.

        items: those among the customers and products that it names which the tenant has.
        kept: those of the two types of which the tenant has any item, or had one.
        """
        return replace(self.with_changes(items), kept=kept)

    def with_changes(self, items: Iterable[CatalogueItem] = (), removed: Iterable[ItemKey] = ()) -> Catalogue:
        """A new catalogue: items are put in, replacing those of the same id, and then others are taken out."""
        sections: dict[str, dict[Any, Any]] = {}
        for item in items:
            self._section(sections, type(item))[item.id] = item
        for kind, item_id in removed:
            self._section(sections, kind).pop(item_id, None)
        ordered: dict[str, Any] = {
            name: MappingProxyType(dict(sorted(section.items()))) for name, section in sections.items()
        }
        return replace(self, **ordered)

    def _section(self, sections: dict[str, dict[Any, Any]], kind: type[Any]) -> dict[Any, Any]:
        name = SECTIONS[kind]
        return sections.setdefault(name, dict(getattr(self, name)))

    def items(self) -> tuple[CatalogueItem, ...]:
        """Every item, section by section."""
        return tuple(item for name in SECTIONS.values() for item in getattr(self, name).values())

    def product_vat_rate(self, product: Product) -> Decimal | None:
        """The VAT rate of a product in percent; None when it is unknown.

        It is the product's own rate, else that of its type group. A product without type group has the default one's.
        """
        if product.vat_rate is not None:
            return product.vat_rate
        group = self.type_groups.get(product.type_group) if product.type_group is not None else self.default_type_group
        return None if group is None else group.vat_rate

    @property
    def default_type_group(self) -> TypeGroup | None:
        """The type group marked as default; without a mark the first one, None when there is none."""
        marked = (group for group in self.type_groups.values() if group.is_default)
        return next(marked, None) or next(iter(self.type_groups.values()), None)

    @property
    def default_template(self) -> Template | None:
        """The template marked as default; without a mark the first one, None when there is none."""
        marked = (template for template in self.templates.values() if template.is_default)
        return next(marked, None) or next(iter(self.templates.values()), None)

    def may_refer_to(self, kind: type[Any], item_id: int | str) -> bool:
        """Whether a document may name this id: it is known, or the tenant keeps no items of its type here at all."""
        section: Mapping[Any, Any] = getattr(self, SECTIONS[kind])
        return item_id in section or (not section and kind not in self.kept)


EMPTY: Final = Catalogue()
