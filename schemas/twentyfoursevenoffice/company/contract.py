"""The operations of CompanyService, in the order of the contract."""

from __future__ import annotations

from typing import Final

from schemas.twentyfoursevenoffice.company import messages as m
from schemas.twentyfoursevenoffice.contract import Operation, ServiceContract

COMPANY_SERVICE: Final = ServiceContract(
    "CompanyService",
    "/CRM/Company/V001/CompanyService.asmx",
    (
        Operation("DeleteRelations", "Delete relations.", m.DeleteRelations, m.DeleteRelationsResponse),
        Operation("DeleteCompanies", "Delete companies.", m.DeleteCompanies, m.DeleteCompaniesResponse),
        Operation("SaveRelations", "Save relations.", m.SaveRelations, m.SaveRelationsResponse),
        Operation("DeleteMaps", "Delete maps.", m.DeleteMaps, m.DeleteMapsResponse),
        Operation("SaveMaps", "Save maps.", m.SaveMaps, m.SaveMapsResponse),
        Operation("GetCompanySyncList", "Get company sync list.", m.GetCompanySyncList, m.GetCompanySyncListResponse),
        Operation("GetCompanies", "Get companies.", m.GetCompanies, m.GetCompaniesResponse),
        Operation("GetCategories", "Get categories.", m.GetCategories, m.GetCategoriesResponse),
        Operation("SaveCategories", "Save categories.", m.SaveCategories, m.SaveCategoriesResponse),
        Operation(
            "GetCustomerCategories",
            "Get customer categories.",
            m.GetCustomerCategories,
            m.GetCustomerCategoriesResponse,
        ),
        Operation("GetIndustries", "Get industries.", m.GetIndustries, m.GetIndustriesResponse),
        Operation(
            "SaveCustomerCategories",
            "Save customer categories.",
            m.SaveCustomerCategories,
            m.SaveCustomerCategoriesResponse,
        ),
        Operation(
            "DeleteCustomerCategories",
            "Delete customer categories.",
            m.DeleteCustomerCategories,
            m.DeleteCustomerCategoriesResponse,
        ),
        Operation(
            "GetCustomerCategoryTree",
            "Get customer category tree.",
            m.GetCustomerCategoryTree,
            m.GetCustomerCategoryTreeResponse,
        ),
        Operation("SaveCompanies", "Save companies.", m.SaveCompanies, m.SaveCompaniesResponse),
        Operation("GetStatuses", "Get statuses.", m.GetStatuses, m.GetStatusesResponse),
        Operation("GetCRMGroups", "Get crmgroups.", m.GetCRMGroups, m.GetCRMGroupsResponse),
    ),
)
