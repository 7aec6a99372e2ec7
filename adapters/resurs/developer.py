"""DeveloperWebService: simulation, on the test system. Source: P-01."""

from __future__ import annotations

from typing import Final

from adapters.resurs.operation import Service, ServiceOperation
from schemas.resurs import developer as messages

NAMESPACE: Final = "http://ecommerce.resurs.com/v4/msg/developer"

DEVELOPER: Final = Service(
    name="DeveloperWebService",
    namespace=NAMESPACE,
    wsdl="DeveloperWebService.wsdl",
    schemas=(
        "schemas/messages/DeveloperServiceMessages.xsd",
        "schemas/types/common.xsd",
        "schemas/messages/Exceptions.xsd",
    ),
    operations=(
        ServiceOperation("triggerEvent", messages.TriggerEvent),
        ServiceOperation("isSigned", messages.IsSigned, messages.IsSignedResponse),
        ServiceOperation(
            "getLimitApplicationTemplate",
            messages.GetLimitApplicationTemplate,
            messages.GetLimitApplicationTemplateResponse,
        ),
        ServiceOperation("exposeRevision", messages.ExposeRevision, messages.ExposeRevisionResponse),
    ),
    on_live=False,
)
