"""Sends a callback: one attempt at one item. Source: P-156 to P-160.

The registration is looked up for each attempt. The section `outbound` of the configuration bounds the time of a request, and
that of an attempt, which may have two requests.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Final

from adapters.resurs.callbacks import bodies
from adapters.resurs.callbacks.address import destination_of, filled, without_user
from adapters.resurs.callbacks.plan import Planned, read_planned
from adapters.resurs.errors import Fault
from adapters.resurs.operation import Actor
from adapters.resurs.payments.commit import read_payment
from adapters.resurs.payments.model import Diff, Payment
from adapters.resurs.representative import Registration, read_data
from adapters.resurs.settings import Settings
from gateway.spi.outbound import Outbound, OutboundError, OutboundRequest
from gateway.spi.work import Done, GiveUp, Outcome, Retry, RetryTable, Work, WorkKind

USER_AGENT: Final = "InvoiceGateway-Callback"
"""One name of our own, because hosts block Java's. Source: P-159, inferred."""
_JSON: Final = ("Content-Type", "application/json")
_DELIVERED_BELOW: Final = 300


def kind(settings: Settings) -> WorkKind:
    """Callbacks as due work, with the retry table of P-158."""
    return WorkKind(
        "Callback to a shop", RetryTable(tuple(timedelta(seconds=delay) for delay in settings.callback_schedule))
    )


async def deliver(actor: Actor, work: Work, outbound: Outbound) -> Outcome:
    """One attempt."""
    item = read_planned(work.facts)
    registration = await _registration(actor, item)
    if registration is None:
        return GiveUp(f"no callback of type {item.event.type} is registered any more")
    return await _sent(outbound, await _requests(actor, item, registration))


async def _registration(actor: Actor, item: Planned) -> Registration | None:
    """Where it goes; None for nowhere."""
    registered = (await read_data(actor)).callbacks.get(item.event.type)
    payment = await _payment(actor, item) if item.has_own_url else None
    if payment is None or payment.booked_callback_url is None:
        return registered
    return _replaced(registered, payment.booked_callback_url)


def _replaced(registered: Registration | None, url: str) -> Registration:
    """The payment's own address in place of the registered one (P-142).

    The digest stays as it is registered. User and password go to the registered host only (both inferred).
    """
    if registered is None:
        return Registration(url)
    if destination_of(url) == destination_of(registered.uri_template):
        return replace(registered, uri_template=url)
    return replace(registered, uri_template=url, username=None, password=None)


async def _payment(actor: Actor, item: Planned) -> Payment | None:
    try:
        return await read_payment(actor, item.event.facts["paymentId"])
    except Fault:
        return None


async def _requests(actor: Actor, item: Planned, registration: Registration) -> Iterable[OutboundRequest]:
    """What is sent, each one only when the one before it has failed."""
    url, event = filled(registration, item.event.facts), item.event.type
    headers = [("User-Agent", USER_AGENT), ("Accept", "*/*")]
    if registration.username is not None:
        url = without_user(url)
        headers.append(("Authorization", _basic(registration.username, registration.password or "")))
    get = OutboundRequest(url, "GET", tuple(headers), operation=event)
    if event == "BOOKED":
        return OutboundRequest(url, "POST", (*headers, _JSON), bodies.BOOKED, event), get
    if event == "UPDATE":
        body = bodies.update(await _diff(actor, item), actor.settings.update_totals)
        return (OutboundRequest(url, "POST", (*headers, _JSON), body, event),)
    return (get,)


async def _diff(actor: Actor, item: Planned) -> Diff | None:
    """What an UPDATE is about; the latest diff for one that somebody simulates (inferred)."""
    payment, place = await _payment(actor, item), item.event.diff
    return None if payment is None else payment.diffs[-1 if place is None else place]


def _basic(username: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{username}:{password}'.encode()).decode()}"


async def _sent(outbound: Outbound, requests: Iterable[OutboundRequest]) -> Outcome:
    """Delivered when a status is below 300; a redirect is a failure (P-157). Raises OutboundError where it must not go."""
    answers = []
    for request in requests:
        try:
            status = (await outbound.send(request)).status
        except OutboundError as error:
            if error.is_refused:
                raise
            answers.append(f"{request.method}: {error}")
            continue
        answers.append(f"{request.method}: status {status}")
        if status < _DELIVERED_BELOW:
            return Done("; ".join(answers))
    return Retry("; ".join(answers))
