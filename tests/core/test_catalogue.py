"""A catalogue's sections, and what follows from them."""

from __future__ import annotations

import dataclasses
import typing
from decimal import Decimal
from typing import Any

import pytest

from gateway.core.catalogue import (
    EMPTY,
    SECTIONS,
    Address,
    Addresses,
    Catalogue,
    CatalogueItem,
    Contact,
    Customer,
    CustomerCategory,
    DeliveryMethod,
    ManyItem,
    PaymentMethod,
    Product,
    ProductCategory,
    Project,
    Template,
    TypeGroup,
)
from gateway.core.catalogue_records import (
    CONTACT,
    CUSTOMER,
    KINDS,
    PRODUCT,
    PRODUCT_CATEGORY,
    catalogue_naming,
    item_of,
    price_text,
    record_of,
)
from gateway.core.commands import SaveCatalogue
from gateway.core.record_commands import CountRecords, RecordsCounted, SaveRecord, SaveRecords, SearchRecords
from gateway.core.records import MADE_UP, Condition
from gateway.core.results import CatalogueSaved
from gateway.core.values import Origin, TenantId
from gateway.testing.memory_store import MemoryStore
from tests.core.memory_state import MemoryState

OURS, THEIRS = TenantId("ours"), TenantId("theirs")
BY = Origin("test", "tester", "request-1")
STANDARD, EXPORT = TypeGroup(2, "Standard", Decimal(25)), TypeGroup(1, "Export", Decimal(0))


def test_every_kind_of_item_has_its_section() -> None:
    assert set(SECTIONS) == set(typing.get_args(CatalogueItem))
    assert [*SECTIONS.values(), "kept"] == [field.name for field in dataclasses.fields(Catalogue)]


def test_items_are_found_by_id_in_ascending_order() -> None:
    catalogue = EMPTY.with_changes([Customer(7, "Seven"), Customer(3, "Three"), PaymentMethod(3, "Card")])
    assert list(catalogue.customers) == [3, 7]
    assert catalogue.customers[7].name == "Seven"
    assert catalogue.payment_methods == {3: PaymentMethod(3, "Card")}
    assert [item.id for item in catalogue.items()] == [3, 7, 3]


def test_changes_replace_add_and_remove_and_leave_the_old_catalogue_alone() -> None:
    before = EMPTY.with_changes([Customer(1, "One"), Customer(2, "Two")])
    after = before.with_changes([Customer(2, "Deux"), DeliveryMethod(1, "Post")], [(Customer, 1), (Project, 9)])
    assert after.customers == {2: Customer(2, "Deux")}
    assert after.delivery_methods == {1: DeliveryMethod(1, "Post")}
    assert [customer.name for customer in before.customers.values()] == ["One", "Two"]
    with pytest.raises(TypeError):
        before.customers[1] = Customer(1, "x")  # type: ignore[index]


def test_an_item_removed_in_the_same_change_is_gone() -> None:
    assert EMPTY.with_changes([Customer(1, "One")], [(Customer, 1)]).customers == {}


@pytest.mark.parametrize(
    ("product", "groups", "expected"),
    [
        (Product(1, "p", type_group=1), [STANDARD, EXPORT], Decimal(0)),
        (Product(1, "p", type_group=1, vat_rate=Decimal(15)), [STANDARD, EXPORT], Decimal(15)),
        (Product(1, "p"), [STANDARD, EXPORT], Decimal(0)),
        (Product(1, "p"), [dataclasses.replace(STANDARD, is_default=True), EXPORT], Decimal(25)),
        (Product(1, "p", type_group=9), [STANDARD, EXPORT], None),
        (Product(1, "p"), [], None),
        (Product(1, "p", vat_rate=Decimal(0)), [STANDARD], Decimal(0)),
    ],
    ids=[
        "of its group",
        "its own",
        "of the first group",
        "of the default group",
        "unknown group",
        "none",
        "its own zero",
    ],
)
def test_vat_rate_of_a_product(product: Product, groups: list[TypeGroup], expected: Decimal | None) -> None:
    assert EMPTY.with_changes(groups).product_vat_rate(product) == expected


@pytest.mark.parametrize(("marked", "expected"), [(None, "a"), ("b", "b")])
def test_default_template(marked: str | None, expected: str) -> None:
    items = [Template(own, own, is_default=own == marked) for own in ("c", "b", "a")]
    found = EMPTY.with_changes(items).default_template
    assert found is not None
    assert found.id == expected
    assert EMPTY.default_template is None
    assert EMPTY.default_type_group is None


