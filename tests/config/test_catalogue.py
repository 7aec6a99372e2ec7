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
from gateway.core.catalogue import EMPTY, SECTIONS, Customer, Product, Project, Template
from gateway.core.catalogue_records import CUSTOMER
from gateway.core.record_commands import SearchRecords
from gateway.core.values import TenantId
from tests.conftest import EXAMPLE, MakeGateway

GUID = "6f1c1f0e-6c1f-4c55-9a3e-0b6a5d0f7a01"
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
    assert all(getattr(catalogue, name) for name in SECTIONS.values())
    assert (len(catalogue.customers), len(catalogue.products), len(catalogue.templates)) == (5, 8, 2)
    assert Decimal(0) in {group.vat_rate for group in catalogue.type_groups.values()}
    assert {template.language for template in catalogue.templates.values()} == {"nb", "pt"}
    assert all(catalogue.product_vat_rate(product) is not None for product in catalogue.products.values())
    assert all(customer.addresses.post for customer in catalogue.customers.values())
    names = "".join(item.name for item in catalogue.items())
    assert set("åæøäöçãé") <= set(names.lower())


async def test_a_gateway_begins_with_it(make_gateway: MakeGateway) -> None:
    gateway = (await make_gateway()).server.gateway
    found = await gateway.store.read(SearchRecords(TenantId("demo"), CUSTOMER))
    assert [record.id for record in found.records] == ["1", "2", "3", "4", "5"]
    assert gateway.store.catalogue(TenantId("demo")).tax_codes


def test_load_catalogue(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text('{"projects": []}', encoding="utf-8")
    assert load_catalogue(tmp_path / "c.json").items() == ()
