"""CompanyService: the handler of each operation that is served."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.twentyfoursevenoffice.company.categories import (
    delete_customer_categories,
    get_categories,
    get_customer_categories,
    get_customer_category_tree,
    get_statuses,
    save_categories,
    save_customer_categories,
)
from adapters.twentyfoursevenoffice.company.delete import delete_companies
from adapters.twentyfoursevenoffice.company.relations import delete_maps, delete_relations, save_maps, save_relations
from adapters.twentyfoursevenoffice.company.save import save_companies
from adapters.twentyfoursevenoffice.company.search import get_companies
from adapters.twentyfoursevenoffice.company.sync import get_company_sync_list
from adapters.twentyfoursevenoffice.service import Handler, Service
from gateway.spi.adapter import Evidence
from schemas.twentyfoursevenoffice.company.contract import COMPANY_SERVICE

HANDLERS: Final[Mapping[str, Handler]] = MappingProxyType(
    {
        "DeleteRelations": delete_relations,
        "DeleteCompanies": delete_companies,
        "SaveRelations": save_relations,
        "DeleteMaps": delete_maps,
        "SaveMaps": save_maps,
        "GetCompanySyncList": get_company_sync_list,
        "GetCompanies": get_companies,
        "GetCategories": get_categories,
        "SaveCategories": save_categories,
        "GetCustomerCategories": get_customer_categories,
        "SaveCustomerCategories": save_customer_categories,
        "DeleteCustomerCategories": delete_customer_categories,
        "GetCustomerCategoryTree": get_customer_category_tree,
        "SaveCompanies": save_companies,
        "GetStatuses": get_statuses,
    }
)
"""The handler of each operation; others are declined."""

COMPANY: Final = Service(
    COMPANY_SERVICE,
    HANDLERS,
    Evidence.DOCUMENTED,
    lists=frozenset({"GetStatuses"}),
    repeated=frozenset({"GetCompanies", "GetCompanySyncList", "GetCustomerCategories"}),
)
