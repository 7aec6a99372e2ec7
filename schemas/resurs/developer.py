"""The messages of DeveloperWebService. Operations without a response class here answer an empty wrapper."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from schemas.resurs.primitives import Message


class IsSigned(Message):
    """Asks whether a signing was finished."""

    signing_id: str = Field(alias="signingId")


class IsSignedResponse(Message):
    """True when it was."""

    result: bool = Field(alias="return")


class GetLimitApplicationTemplate(Message):
    """Asks for the form of a credit application."""

    payment_method_id: str = Field(alias="paymentMethodId")
    sum: Decimal


class GetLimitApplicationTemplateResponse(Message):
    """The form as text."""

    result: str = Field(alias="return")


class TriggerEvent(Message):
    """Sends the callback of an event type.

    param: values for the event's placeholders, in their order.
    """

    event_type: str = Field(alias="eventType")
    param: Annotated[list[str], "repeated"] = Field([])


class ExposeRevision(Message):
    """Asks which build answers."""


class ExposeRevisionResponse(Message):
    """The build."""

    revision: str
    version: str
