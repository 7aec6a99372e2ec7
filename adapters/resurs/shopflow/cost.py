"""What a purchase costs when it is paid in parts: the factors, and the HTML fragment that shops show. Source: R-42."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from html import escape
from typing import Final

from adapters.resurs.operation import OperationCall
from adapters.resurs.shop import Language, PaymentMethod
from adapters.resurs.shopflow.checks import method_named
from adapters.resurs.shopflow.links import Link, links_of
from adapters.resurs.shopflow.texts import CURRENCIES, WORDS
from schemas.resurs import simplified as messages

_CENT: Final = Decimal("0.01")


async def get_annuity_factors(
    call: OperationCall, message: messages.GetAnnuityFactors
) -> messages.GetAnnuityFactorsResponse:
    """The ways of paying in parts; none for a method that has none."""
    method = method_named(call.who, message.payment_method_id)
    return messages.GetAnnuityFactorsResponse(
        result=[
            messages.AnnuityFactor(factor=each.factor, duration=each.duration, payment_plan_name=each.name)
            for each in method.annuities
        ]
    )


async def get_cost_of_purchase_html(
    call: OperationCall, message: messages.GetCostOfPurchaseHtml
) -> messages.GetCostOfPurchaseHtmlResponse:
    """A fragment of HTML with the vendor's classes; the codec escapes it as a text."""
    method = method_named(call.who, message.payment_method_id)
    links = links_of(method, call.call.base_url, call.tenant, call.who.language)
    fragment = cost_html(method, message.amount, call.who.language, links)
    return messages.GetCostOfPurchaseHtmlResponse(result=fragment)


def money(amount: Decimal, language: Language) -> str:
    """An amount for people: two decimals, a comma, the currency."""
    rounded = amount.quantize(_CENT, ROUND_HALF_UP)
    return f"{rounded:,.2f}".replace(",", "\u00a0").replace(".", ",") + f" {CURRENCIES[language]}"


def description_of(method: PaymentMethod, language: Language) -> str:
    """What end users read for a method."""
    return method.descriptions.get(language, method.description)


def cost_html(method: PaymentMethod, amount: Decimal, language: Language, links: tuple[Link, ...]) -> str:
    """The costs of a purchase as a table, one row for each plan; the whole amount where there is no plan."""
    words = WORDS[language]
    plans = [(each.name, amount * each.factor) for each in method.annuities] or [(words.once, amount)]
    rows = "".join(
        f'<tr class="{"evenRow" if number % 2 else "oddRow"}">'
        f'<td class="content">{escape(name)}</td><td class="content">{money(cost, language)}</td></tr>'
        for number, (name, cost) in enumerate(plans)
    )
    anchors = "".join(
        f'<a class="legalInfoLink" href="{escape(link.url_for(amount))}">{escape(link.description)}</a>'
        for link in links
    )
    return (
        f'<div class="headHeader">{escape(description_of(method, language))}</div>'
        f'<div class="headText">{escape(words.cost.format(amount=money(amount, language)))}</div>'
        f'<table class="priceTable"><tr class="header"><th>{escape(words.plan)}</th><th>{escape(words.month)}</th></tr>'
        f"{rows}</table>"
        f'<div class="tailText">{escape(words.tail)}</div>{anchors}'
    )
