"""A tenant's state as a whole: snapshots, reset, seed. Refused for production tenants."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from gateway.admin.problems import (
    PRODUCTION_TENANT,
    REFUSED,
    SEED_REFUSED,
    SEEDS_UNKNOWN,
    SNAPSHOT_EXISTS,
    SNAPSHOT_TOO_LARGE,
    SNAPSHOT_UNKNOWN,
    SNAPSHOT_UNUSABLE,
    TENANT_UNKNOWN,
    Problem,
)
from gateway.admin.resources.seeds import Thing, Wanted, put_in, wanted
from gateway.admin.resources.series import origin, series_shown, views_of
from gateway.admin.resources.series_models import SeriesShown
from gateway.admin.routing import (
    Ask,
    Body,
    Page,
    Paging,
    Route,
    View,
    invalid_field,
    page_after,
    read_cursor,
    write_cursor,
)
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
    """What to add to a tenant. Further names are those of things that its dialects keep, such as payments, each with a list.

    reason: kept in the ledger.
    """

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, list[Thing]]

    reason: Reason = ""


class StateView(View):
    """The tenant's series as they are now.

    made: by name, what a seed has made of what dialects keep.
    """

    tenant: str
    series: list[SeriesShown]
    made: dict[str, list[dict[str, Any]]] = Field(default_factory=dict)


def _tenant(ask: Ask) -> TenantId:
    return ask.services.directory.get(TenantId(ask.path["tenant"])).id


def _view(head: SnapshotHead) -> SnapshotView:
    return SnapshotView(name=head.name, created=head.created, rows=head.rows, size=head.size)


async def _state(ask: Ask, made: dict[str, list[dict[str, Any]]] | None = None) -> StateView:
    series = [series_shown(view) for view in await views_of(ask)]
    return StateView(tenant=ask.path["tenant"], series=series, made=made or {})


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
    """Add series, numbers, catalogue items, and what dialects keep, to what is there."""
    body: SeedBody = ask.body
    further = [_further(ask, kind, items) for kind, items in (body.model_extra or {}).items()]
    await ask.services.states.seed(_tenant(ask), body, origin(ask, body.reason))
    return await _state(ask, {these.kind: await put_in(ask, these, body.reason) for these in further})


def _further(ask: Ask, kind: str, items: list[Thing]) -> Wanted:
    try:
        return wanted(ask, kind, items, (kind,))
    except Problem as problem:
        if problem.kind is SEEDS_UNKNOWN:
            raise invalid_field(
                "body", kind, "is no part of a seed, and no dialect of the tenant keeps it"
            ) from problem
        raise


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
        "Put series, numbers, catalogue, and what dialects keep in",
        seed,
        body=SeedBody,
        answer=StateView,
        problems=(*_REFUSED, REFUSED, SEED_REFUSED),
    ),
)
