"""The operations of ClientService, in the order of the contract."""

from __future__ import annotations

from typing import Final

from schemas.twentyfoursevenoffice.client import messages as m
from schemas.twentyfoursevenoffice.contract import Operation, ServiceContract

CLIENT_SERVICE: Final = ServiceContract(
    "ClientService",
    "/Client/V001/ClientService.asmx",
    (
        Operation("GetUsers", "Gets all users of the client.", m.GetUsers, m.GetUsersResponse),
        Operation(
            "GetClientInformation",
            "Gets the master data of the client.",
            m.GetClientInformation,
            m.GetClientInformationResponse,
        ),
        Operation("GetDepartmentList", "Gets all departments.", m.GetDepartmentList, m.GetDepartmentListResponse),
        Operation(
            "GetCurrencyList", "Gets all currencies with their rates.", m.GetCurrencyList, m.GetCurrencyListResponse
        ),
        Operation(
            "GetTypeGroupList",
            "Gets the accounting groups of sales, of purchases, or of both.",
            m.GetTypeGroupList,
            m.GetTypeGroupListResponse,
        ),
        Operation("GetVatTypeList", "Gets all kinds of VAT.", m.GetVatTypeList, m.GetVatTypeListResponse),
    ),
)
