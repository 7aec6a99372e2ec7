"""Products: what searches find, many in one call, quotas, failures of the store, and what InvoiceService makes of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from gateway.core.commands import Command, Query
from gateway.core.record_commands import SaveRecords
from gateway.core.records import RecordQuota
from gateway.spi.adapter import StoreUnavailableError
from schemas.twentyfoursevenoffice.product import messages as m
from schemas.twentyfoursevenoffice.product import types as t
from tests.adapters.twentyfoursevenoffice import tenants
from tests.adapters.twentyfoursevenoffice.product.shelf import ALL, Shelf, errors, in_memory, product, with_demo
from tests.conftest import MakeGateway, only
from tests.stores.conftest import MakeStore

MANY = 1000
PRODUCTS = "/Logistics/Product/V001/ProductService.asmx"


@dataclass
class Counted:
    """A service that counts what it is asked, and fails as it is set to."""

    service: Any
    reads: int = 0
    commands: int = 0
    troubles: list[StoreUnavailableError] = field(default_factory=list)
    after: bool = False

    async def read(self, query: Query[Any]) -> Any:
        self.reads += 1
        return await self.service.read(query)

    async def execute(self, command: Command[Any]) -> Any:
        self.commands += isinstance(command, SaveRecords)
        if not self.troubles:
            return await self.service.execute(command)
        if self.after:
            await self.service.execute(command)
        raise self.troubles.pop(0)

    def catalogue(self, tenant: Any) -> Any:
        return self.service.catalogue(tenant)


def counted(shelf: Shelf) -> Counted:
    shelf.service = found = Counted(shelf.service)
    return found


# --- searches ---------------------------------------------------------------------------------------------------------


async def check_searches(shelf: Shelf) -> None:
    """Every filter finds what it should, through the indexes of the store."""
    saved = await shelf.save(
        product("Sykkel", no="S-1", ean1="703", price=Decimal("5.00"), category_id=1),
        product("SYKKEL til barn", no="S-2", price=Decimal("5"), category_id=2),
        product("100% ull_", no="U-1", price=Decimal("5.5"), category_id=2),
        product("Ærlig talt", no="Æ", category_id=3),
    )
    one, two, three, four = [each.id for each in saved]
    rows: list[tuple[dict[str, Any], list[int]]] = [
        ({"name": "%"}, [one, two, three, four]),
        ({"name": "sykkel"}, [one]),
        ({"name": "sykkel%"}, [one, two]),
        ({"name": "%BARN"}, [two]),
        ({"name": "%_ll_"}, [three]),
        ({"name": "ær%"}, [four]),
        ({"name": "%x%"}, []),
        ({"no": "S-1"}, [one]),
        ({"no": "s-1"}, []),
        ({"ean1": "703"}, [one]),
        ({"price": Decimal("5.000")}, [one, two]),
        ({"price": Decimal(0)}, [four]),
        ({"category_id": 2}, [two, three]),
        ({"category_id": 2, "name": "SYKKEL%"}, [two]),
        ({"product_ids": [four, one, 4711]}, [one, four]),
        ({"product_ids": [four, one], "id": one}, [one]),
        ({"product_ids": [four], "id": one}, []),
        ({"product_ids": [four, two], "category_id": 2}, [two]),
    ]
    for filters, expected in rows:
        assert [each.id for each in await shelf.get(**filters)] == expected, filters


async def test_searches_in_memory() -> None:
    await check_searches(in_memory())


async def test_searches_on_sqlite(make_store: MakeStore) -> None:
    store = await make_store()
    await with_demo(store)
    await check_searches(Shelf(store))


async def test_only_later_changes_are_found() -> None:
    shelf = in_memory()
    (made,) = await shelf.save(product())
    moment = shelf.clock.now()
    shelf.clock.forward(1)
    await shelf.save(product("Ski"), t.Product(id=made.id, name="Sykkel"))
    assert [each.name for each in await shelf.get("Name", date_changed=moment)] == ["Ski"], "the other one is as it was"
    (shown,) = await shelf.get("DateChanged", id=made.id, date_changed=moment.replace(microsecond=0))
    assert shown.date_changed == moment


async def test_a_pattern_that_is_too_long_is_a_fault() -> None:
    with pytest.raises(Exception, match="property_too_long"):
        await in_memory().get(name="%" + 1000 * "x")


# --- many, quotas, failures -------------------------------------------------------------------------------------------


async def test_a_thousand_products_cost_a_read_and_two_commits() -> None:
    shelf = in_memory()
    service = counted(shelf)
    saved = await shelf.save(*[product(f"Vare {at}", price=Decimal("1.50")) for at in range(MANY)])
    assert [each.id for each in saved] == list(range(1, MANY + 1))
    assert (service.reads, service.commands) == (0, 2)
    again = await shelf.save(*[t.Product(id=own, no=f"N-{own}") for own in range(1, MANY + 1)])
    assert errors(again) == [""] * MANY
    assert (service.reads, service.commands) == (2, 4)
    assert [each.no for each in await shelf.get("No", name=ALL)] == [f"N-{own}" for own in range(1, MANY + 1)]


async def test_what_the_quota_does_not_hold_fails_alone() -> None:
    shelf = in_memory(RecordQuota(records=3))
    saved = await shelf.save(*[product(f"Vare {at}") for at in range(5)])
    assert [each.id for each in saved[:3]] == [1, 2, 3]
    assert errors(saved) == ["", "", "", *["The limit of 3 is reached."] * 2]


async def test_a_store_that_is_down_fails_the_call() -> None:
    shelf = in_memory()
    counted(shelf).troubles = [StoreUnavailableError("down")]
    with pytest.raises(StoreUnavailableError):
        await shelf.save(product(), product("Ski"))


async def test_a_store_that_is_down_leaves_the_reason_of_a_bad_item() -> None:
    shelf = in_memory()
    counted(shelf).troubles = [StoreUnavailableError("down")]
    saved = await shelf.save(product(), t.Product(name="Uten kategori"))
    assert errors(saved) == ["The item could not be saved.", "Property CategoryId is missing."]


@pytest.mark.parametrize("committed", [False, True])
async def test_in_doubt_items_with_an_id_are_saved_once_more(committed: bool) -> None:
    shelf = in_memory()
    service = counted(shelf)
    service.troubles, service.after = [StoreUnavailableError("in doubt", committed=None)], committed
    saved = await shelf.save(product(id=40), product("Ski"))
    assert errors(saved) == ["", "The item could not be saved."]
    names = [each.name for each in await shelf.get("Name", name=ALL)]
    assert names == (["Sykkel", "Ski"] if committed else ["Sykkel"]), "nothing stands there twice"


async def test_unknown_categories_may_be_refused() -> None:
    shelf = in_memory(unknown_category="refuse")
    sent = [t.Category(id=5, name="Sykler"), t.Category(name="Barn", parent_id=5), t.Category(name="X", parent_id=6)]
    answers = await shelf.ask(m.SaveCategories(categories=sent))
    assert errors(answers) == ["", "", "ParentId 6 was not found."]
    saved = await shelf.save(product(category_id=5), product(category_id=9))
    assert errors(saved) == ["", "CategoryId 9 was not found."]


# --- with InvoiceService ----------------------------------------------------------------------------------------------


async def test_a_saved_product_is_sold_at_once(make_gateway: MakeGateway) -> None:
    """The row takes name, price, number, cost and VAT of the product."""
    client = await make_gateway({**only("twentyfoursevenoffice"), "tenants": tenants.TENANTS})
    session = await tenants.log_in(client)
    sold = (
        "<products><Product><Name>Barnesykkel</Name><TaxRate>12</TaxRate><CategoryId>1</CategoryId><Cost>640.00</Cost>"
        "<Price>1250.00</Price><No>SY-1</No></Product></products>"
    )
    _, saved = await tenants.post(client, PRODUCTS, "SaveProducts", sold, session)
    own = saved.partition("<Id>")[2].partition("<")[0]
    order = (
        "<invoices><InvoiceOrder><CustomerId>1</CustomerId><OrderStatus>Invoiced</OrderStatus><InvoiceRows><InvoiceRow>"
        f"<ProductId>{own}</ProductId><Quantity>2</Quantity></InvoiceRow></InvoiceRows></InvoiceOrder></invoices>"
    )
    _, invoiced = await tenants.post(client, tenants.INVOICES, "SaveInvoices", order, session)
    number = invoiced.partition("<OrderId>")[2].partition("<")[0]
    names = "".join(f"<string>{name}</string>" for name in ("Name", "Price", "ProductNo", "Cost", "VatRate"))
    search = (
        f"<searchParams><OrderIds><int>{number}</int></OrderIds></searchParams><invoiceReturnProperties>"
        f"<string>OrderTotalIncVat</string></invoiceReturnProperties><rowReturnProperties>{names}</rowReturnProperties>"
    )
    _, shown = await tenants.post(client, tenants.INVOICES, "GetInvoices", search, session)
    row = "<VatRate>12</VatRate><Price>1250.00</Price><Name>Barnesykkel</Name><Cost>640.00</Cost><ProductNo>SY-1</ProductNo>"
    assert row in shown
    assert "<OrderTotalIncVat>2800" in shown
    gone = f"<products><Product><Id>{own}</Id></Product></products>"
    await tenants.post(client, PRODUCTS, "DeleteProducts", gone, session)
    _, refused = await tenants.post(client, tenants.INVOICES, "SaveInvoices", order, session)
    assert f"<Message>ProductId {own} was not found.</Message>" in refused
    _, still = await tenants.post(client, tenants.INVOICES, "GetInvoices", search, session)
    assert row in still, "orders stay as they are"
