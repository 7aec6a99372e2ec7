"""A tenant's state as a whole: snapshots, reset, seed. Refused for production tenants."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.admin.problems import (
    PRODUCTION_TENANT,
    REFUSED,
    SNAPSHOT_EXISTS,
    SNAPSHOT_TOO_LARGE,
    SNAPSHOT_UNKNOWN,
    SNAPSHOT_UNUSABLE,
    TENANT_UNKNOWN,
    Problem,
)
from gateway.admin.resources.series import origin, series_shown, views_of
from gateway.admin.resources.series_models import SeriesShown
from gateway.admin.routing import Ask, Body, Page, Paging, Route, View, page_after, read_cursor, write_cursor
from gateway.core.values import TenantId
from gateway.stores.engine.tenant_records import SnapshotHead, TakenError
from gateway.tenants.snapshots import Seed

Reason = Annotated[str, Field(max_length=1000)]
SnapshotName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]


class SnapshotView(View):
    """A snapshot.

    rows: how many database rows it holds.
    size: its size in the store, in bytes.
    """

    name: str
    created: str
    rows: int
    size: int


class NewSnapshot(Body):
    """A new snapshot.

    replace: replace the snapshot of this name, if there is one.
    """

    name: SnapshotName
    replace: bool = False


class Why(Body):
    """Why something is done.

    reason: kept in the ledger.
    """

    reason: Reason = ""


class SeedBody(Seed):
    """What to add to a tenant.

    reason: kept in the ledger.
    """

    reason: Reason = ""


class StateView(View):
    """The tenant's series as they are now."""

    tenant: str
    series: list[SeriesShown]


def _tenant(ask: Ask) -> TenantId:
    return ask.services.directory.get(TenantId(ask.path["tenant"])).id


def _view(head: SnapshotHead) -> SnapshotView:
    return SnapshotView(name=head.name, created=head.created, rows=head.rows, size=head.size)


async def _state(ask: Ask) -> StateView:
    return StateView(tenant=ask.path["tenant"], series=[series_shown(view) for view in await views_of(ask)])


async def list_snapshots(ask: Ask) -> Page[SnapshotView]:
    """Snapshots by name."""
    after = read_cursor(ask.query.cursor, str)
    heads = [
        head for head in await ask.services.states.snapshots(_tenant(ask)) if after is None or head.name > after[0]
    ]
    shown, following = page_after(heads, ask.query.limit, lambda head: write_cursor(head.name))
    return Page[SnapshotView](items=[_view(head) for head in shown], next=following)


async def save(ask: Ask) -> SnapshotView:
    """Save series, numbers, ledger, documents, catalogue and sessions, all at one instant."""
    wanted: NewSnapshot = ask.body
    states = ask.services.states
    return _view(await states.save(_tenant(ask), wanted.name, ask.services.now(), replacing=wanted.replace))


async def get(ask: Ask) -> SnapshotView:
    """One snapshot."""
    return _view(await ask.services.states.find(_tenant(ask), ask.path["snapshot"]))


async def restore(ask: Ask) -> StateView:
    """Replace everything that the tenant has by the snapshot. Its faults are taken out of force, and its clock runs again."""
    try:
        await ask.services.states.restore(_tenant(ask), ask.path["snapshot"], origin(ask, ask.body.reason))
    except TakenError as error:
        raise Problem(SNAPSHOT_UNUSABLE, "a document id in it has become another tenant's meanwhile") from error
    except ValueError as error:
        raise Problem(SNAPSHOT_UNUSABLE, str(error)) from error
    return await _state(ask)


async def drop(ask: Ask) -> None:
    """Delete a snapshot."""
    await ask.services.states.drop(_tenant(ask), ask.path["snapshot"])


async def reset(ask: Ask) -> StateView:
    """Begin again with what the tenant was configured or created with. Faults are taken out of force, and the clock runs."""
    await ask.services.states.reset(_tenant(ask), origin(ask, ask.body.reason), ask.services.now())
    return await _state(ask)


async def seed(ask: Ask) -> StateView:
    """Add series, numbers and catalogue items to what is there."""
    wanted: SeedBody = ask.body
    await ask.services.states.seed(_tenant(ask), wanted, origin(ask, wanted.reason))
    return await _state(ask)


_TENANT = "/v1/tenants/{tenant}"
_SNAPSHOTS = _TENANT + "/snapshots"
_ONE = _SNAPSHOTS + "/{snapshot}"
_REFUSED = (TENANT_UNKNOWN, PRODUCTION_TENANT)

ROUTES = (
    Route(
        "GET",
        _SNAPSHOTS,
        "listSnapshots",
        "state",
        "A tenant's snapshots",
        list_snapshots,
        query=Paging,
        answer=Page[SnapshotView],
        problems=(TENANT_UNKNOWN,),
    ),
    Route(
        "POST",
        _SNAPSHOTS,
        "saveSnapshot",
        "state",
        "Save everything a tenant has",
        save,
        body=NewSnapshot,
        answer=SnapshotView,
        status=201,
        problems=(*_REFUSED, SNAPSHOT_EXISTS, SNAPSHOT_TOO_LARGE),
    ),
    Route(
        "GET",
        _ONE,
        "getSnapshot",
        "state",
        "One snapshot",
        get,
        answer=SnapshotView,
        problems=(TENANT_UNKNOWN, SNAPSHOT_UNKNOWN),
    ),
    Route(
        "DELETE",
        _ONE,
        "dropSnapshot",
        "state",
        "Let go of a snapshot",
        drop,
        status=204,
        problems=(*_REFUSED, SNAPSHOT_UNKNOWN),
    ),
    Route(
        "POST",
        _ONE + "/restore",
        "restoreSnapshot",
        "state",
        "Put a snapshot back",
        restore,
        body=Why,
        body_required=False,
        answer=StateView,
        problems=(*_REFUSED, SNAPSHOT_UNKNOWN, SNAPSHOT_UNUSABLE),
    ),
    Route(
        "POST",
        _TENANT + "/reset",
        "resetTenant",
        "state",
        "Begin anew",
        reset,
        body=Why,
        body_required=False,
        answer=StateView,
        problems=_REFUSED,
    ),
    Route(
        "POST",
        _TENANT + "/seed",
        "seedTenant",
        "state",
        "Put series, numbers and catalogue in",
        seed,
        body=SeedBody,
        answer=StateView,
        problems=(*_REFUSED, REFUSED),
    ),
)
