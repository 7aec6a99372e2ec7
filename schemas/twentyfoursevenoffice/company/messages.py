"""The messages of CompanyService."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from schemas.twentyfoursevenoffice.common import APIException, KeyValuePair
from schemas.twentyfoursevenoffice.company.types import (
    Category,
    Company,
    CompanyMap,
    CompanySearchParameters,
    Group,
    PageOfSyncCompany,
    Relation,
    SyncSearchParameters,
)
from schemas.twentyfoursevenoffice.primitives import Int, Message


class DeleteRelations(Message):
    """Asks to delete relations."""

    relations: list[Relation | None] | None = Field(None, alias="relations")


class DeleteRelationsResponse(Message):
    """The relations that were not deleted."""

    result: list[Relation | None] | None = Field(None, alias="DeleteRelationsResult")


class DeleteCompanies(Message):
    """Asks to delete customers. Only their ids count."""

    companies: list[Company | None] | None = Field(None, alias="companies")


class DeleteCompaniesResponse(Message):
    """The customers that were not deleted."""

    result: list[Company | None] | None = Field(None, alias="DeleteCompaniesResult")


class SaveRelations(Message):
    """Asks to save relations."""

    relations: list[Relation | None] | None = Field(None, alias="relations")


class SaveRelationsResponse(Message):
    """The relations that were not saved."""

    result: list[Relation | None] | None = Field(None, alias="SaveRelationsResult")


class DeleteMaps(Message):
    """Asks to delete maps."""

    maps: list[CompanyMap | None] | None = Field(None, alias="maps")


class DeleteMapsResponse(Message):
    """The maps that were not deleted."""

    result: list[CompanyMap | None] | None = Field(None, alias="DeleteMapsResult")


class SaveMaps(Message):
    """Asks to save maps."""

    maps: list[CompanyMap | None] | None = Field(None, alias="maps")


class SaveMapsResponse(Message):
    """The maps that were not saved."""

    result: list[CompanyMap | None] | None = Field(None, alias="SaveMapsResult")


class GetCompanySyncList(Message):
    """Asks for a page of the synchronisation list."""

    sync_search_parameters: SyncSearchParameters | None = Field(None, alias="syncSearchParameters")


class GetCompanySyncListResponse(Message):
    """The page."""

    result: PageOfSyncCompany | None = Field(None, alias="GetCompanySyncListResult")


class GetCompanies(Message):
    """Asks for customers, and for which properties of them."""

    search_params: CompanySearchParameters | None = Field(None, alias="searchParams")
    return_properties: list[str | None] | None = Field(None, alias="returnProperties")


class GetCompaniesResponse(Message):
    """The customers that were found."""

    result: list[Company | None] | None = Field(None, alias="GetCompaniesResult")


class GetCategories(Message):
    """Takes nothing."""


class GetCategoriesResponse(Message):
    """The categories."""

    result: list[Category | None] | None = Field(None, alias="GetCategoriesResult")


class SaveCategories(Message):
    """Categories to be saved. One without an id is new."""

    categories: list[Category | None] | None = Field(None, alias="categories")


class SaveCategoriesResponse(Message):
    """The categories as they were sent, with their ids."""

    result: list[Category | None] | None = Field(None, alias="SaveCategoriesResult")


class GetCustomerCategories(Message):
    """Asks for the categories of a customer."""

    customer_id: Annotated[Int, "min:1"] = Field(0, alias="customerId")


class GetCustomerCategoriesResponse(Message):
    """The ids of the categories."""

    result: list[Int] | None = Field(None, alias="GetCustomerCategoriesResult")


class GetIndustries(Message):
    """Takes nothing."""


class GetIndustriesResponse(Message):
    """The industries: key is the id, value the name."""

    result: list[KeyValuePair] | None = Field(None, alias="GetIndustriesResult")


class SaveCustomerCategories(Message):
    """Pairs: key is the id of a category, value that of a customer."""

    customer_categories: list[KeyValuePair] | None = Field(None, alias="customerCategories")


class SaveCustomerCategoriesResponse(Message):
    """The errors; empty when all went well."""

    result: list[APIException | None] | None = Field(None, alias="SaveCustomerCategoriesResult")


class DeleteCustomerCategories(Message):
    """Pairs: key is the id of a category, value that of a customer."""

    customer_categories: list[KeyValuePair] | None = Field(None, alias="customerCategories")


class DeleteCustomerCategoriesResponse(Message):
    """The errors; empty when all went well."""

    result: list[APIException | None] | None = Field(None, alias="DeleteCustomerCategoriesResult")


class GetCustomerCategoryTree(Message):
    """Takes nothing."""


class GetCustomerCategoryTreeResponse(Message):
    """Pairs: key is the id of a category, value that of a customer."""

    result: list[KeyValuePair] | None = Field(None, alias="GetCustomerCategoryTreeResult")


class SaveCompanies(Message):
    """Customers to be saved. One without an id is new."""

    companies: list[Company | None] | None = Field(None, alias="companies")


class SaveCompaniesResponse(Message):
    """The customers as they were sent, with their ids or their errors."""

    result: list[Company | None] | None = Field(None, alias="SaveCompaniesResult")


class GetStatuses(Message):
    """Takes nothing."""


class GetStatusesResponse(Message):
    """The statuses: key is the id, value the name."""

    result: list[KeyValuePair] | None = Field(None, alias="GetStatusesResult")


class GetCRMGroups(Message):
    """Takes nothing."""


class GetCRMGroupsResponse(Message):
    """The groups at the top."""

    result: list[Group | None] | None = Field(None, alias="GetCRMGroupsResult")
