"""What one worker must know of the others: everything that the admin port changes and that is in no store (ADR-27).

The supervisor asks the worker that carried out a change for it, hands it to all other workers, and gives it to each worker that
starts later.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Mapping
from typing import Any

import structlog
from pydantic import BaseModel, ConfigDict

from gateway.admin.context import Services
from gateway.conformance.evidence import Run
from gateway.core.values import TenantId
from gateway.journal.journal import JournalClosedError
from gateway.simulation.fault_models import ActiveRule
from gateway.spi.adapter import Dialect

log = structlog.get_logger("admin")


class CommonState(BaseModel):
    """What holds in every worker.

    rules: the fault rules in force; the counters are shared already.
    newest_rule: how many rules were ever added.
    settings: by dialect, all settings of those that were changed.
    tenants: by tenant of the configuration, what was changed.
    runs: reports of runs, the first ones first.
    """

    model_config = ConfigDict(frozen=True)

    rules: tuple[ActiveRule, ...] = ()
    newest_rule: int = 0
    settings: Mapping[str, Mapping[str, Any]] = {}
    tenants: Mapping[str, Mapping[str, Any]] = {}
    runs: tuple[Run, ...] = ()


class Handover(BaseModel):
    """What a worker gets.

    state: what holds in every worker; None when nothing was changed since the supervisor began.
    forget: a tenant whose answers must not be given again, because its state was replaced; "" for none.
    purge: drop its journal entries as well.
    """

    state: CommonState | None
    forget: str = ""
    purge: bool = False


def common_state(services: Services) -> CommonState:
    """What this worker has."""
    return CommonState(
        rules=tuple(services.faults.rules()),
        newest_rule=services.faults.newest,
        settings={name: services.dialects.settings[name].model_dump(mode="json") for name in services.changed_settings},
        tenants=services.changed_tenants,
        runs=tuple(services.runs.values()),
    )


async def take_over(services: Services, handover: Handover) -> None:
    """Have the same as the other workers, and nothing else. Another worker has checked it."""
    state = handover.state or CommonState()
    services.faults.take_over(state.rules, state.newest_rule)
    services.runs.clear()
    services.runs.update({(run.dialect, run.target, run.url): run for run in state.runs})
    for name in {*state.settings, *services.changed_settings} & services.dialects.adapters.keys():
        await _take_settings(services, name, state.settings.get(name))
    for tenant in {*state.tenants, *services.changed_tenants}:
        await _take_change(services, TenantId(tenant), state.tenants.get(tenant, {}))
    if handover.forget:
        services.replays.forget(TenantId(handover.forget))
    if handover.purge and services.journal is not None:
        try:
            await services.journal.clear(TenantId(handover.forget))
        except (JournalClosedError, sqlite3.Error) as error:  # the tenant is gone all the same
            log.warning("journal not purged", tenant=handover.forget, reason=str(error))


async def _take_settings(services: Services, name: str, values: Mapping[str, Any] | None) -> None:
    served = services.dialects
    if values is None:
        wanted = services.changed_settings.pop(name)
    else:
        services.changed_settings.setdefault(name, served.settings[name])
        wanted = served.adapters[name].Settings.model_validate(values)
    if wanted != served.settings[name]:
        built: Dialect = await asyncio.to_thread(served.build, name, services.directory.bound(name), wanted)
        served.swap(name, built, wanted)


async def _take_change(services: Services, tenant: TenantId, changes: Mapping[str, Any]) -> None:
    section = next((own for own in services.config.tenants if own.id == tenant), None)
    if section is None:  # this worker has started with another configuration
        return
    services.changed_tenants[tenant] = dict(changes)
    if not changes:
        del services.changed_tenants[tenant]
    wanted = {"profile": section.profile, "replay_window_seconds": section.replay_window_seconds, **changes}
    present = services.directory.get(tenant).section
    if any(getattr(present, name) != value for name, value in wanted.items()):
        await services.directory.change(tenant, **wanted)
