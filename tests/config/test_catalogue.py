"""Catalogues as people write them: what is understood, what is refused at which place, and the demo tenant's own catalogue."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gateway.config.catalogue import CatalogueSection
from gateway.config.loading import load_config
from gateway.config.validated import load_catalogue, plan
from gateway.config.yaml_file import ConfigError
from gateway.core.catalogue import (
    EMPTY,
    SECTIONS,
    Account,
    Contact,
    Currency,
    Customer,
    CustomerCategory,
    FiscalYear,
    Product,
    ProductCategory,
    Project,
    StampSeries,
    Template,
    VoucherSeries,
    VoucherType,
)
from gateway.core.catalogue_records import CUSTOMER
from gateway.core.record_commands import SearchRecords
from gateway.core.values import TenantId
from tests.conftest import EXAMPLE, MakeGateway

GUID = "6f1c1f0e-6c1f-4c55-9a3e-0b6a5d0f7a01"
OTHER = GUID.replace("6f", "7f", 1)
TENANT = "tenants:\n  - id: a\n    series: [{key: main}]\n"


def items(**lists: Any) -> tuple[Any, ...]:
    return CatalogueSection.model_validate(lists).items()


def test_everything_is_optional_but_ids_and_names() -> None:
    assert items() == ()
    assert items(customers=[{"id": 1, "name": "x"}], projects=[{"id": 2}]) == (Customer(1, "x"), Project(2))


def test_amounts_are_exact() -> None:
    (product,) = items(products=[{"id": 1, "name": "x", "price": "24500.10", "cost": 0.1, "vat_rate": 6}])
    assert product == Product(1, "x", price=Decimal("24500.10"), cost=Decimal("0.1"), vat_rate=Decimal(6))
    assert str(product.price) == "24500.10"


def test_addresses_and_country() -> None:
    (customer,) = items(customers=[{"id": 1, "name": "x", "addresses": {"post": {"city": "Oslo", "country": False}}}])
    assert customer.addresses.post.city == "Oslo"
    assert customer.addresses.post.country == "NO"  # YAML reads a bare NO as false
    assert customer.addresses.delivery is None


def test_templates() -> None:
    (template,) = items(templates=[{"id": GUID, "name": "x", "modified": "2012-03-01T08:00:00Z", "customers": [3]}])
    assert template == Template(GUID, "x", modified=dt.datetime(2012, 3, 1, 8, tzinfo=dt.UTC), customers=(3,))


@pytest.mark.parametrize(
    ("section", "entries", "problem"),
    [
        ("customers", [{"id": 1}], "name"),
        ("customers", [{"id": -1, "name": "x"}], "greater than or equal to 0"),
        ("customers", [{"id": 1, "name": "x", "colour": "red"}], "Extra inputs"),
        ("customers", [{"id": 1, "name": "x", "gln": "123"}], "pattern"),
        ("customers", [{"id": 1, "name": "x", "addresses": {"post": {"country": "Norge"}}}], "pattern"),
        ("customers", [{"id": 1, "name": "x"}, {"id": 1, "name": "y"}], "customers: two have the id 1"),
        ("products", [{"id": 1, "name": "x", "price": "much"}], "decimal"),
        ("products", [{"id": 1, "name": "x", "price": "NaN"}], "finite"),
        ("products", [{"id": 1, "name": "x", "vat_rate": 101}], "less than or equal to 100"),
        ("products", [{"id": 1, "name": "x", "type_group": 9}], "products: 1 names the type group 9"),
        ("type_groups", [{"id": 1, "name": "x", "vat_rate": 0, "tax_code": 9}], "type_groups: 1 names the tax code 9"),
        ("products", [{"id": 1, "name": "x", "category": 9}], "products: 1 names the product category 9"),
        ("product_categories", [{"id": 1, "name": "x", "parent": 9}], "1 names the product category 9"),
        ("product_categories", [{"id": 1, "name": "x", "parent": 1}], "product_categories: 1 is a part of itself"),
        (
            "product_categories",
            [{"id": own, "name": "x", "parent": parent} for own, parent in ((1, 2), (2, 3), (3, 2))],
            "product_categories: 2 is a part of itself",
        ),
        ("customers", [{"id": 1, "name": "x", "emails": [""]}], "at least 1 character"),
        ("customers", [{"id": 1, "name": "x", "phones": ["1"] * 101}], "at most 100"),
        ("contacts", [{"id": 1, "name": "x", "customers": [-1]}], "greater than or equal to 0"),
        ("accounts", [{"id": 1, "name": "x", "number": 32768}], "less than or equal to 32767"),
        ("accounts", [{"id": 1, "name": "x", "number": 1, "tax_code": 9}], "accounts: 1 names the tax code 9"),
        ("accounts", [{"id": own, "name": "x", "number": 3000} for own in (1, 2)], "two have the number 3000"),
        ("currencies", [{"id": 1, "symbol": "kr"}], "pattern"),
        ("currencies", [{"id": 1, "symbol": "SEK", "rate": 0}], "greater than 0"),
        ("currencies", [{"id": 1, "symbol": "SEK", "unit": 0}], "greater than or equal to 1"),
        ("currencies", [{"id": own, "symbol": "SEK"} for own in (1, 2)], "two have the symbol SEK"),
        ("voucher_series", [{"id": 1, "first": 0}], "greater than or equal to 1"),
        ("voucher_types", [{"id": 1, "number": 1, "name": "x", "series": 9}], "names the voucher series 9"),
        ("fiscal_years", [{"id": 2024, "start": "2024-01-01", "end": "2024-01-01"}], "2024 ends before it begins"),
        (
            "fiscal_years",
            [{"id": own, "start": f"{own}-01-01", "end": f"{own + 1}-01-02"} for own in (2025, 2024)],
            "fiscal_years: 2024 and 2025 overlap",
        ),
        ("stamp_series", [{"id": GUID, "name": "x", "first": 2, "last": 1}], "ends before it begins"),
        ("stamp_series", [{"id": GUID, "name": "x", "first": 0, "last": 1}], "greater than or equal to 1"),
        (
            "stamp_series",
            [{"id": GUID, "name": "x", "first": 1, "last": 5}, {"id": OTHER, "name": "y", "first": 5, "last": 9}],
            "stamp_series: .* overlap",
        ),
        ("templates", [{"id": "x", "name": "x"}], "pattern"),
        ("templates", [{"id": GUID, "name": "x", "modified": "2012-03-01T08:00:00"}], "time zone"),
        (
            "type_groups",
            [{"id": own, "name": "x", "vat_rate": 0, "is_default": True} for own in (1, 2)],
            "more than one is marked default",
        ),
    ],
)
def test_what_is_refused(section: str, entries: list[Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        items(**{section: entries})


def test_books() -> None:
    found = items(
        tax_codes=[{"id": 3, "name": "t"}],
        accounts=[{"id": 1, "number": 3000, "name": "a", "tax_code": 3, "needs_project": True}],
        currencies=[{"id": 1, "symbol": "SEK", "rate": "97.35", "unit": 100}, {"id": 2, "symbol": "NOK"}],
        voucher_series=[{"id": 1, "first": 10000}],
        voucher_types=[{"id": 1, "number": 0, "name": "v", "series": 1}],
        fiscal_years=[
            {"id": 2024, "start": "2024-01-01", "end": "2025-01-01", "locked": True},
            {"id": 2025, "start": dt.date(2025, 1, 1), "end": dt.date(2026, 1, 1)},
        ],
        stamp_series=[{"id": GUID, "name": "s", "first": 5, "last": 5}],
    )
    assert found[1:] == (
        Account(1, 3000, "a", 3, needs_project=True),
        Currency(1, "SEK", Decimal("97.35"), 100),
        Currency(2, "NOK"),
        VoucherSeries(1, 10000),
        VoucherType(1, 0, "v", 1),
        FiscalYear(2024, dt.date(2024, 1, 1), dt.date(2025, 1, 1), True),
        FiscalYear(2025, dt.date(2025, 1, 1), dt.date(2026, 1, 1)),
        StampSeries(GUID, "s", 5, 5),
    )


def test_people_and_categories() -> None:
    found = items(
        customers=[{"id": 1, "name": "c", "external_id": "E", "emails": ["a@b"], "phones": ["1", "2"]}],
        products=[{"id": 1, "name": "p", "category": 2, "ean": "7038010000000"}],
        product_categories=[{"id": 1, "name": "x", "number": "10"}, {"id": 2, "name": "y", "parent": 1}],
        customer_categories=[{"id": 1, "name": "x", "for_contacts": False}],
        contacts=[{"id": 4, "name": "z", "email": "e", "phone": "3", "customers": [1, 9], "extras": {"d": {"a": 1}}}],
    )
    assert found == (
        Customer(1, "c", external_id="E", emails=("a@b",), phones=("1", "2")),
        Product(1, "p", category=2, ean="7038010000000"),
        ProductCategory(1, "x", "10"),
        ProductCategory(2, "y", parent=1),
        CustomerCategory(1, "x", for_contacts=False),
        Contact(4, "z", "e", "3", (1, 9), {"d": {"a": 1}}),
    )


def config_of(path: Path, text: str) -> Any:
    file = path / "config.yaml"
    file.write_text(text, encoding="utf-8")
    config, document = load_config(file)
    return plan(config, document)


def test_a_mistake_is_shown_with_its_line(tmp_path: Path) -> None:
    text = TENANT + "    catalogue:\n      projects:\n        - {id: 1}\n        - {id: one}\n"
    with pytest.raises(ConfigError, match=r"line 7: tenants\.0\.catalogue\.projects\.1\.id: found 'one'"):
        config_of(tmp_path, text)


@pytest.mark.parametrize("name", ["catalogue.yaml", "catalogue.json"])
def test_a_file_of_its_own(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(json.dumps({"projects": [{"id": 1, "name": "Ø"}]}), encoding="utf-8")
    found = config_of(tmp_path, TENANT + f"    catalogue_file: {name}\n").catalogues
    assert found == {TenantId("a"): (Project(1, "Ø"),)}


def test_mistakes_in_a_file_of_its_own_name_that_file(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("projects:\n  - {id: 1}\n  - {nid: 1}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"c\.yaml: line 3: projects\.1\.id: is missing"):
        config_of(tmp_path, TENANT + "    catalogue_file: c.yaml\n")
    with pytest.raises(ConfigError, match=r"none\.yaml: .*cannot be read"):
        config_of(tmp_path, TENANT + "    catalogue_file: none.yaml\n")


def test_one_or_the_other(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="alternatives; give one"):
        config_of(tmp_path, TENANT + "    catalogue: {}\n    catalogue_file: x\n")


def test_without_a_catalogue_there_is_none(tmp_path: Path) -> None:
    assert config_of(tmp_path, TENANT).catalogues == {}


def test_the_demo_tenant_has_something_of_everything() -> None:
    config, document = load_config(EXAMPLE)
    catalogue = EMPTY.with_changes(plan(config, document).catalogues[TenantId("demo")])
    assert {name for name in SECTIONS.values() if not getattr(catalogue, name)} == {"fiscal_years"}  # settings decide
    assert (len(catalogue.customers), len(catalogue.products), len(catalogue.templates)) == (5, 8, 2)
    assert Decimal(0) in {group.vat_rate for group in catalogue.type_groups.values()}
    assert {template.language for template in catalogue.templates.values()} == {"nb", "pt"}
    assert all(catalogue.product_vat_rate(product) is not None for product in catalogue.products.values())
    assert all(customer.addresses.post for customer in catalogue.customers.values())
    names = "".join(getattr(item, "name", "") for item in catalogue.items())
    assert set("åæøäöçãé") <= set(names.lower())


async def test_a_gateway_begins_with_it(make_gateway: MakeGateway) -> None:
    gateway = (await make_gateway()).server.gateway
    found = await gateway.store.read(SearchRecords(TenantId("demo"), CUSTOMER))
    assert [record.id for record in found.records] == ["1", "2", "3", "4", "5"]
    assert gateway.store.catalogue(TenantId("demo")).tax_codes


def test_load_catalogue(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text('{"projects": []}', encoding="utf-8")
    assert load_catalogue(tmp_path / "c.json").items() == ()
