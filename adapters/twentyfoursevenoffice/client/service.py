"""ClientService: the handler of each operation that is served."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.twentyfoursevenoffice.client.card import get_client_information, get_users
from adapters.twentyfoursevenoffice.client.lists import (
    get_currency_list,
    get_department_list,
    get_type_group_list,
    get_vat_type_list,
)
from adapters.twentyfoursevenoffice.service import Handler, Service
from gateway.spi.adapter import Evidence
from schemas.twentyfoursevenoffice.client.contract import CLIENT_SERVICE

HANDLERS: Final[Mapping[str, Handler]] = MappingProxyType(
    {
        "GetUsers": get_users,
        "GetClientInformation": get_client_information,
        "GetDepartmentList": get_department_list,
        "GetCurrencyList": get_currency_list,
        "GetTypeGroupList": get_type_group_list,
        "GetVatTypeList": get_vat_type_list,
    }
)
"""The handler of each operation; others are declined."""

CLIENT: Final = Service(
    CLIENT_SERVICE,
    HANDLERS,
    Evidence.DOCUMENTED,
    lists=frozenset({"GetDepartmentList", "GetCurrencyList", "GetVatTypeList"}),
    repeated=frozenset(HANDLERS),
)
