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
        Operation(
            "SaveBundleList", "Saves vouchers: all of a call or none.", m.SaveBundleList, m.SaveBundleListResponse
        ),
        Operation(
            "GetEntryId",
            "Gets the next free voucher number of an entry series in a fiscal year.",
            m.GetEntryId,
            m.GetEntryIdResponse,
        ),
        Operation("GetAccountList", "Gets all ledger accounts.", m.GetAccountList, m.GetAccountListResponse),
        Operation(
            "GetTypeList", "Gets all voucher types, each with its entry series.", m.GetTypeList, m.GetTypeListResponse
        ),
        Operation("GetTaxCodeList", "Gets all tax codes.", m.GetTaxCodeList, m.GetTaxCodeListResponse),
        Operation(
            "CheckAccountNo",
            "Checks for each account whether it exists and has the name that was sent.",
            m.CheckAccountNo,
            m.CheckAccountNoResponse,
        ),
        Operation("CreateLink", "Makes an empty link, and returns its id.", m.CreateLink, m.CreateLinkResponse),
        Operation(
            "AddLinkEntries",
            "Puts lines that have no link into a link. Returns whether it succeeded.",
            m.AddLinkEntries,
            m.AddLinkEntriesResponse,
        ),
        Operation(
            "ReplaceLinkEntries",
            "Moves lines from their links into another one. Returns whether it succeeded.",
            m.ReplaceLinkEntries,
            m.ReplaceLinkEntriesResponse,
        ),
        Operation(
            "UpdateEntryDueDate",
            "Changes when lines are due, and returns those that were changed.",
            m.UpdateEntryDueDate,
            m.UpdateEntryDueDateResponse,
        ),
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
