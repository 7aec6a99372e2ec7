"""registerEventCallback, getRegisteredEventCallback, unregisterEventCallback. Source: section on callbacks in README.md.

Each change is made of the record as it then stands. So changes at the same time lose no registration, and nothing else of the
record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from adapters.resurs import errors
from adapters.resurs.callbacks.events import PLACEHOLDERS
from adapters.resurs.errors import Fault
from adapters.resurs.operation import Actor, OperationCall
from adapters.resurs.representative import Registration, data_so_far, read_data, representative_key, save_data
from gateway.core.commands import Command
from gateway.core.together import Build, SoFar, Together
from schemas.resurs import configuration as messages

Callbacks = Mapping[str, Registration]


def known_event(event_type: str) -> str:
    """The name of an event type. Raises Fault(EVENT_UNKNOWN)."""
    if event_type not in PLACEHOLDERS:
        raise Fault(errors.EVENT_UNKNOWN, type=event_type)
    return event_type


async def register_event_callback(call: OperationCall, message: messages.RegisterEventCallback) -> None:
    """Raises Fault(CALLBACK_EXISTS) with `register_twice: refuse`. Any address is accepted; sending decides where it may go."""
    event, registration = known_event(message.event_type), _registration(message)
    overwrites = call.settings.register_twice == "overwrite"

    def change(callbacks: Callbacks) -> Callbacks | None:
        return {**callbacks, event: registration} if overwrites or event not in callbacks else None

    if not await _changed(call, change):
        raise Fault(errors.CALLBACK_EXISTS, type=event)


def _registration(message: messages.RegisterEventCallback) -> Registration:
    digest = message.digest_configuration
    registration = Registration(message.uri_template, message.basic_auth_user_name, message.basic_auth_password)
    if digest is None:
        return registration
    return replace(
        registration,
        algorithm=digest.digest_algorithm.value,
        parameters=tuple(digest.digest_parameters),
        salt=digest.digest_salt,
    )


async def unregister_event_callback(call: OperationCall, message: messages.UnregisterEventCallback) -> None:
    """Raises Fault(CALLBACK_UNKNOWN) for an event that is not registered."""
    event = known_event(message.event_type)

    def change(callbacks: Callbacks) -> Callbacks | None:
        rest = {name: own for name, own in callbacks.items() if name != event}
        return rest if len(rest) < len(callbacks) else None

    if not await _changed(call, change):
        raise Fault(errors.CALLBACK_UNKNOWN, type=event)


async def get_registered_event_callback(
    call: OperationCall, message: messages.GetRegisteredEventCallback
) -> messages.GetRegisteredEventCallbackResponse:
    """The address as it was registered. Passwords and salts are never shown."""
    registered = (await read_data(call)).callbacks.get(known_event(message.event_type))
    return messages.GetRegisteredEventCallbackResponse(
        uri_template=None if registered is None else registered.uri_template
    )


async def _changed(actor: Actor, change: Callable[[Callbacks], Callbacks | None]) -> bool:
    """Change the registrations; False when `change` returns None, because they are not as it needs them."""

    def save(so_far: SoFar) -> Command[Any] | None:
        data = data_so_far(so_far, actor.tenant, actor.account)
        callbacks = change(data.callbacks)
        if callbacks is None:
            return None
        return save_data(actor.tenant, actor.account, replace(data, callbacks=callbacks), actor.by)

    needs = (representative_key(actor.tenant, actor.account),)
    done = await actor.service.execute(Together(actor.tenant, (Build(save, needs),), actor.by))
    return done.results[0] is not None
