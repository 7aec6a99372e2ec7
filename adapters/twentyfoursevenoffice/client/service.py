"""ClientService: the handler of each operation that is served."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.twentyfoursevenoffice.service import Handler, Service
from gateway.spi.adapter import Evidence
from schemas.twentyfoursevenoffice.client.contract import CLIENT_SERVICE

HANDLERS: Final[Mapping[str, Handler]] = MappingProxyType({})
"""The handler of each operation; others are declined."""

CLIENT: Final = Service(CLIENT_SERVICE, HANDLERS, Evidence.DOCUMENTED)
