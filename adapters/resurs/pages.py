"""Pages below `/_gateway/resurs/`: for people, no part of the vendor's wire (ADR-67)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from adapters.resurs.settings import Binding, Settings
from adapters.resurs.shopflow.legal_pages import price_page, sekki_page, terms_page
from adapters.resurs.shopflow.links import PRICE, SEKKI, TERMS
from adapters.resurs.shopflow.signing import SIGNING, signing_page
from gateway.spi.adapter import Context
from gateway.spi.pages import PageHandler

MakesHandlers: TypeAlias = Callable[[Context[Settings, Binding]], Mapping[str, PageHandler]]

PAGES: Final[Mapping[str, MakesHandlers]] = {
    SIGNING: signing_page,
    TERMS: terms_page,
    SEKKI: sekki_page,
    PRICE: price_page,
}
"""By the first segment, what makes the handlers of a page, by method."""
