"""The operations of AccountService, in the order of the contract."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from schemas.twentyfoursevenoffice.account import messages as m
from schemas.twentyfoursevenoffice.account import v002
from schemas.twentyfoursevenoffice.contract import Operation, ServiceContract

ACCOUNT_SERVICE: Final = ServiceContract(
    "AccountService",
    "/Economy/Account/V004/Accountservice.asmx",
    (
        Operation("SaveBundleList", "Save bundle list.", m.SaveBundleList, m.SaveBundleListResponse),
        Operation("GetEntryId", "Get entry id.", m.GetEntryId, m.GetEntryIdResponse),
        Operation("GetAccountList", "Get account list.", m.GetAccountList, m.GetAccountListResponse),
        Operation("GetTypeList", "Get type list.", m.GetTypeList, m.GetTypeListResponse),
        Operation("GetTaxCodeList", "Get tax code list.", m.GetTaxCodeList, m.GetTaxCodeListResponse),
        Operation("CheckAccountNo", "Check account no.", m.CheckAccountNo, m.CheckAccountNoResponse),
        Operation("CreateLink", "Create link.", m.CreateLink, m.CreateLinkResponse),
        Operation("AddLinkEntries", "Add link entries.", m.AddLinkEntries, m.AddLinkEntriesResponse),
        Operation("ReplaceLinkEntries", "Replace link entries.", m.ReplaceLinkEntries, m.ReplaceLinkEntriesResponse),
        Operation("UpdateEntryDueDate", "Update entry due date.", m.UpdateEntryDueDate, m.UpdateEntryDueDateResponse),
    ),
)

ACCOUNT_SERVICE_V002: Final = ServiceContract(
    "AccountService",
    "/economy/accountV002/Accountservice.asmx",
    tuple(
        replace(each, request=v002.SaveBundleList) if each.name == "SaveBundleList" else each
        for each in ACCOUNT_SERVICE.operations
    ),
    documentation="An older version of AccountService. No copy of its contract is public: this one is inferred from V004 and "
    "from what clients send.",
    version="V002",
    host="webservices.24sevenoffice.com",
)
