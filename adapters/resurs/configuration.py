"""ConfigurationService: passwords, callbacks, the invoice sequence, invoice data. Source: R-08."""

from __future__ import annotations

from typing import Final

from adapters.resurs.callbacks.registration import (
    get_registered_event_callback,
    register_event_callback,
    unregister_event_callback,
)
from adapters.resurs.invoice_data import get_invoice_data, set_invoice_data
from adapters.resurs.operation import Service, ServiceOperation
from adapters.resurs.passwords.requests import add_password, change_password, remove_password
from adapters.resurs.sequence import peek_invoice_sequence, set_invoice_sequence
from schemas.resurs import configuration as messages

NAMESPACE: Final = "http://ecommerce.resurs.com/v4/msg/configuration"
_PASSWORDS: Final = "refused unless `passwords` says `apply`"

CONFIGURATION: Final = Service(
    name="ConfigurationService",
    namespace=NAMESPACE,
    wsdl="ConfigurationService.wsdl",
    schemas=(
        "schemas/messages/ConfigurationServiceMessages.xsd",
        "schemas/messages/Exceptions.xsd",
        "schemas/types/common.xsd",
        "schemas/types/configuration.xsd",
    ),
    operations=(
        ServiceOperation("changePassword", messages.ChangePassword, None, change_password, note=_PASSWORDS),
        ServiceOperation("addPassword", messages.AddPassword, None, add_password, note=_PASSWORDS),
        ServiceOperation("removePassword", messages.RemovePassword, None, remove_password, note=_PASSWORDS),
        ServiceOperation("registerEventCallback", messages.RegisterEventCallback, None, register_event_callback),
        ServiceOperation(
            "getRegisteredEventCallback",
            messages.GetRegisteredEventCallback,
            messages.GetRegisteredEventCallbackResponse,
            get_registered_event_callback,
            remembered=True,
        ),
        ServiceOperation("unregisterEventCallback", messages.UnregisterEventCallback, None, unregister_event_callback),
        ServiceOperation(
            "peekInvoiceSequence",
            messages.PeekInvoiceSequence,
            messages.PeekInvoiceSequenceResponse,
            peek_invoice_sequence,
            remembered=True,
        ),
        ServiceOperation(
            "setInvoiceSequence",
            messages.SetInvoiceSequence,
            None,
            set_invoice_sequence,
            note="set, equal, clear, refusals",
            remembered=True,
        ),
        ServiceOperation("setInvoiceData", messages.SetInvoiceData, None, set_invoice_data),
        ServiceOperation(
            "getInvoiceData",
            messages.GetInvoiceData,
            messages.GetInvoiceDataResponse,
            get_invoice_data,
            remembered=True,
        ),
    ),
)
