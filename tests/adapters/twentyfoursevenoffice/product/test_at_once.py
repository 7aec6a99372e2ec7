"""Many calls about the same products at once: nothing that was answered is lost, on every store."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from schemas.twentyfoursevenoffice.person import messages as pm
from schemas.twentyfoursevenoffice.person import types as pt
from schemas.twentyfoursevenoffice.product import types as t
from tests.adapters.twentyfoursevenoffice.product.shelf import ALL, Shelf, bound, errors, in_memory, product, with_demo
from tests.stores.conftest import MakeStore

CALLS = 12
FIELDS = ("no", "ean1", "description", "description_long", "stock_location", "supplier_product_code")


async def check_one_product(writers: Sequence[Shelf]) -> None:
    """Each call sets another property of one product; all of them are there afterwards."""
    first = writers[0]
    (made,) = await first.save(product())
    calls: list[Any] = [
        writers[at % len(writers)].save(t.Product(id=made.id, **{name: f"value of {name}"}))
        for at, name in enumerate(FIELDS)
    ]
    stock = [writers[at % len(writers)].stock(made.id, Decimal(7)) for at in range(4)]
    *saved, _, _, _, _ = await asyncio.gather(*calls, *stock)
    assert [error for each in saved for error in errors(each)] == [""] * len(FIELDS)
    names = ("No", "EAN1", "Description", "DescriptionLong", "StockLocation", "SupplierProductCode", "Stock")
    for writer in writers:
        (shown,) = await writer.get(*names, id=made.id)
        assert [getattr(shown, name) for name in FIELDS] == [f"value of {name}" for name in FIELDS]
        assert shown.stock == 7


async def check_new_products(writers: Sequence[Shelf]) -> None:
    """Products without id get an id each. Of calls that name one new id, the later ones are updates."""
    calls = [
        writers[at % len(writers)].save(product(f"Ny {at}"), product(f"Egen {at}", id=5000), product(f"To {at}"))
        for at in range(CALLS)
    ]
    saved = await asyncio.gather(*calls)
    assert [error for each in saved for error in errors(each)] == [""] * 3 * CALLS
    ids = [each.id for answers in saved for each in answers if each.id != 5000]
    assert len(set(ids)) == len(ids) == 2 * CALLS
    for writer in writers:
        shown = await writer.get("Name", name=ALL)
        assert sorted(each.id for each in shown if each.name[:2] in ("Ny", "To")) == sorted(ids)
        assert [each.name[:4] for each in shown if each.id == 5000] == ["Egen"]


async def check_one_person(writers: Sequence[Shelf]) -> None:
    """Each call sets another property of one person."""
    first = writers[0]
    own = await first.ask(pm.SavePerson(person_item=pt.PersonItem(last_name="Berg")))
    fields = ("comment", "country", "department", "nickname", "url", "workplace")
    calls = [
        writers[at % len(writers)].ask(pm.SavePerson(person_item=pt.PersonItem(id=own, **{name: f"of {name}"})))
        for at, name in enumerate(fields)
    ]
    assert await asyncio.gather(*calls) == [own] * len(fields)
    (shown,) = await first.ask(pm.GetPersonsDetailed(person_search=pt.PersonSearchParameters(id=own)))
    assert [getattr(shown, name) for name in fields] == [f"of {name}" for name in fields]


async def check_ids_of_employees(writers: Sequence[Shelf]) -> None:
    """New persons do not get the ids that the section gives to employees."""
    for writer in writers:
        writer.section = bound({"contact_id": 3, "employee_id": 1}, {"contact_id": 4, "employee_id": 2})
    asked = [writers[at % len(writers)].ask(pm.SavePerson(person_item=pt.PersonItem(last_name="B"))) for at in range(6)]
    ids = await asyncio.gather(*asked)
    assert len(set(ids)) == 6
    assert not {3, 4} & set(ids)


CHECKS = (check_one_product, check_new_products, check_one_person, check_ids_of_employees)


async def test_in_memory() -> None:
    for check in CHECKS:
        await check([in_memory()])


async def test_on_sqlite(make_store: MakeStore) -> None:
    store = await make_store()
    await with_demo(store)
    for check in CHECKS:
        await check([Shelf(store), Shelf(store)])
