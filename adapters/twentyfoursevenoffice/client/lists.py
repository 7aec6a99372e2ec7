"""The four lists of ClientService, from the tenant's catalogue. Source: CL-01, CL-03, CL-04, CL-06."""

from __future__ import annotations

from decimal import Decimal

from adapters.twentyfoursevenoffice.work import Work
from gateway.core.catalogue import Catalogue, TaxCode, TypeGroup
from schemas.twentyfoursevenoffice.client import messages as m
from schemas.twentyfoursevenoffice.client import types as t
from schemas.twentyfoursevenoffice.primitives import INTMIN


async def get_type_group_list(work: Work, message: m.GetTypeGroupList) -> m.GetTypeGroupListResponse:
    """All types of sale by id. The catalogue has no types of purchase, so that list is empty (D-81)."""
    if message.module is t.TypeGroupModule.PURCHASE:
        return m.GetTypeGroupListResponse(result=[])
    catalogue = work.catalogue
    groups: list[t.AccountingGroup | None] = [_group(catalogue, each) for each in catalogue.type_groups.values()]
    return m.GetTypeGroupListResponse.model_construct(result=groups)


def _group(catalogue: Catalogue, group: TypeGroup) -> t.AccountingGroup:
    """A type of sale with the account of its tax code, 0 when that has none. Source: CL-15."""
    code = catalogue.tax_codes.get(group.tax_code) if group.tax_code is not None else None
    return t.AccountingGroup(account_id=(code.account if code else None) or 0, id=group.id, name=group.name)


async def get_department_list(work: Work, _message: m.GetDepartmentList) -> m.GetDepartmentListResponse:
    """All departments by id."""
    departments = work.catalogue.departments.values()
    return m.GetDepartmentListResponse(result=[t.Department(id=each.id, name=each.name) for each in departments])


async def get_currency_list(work: Work, _message: m.GetCurrencyList) -> m.GetCurrencyListResponse:
    """All currencies by id; without any in the catalogue the currency of orders alone, which is worth one of itself."""
    currencies: list[t.Currency | None] = [
        t.Currency(symbol=each.symbol, id=each.id, rate=each.rate, unit=each.unit)
        for each in work.catalogue.currencies.values()
    ]
    own = work.settings.orders.currency
    if not currencies and own:
        currencies = [t.Currency(symbol=own, id=1, rate=Decimal(1), unit=1)]
    return m.GetCurrencyListResponse.model_construct(result=currencies)


async def get_vat_type_list(work: Work, _message: m.GetVatTypeList) -> m.GetVatTypeListResponse:
    """All tax codes by id."""
    codes = work.catalogue.tax_codes.values()
    return m.GetVatTypeListResponse(
        result=[t.VatType(no=_number(each), name=each.name, rate=each.rate) for each in codes]
    )


def _number(code: TaxCode) -> int:
    """The number that people see; the id of a code whose number is no whole number of the vendor's 32 bits (D-82)."""
    number = int(code.number) if code.number.isascii() and code.number.isdigit() else INTMIN
    return number if 0 <= number < 2**31 else code.id
