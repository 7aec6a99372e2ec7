"""Texts of errors that concern logins, InvoiceService, or every service.

No public source has the texts marked inferred.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.twentyfoursevenoffice.wording import CORE, ECONOMY, NOT_FOUND, PROPERTY, BusinessText

FAULT_TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        # asserted word for word by a client
        "application_unknown": "Your application id is not registered. "
        "Please visit http://developer.24sevenoffice.com to register.",
        # the FAQ, with the article that a client looks for
        "identity_blocked": "The provided IdentityId is blocked. Please use GetIdentitiesWithCredential "
        "to get a list of available Identities and reauthenticate with a valid IdentityId",
        "no_session": "Session is not authenticated",
        "no_identity": "Client is not authenticated on this identity",
        "token_unknown": "The provided token is not valid.",  # R-36, inferred
        "no_filter": "Please specify at least one search parameter",  # CompanyService; here inferred
        "too_many_ids": "The maximum number of ids per request is {limit}.",  # inferred
        "limit_exceeded": "Limit exceeded by {excess}. Request is blocked. Quarantine ends at {until}",
        "null_reference": "Object reference not set to an instance of an object.",  # G-24, inferred
        "not_supported": "{operation} is not supported.",  # inferred
        "invoice_unknown": "Invoice with InvoiceId {id} was not found.",  # inferred
        "template_unknown": "Template with Id {id} was not found.",  # inferred
        "pdf_unavailable": "The invoice document could not be generated: the server has no PDF writer installed.",
        "timeout": "Timeout expired. The timeout period elapsed prior to completion of the operation.",  # inferred
        "unavailable": "The database is not available at the moment. Please try again later.",  # inferred
        "internal": "An unexpected error occurred.",  # inferred
        "strict": "The request holds something that would have been ignored.",  # inferred
    }
)
"""The last part of a fault's text: `Server was unable to process request. ---> <text>`."""

BUSINESS: Final[Mapping[str, BusinessText]] = MappingProxyType(
    {
        "property_missing": BusinessText(PROPERTY, "Property {property} is missing."),  # CompanyService's form
        "property_invalid": BusinessText(PROPERTY, "Property {property} is not valid."),
        "property_too_long": BusinessText(PROPERTY, "Property {property} exceeds the maximum length of {limit}."),
        "property_read_only": BusinessText(PROPERTY, "Property {property} cannot be set."),
        "not_found": BusinessText(NOT_FOUND, "{property} {id} was not found."),
        "order_locked": BusinessText(
            f"{ECONOMY}.InvoiceLockedException", "Order {order} is invoiced and cannot be changed."
        ),
        "order_not_invoiced": BusinessText(f"{ECONOMY}.InvoiceException", "Order {order} is not invoiced."),
        "order_void": BusinessText(f"{ECONOMY}.InvoiceException", "Order {order} cannot be changed any more."),
        "order_changed": BusinessText(f"{ECONOMY}.ConcurrencyException", "Order {order} was changed by somebody else."),
        "order_id_taken": BusinessText(f"{ECONOMY}.InvoiceException", "OrderId {order} is already in use."),
        "amount_too_large": BusinessText(
            f"{ECONOMY}.InvoiceException", "Value was either too large or too small for a Decimal."
        ),
        "status_not_allowed": BusinessText(f"{ECONOMY}.InvoiceException", "The OrderStatus cannot be set this way."),
        "date_behind": BusinessText(
            f"{ECONOMY}.InvoiceException", "DateInvoiced {date} is earlier than the latest invoice, {latest}."
        ),
        "series_missing": BusinessText(f"{ECONOMY}.InvoiceNumberException", "No invoice number series is available."),
        "number_unset": BusinessText(f"{ECONOMY}.InvoiceNumberException", "The first invoice number has not been set."),
        "number_taken": BusinessText(f"{ECONOMY}.InvoiceNumberException", "Invoice number {number} is already in use."),
        "number_exhausted": BusinessText(f"{ECONOMY}.InvoiceNumberException", "No invoice number is left."),
        "number_invalid": BusinessText(f"{ECONOMY}.InvoiceNumberException", "Invoice number {number} is not valid."),
        "duplicate": BusinessText(f"{ECONOMY}.InvoiceException", "The order was already saved with other contents."),
        "item_taken": BusinessText(f"{CORE}.DuplicateException", "Item {id} already exists."),
        "item_changed": BusinessText(f"{CORE}.ConcurrencyException", "Item {id} was changed by somebody else."),
        "storage_full": BusinessText(f"{CORE}.QuotaException", "The limit of {limit} is reached."),
        "database": BusinessText("Office24Seven.Library.Data.DataBaseServerException", "The order could not be saved."),
    }
)
"""Business errors by name. All inferred but for the type of `not_found` and the message of `property_missing`."""
