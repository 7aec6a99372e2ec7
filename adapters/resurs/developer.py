"""DeveloperWebService: simulation, on the test system. Source: P-01."""

from __future__ import annotations

from typing import Final

from adapters.resurs import errors
from adapters.resurs.callbacks.events import triggered
from adapters.resurs.callbacks.plan import planned
from adapters.resurs.callbacks.registration import known_event
from adapters.resurs.errors import Fault
from adapters.resurs.operation import OperationCall, Service, ServiceOperation
from adapters.resurs.representative import read_data
from adapters.resurs.shopflow.signing import is_signed
from gateway.core.work import ScheduleWork
from schemas.resurs import developer as messages

NAMESPACE: Final = "http://ecommerce.resurs.com/v4/msg/developer"
_MAX_PARAMS: Final = 10_000
"""Characters; they become part of an address."""


async def trigger_event(call: OperationCall, message: messages.TriggerEvent) -> None:
    """Simulate an event: its callback is sent like any other. Raises Fault(CALLBACK_NOT_REGISTERED), Fault(EVENT_UNKNOWN)."""
    if sum(map(len, message.param)) > _MAX_PARAMS:
        raise Fault(errors.INVALID_FIELD, field="param")
    event = triggered(known_event(message.event_type), message.param)
    work = planned(call.account, await read_data(call), [event])
    if not work:
        raise Fault(errors.CALLBACK_NOT_REGISTERED, type=event.type)
    await call.service.execute(ScheduleWork(call.tenant, work, call.by))


async def tell_whether_signed(call: OperationCall, message: messages.IsSigned) -> messages.IsSignedResponse:
    """Whether a customer has signed. What a signing id is, no page says: here it is the token of the signing page's address,
    or the payment's id (inferred).
    """
    return messages.IsSignedResponse(result=await is_signed(call, message.signing_id))


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
        ServiceOperation("triggerEvent", messages.TriggerEvent, None, trigger_event),
        ServiceOperation(
            "isSigned",
            messages.IsSigned,
            messages.IsSignedResponse,
            tell_whether_signed,
            note="takes the token of a signing page, or the payment's id",
        ),
        ServiceOperation(
            "getLimitApplicationTemplate",
            messages.GetLimitApplicationTemplate,
            messages.GetLimitApplicationTemplateResponse,
        ),
        ServiceOperation("exposeRevision", messages.ExposeRevision, messages.ExposeRevisionResponse),
    ),
    on_live=False,
)
