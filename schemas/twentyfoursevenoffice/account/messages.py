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
    """Asks for SaveBundleList."""

    bundle_list: BundleList | None = Field(None, alias="BundleList")


class SaveBundleListResponse(Message):
    """The answer to SaveBundleList."""

    result: SaveResponse | None = Field(None, alias="SaveBundleListResult")


class GetEntryId(Message):
    """Asks for GetEntryId."""

    arg_entry_id: EntryId | None = Field(None, alias="argEntryId")


class GetEntryIdResponse(Message):
    """The answer to GetEntryId."""

    result: EntryId | None = Field(None, alias="GetEntryIdResult")


class GetAccountList(Message):
    """Takes nothing."""


class GetAccountListResponse(Message):
    """The answer to GetAccountList."""

    result: list[AccountData | None] | None = Field(None, alias="GetAccountListResult")


class GetTypeList(Message):
    """Takes nothing."""


class GetTypeListResponse(Message):
    """The answer to GetTypeList."""

    result: list[TypeData | None] | None = Field(None, alias="GetTypeListResult")


class GetTaxCodeList(Message):
    """Takes nothing."""


class GetTaxCodeListResponse(Message):
    """The answer to GetTaxCodeList."""

    result: list[TaxCodeElement | None] | None = Field(None, alias="GetTaxCodeListResult")


class CheckAccountNo(Message):
    """Asks for CheckAccountNo."""

    account_list: list[AccountData | None] | None = Field(None, alias="accountList")


class CheckAccountNoResponse(Message):
    """The answer to CheckAccountNo."""

    result: list[AccountDataErrors | None] | None = Field(None, alias="CheckAccountNoResult")


class CreateLink(Message):
    """Takes nothing."""


class CreateLinkResponse(Message):
    """The answer to CreateLink."""

    result: Annotated[Int, "min:1"] = Field(0, alias="CreateLinkResult")


class AddLinkEntries(Message):
    """Asks for AddLinkEntries."""

    link_entry_item: LinkEntryItem | None = Field(None, alias="linkEntryItem")


class AddLinkEntriesResponse(Message):
    """The answer to AddLinkEntries."""

    result: Annotated[bool, "min:1"] = Field(False, alias="AddLinkEntriesResult")


class ReplaceLinkEntries(Message):
    """Asks for ReplaceLinkEntries."""

    link_entry_item: LinkEntryItem | None = Field(None, alias="linkEntryItem")


class ReplaceLinkEntriesResponse(Message):
    """The answer to ReplaceLinkEntries."""

    result: Annotated[bool, "min:1"] = Field(False, alias="ReplaceLinkEntriesResult")


class UpdateEntryDueDate(Message):
    """Asks for UpdateEntryDueDate."""

    entry_items: list[EntryItem | None] | None = Field(None, alias="entryItems")


class UpdateEntryDueDateResponse(Message):
    """The answer to UpdateEntryDueDate."""

    result: list[EntryItem | None] | None = Field(None, alias="UpdateEntryDueDateResult")
