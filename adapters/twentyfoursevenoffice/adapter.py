"""What the entry point names: the dialect's settings and sections, and credentials that are made up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, Final, cast
from uuid import UUID

from pydantic import BaseModel

from adapters.twentyfoursevenoffice.routes import TwentyFourSevenOffice
from adapters.twentyfoursevenoffice.settings import Binding, Settings
from gateway.core.values import INVOICE, STAMP, VOUCHER, TenantId
from gateway.spi.adapter import Context
from gateway.spi.secrets import made_up_secret

_HOSTS: Final = ("api.24sevenoffice.com", "webservices.24sevenoffice.com")


class TwentyFourSevenOfficeAdapter:
    """What the entry point names."""

    name = "twentyfoursevenoffice"
    title = "24SevenOffice SOAP (InvoiceService and the services around it)"
    kinds = frozenset({INVOICE})
    lines = frozenset({VOUCHER, STAMP})
    Settings: type[BaseModel] = Settings
    Binding: type[BaseModel] = Binding

    def hosts(self, _: BaseModel, /) -> Sequence[str]:
        """The host of the newer services and that of the older ones; each path is answered on both. Source: R-01."""
        return _HOSTS

    def build(self, context: Context[BaseModel, BaseModel]) -> TwentyFourSevenOffice:
        """Make the dialect. Raises ValueError when tenants contradict one another."""
        return TwentyFourSevenOffice(cast("Context[Settings, Binding]", context))

    def generate_binding(self, tenant: TenantId, series: str, random: Random) -> Mapping[str, Any]:
        """One application, one company, one person with one identity in it."""

        def guid() -> str:
            return str(UUID(int=random.getrandbits(128), version=4))

        client = random.randrange(1, 2**31)
        person = {
            "username": f"{tenant}@{random.randrange(16**6):06x}.example",
            "password": made_up_secret(random),
            "name": str(tenant),
            "identities": [{"id": guid(), "client": client, "default": True}],
            "tokens": [{"id": guid()}],
        }
        company = {"id": client, "name": str(tenant), "series": series}
        return {"applications": [guid()], "clients": [company], "users": [person]}


adapter: Final = TwentyFourSevenOfficeAdapter()
