"""Products behave as a plain model does, whatever is saved, deleted and searched: one item after the other."""

from __future__ import annotations

import asyncio
import fnmatch
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.twentyfoursevenoffice.primitives import DECMIN, INTMIN
from schemas.twentyfoursevenoffice.product import types as t
from tests.adapters.twentyfoursevenoffice.product.shelf import ALL, Shelf, errors, in_memory
from tests.long_form import short_or_long

NAMES = ("Sykkel", "sykkel til barn", "Ski", "S_i")
PATTERNS = ("%", "sykkel", "SYKKEL%", "%i", "%k%l%", "S_i", "S_i%", "Rulle")
PRICES = tuple(Decimal(text) for text in ("0", "5.00", "5", "1250.50"))
IDS = st.sampled_from([INTMIN, INTMIN, INTMIN, 0, -3, 1, 2, 3, 7, 40])
PROPERTIES = ("Id", "Name", "No", "EAN1", "Price", "Stock", "CategoryId", "Weight", "TaxRate")


@st.composite
def products(draw: st.DrawFn) -> t.Product:
    """A product as a client may send it, with anything missing."""
    return t.Product(
        id=draw(IDS),
        name=draw(st.sampled_from(["", *NAMES])),
        no=draw(st.sampled_from(["", "A-1", "a-1"])),
        ean1=draw(st.sampled_from(["", "703"])),
        price=draw(st.sampled_from([DECMIN, *PRICES])),
        stock=draw(st.sampled_from([DECMIN, Decimal("1.0")])),
        weight=draw(st.sampled_from([DECMIN, Decimal("12.500")])),
        category_id=draw(st.sampled_from([INTMIN, 0, 1, 1, 2])),
        tax_rate=draw(st.sampled_from([DECMIN, DECMIN, Decimal(25), Decimal(-1)])),
    )


SEARCHES = st.fixed_dictionaries(
    {},
    optional={
        "id": st.sampled_from([0, 1, 2, 9]),
        "product_ids": st.lists(st.sampled_from([1, 2, 3, 40]), max_size=3),
        "name": st.sampled_from(PATTERNS),
        "no": st.sampled_from(["", "A-1"]),
        "ean1": st.sampled_from(["703"]),
        "price": st.sampled_from(PRICES),
        "category_id": st.sampled_from([0, 1, 2]),
    },
)
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("save"), st.lists(products(), min_size=1, max_size=6)),
        st.tuples(st.just("delete"), st.lists(st.sampled_from([0, 1, 2, 3, 40]), min_size=1, max_size=3)),
        st.tuples(st.just("stock"), st.tuples(st.sampled_from([0, 1, 2, 40]), st.sampled_from(PRICES))),
        st.tuples(st.just("search"), SEARCHES),
    ),
    min_size=1,
    max_size=12,
)


@dataclass
class Model:
    """Products as plain values by id."""

    products: dict[int, dict[str, Any]] = field(default_factory=dict)
    highest: int = 0

    def save(self, sent: t.Product) -> tuple[int, str]:
        """The id and the error of one item."""
        own = 0 if sent.id == INTMIN else sent.id
        given = {
            "Name": sent.name,
            "No": sent.no,
            "EAN1": sent.ean1,
            "Price": None if sent.price == DECMIN else sent.price,
            "Stock": None if sent.stock == DECMIN else sent.stock,
            "Weight": None if sent.weight == DECMIN else sent.weight,
            "CategoryId": sent.category_id if sent.category_id > 0 else None,
            "TaxRate": None if sent.tax_rate == DECMIN else sent.tax_rate,
        }
        given = {name: value for name, value in given.items() if value not in (None, "")}
        if own < 0:
            return sent.id, "Property Id is not valid."
        if given.get("TaxRate", 0) < 0:
            return sent.id, "Property TaxRate is not valid."
        if own not in self.products:
            for name in ("CategoryId", "Name"):
                if name not in given:
                    return sent.id, f"Property {name} is missing."
        own = own or self.highest + 1
        self.highest = max(self.highest, own)
        self.products[own] = {"Price": Decimal(0), **self.products.get(own, {}), **given, "Id": own}
        return own, ""

    def delete(self, own: int) -> str:
        """The error of one item."""
        if own == 0:
            return "Property Id is missing."
        return "" if self.products.pop(own, None) else f"Id {own} was not found."

    def found(self, asked: dict[str, Any]) -> list[int] | None:
        """The ids that a search finds; None for a search without filter."""
        exact = (("No", "no"), ("EAN1", "ean1"), ("Price", "price"), ("CategoryId", "category_id"), ("Id", "id"))
        wanted = {name: asked[key] for name, key in exact if key in asked and (key == "price" or asked[key])}
        ids, name = asked.get("product_ids"), asked.get("name")
        if not wanted and not ids and not name:
            return None
        return sorted(
            own
            for own, values in self.products.items()
            if all(values.get(key) == value for key, value in wanted.items())
            and (not ids or own in ids)
            and (not name or _looks_like(values["Name"], name))
        )


def _looks_like(name: str, pattern: str) -> bool:
    if "%" not in pattern:
        return name.lower() == pattern.lower()
    return fnmatch.fnmatchcase(name.lower(), pattern.lower().replace("_", "?").replace("%", "*"))


async def check(shelf: Shelf, acts: Sequence[tuple[str, Any]]) -> None:
    """Answers and what is found afterwards are those of the model."""
    model = Model()
    for act, content in acts:
        if act == "save":
            answers = await shelf.save(*content)
            expected = [model.save(sent) for sent in content]
            assert [(each.id, error) for each, error in zip(answers, errors(answers), strict=True)] == expected
            assert [each.price for each in answers] == [each.price for each in content]
        elif act == "delete":
            assert errors(await shelf.delete(*content)) == [model.delete(own) for own in content]
        elif act == "stock":
            own, quantity = content
            assert await shelf.stock(own, quantity) is (own in model.products)
            if own in model.products:
                model.products[own]["Stock"] = quantity
        else:
            expected_ids = model.found(content)
            if expected_ids is not None:
                assert [each.id for each in await shelf.get("Name", **content)] == expected_ids, content
        await check_all(shelf, model)


async def check_all(shelf: Shelf, model: Model) -> None:
    """Every product shows what the model has, decimals with their scale."""
    shown = await shelf.get(*PROPERTIES, name=ALL)
    assert [_plain(each) for each in shown] == [_texts(model.products[own]) for own in sorted(model.products)]


def _plain(shown: t.Product) -> dict[str, str]:
    fields = {
        "Id": shown.id,
        "Name": shown.name,
        "No": shown.no,
        "EAN1": shown.ean1,
        "Price": shown.price,
        "Stock": shown.stock,
        "CategoryId": shown.category_id,
        "Weight": shown.weight,
        "TaxRate": shown.tax_rate,
    }
    return _texts({name: value for name, value in fields.items() if value not in ("", INTMIN, DECMIN)})


def _texts(values: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in sorted(values.items()) if name != "Cost"}


@settings(max_examples=short_or_long(60, 2000), deadline=None, derandomize=True)
@given(acts=ACTS)
def test_as_the_model(acts: list[tuple[str, Any]]) -> None:
    asyncio.run(check(in_memory(), acts))
