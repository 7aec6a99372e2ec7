"""All services of the dialect, and the names of their operations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.twentyfoursevenoffice.account.service import ACCOUNT, ACCOUNT_V002
from adapters.twentyfoursevenoffice.attachment.service import ATTACHMENT
from adapters.twentyfoursevenoffice.client.service import CLIENT
from adapters.twentyfoursevenoffice.company.service import COMPANY
from adapters.twentyfoursevenoffice.mapping.get import get_invoices
from adapters.twentyfoursevenoffice.mapping.lists import (
    get_delivery_methods,
    get_invoice_templates,
    get_payment_methods,
)
from adapters.twentyfoursevenoffice.mapping.pdf import get_invoice_document
from adapters.twentyfoursevenoffice.mapping.save import save_invoices
from adapters.twentyfoursevenoffice.mapping.sync import get_order_sync_list
from adapters.twentyfoursevenoffice.mapping.update import update_invoices
from adapters.twentyfoursevenoffice.payment.service import PAYMENT
from adapters.twentyfoursevenoffice.person.service import PERSON
from adapters.twentyfoursevenoffice.product.service import PRODUCT
from adapters.twentyfoursevenoffice.service import Service
from adapters.twentyfoursevenoffice.transaction.service import TRANSACTION
from schemas.twentyfoursevenoffice.operations import AUTHENTICATE, INVOICE_SERVICE

INVOICE: Final = Service(
    INVOICE_SERVICE,
    MappingProxyType(
        {
            "GetOrderSyncList": get_order_sync_list,
            "GetInvoices": get_invoices,
            "UpdateInvoices": update_invoices,
            "SaveInvoices": save_invoices,
            "GetInvoiceDocument": get_invoice_document,
            "GetDeliveryMethods": get_delivery_methods,
            "GetInvoiceTemplates": get_invoice_templates,
            "GetPaymentMethods": get_payment_methods,
        }
    ),
    lists=frozenset({"GetDeliveryMethods", "GetInvoiceTemplates", "GetPaymentMethods"}),
    repeated=frozenset({"GetInvoices", "GetOrderSyncList", "GetInvoiceDocument"}),
)

SERVICES: Final = (
    INVOICE,
    COMPANY,
    PRODUCT,
    CLIENT,
    ACCOUNT,
    ACCOUNT_V002,
    PAYMENT,
    TRANSACTION,
    ATTACHMENT,
    PERSON,
)
"""Every service but Authenticate: their operations need a session."""

UNSERVED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "AccountService V1": "/Economy/Account/AccountService.asmx",
        "AccountService V003": "/Economy/Account/V003/AccountService.asmx",
        "the older InvoiceService": "/Economy/Invoice/InvoiceService.asmx",
        "the older Authenticate": "/authenticate/authenticate.asmx",
        "the older CompanyService": "/CRM/Company/CompanyService.asmx",
        "ProjectService": "/Project/V001/ProjectService.asmx",
        "TimeService": "/timesheet/v001/timeservice.asmx",
        "FileService": "/file/V001/FileService.asmx",
        "FileInfoService": "/file/V001/FileInfoService.asmx",
        "InvitationService": "/Invitation/Invitation_V001/InvitationService.asmx",
        "SalesOppService": "/SalesOpp/V001/SalesOppService.asmx",
        "BudgetService": "/Economy/Budget/V001/BudgetService.asmx",
        "TemplateService": "/CRM/Template/V001/TemplateService.asmx",
    }
)
"""Services of the vendor that are not served, with their paths: they answer 404. Source: R-05."""

_NAMES: Final = Counter(
    operation.name
    for contract in {each.contract.name: each.contract for each in SERVICES}.values()
    for operation in contract.operations
) + Counter(operation.name for operation in AUTHENTICATE.operations)


def operation_name(service: str, operation: str) -> str:
    """What log, journal, fault rules and the coverage table call an operation: with its service where two have the name."""
    return f"{service}.{operation}" if _NAMES[operation] > 1 else operation