@pytest.mark.parametrize(
    ("items", "own", "expected"),
    [([], 5, True), ([Project(5)], 5, True), ([Project(5)], 6, False), ([Customer(6, "x")], 6, True)],
)
def test_what_a_document_may_refer_to(items: list[Any], own: int, expected: bool) -> None:
    assert EMPTY.with_changes(items).may_refer_to(Project, own) is expected


def test_saving_answers_the_catalogue_of_the_tenant() -> None:
    state = MemoryState()
    state.run(SaveCatalogue(OURS, BY, (Project(1, "One"), Project(2, "Two"))))
    state.run(SaveCatalogue(THEIRS, BY, (Project(9, "Nine"),)))
    result = state.run(SaveCatalogue(OURS, BY, (Project(3, "Three"),), ((Project, 1),))).result
    assert isinstance(result, CatalogueSaved)
    assert list(result.catalogue.projects) == [2, 3]
    assert state.catalogue(OURS) == result.catalogue
    assert list(state.catalogue(THEIRS).projects) == [9]


# Customers and products are records

FULL = Customer(
    7,
    "Åse",
    "987654321",
    "A@example.com",
    "bills@example.com",
    "+47 1",
    addresses=Addresses(post=Address("x", country="NO")),
    external_id="E-7",
    emails=("Third@example.com",),
    phones=("+47 2",),
    extras={"d": {"a": [1]}},
)
BOAT = Product(5, "Boat", "B-5", Decimal("1250.00"), vat_rate=Decimal(25), extras={"d": {"b": Decimal("1.50")}})


CATEGORY = ProductCategory(0, "Boats", "10", 0)
ANN = Contact(3, "Ann", "Ann@example.com", "+47 1", (7, 8), {"d": {"x": Decimal("1.50")}})


@pytest.mark.parametrize(
    "item", [FULL, BOAT, Customer(1, ""), Product(1, ""), CATEGORY, CustomerCategory(2, "x", False), ANN]
)
def test_an_item_comes_back_from_its_record(item: ManyItem) -> None:
    assert item_of(record_of(OURS, item)) == item
    assert record_of(OURS, item, new=True) == dataclasses.replace(record_of(OURS, item), id=MADE_UP)


def test_every_item_of_which_there_are_many_has_its_kind() -> None:
    assert set(KINDS) == set(typing.get_args(ManyItem))
    assert {kind.last_id for kind in KINDS.values()} == {2**31 - 1}


async def test_new_items_get_the_highest_id_plus_one() -> None:
    store = MemoryStore()
    await store.execute(SaveCatalogue(OURS, BY, (dataclasses.replace(FULL, id=500), CATEGORY)))
    new = tuple(SaveRecord(record_of(OURS, Customer(0, name), new=True)) for name in ("A", "B"))
    saved = (await store.execute(SaveRecords(OURS, CUSTOMER, new, BY))).records
    assert [item_of(record) for record in saved] == [Customer(501, "A"), Customer(502, "B")]
    category = SaveRecord(record_of(OURS, CATEGORY, new=True))
    (made,) = (await store.execute(SaveRecords(OURS, PRODUCT_CATEGORY, (category,), BY))).records
    assert item_of(made) == dataclasses.replace(CATEGORY, id=1)


async def test_what_is_deleted_is_named_by_nobody_and_listed_as_a_tombstone() -> None:
    store = MemoryStore()
    await store.execute(SaveCatalogue(OURS, BY, (FULL, Customer(8, "Bo"))))
    await store.execute(SaveCatalogue(OURS, BY, remove=((Customer, 7),)))
    assert not (await catalogue_naming(store, OURS, [7])).customers
    assert not (await catalogue_naming(store, OURS, [7])).may_refer_to(Customer, 7)
    (gone,) = (await store.read(SearchRecords(OURS, CUSTOMER, only_deleted=True))).records
    assert (gone.id, gone.deleted) == ("7", True)
    assert await store.read(CountRecords(OURS, CUSTOMER, with_deleted=True)) == RecordsCounted(2)
    await store.execute(SaveCatalogue(OURS, BY, remove=((Customer, 8),)))
    assert not (await catalogue_naming(store, OURS, [8])).may_refer_to(Customer, 8), "also the last one stays unknown"
    assert (await catalogue_naming(store, THEIRS, [8])).may_refer_to(Customer, 8)


@pytest.mark.parametrize(
    ("price", "text"),
    [("1250.00", "1250"), ("0.50", "0.5"), ("-0.00", "0"), ("1E+3", "1000"), ("-0.5", "-0.5"), ("100", "100")],
)
def test_equal_prices_are_one_text(price: str, text: str) -> None:
    assert price_text(Decimal(price)) == text
    assert record_of(OURS, Product(1, "x", price=Decimal(price))).values["price"] == (text,)


