"""GetClientInformation and GetUsers: the company that the session works for, and its people. Source: CL-02, CL-05."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from adapters.twentyfoursevenoffice.client.settings import CardAddress
from adapters.twentyfoursevenoffice.settings import Company, User
from adapters.twentyfoursevenoffice.work import Work
from schemas.twentyfoursevenoffice.client import messages as m
from schemas.twentyfoursevenoffice.client import types as t
from schemas.twentyfoursevenoffice.common import (
    Address,
    Addresses,
    EmailAddress,
    EmailAddresses,
    PhoneNumber,
    PhoneNumbers,
)
from schemas.twentyfoursevenoffice.primitives import INTMIN


async def get_client_information(work: Work, _message: m.GetClientInformation) -> m.GetClientInformationResponse:
    """The card of the session's client company."""
    return m.GetClientInformationResponse(result=_client(work.identity.client, work.settings.orders.currency))


def _client(company: Company, currency: str) -> t.Client:
    first, second, third = (*company.reminder_days, 0, 0, 0)[:3]
    optional = {
        "address_list": _addresses(company),
        "country": company.country,
        "email_address_list": _emails(company),
        "factoring_client_no": company.factoring_client_no,
        "factoring_text": company.factoring_text,
        "fax_number_list": [t.FaxNumber(type=t.FaxNumberType.WORK, value=company.fax)] if company.fax else None,
        "phone_number_list": _phones(company),
        "bank_account": company.bank_account,
        "iban": company.iban,
        "organization_number": company.organization_number,
        "swift": company.swift,
        "reseller_id": company.reseller_id,
    }
    return t.Client(
        name=company.name,
        user_id=company.id,
        is_using_factoring=bool(company.factoring_client_no),
        reminder_days=first,
        reminder_days2=second,
        reminder_days3=third,
        reseller_name=company.reseller_name,
        default_currency=company.default_currency or currency,
        **_given(optional),
    )


def _given(values: dict[str, Any]) -> dict[str, Any]:
    """The values without those that are empty. Zero is a value."""
    return {name: value for name, value in values.items() if value is not None and value != ""}


def _filled(model: BaseModel) -> BaseModel | None:
    """The model, None when nothing is set in it."""
    return model if model.model_fields_set else None


def _addresses(company: Company) -> Any:
    given = {
        name: Address(**_given(address.model_dump()))
        for name in type(company.addresses).model_fields
        if isinstance(address := getattr(company.addresses, name), CardAddress)
    }
    return _filled(Addresses(**given))


def _emails(company: Company) -> Any:
    work, invoice = company.email, company.invoice_email
    return _filled(
        EmailAddresses(
            **({"invoice": EmailAddress(name=invoice, value=invoice)} if invoice else {}),
            **({"work": EmailAddress(name=work, value=work)} if work else {}),
        )
    )


def _phones(company: Company) -> Any:
    numbers = {"fax": company.fax, "mobile": company.mobile, "work": company.phone}
    return _filled(PhoneNumbers(**{name: PhoneNumber(value=number) for name, number in numbers.items() if number}))


# --- users ------------------------------------------------------------------------------------------------------------


async def get_users(work: Work, _message: m.GetUsers) -> m.GetUsersResponse:
    """Those who may log in to the company, as configured, then the employees of the catalogue who are none of them."""
    found: list[t.User | None] = [_user(work, user) for user in _users(work)]
    known = {user.employee_id for user in _users(work)}
    employees = work.catalogue.employees.values()
    found += [t.User(name=each.name, employee_id=each.id) for each in employees if each.id not in known]
    return m.GetUsersResponse.model_construct(result=found)


def _users(work: Work) -> Iterator[User]:
    client = work.identity.client.id
    for bound in work.context.bindings:
        if bound.tenant == work.identity.tenant:
            for user in bound.binding.users:
                if any(each.client == client and not each.blocked for each in user.identities):
                    yield user


def _user(work: Work, user: User) -> t.User:
    employee = work.catalogue.employees.get(user.employee_id) if user.employee_id is not None else None
    return t.User(
        contact_id=INTMIN if user.contact_id is None else user.contact_id,
        id=user.id,
        name=user.name or (employee.name if employee else "") or user.username,
        employee_id=INTMIN if user.employee_id is None else user.employee_id,
    )
