"""A tenant's clock: what time its numbers, documents and sessions live in."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, model_validator

from gateway.admin.problems import PRODUCTION_TENANT, TENANT_UNKNOWN
from gateway.admin.routing import Ask, Body, Route, View, invalid_field
from gateway.core.values import TenantId
from gateway.simulation.clock import ClockState


class ClockView(View):
    """A tenant's clock.

    mode: running like the machine's; travelling at its pace with another time; frozen.
    now: the tenant's time, UTC.
    offset_seconds: how far it is ahead of the machine's clock.
    """

    tenant: str
    mode: Literal["running", "travelling", "frozen"]
    now: dt.datetime
    offset_seconds: float


class Freeze(Body):
    """When to stop a clock.

    at: a moment with a time zone, from 1970 to 9000; the tenant's present time when not given.
    """

    at: AwareDatetime | None = None


class Travel(Body):
    """Where to move a clock. A frozen clock stays frozen, at the new time. Give one of the two.

    to: a moment with a time zone.
    by_seconds: a distance, forward or back.
    """

    to: AwareDatetime | None = None
    by_seconds: Annotated[float, Field(allow_inf_nan=False)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Travel:
        if (self.to is None) == (self.by_seconds is None):
            raise ValueError("give either to or by_seconds")
        return self


def _tenant(ask: Ask) -> TenantId:
    return ask.services.directory.get(TenantId(ask.path["tenant"])).id


def _view(state: ClockState) -> ClockView:
    return ClockView(tenant=state.tenant, mode=state.mode, now=state.now, offset_seconds=state.offset_seconds)


async def get(ask: Ask) -> ClockView:
    """What the clock shows."""
    tenant = _tenant(ask)
    await ask.services.clock.compare()
    return _view(ask.services.clock.state(tenant))


async def freeze(ask: Ask) -> ClockView:
    """Stop the clock."""
    try:
        return _view(await ask.services.clock.freeze(_tenant(ask), ask.body.at))
    except ValueError as error:
        raise invalid_field("body", "at", str(error)) from error


async def travel(ask: Ask) -> ClockView:
    """Move the clock."""
    wanted: Travel = ask.body
    try:
        return _view(await ask.services.clock.travel(_tenant(ask), to=wanted.to, by_seconds=wanted.by_seconds))
    except ValueError as error:
        raise invalid_field("body", "to" if wanted.to is not None else "by_seconds", str(error)) from error


async def resume(ask: Ask) -> ClockView:
    """Go back to the machine's time."""
    return _view(await ask.services.clock.resume(_tenant(ask)))


_CLOCK = "/v1/tenants/{tenant}/clock"
_REFUSED = (TENANT_UNKNOWN, PRODUCTION_TENANT)

ROUTES = (
    Route(
        "GET",
        _CLOCK,
        "getClock",
        "clock",
        "Where a tenant's clock stands",
        get,
        answer=ClockView,
        problems=(TENANT_UNKNOWN,),
    ),
    Route(
        "POST",
        _CLOCK + "/freeze",
        "freezeClock",
        "clock",
        "Stop it",
        freeze,
        body=Freeze,
        body_required=False,
        answer=ClockView,
        problems=_REFUSED,
    ),
    Route(
        "POST",
        _CLOCK + "/travel",
        "travelClock",
        "clock",
        "Move it",
        travel,
        body=Travel,
        answer=ClockView,
        problems=_REFUSED,
    ),
    Route(
        "POST",
        _CLOCK + "/resume",
        "resumeClock",
        "clock",
        "Back to the machine's time",
        resume,
        answer=ClockView,
        problems=(TENANT_UNKNOWN,),
    ),
)
