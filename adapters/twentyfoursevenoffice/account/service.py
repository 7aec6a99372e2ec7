"""AccountService: the handler of each operation."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.twentyfoursevenoffice.account import links, lists
from adapters.twentyfoursevenoffice.account.bundles.save import save_bundle_list, without_session
from adapters.twentyfoursevenoffice.account.entry_numbers import get_entry_id
from adapters.twentyfoursevenoffice.service import Handler, Service
from gateway.spi.adapter import Evidence
from schemas.twentyfoursevenoffice.account.contract import ACCOUNT_SERVICE, ACCOUNT_SERVICE_V002

HANDLERS: Final[Mapping[str, Handler]] = MappingProxyType(
    {
        "SaveBundleList": save_bundle_list,
        "GetEntryId": get_entry_id,
        "GetAccountList": lists.get_account_list,
        "GetTypeList": lists.get_type_list,
        "GetTaxCodeList": lists.get_tax_code_list,
        "CheckAccountNo": lists.check_account_no,
        "CreateLink": links.create_link,
        "AddLinkEntries": links.add_link_entries,
        "ReplaceLinkEntries": links.replace_link_entries,
        "UpdateEntryDueDate": links.update_entry_due_date,
    }
)
"""The handler of each operation."""
WITHOUT_SESSION: Final = MappingProxyType({"SaveBundleList": without_session})
_LISTS: Final = frozenset({"GetAccountList", "GetTypeList", "GetTaxCodeList"})

ACCOUNT: Final = Service(ACCOUNT_SERVICE, HANDLERS, Evidence.DOCUMENTED, lists=_LISTS, without_session=WITHOUT_SESSION)

ACCOUNT_V002: Final = Service(
    ACCOUNT_SERVICE_V002, HANDLERS, Evidence.INFERRED, lists=_LISTS, without_session=WITHOUT_SESSION
)
