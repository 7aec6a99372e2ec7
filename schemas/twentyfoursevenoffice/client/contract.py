"""The operations of ClientService, in the order of the contract."""

from __future__ import annotations

from typing import Final

from schemas.twentyfoursevenoffice.client import messages as m
from schemas.twentyfoursevenoffice.contract import Operation, ServiceContract

CLIENT_SERVICE: Final = ServiceContract(
    "ClientService",
    "/Client/V001/ClientService.asmx",
    (
        Operation("GetUsers", "Get users.", m.GetUsers, m.GetUsersResponse),
        Operation(
            "GetClientInformation", "Get client information.", m.GetClientInformation, m.GetClientInformationResponse
        ),
        Operation("GetDepartmentList", "Get department list.", m.GetDepartmentList, m.GetDepartmentListResponse),
        Operation("GetCurrencyList", "Get currency list.", m.GetCurrencyList, m.GetCurrencyListResponse),
        Operation("GetTypeGroupList", "Get type group list.", m.GetTypeGroupList, m.GetTypeGroupListResponse),
        Operation("GetVatTypeList", "Get vat type list.", m.GetVatTypeList, m.GetVatTypeListResponse),
    ),
)
