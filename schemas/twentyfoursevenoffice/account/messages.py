"""The messages of AccountService."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from schemas.twentyfoursevenoffice.account.types import (
    AccountData,
    AccountDataErrors,
    BundleList,
    EntryId,
    EntryItem,
    LinkEntryItem,
    SaveResponse,
    TaxCodeElement,
    TypeData,
)
from schemas.twentyfoursevenoffice.primitives import Int, Message


class SaveBundleList(Message):
    """Asks to save vouchers."""

    bundle_list: BundleList | None = Field(None, alias="BundleList")


class SaveBundleListResponse(Message):
    """What became of them."""

    result: SaveResponse | None = Field(None, alias="SaveBundleListResult")


class GetEntryId(Message):
    """Asks for a voucher number."""

    arg_entry_id: EntryId | None = Field(None, alias="argEntryId")


class GetEntryIdResponse(Message):
    """The question with the number."""

    result: EntryId | None = Field(None, alias="GetEntryIdResult")


class GetAccountList(Message):
    """Takes nothing."""


class GetAccountListResponse(Message):
    """The accounts."""

    result: list[AccountData | None] | None = Field(None, alias="GetAccountListResult")


class GetTypeList(Message):
    """Takes nothing."""


class GetTypeListResponse(Message):
    """The voucher types."""

    result: list[TypeData | None] | None = Field(None, alias="GetTypeListResult")


class GetTaxCodeList(Message):
    """Takes nothing."""


class GetTaxCodeListResponse(Message):
    """The tax codes."""

    result: list[TaxCodeElement | None] | None = Field(None, alias="GetTaxCodeListResult")


class CheckAccountNo(Message):
    """Accounts to be looked up."""

    account_list: list[AccountData | None] | None = Field(None, alias="accountList")


class CheckAccountNoResponse(Message):
    """The accounts as they were sent, each with what was found."""

    result: list[AccountDataErrors | None] | None = Field(None, alias="CheckAccountNoResult")


class CreateLink(Message):
    """Takes nothing."""


class CreateLinkResponse(Message):
    """The id of the link, which is above 0."""

    result: Annotated[Int, "min:1"] = Field(0, alias="CreateLinkResult")


class AddLinkEntries(Message):
    """Lines, and their link."""

    link_entry_item: LinkEntryItem | None = Field(None, alias="linkEntryItem")


class AddLinkEntriesResponse(Message):
    """Whether the lines are in the link now."""

    result: Annotated[bool, "min:1"] = Field(False, alias="AddLinkEntriesResult")


class ReplaceLinkEntries(Message):
    """Lines, and their new link."""

    link_entry_item: LinkEntryItem | None = Field(None, alias="linkEntryItem")


class ReplaceLinkEntriesResponse(Message):
    """Whether the lines are in the link now."""

    result: Annotated[bool, "min:1"] = Field(False, alias="ReplaceLinkEntriesResult")


class UpdateEntryDueDate(Message):
    """Lines, and when they are due."""

    entry_items: list[EntryItem | None] | None = Field(None, alias="entryItems")


class UpdateEntryDueDateResponse(Message):
    """The lines that were changed."""

    result: list[EntryItem | None] | None = Field(None, alias="UpdateEntryDueDateResult")