def names_of(state: MemoryState, tenant: TenantId) -> list[str]:
    return sorted(item_of(record).name for record in state.records.values() if record.tenant == tenant and record.body)


def test_customers_and_products_are_saved_taken_out_and_replaced_as_records() -> None:
    state = MemoryState()
    state.run(SaveCatalogue(OURS, BY, (Customer(1, "One"), Customer(2, "Two"), BOAT, Project(1, "x"))))
    assert (list(state.catalogue(OURS).projects), list(state.catalogue(OURS).customers)) == ([1], [])
    state.run(SaveCatalogue(OURS, BY, (Customer(3, "Three"),), ((Customer, 1),)))
    assert names_of(state, OURS) == ["Boat", "Three", "Two"]
    before = dict(state.records)
    state.run(SaveCatalogue(OURS, BY, (Customer(3, "Three"),)))
    assert state.records == before
    state.run(SaveCatalogue(OURS, BY, (Customer(3, "Drei"),), exactly=True))
    assert names_of(state, OURS) == ["Drei"]
    assert list(state.catalogue(OURS).projects) == []


async def test_a_request_sees_what_it_names() -> None:
    store = MemoryStore()
    nothing = await catalogue_naming(store, OURS, [1], [5])
    assert nothing.may_refer_to(Customer, 1)
    await store.execute(SaveCatalogue(OURS, BY, (FULL, BOAT, Project(1, "x"))))
    found = await catalogue_naming(store, OURS, [7, 8])
    assert (dict(found.customers), dict(found.products), list(found.projects)) == ({7: FULL}, {}, [1])
    assert [found.may_refer_to(Customer, own) for own in (7, 8)] == [True, False]
    assert not found.may_refer_to(Product, 5)  # it was not named, so nothing is known of it
    assert await catalogue_naming(store, OURS) is store.catalogue(OURS)


SEARCHED = {
    "name": CUSTOMER.is_one_of("name", "ÅSE"),
    "beginning": CUSTOMER.begins_with("name", "å"),
    "number": CUSTOMER.is_one_of("organization_number", "987654321"),
    "mail": CUSTOMER.is_one_of("email", "a@EXAMPLE.com"),
    "any mail": CUSTOMER.is_one_of("emails", "a@EXAMPLE.com"),
    "mail for bills": CUSTOMER.is_one_of("emails", "bills@example.com"),
    "further mail": CUSTOMER.is_like("emails", "%third%"),
    "phone": CUSTOMER.is_one_of("phones", "+47 1"),
    "further phone": CUSTOMER.is_like("phones", "%2"),
    "other system": CUSTOMER.is_one_of("external_id", "E-7"),
    "pattern": CUSTOMER.is_like("name", "_S%"),
}


@pytest.mark.parametrize("condition", SEARCHED.values(), ids=SEARCHED.keys())
async def test_a_customer_is_found(condition: Condition) -> None:
    store = MemoryStore()
    await store.execute(SaveCatalogue(OURS, BY, (FULL, Customer(8, "Bo"))))
    found = await store.read(SearchRecords(OURS, CUSTOMER, (condition,)))
    assert [record.id for record in found.records] == ["7"]


FOUND = {
    "category": (PRODUCT.is_one_of("category", 0), "5"),
    "ean": (PRODUCT.is_one_of("ean", "7038"), "5"),
    "price": (PRODUCT.is_one_of("price", price_text(Decimal("1250.0"))), "5"),
    "parent": (PRODUCT_CATEGORY.is_one_of("parent", 0), "0"),
    "contact of a customer": (CONTACT.is_one_of("customers", 8), "3"),
    "contact by mail": (CONTACT.is_one_of("email", "ANN@example.com"), "3"),
}


@pytest.mark.parametrize(("condition", "own"), FOUND.values(), ids=FOUND.keys())
async def test_other_items_are_found(condition: Condition, own: str) -> None:
    store = MemoryStore()
    boat = dataclasses.replace(BOAT, category=0, ean="7038")
    await store.execute(SaveCatalogue(OURS, BY, (boat, Product(6, "x"), CATEGORY, ANN)))
    kinds = [kind for kind in KINDS.values() if condition.field in kind.fields]
    pages = [await store.read(SearchRecords(OURS, kind, (condition,))) for kind in kinds]
    assert own in [record.id for page in pages for record in page.records]
    assert sum(len(page.records) for page in pages) == 1
