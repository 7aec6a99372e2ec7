"""Fences: each keeps a store from serving a tenant that moves to or from another store, or has moved there (ADR-38, ADR-39).

A fence is a row of `fences`. Whatever decides or answers for a tenant reads it within the same transaction or instant. So a
gateway that does not know of a move yet stops at once. The states, and who may serve the tenant:

    source store            target store
    –                       –               the source
    moving                  –, arriving     neither: everything is copied; may be cancelled
    cancelling              –, arriving     neither: the copy is deleted, and then the source's fence
    moved                   arriving        neither: the move is decided and can only go forward
    moved                   –               the target; the source deletes what it had, and keeps the fence
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, TypeAlias

from gateway.core.ports import StoreUnavailableError
from gateway.core.values import TenantId

State: TypeAlias = Literal["moving", "cancelling", "moved", "arriving"]

FENCES_OF: Final = "SELECT tenant, body FROM fences WHERE tenant = {}"
ALL_FENCES: Final = "SELECT tenant, body FROM fences"


@dataclass(frozen=True, slots=True)
class Fence:
    """A fence.

    other: the store at the other end, or the file that the tenant is imported from.
    move: which move this is; made up once for each move.
    since: ISO 8601, UTC.
    digest: of the contents that are arriving.
    former: the store that an earlier fence in this place named, when its state was `moved`.
    """

    state: State
    other: str
    move: str
    since: str
    digest: str = ""
    former: str = ""

    def body(self) -> str:
        """As the store keeps it."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @staticmethod
    def of(body: str) -> Fence:
        """The fence that `body` wrote."""
        return Fence(**json.loads(body))

    def text(self, tenant: TenantId) -> str:
        """For people: why the tenant is not served from here."""
        match self.state:
            case "moving":
                return f"tenant {tenant} is being moved to store {self.other!r} since {self.since}"
            case "cancelling":
                return f"tenant {tenant} is being kept from moving to store {self.other!r} since {self.since}"
            case "arriving":
                return f"tenant {tenant} is arriving from {self.other!r} since {self.since} and not complete"
            case "moved":
                return f"tenant {tenant} was moved to store {self.other!r}: pin it there (`store: {self.other}`)"


class TenantFencedError(StoreUnavailableError):
    """The store is up, but a fence keeps it from serving this tenant."""

    def __init__(self, tenant: TenantId, fence: Fence) -> None:
        super().__init__(fence.text(tenant), committed=False)
        self.tenant = tenant
        self.fence = fence


class TenantMisplacedError(StoreUnavailableError):
    """The tenant is pinned to a store that lacks its numbers while another store has them, or to an unknown store."""

    def __init__(self, tenant: TenantId, text: str, *, is_configured: bool = True) -> None:
        super().__init__(f"tenant {tenant}: {text}", committed=False)
        self.tenant = tenant
        self.is_configured = is_configured


Fences: TypeAlias = Mapping[TenantId, Fence]


def check(fences: Fences, tenant: TenantId) -> None:
    """Raises TenantFencedError."""
    if tenant in fences:
        raise TenantFencedError(tenant, fences[tenant])


def tenants_of(job: Any) -> Iterator[TenantId]:
    """The tenants whose state a job is about: whatever has a `tenant`. A job is a command, or changes that need no
    decision, perhaps with a command."""
    tenant = getattr(job, "tenant", None)
    if tenant is not None:
        yield tenant
    command = getattr(job, "command", None)
    if command is not None:
        yield from tenants_of(command)
    for change in getattr(job, "changes", ()):
        yield from tenants_of(change)


def refusal(fences: Fences, job: Any) -> TenantFencedError | None:
    """What a job's waiter gets when a fence concerns it."""
    for tenant in tenants_of(job):
        if tenant in fences:
            return TenantFencedError(tenant, fences[tenant])
    return None
