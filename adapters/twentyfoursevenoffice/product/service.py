"""ProductService: the handler of each operation that is served."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.twentyfoursevenoffice.service import Handler, Service
from gateway.spi.adapter import Evidence
from schemas.twentyfoursevenoffice.product.contract import PRODUCT_SERVICE

HANDLERS: Final[Mapping[str, Handler]] = MappingProxyType({})
"""The handler of each operation; others are declined."""

PRODUCT: Final = Service(PRODUCT_SERVICE, HANDLERS, Evidence.DOCUMENTED)
