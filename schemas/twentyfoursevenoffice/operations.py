"""The operations of InvoiceService and Authenticate, in the order of the contract, and all services."""

from __future__ import annotations

from typing import Final

from schemas.twentyfoursevenoffice import messages as m
from schemas.twentyfoursevenoffice.account.contract import ACCOUNT_SERVICE, ACCOUNT_SERVICE_V002
from schemas.twentyfoursevenoffice.attachment.contract import ATTACHMENT_SERVICE
from schemas.twentyfoursevenoffice.client.contract import CLIENT_SERVICE
from schemas.twentyfoursevenoffice.company.contract import COMPANY_SERVICE
from schemas.twentyfoursevenoffice.contract import Operation, ServiceContract
from schemas.twentyfoursevenoffice.payment.contract import PAYMENT_SERVICE
from schemas.twentyfoursevenoffice.person.contract import PERSON_SERVICE
from schemas.twentyfoursevenoffice.product.contract import PRODUCT_SERVICE
from schemas.twentyfoursevenoffice.transaction.contract import TRANSACTION_SERVICE

INVOICE_SERVICE: Final = ServiceContract(
    "InvoiceService",
    "/Economy/InvoiceOrder/V001/InvoiceService.asmx",
    (
        Operation(
            "GetOrderSyncList",
            "Gets a list of OrderIds, for getting all the data in batches with GetInvoices",
            m.GetOrderSyncList,
            m.GetOrderSyncListResponse,
        ),
        Operation(
            "GetInvoices",
            "Gets a list of invoices and orders based on search parameters. "
            "You have to specify which properties you want returned.",
            m.GetInvoices,
            m.GetInvoicesResponse,
        ),
        Operation(
            "UpdateInvoices",
            "Updates an array of invoices. Valid update properties: InvoiceTitle, ReferenceNumber",
            m.UpdateInvoices,
            m.UpdateInvoicesResponse,
        ),
        Operation(
            "SaveInvoices",
            "Saves an array of invoices and returns them with their id, or with an APIException if an error happened",
            m.SaveInvoices,
            m.SaveInvoicesResponse,
        ),
        Operation(
            "GetInvoiceDocument",
            "Gets an Invoice PDF. Parameters: InvoiceId, TemplateId (optional)",
            m.GetInvoiceDocument,
            m.GetInvoiceDocumentResponse,
        ),
        Operation(
            "GetDeliveryMethods",
            "Gets a list of all Delivery Methods",
            m.GetDeliveryMethods,
            m.GetDeliveryMethodsResponse,
        ),
        Operation(
            "GetInvoiceTemplates",
            "Gets a list of all Invoice Templates",
            m.GetInvoiceTemplates,
            m.GetInvoiceTemplatesResponse,
        ),
        Operation(
            "GetPaymentMethods",
            "Gets a list of all Payment Methods",
            m.GetPaymentMethods,
            m.GetPaymentMethodsResponse,
        ),
    ),
)

AUTHENTICATE: Final = ServiceContract(
    "Authenticate",
    "/authenticate/v001/authenticate.asmx",
    (
        Operation(
            "AuthenticateByToken",
            "Logs in with a token. The session id of the answer is the value of the cookie ASP.NET_SessionId.",
            m.AuthenticateByToken,
            m.AuthenticateByTokenResponse,
        ),
        Operation(
            "Login",
            "Logs in with a credential. The answer is the value of the cookie ASP.NET_SessionId, or an empty string.",
            m.Login,
            m.LoginResponse,
        ),
        Operation("HasSession", "Tells whether the session is logged in.", m.HasSession, m.HasSessionResponse),
        Operation("GetIdentity", "Gets the current identity.", m.GetIdentity, m.GetIdentityResponse),
        Operation(
            "GetIdentities", "Gets a list of the identities of this session.", m.GetIdentities, m.GetIdentitiesResponse
        ),
        Operation(
            "SetIdentity",
            "Changes the identity of this session. Returns whether it succeeded.",
            m.SetIdentity,
            m.SetIdentityResponse,
        ),
        Operation(
            "SetIdentityById",
            "Changes the identity of this session by its id. Returns whether it succeeded.",
            m.SetIdentityById,
            m.SetIdentityByIdResponse,
        ),
        Operation(
            "GetIdentitiesWithCredential",
            "Gets a list of the identities of a credential.",
            m.GetIdentitiesWithCredential,
            m.GetIdentitiesWithCredentialResponse,
        ),
        Operation(
            "GetIdentitiesWithCredentialByService",
            "Gets a list of the identities of a credential for a service.",
            m.GetIdentitiesWithCredentialByService,
            m.GetIdentitiesWithCredentialByServiceResponse,
        ),
    ),
)

SERVICES: Final = (
    AUTHENTICATE,
    INVOICE_SERVICE,
    COMPANY_SERVICE,
    PRODUCT_SERVICE,
    CLIENT_SERVICE,
    ACCOUNT_SERVICE,
    ACCOUNT_SERVICE_V002,
    PAYMENT_SERVICE,
    TRANSACTION_SERVICE,
    ATTACHMENT_SERVICE,
    PERSON_SERVICE,
)
"""All services with the one of the logins first, as clients need it first."""
