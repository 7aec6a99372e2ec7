"""The messages of ClientService."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from schemas.twentyfoursevenoffice.client.types import (
    AccountingGroup,
    Client,
    Currency,
    Department,
    TypeGroupModule,
    User,
    VatType,
)
from schemas.twentyfoursevenoffice.primitives import Message


class GetUsers(Message):
    """Takes nothing."""


class GetUsersResponse(Message):
    """The users."""

    result: list[User | None] | None = Field(None, alias="GetUsersResult")


class GetClientInformation(Message):
    """Takes nothing."""


class GetClientInformationResponse(Message):
    """The client."""

    result: Client | None = Field(None, alias="GetClientInformationResult")


class GetDepartmentList(Message):
    """Takes nothing."""


class GetDepartmentListResponse(Message):
    """The departments."""

    result: list[Department | None] | None = Field(None, alias="GetDepartmentListResult")


class GetCurrencyList(Message):
    """Takes nothing."""


class GetCurrencyListResponse(Message):
    """The currencies."""

    result: list[Currency | None] | None = Field(None, alias="GetCurrencyListResult")


class GetTypeGroupList(Message):
    """Asks for accounting groups."""

    module: Annotated[TypeGroupModule, "min:1"] = Field(TypeGroupModule.ALL, alias="module")


class GetTypeGroupListResponse(Message):
    """The accounting groups."""

    result: list[AccountingGroup | None] | None = Field(None, alias="GetTypeGroupListResult")


class GetVatTypeList(Message):
    """Takes nothing."""


class GetVatTypeListResponse(Message):
    """The kinds of VAT."""

    result: list[VatType | None] | None = Field(None, alias="GetVatTypeListResult")
