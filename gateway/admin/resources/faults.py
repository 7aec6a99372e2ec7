"""Fault rules: what shall go wrong, for which calls, at which moment."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.admin.problems import FAULT_UNKNOWN, PRODUCTION_TENANT, TENANT_UNKNOWN, Problem
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
from gateway.simulation.fault_engine import UnknownDialectError
from gateway.simulation.fault_models import ActiveRule, FaultRule

Text = Annotated[str, Field(max_length=64)]


class FaultQuery(Paging):
    """Which rules to list.

    tenant: only rules for this tenant.
    """

    tenant: Text | None = None


class FaultClearing(Body):
    """Which rules to take out of force.

    tenant: only rules for this tenant; all rules when not given.
    """

    tenant: Text | None = None


class Removed(View):
    """How many rules were taken out of force."""

    rules: int


def _tenant(text: str | None) -> TenantId | None:
    return None if text is None else TenantId(text)


async def list_rules(ask: Ask) -> Page[ActiveRule]:
    """The rules with their counters, oldest first. They hold until the gateway ends, in all its worker processes."""
    after = read_cursor(ask.query.cursor, str)
    rules = ask.services.faults.rules(_tenant(ask.query.tenant))
    if after is not None:
        place = next((n for n, rule in enumerate(rules, 1) if rule.id == after[0]), len(rules))
        rules = rules[place:]
    shown, following = page_after(rules, ask.query.limit, lambda rule: write_cursor(rule.id))
    return Page[ActiveRule](items=shown, next=following)


async def add(ask: Ask) -> ActiveRule:
    """Put a rule in force."""
    rule: FaultRule = ask.body
    if rule.tenant is not None:
        ask.services.directory.get(TenantId(rule.tenant))
    try:
        return ask.services.faults.add(rule)
    except UnknownDialectError as error:
        raise invalid_field("body", "dialect", str(error)) from error


async def get(ask: Ask) -> ActiveRule:
    """One rule with its counters."""
    found = ask.services.faults.get(ask.path["fault"])
    if found is None:
        raise Problem(FAULT_UNKNOWN, f"no rule {ask.path['fault']}")
    return found


async def remove(ask: Ask) -> ActiveRule:
    """Take a rule out of force. Shows its last state."""
    found = ask.services.faults.remove(ask.path["fault"])
    if found is None:
        raise Problem(FAULT_UNKNOWN, f"no rule {ask.path['fault']}")
    return found


async def clear(ask: Ask) -> Removed:
    """Take all rules out of force, or those of one tenant."""
    return Removed(rules=ask.services.faults.clear(_tenant(ask.query.tenant)))


_FAULTS = "/v1/faults"

ROUTES = (
    Route(
        "GET",
        _FAULTS,
        "listFaults",
        "faults",
        "The rules in force",
        list_rules,
        query=FaultQuery,
        answer=Page[ActiveRule],
        asks_store=False,
    ),
    Route(
        "POST",
        _FAULTS,
        "addFault",
        "faults",
        "Put a rule in force",
        add,
        body=FaultRule,
        answer=ActiveRule,
        status=201,
        problems=(TENANT_UNKNOWN, PRODUCTION_TENANT),
        asks_store=False,
    ),
    Route(
        "DELETE",
        _FAULTS,
        "clearFaults",
        "faults",
        "Take rules out of force",
        clear,
        query=FaultClearing,
        answer=Removed,
        asks_store=False,
    ),
    Route(
        "GET",
        _FAULTS + "/{fault}",
        "getFault",
        "faults",
        "One rule with its counters",
        get,
        answer=ActiveRule,
        problems=(FAULT_UNKNOWN,),
        asks_store=False,
    ),
    Route(
        "DELETE",
        _FAULTS + "/{fault}",
        "removeFault",
        "faults",
        "Take one rule out of force",
        remove,
        answer=ActiveRule,
        problems=(FAULT_UNKNOWN,),
        asks_store=False,
    ),
)
