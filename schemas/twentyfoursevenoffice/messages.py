"""Every message of 24SevenOffice's InvoiceService and Authenticate. The tables of operations stand in `operations`.

A request message holds the children of the operation's element, a response message those of the response element. Other
modules of this package define the types that they use; this one exports them all. Source: SOURCES.md.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from schemas.twentyfoursevenoffice.enums import (
    ChangeState,
    DistributionMethod,
    Distributor,
    OrderSlipStateType,
    RowType,
)
from schemas.twentyfoursevenoffice.identities import Client, Credential, Identity, Passport, Server, Token, User
from schemas.twentyfoursevenoffice.orders import (
    Address,
    Addresses,
    APIException,
    Currency,
    DeliveryMethod,
    InvoiceOrder,
    InvoiceRow,
    TaxSettings,
    UserDefinedDimension,
)
from schemas.twentyfoursevenoffice.parameters import (
    InvoiceDocumentSearchParameters,
    InvoiceSearchParameters,
    InvoiceSyncParameters,
    PaymentMethod,
    TemplateModel,
)
from schemas.twentyfoursevenoffice.primitives import (
    DATEMIN,
    DECMIN,
    EMPTYGUID,
    GUID_NAMESPACE,
    INTMIN,
    NAMESPACE,
    SHORTMIN,
    Int,
    Message,
)

__all__ = [
    "DATEMIN",
    "DECMIN",
    "EMPTYGUID",
    "GUID_NAMESPACE",
    "INTMIN",
    "NAMESPACE",
    "SHORTMIN",
    "APIException",
    "Address",
    "Addresses",
    "AuthenticateByToken",
    "AuthenticateByTokenResponse",
    "ChangeState",
    "Client",
    "Credential",
    "Currency",
    "DeliveryMethod",
    "DistributionMethod",
    "Distributor",
    "GetDeliveryMethods",
    "GetDeliveryMethodsResponse",
    "GetIdentities",
    "GetIdentitiesResponse",
    "GetIdentitiesWithCredential",
    "GetIdentitiesWithCredentialByService",
    "GetIdentitiesWithCredentialByServiceResponse",
    "GetIdentitiesWithCredentialResponse",
    "GetIdentity",
    "GetIdentityResponse",
    "GetInvoiceDocument",
    "GetInvoiceDocumentResponse",
    "GetInvoiceTemplates",
    "GetInvoiceTemplatesResponse",
    "GetInvoices",
    "GetInvoicesResponse",
    "GetOrderSyncList",
    "GetOrderSyncListResponse",
    "GetPaymentMethods",
    "GetPaymentMethodsResponse",
    "HasSession",
    "HasSessionResponse",
    "Identity",
    "InvoiceDocumentSearchParameters",
    "InvoiceOrder",
    "InvoiceRow",
    "InvoiceSearchParameters",
    "InvoiceSyncParameters",
    "Login",
    "LoginResponse",
    "Message",
    "OrderSlipStateType",
    "Passport",
    "PaymentMethod",
    "RowType",
    "SaveInvoices",
    "SaveInvoicesResponse",
    "Server",
    "SetIdentity",
    "SetIdentityById",
    "SetIdentityByIdResponse",
    "SetIdentityResponse",
    "TaxSettings",
    "TemplateModel",
    "Token",
    "UpdateInvoices",
    "UpdateInvoicesResponse",
    "User",
    "UserDefinedDimension",
]


# --- InvoiceService ---------------------------------------------------------------------------------------------------


class GetOrderSyncList(Message):
    """Asks which orders were changed or registered after a moment."""

    sync_params: InvoiceSyncParameters | None = Field(None, alias="syncParams")


class GetOrderSyncListResponse(Message):
    """The ids of the orders."""

    result: list[Int] | None = Field(None, alias="GetOrderSyncListResult")


class GetInvoices(Message):
    """Asks for orders, and for which properties of orders and rows."""

    search_params: InvoiceSearchParameters | None = Field(None, alias="searchParams")
    invoice_return_properties: list[str | None] | None = Field(None, alias="invoiceReturnProperties")
    row_return_properties: list[str | None] | None = Field(None, alias="rowReturnProperties")


class GetInvoicesResponse(Message):
    """The orders found."""

    result: list[InvoiceOrder | None] | None = Field(None, alias="GetInvoicesResult")


class UpdateInvoices(Message):
    """Invoiced orders with a new InvoiceTitle or ReferenceNumber."""

    invoices: list[InvoiceOrder | None] | None = Field(None, alias="invoices")


class UpdateInvoicesResponse(Message):
    """The orders, each with its APIException if it failed."""

    result: list[InvoiceOrder | None] | None = Field(None, alias="UpdateInvoicesResult")


class SaveInvoices(Message):
    """Orders to create or change."""

    invoices: list[InvoiceOrder | None] | None = Field(None, alias="invoices")


class SaveInvoicesResponse(Message):
    """The orders, each with its ids or its APIException."""

    result: list[InvoiceOrder | None] | None = Field(None, alias="SaveInvoicesResult")


class GetInvoiceDocument(Message):
    """Asks for the PDF of an invoice. The child begins with a capital letter, unlike those of other operations (R-53)."""

    parameters: InvoiceDocumentSearchParameters | None = Field(None, alias="Parameters")


class GetInvoiceDocumentResponse(Message):
    """The PDF."""

    result: bytes | None = Field(None, alias="GetInvoiceDocumentResult")


class GetDeliveryMethods(Message):
    """Takes nothing."""


class GetDeliveryMethodsResponse(Message):
    """All delivery methods."""

    result: list[DeliveryMethod | None] | None = Field(None, alias="GetDeliveryMethodsResult")


class GetInvoiceTemplates(Message):
    """Takes nothing."""


class GetInvoiceTemplatesResponse(Message):
    """All invoice templates."""

    result: list[TemplateModel | None] | None = Field(None, alias="GetInvoiceTemplatesResult")


class GetPaymentMethods(Message):
    """Takes nothing."""


class GetPaymentMethodsResponse(Message):
    """All payment methods."""

    result: list[PaymentMethod | None] | None = Field(None, alias="GetPaymentMethodsResult")


# --- Authenticate -----------------------------------------------------------------------------------------------------


class AuthenticateByToken(Message):
    """A login by token."""

    token: Token | None = Field(None, alias="token")


class AuthenticateByTokenResponse(Message):
    """The session and its identities."""

    result: Passport | None = Field(None, alias="AuthenticateByTokenResult")


class Login(Message):
    """A login by user name and password."""

    credential: Credential | None = Field(None, alias="credential")


class LoginResponse(Message):
    """The session id; empty when the credentials are wrong."""

    result: str | None = Field(None, alias="LoginResult", repr=False)


class HasSession(Message):
    """Takes nothing: the question is about the cookie."""


class HasSessionResponse(Message):
    """Whether the session is logged in."""

    result: Annotated[bool, "min:1"] = Field(False, alias="HasSessionResult")


class GetIdentity(Message):
    """Takes nothing."""


class GetIdentityResponse(Message):
    """The current identity."""

    result: Identity | None = Field(None, alias="GetIdentityResult")


class GetIdentities(Message):
    """Takes nothing."""


class GetIdentitiesResponse(Message):
    """The identities that the session may work as."""

    result: list[Identity | None] | None = Field(None, alias="GetIdentitiesResult")


class SetIdentity(Message):
    """The identity to switch to."""

    identity: Identity | None = Field(None, alias="identity")


class SetIdentityResponse(Message):
    """Whether the switch succeeded."""

    result: Annotated[bool, "min:1"] = Field(False, alias="SetIdentityResult")


class SetIdentityById(Message):
    """The id of the identity to switch to."""

    identity_id: Annotated[UUID, "min:1"] = Field(EMPTYGUID, alias="identityId")


class SetIdentityByIdResponse(Message):
    """Whether the switch succeeded."""

    result: Annotated[bool, "min:1"] = Field(False, alias="SetIdentityByIdResult")


class GetIdentitiesWithCredential(Message):
    """Asks for the identities of a credential, without a session."""

    credential: Credential | None = Field(None, alias="credential")


class GetIdentitiesWithCredentialResponse(Message):
    """The identities of the credential."""

    result: list[Identity | None] | None = Field(None, alias="GetIdentitiesWithCredentialResult")


class GetIdentitiesWithCredentialByService(Message):
    """Asks for the identities of a credential for a service, without a session."""

    credential: Credential | None = Field(None, alias="credential")
    service_id: Annotated[Int, "min:1"] = Field(0, alias="serviceId")


class GetIdentitiesWithCredentialByServiceResponse(Message):
    """The identities of the credential for the service."""

    result: list[Identity | None] | None = Field(None, alias="GetIdentitiesWithCredentialByServiceResult")
