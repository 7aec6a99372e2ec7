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
    """Asks for DeleteRelations."""

    relations: list[Relation | None] | None = Field(None, alias="relations")


class DeleteRelationsResponse(Message):
    """The answer to DeleteRelations."""

    result: list[Relation | None] | None = Field(None, alias="DeleteRelationsResult")


class DeleteCompanies(Message):
    """Asks for DeleteCompanies."""

    companies: list[Company | None] | None = Field(None, alias="companies")


class DeleteCompaniesResponse(Message):
    """The answer to DeleteCompanies."""

    result: list[Company | None] | None = Field(None, alias="DeleteCompaniesResult")


class SaveRelations(Message):
    """Asks for SaveRelations."""

    relations: list[Relation | None] | None = Field(None, alias="relations")


class SaveRelationsResponse(Message):
    """The answer to SaveRelations."""

    result: list[Relation | None] | None = Field(None, alias="SaveRelationsResult")


class DeleteMaps(Message):
    """Asks for DeleteMaps."""

    maps: list[CompanyMap | None] | None = Field(None, alias="maps")


class DeleteMapsResponse(Message):
    """The answer to DeleteMaps."""

    result: list[CompanyMap | None] | None = Field(None, alias="DeleteMapsResult")


class SaveMaps(Message):
    """Asks for SaveMaps."""

    maps: list[CompanyMap | None] | None = Field(None, alias="maps")


class SaveMapsResponse(Message):
    """The answer to SaveMaps."""

    result: list[CompanyMap | None] | None = Field(None, alias="SaveMapsResult")


class GetCompanySyncList(Message):
    """Asks for GetCompanySyncList."""

    sync_search_parameters: SyncSearchParameters | None = Field(None, alias="syncSearchParameters")


class GetCompanySyncListResponse(Message):
    """The answer to GetCompanySyncList."""

    result: PageOfSyncCompany | None = Field(None, alias="GetCompanySyncListResult")


class GetCompanies(Message):
    """Asks for GetCompanies."""

    search_params: CompanySearchParameters | None = Field(None, alias="searchParams")
    return_properties: list[str | None] | None = Field(None, alias="returnProperties")


class GetCompaniesResponse(Message):
    """The answer to GetCompanies."""

    result: list[Company | None] | None = Field(None, alias="GetCompaniesResult")


class GetCategories(Message):
    """Takes nothing."""


class GetCategoriesResponse(Message):
    """The answer to GetCategories."""

    result: list[Category | None] | None = Field(None, alias="GetCategoriesResult")


class SaveCategories(Message):
    """Asks for SaveCategories."""

    categories: list[Category | None] | None = Field(None, alias="categories")


class SaveCategoriesResponse(Message):
    """The answer to SaveCategories."""

    result: list[Category | None] | None = Field(None, alias="SaveCategoriesResult")


class GetCustomerCategories(Message):
    """Asks for GetCustomerCategories."""

    customer_id: Annotated[Int, "min:1"] = Field(0, alias="customerId")


class GetCustomerCategoriesResponse(Message):
    """The answer to GetCustomerCategories."""

    result: list[Int] | None = Field(None, alias="GetCustomerCategoriesResult")


class GetIndustries(Message):
    """Takes nothing."""


class GetIndustriesResponse(Message):
    """The answer to GetIndustries."""

    result: list[KeyValuePair] | None = Field(None, alias="GetIndustriesResult")


class SaveCustomerCategories(Message):
    """Asks for SaveCustomerCategories."""

    customer_categories: list[KeyValuePair] | None = Field(None, alias="customerCategories")


class SaveCustomerCategoriesResponse(Message):
    """The answer to SaveCustomerCategories."""

    result: list[APIException | None] | None = Field(None, alias="SaveCustomerCategoriesResult")


class DeleteCustomerCategories(Message):
    """Asks for DeleteCustomerCategories."""

    customer_categories: list[KeyValuePair] | None = Field(None, alias="customerCategories")


class DeleteCustomerCategoriesResponse(Message):
    """The answer to DeleteCustomerCategories."""

    result: list[APIException | None] | None = Field(None, alias="DeleteCustomerCategoriesResult")


class GetCustomerCategoryTree(Message):
    """Takes nothing."""


class GetCustomerCategoryTreeResponse(Message):
    """The answer to GetCustomerCategoryTree."""

    result: list[KeyValuePair] | None = Field(None, alias="GetCustomerCategoryTreeResult")


class SaveCompanies(Message):
    """Asks for SaveCompanies."""

    companies: list[Company | None] | None = Field(None, alias="companies")


class SaveCompaniesResponse(Message):
    """The answer to SaveCompanies."""

    result: list[Company | None] | None = Field(None, alias="SaveCompaniesResult")


class GetStatuses(Message):
    """Takes nothing."""


class GetStatusesResponse(Message):
    """The answer to GetStatuses."""

    result: list[KeyValuePair] | None = Field(None, alias="GetStatusesResult")


class GetCRMGroups(Message):
    """Takes nothing."""


class GetCRMGroupsResponse(Message):
    """The answer to GetCRMGroups."""

    result: list[Group | None] | None = Field(None, alias="GetCRMGroupsResult")
