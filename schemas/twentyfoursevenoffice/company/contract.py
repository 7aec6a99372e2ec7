"""The operations of CompanyService, in the order of the contract."""

from __future__ import annotations

from typing import Final

from schemas.twentyfoursevenoffice.company import messages as m
from schemas.twentyfoursevenoffice.contract import Operation, ServiceContract

COMPANY_SERVICE: Final = ServiceContract(
    "CompanyService",
    "/CRM/Company/V001/CompanyService.asmx",
    (
        Operation(
            "DeleteRelations",
            "Deletes relations. The answer holds only those that failed.",
            m.DeleteRelations,
            m.DeleteRelationsResponse,
        ),
        Operation(
            "DeleteCompanies",
            "Deletes customers. The answer holds only those that failed.",
            m.DeleteCompanies,
            m.DeleteCompaniesResponse,
        ),
        Operation(
            "SaveRelations",
            "Saves relations between contacts and customers. The answer holds only those that failed.",
            m.SaveRelations,
            m.SaveRelationsResponse,
        ),
        Operation(
            "DeleteMaps",
            "Deletes ids of other systems. The answer holds only those that failed.",
            m.DeleteMaps,
            m.DeleteMapsResponse,
        ),
        Operation(
            "SaveMaps",
            "Saves ids of other systems. The answer holds only those that failed.",
            m.SaveMaps,
            m.SaveMapsResponse,
        ),
        Operation(
            "GetCompanySyncList",
            "Gets one page of the ids of all customers, with the moment of their last change. Deleted ones are marked.",
            m.GetCompanySyncList,
            m.GetCompanySyncListResponse,
        ),
        Operation(
            "GetCompanies",
            "Gets customers by search parameters. At least one must be set.",
            m.GetCompanies,
            m.GetCompaniesResponse,
        ),
        Operation("GetCategories", "Gets all categories of customers.", m.GetCategories, m.GetCategoriesResponse),
        Operation("SaveCategories", "Saves categories of customers.", m.SaveCategories, m.SaveCategoriesResponse),
        Operation(
            "GetCustomerCategories",
            "Gets the ids of the categories of a customer.",
            m.GetCustomerCategories,
            m.GetCustomerCategoriesResponse,
        ),
        Operation("GetIndustries", "Gets all industries: id and name.", m.GetIndustries, m.GetIndustriesResponse),
        Operation(
            "SaveCustomerCategories",
            "Puts customers into categories. The answer holds only errors.",
            m.SaveCustomerCategories,
            m.SaveCustomerCategoriesResponse,
        ),
        Operation(
            "DeleteCustomerCategories",
            "Takes customers out of categories. The answer holds only errors.",
            m.DeleteCustomerCategories,
            m.DeleteCustomerCategoriesResponse,
        ),
        Operation(
            "GetCustomerCategoryTree",
            "Gets each category with each customer in it.",
            m.GetCustomerCategoryTree,
            m.GetCustomerCategoryTreeResponse,
        ),
        Operation(
            "SaveCompanies",
            "Saves customers, and returns them with their id, or with an APIException if an error happened.",
            m.SaveCompanies,
            m.SaveCompaniesResponse,
        ),
        Operation("GetStatuses", "Gets all statuses of customers: id and name.", m.GetStatuses, m.GetStatusesResponse),
        Operation("GetCRMGroups", "Gets the groups of people as a tree.", m.GetCRMGroups, m.GetCRMGroupsResponse),
    ),
)
