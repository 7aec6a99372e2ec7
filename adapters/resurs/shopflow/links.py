"""The links that a shop must show beside a method, and the pages of the gateway that they lead to. Source: P-124."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from urllib.parse import urlencode

from adapters.resurs.operation import DIALECT
from adapters.resurs.shop import Language, PaymentMethod
from adapters.resurs.shopflow.texts import WORDS
from gateway.core.values import TenantId
from gateway.spi.pages import page_url

TERMS: Final = "terms"
SEKKI: Final = "sekki"
PRICE: Final = "price"


@dataclass(frozen=True, slots=True)
class Link:
    """One link.

    append_price_last: the amount belongs behind the URL.
    """

    description: str
    url: str
    append_price_last: bool

    def url_for(self, amount: Decimal) -> str:
        """The address for a purchase."""
        return f"{self.url}{amount:f}" if self.append_price_last else self.url


def links_of(method: PaymentMethod, base_url: str, tenant: TenantId, language: Language) -> tuple[Link, ...]:
    """The method's own links, or three of the gateway: general terms, SEKKI, price information."""
    if method.legal_links is not None:
        return tuple(Link(own.description, own.url, own.append_price_last) for own in method.legal_links)
    words = WORDS[language]
    query = urlencode({"tenant": tenant, "method": method.id, "language": language})
    return (
        Link(words.terms, f"{page_url(base_url, DIALECT, TERMS)}?{query}", append_price_last=False),
        Link(words.sekki, f"{page_url(base_url, DIALECT, SEKKI)}?{query}&amount=", append_price_last=True),
        Link(words.price, f"{page_url(base_url, DIALECT, PRICE)}?{query}&creditAmount=", append_price_last=True),
    )
