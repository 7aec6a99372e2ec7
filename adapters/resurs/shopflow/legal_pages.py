"""The pages that the links beside a method lead to: terms, SEKKI, prices. They say that this is a test. Source: P-124."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from html import escape
from typing import Final
from urllib.parse import parse_qsl

from adapters.resurs.settings import Binding, Settings
from adapters.resurs.shop import Language, PaymentMethod
from adapters.resurs.shopflow.cost import cost_html
from adapters.resurs.shopflow.texts import WORDS
from gateway.spi.adapter import Call, Context
from gateway.spi.pages import Page, PageHandler

_LARGEST: Final = Decimal(10) ** 12


def terms_page(_: Context[Settings, Binding]) -> Mapping[str, PageHandler]:
    """General terms."""

    async def show(call: Call) -> Page:
        language = _language(_query(call))
        return _page(language, WORDS[language].terms)

    return {"GET": show}


def sekki_page(_: Context[Settings, Binding]) -> Mapping[str, PageHandler]:
    """Information about consumer credit."""

    async def show(call: Call) -> Page:
        language = _language(_query(call))
        return _page(language, WORDS[language].sekki)

    return {"GET": show}


def price_page(context: Context[Settings, Binding]) -> Mapping[str, PageHandler]:
    """What a purchase costs with a method."""

    async def show(call: Call) -> Page:
        query = _query(call)
        language = _language(query)
        method, amount = _method(context, query), _amount(query.get("creditAmount", ""))
        table = "" if method is None or amount is None else cost_html(method, amount, language, ())
        return _page(language, WORDS[language].price, table)

    return {"GET": show}


def _query(call: Call) -> Mapping[str, str]:
    return dict(parse_qsl(call.query))


def _language(query: Mapping[str, str]) -> Language:
    return next((own for own in WORDS if own == query.get("language")), "sv")


def _method(context: Context[Settings, Binding], query: Mapping[str, str]) -> PaymentMethod | None:
    tenant, name = query.get("tenant"), query.get("method")
    methods = (method for bound in context.bindings if bound.tenant == tenant for method in bound.binding.methods)
    return next((method for method in methods if method.id == name), None)


def _amount(text: str) -> Decimal | None:
    try:
        amount = Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount < _LARGEST else None


def _page(language: Language, title: str, content: str = "") -> Page:
    body = f"<h1>{escape(title)}</h1>{content}<p>{escape(WORDS[language].test)}</p>"
    return Page.html(title, body, language=language)
