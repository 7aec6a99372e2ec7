"""AccountService: the handler of each operation that is served."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.twentyfoursevenoffice.service import Handler, Service
from gateway.spi.adapter import Evidence
from schemas.twentyfoursevenoffice.account.contract import ACCOUNT_SERVICE, ACCOUNT_SERVICE_V002

HANDLERS: Final[Mapping[str, Handler]] = MappingProxyType({})
"""The handler of each operation; others are declined."""

ACCOUNT: Final = Service(ACCOUNT_SERVICE, HANDLERS, Evidence.DOCUMENTED)

ACCOUNT_V002: Final = Service(ACCOUNT_SERVICE_V002, HANDLERS, Evidence.INFERRED)
