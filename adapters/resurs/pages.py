"""Pages below `/_gateway/resurs/`: for people, no part of the vendor's wire (ADR-67)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from adapters.resurs.settings import Binding, Settings
from gateway.spi.adapter import Context
from gateway.spi.pages import PageHandler

MakesHandlers: TypeAlias = Callable[[Context[Settings, Binding]], Mapping[str, PageHandler]]

PAGES: Final[Mapping[str, MakesHandlers]] = {}
"""By the first segment, what makes the handlers of a page, by method."""
