"""Decides which calls a fault strikes, and how. It is the exchange's fault plan while there is a rule."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from gateway.core.ports import Clock, StoreUnavailableError
from gateway.core.refusals import Refused
from gateway.core.values import TenantId
from gateway.simulation.counts import Count, OwnCount, SharedCount
from gateway.simulation.fault_models import (
    FAILURES,
    ActiveRule,
    BusinessError,
    ExpireSession,
    Failing,
    FaultRule,
    GarbageBody,
    Latency,
    OutboundAnswerLost,
    OutboundDoubled,
    OutboundLost,
    Point,
    ResetMidBody,
    SlowDrip,
    StoreGone,
    StoreSlow,
    TruncatedBody,
    WrongContentLength,
)
from gateway.simulation.fault_refusals import refusal_named
from gateway.simulation.production import ProductionTenants
from gateway.spi.adapter import Broken, Call, Failed, Failure, Reply
from gateway.spi.watch import Strike, Watch
from gateway.spi.wire_fault import WireFault, WireFaultKind

_LONGEST_SECONDS: Final = 600.0
_CORE_ONLY: Final = ("store_slow", "store_gone")


class UnknownDialectError(ValueError):
    """A rule is for a dialect that is not served."""


@dataclass(slots=True)
class _Armed:
    """A rule in force, with its counters.

    calls: how many calls matched.
    hits: how many of these were struck.
    is_shared: other workers have the same rule with the same counters.
    chance: random numbers of this rule alone, so that other rules do not change which calls it strikes.
    """

    id: str
    rule: FaultRule
    added_at: datetime
    calls: Count
    hits: Count
    is_shared: bool
    chance: random.Random = field(init=False)
    point: Point = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.rule.seed)
        self.point = self.rule.point

    def strikes(self) -> bool:
        """Count a call that matches; True when it is to be struck."""
        calls, rule = self.calls.add(), self.rule
        if self.is_shared:  # the same numbers for the n-th call, whichever worker gets it
            self.chance = random.Random(f"{rule.seed} {calls}")
        if rule.nth is not None:
            hit = calls == rule.nth
        elif rule.first is not None:
            hit = calls <= rule.first
        elif rule.every is not None:
            hit = calls % rule.every == 0
        else:
            hit = rule.rate is None or self.chance.random() < rule.rate
        if hit:
            self.hits.add()
        return hit

    def shown(self) -> ActiveRule:
        calls, hits = self.calls.total, self.hits.total
        return ActiveRule(id=self.id, rule=self.rule, added_at=self.added_at, calls=calls, hits=hits)

    def end(self) -> ActiveRule:
        """Let go of the counters. Returns the last state."""
        last = self.shown()
        self.calls.close()
        self.hits.close()
        return last


class FaultEngine:
    """The rules in force, in the order in which they were added. They are in memory: a restart forgets them (ADR-21).

    Waits add up. The first rule that ends a call wins; the rules after it neither see nor count that call.

    folder: where several workers keep the counters that they share; None for a process of its own.
    """

    def __init__(
        self,
        watch: Watch,
        clock: Clock,
        production: ProductionTenants | None = None,
        dialects: Collection[str] = (),
        folder: Path | None = None,
    ) -> None:
        self._watch = watch
        self._clock = clock
        self._production = ProductionTenants() if production is None else production
        self._dialects = dialects
        self._folder = folder
        self._rules: dict[str, _Armed] = {}
        self.newest = 0

    # For people

    def add(self, rule: FaultRule) -> ActiveRule:
        """Put a rule in force. Raises ProductionTenantError, UnknownDialectError.

        A rule without a tenant spares production tenants. While there is a production tenant, it also spares each call
        whose tenant is not known. On arrival no tenant is known, so such a rule is refused then (ADR-23).
        """
        if rule.tenant is not None:
            self._production.check(TenantId(rule.tenant), "planting a fault")
        elif rule.point is Point.ARRIVAL:
            self._production.check_everybody("planting a fault on arrival")
        if rule.dialect is not None and self._dialects and rule.dialect not in self._dialects:
            raise UnknownDialectError(
                f"no dialect {rule.dialect!r} is served; served: {', '.join(sorted(self._dialects))}"
            )
        self.newest += 1
        armed = self._armed(f"f{self.newest}", rule, datetime.now(UTC))
        self._refresh()
        return armed.shown()

    def _armed(self, rule_id: str, rule: FaultRule, added_at: datetime) -> _Armed:
        calls, hits = (self._count(f"{rule_id}.{name}") for name in ("calls", "hits"))
        armed = _Armed(rule_id, rule, added_at, calls, hits, is_shared=self._folder is not None)
        self._rules[rule_id] = armed
        return armed

    def _count(self, name: str) -> Count:
        return OwnCount() if self._folder is None else SharedCount(self._folder / name)

    def take_over(self, rules: Iterable[ActiveRule], newest: int) -> None:
        """Have exactly the rules of another worker in force, which has checked them.

        newest: how many rules it has ever added: no id is given twice.
        """
        wanted = {shown.id: shown for shown in rules}
        for rule_id in [rule_id for rule_id in self._rules if rule_id not in wanted]:
            self._rules.pop(rule_id).end()
        for shown in wanted.values():
            if shown.id not in self._rules:
                self._armed(shown.id, shown.rule, shown.added_at)
        self.newest = max(self.newest, newest)
        self._refresh()

    def rules(self, tenant: TenantId | None = None) -> list[ActiveRule]:
        """The rules in force, oldest first; with a tenant only its own."""
        return [armed.shown() for armed in self._rules.values() if tenant is None or armed.rule.tenant == tenant]

    def get(self, rule_id: str) -> ActiveRule | None:
        """One rule with its counters."""
        armed = self._rules.get(rule_id)
        return armed.shown() if armed else None

    def remove(self, rule_id: str) -> ActiveRule | None:
        """Take a rule out of force. Returns its last state; None when there is no rule of this id."""
        armed = self._rules.pop(rule_id, None)
        self._refresh()
        return armed.end() if armed else None

    def clear(self, tenant: TenantId | None = None) -> int:
        """Take a tenant's rules out of force, or all rules. Returns how many."""
        gone = [armed.id for armed in self._rules.values() if tenant is None or armed.rule.tenant == tenant]
        for rule_id in gone:
            self._rules.pop(rule_id).end()
        self._refresh()
        return len(gone)

    def _refresh(self) -> None:
        self._watch.faults = self if self._rules else None
        self._watch.refresh()

    # For the exchange

    async def arrived(self, call: Call) -> WireFault | Failure | None:
        """See FaultPlan."""
        for armed in self._striking(call, None, Point.ARRIVAL):
            action = armed.rule.action
            if isinstance(action, Latency):
                await asyncio.sleep(_wait(armed, action))
            elif isinstance(action, Failing):
                return FAILURES[action.failure]
            else:
                return WireFault(WireFaultKind(action.kind))
        return None

    async def before(self, call: Call, tenant: TenantId | None, command: Any) -> None:
        """See FaultPlan."""
        if call.trace is None:
            return
        # A call may ask the core several times. Its rules are considered at the first one, so a rule counts a call once;
        # only a slow store is slow each time.
        if _first_time(call, "before"):
            for armed in self._striking(call, tenant, Point.BEFORE_COMMIT, uses_core=command is not None):
                await self._strike_before(armed, call, tenant, command)
        if command is not None and call.trace.store_delay_seconds:
            await asyncio.sleep(call.trace.store_delay_seconds)

    async def _strike_before(self, armed: _Armed, call: Call, tenant: TenantId | None, command: Any) -> None:
        match armed.rule.action:
            case Latency() as action:
                await asyncio.sleep(_wait(armed, action))
            case StoreSlow(seconds=seconds):
                if call.trace is not None:
                    call.trace.store_delay_seconds += seconds
            case StoreGone():
                raise StoreUnavailableError(f"planted by fault rule {armed.id}")
            case BusinessError(refusal=name):
                raise Refused(refusal_named(name, command, self._clock.now(tenant).date()))
            case Failing(failure=name):
                raise Failed(FAILURES[name])
            case action:
                raise Broken(WireFault(WireFaultKind(action.kind)))

    async def session(self, call: Call, tenant: TenantId) -> bool:
        """See FaultPlan."""
        if not _first_time(call, "session"):
            return False
        return next(self._striking(call, tenant, Point.BEFORE_COMMIT, sessions=True), None) is not None

    async def answered(self, call: Call, reply: Reply) -> Reply | Failure:
        """See FaultPlan."""
        if call.trace is None or reply.wire is not None or not _first_time(call, "answered"):
            return reply
        # Some dialects note the tenant on the call late or never; the commands that the core got always name it.
        tenant = call.tenant or next((getattr(step.command, "tenant", None) for step in call.trace.steps), None)
        points = (Point.AFTER_COMMIT, Point.REPLY) if call.trace.committed else (Point.REPLY,)
        delay = 0.0
        for armed in self._striking(call, tenant, *points):
            action = armed.rule.action
            if isinstance(action, Latency):
                delay += _wait(armed, action)
            elif isinstance(action, Failing | StoreGone):
                await asyncio.sleep(delay)
                return FAILURES[action.failure] if isinstance(action, Failing) else Failure.STORE_UNAVAILABLE
            elif isinstance(action, GarbageBody):
                garbage = replace(reply, body=armed.chance.randbytes(len(reply.body)))
                return replace(garbage, wire=WireFault(WireFaultKind.NONE, delay))
            else:
                return replace(reply, wire=_wire_fault(armed, delay))
        return replace(reply, wire=WireFault(WireFaultKind.NONE, delay)) if delay else reply

    def outbound(self, call: Call) -> Strike:
        """See FaultPlan."""
        strike = Strike()
        for armed in self._striking(call, call.tenant, Point.OUTBOUND):
            match armed.rule.action:
                case Latency() as action:
                    strike.delay_seconds += _wait(armed, action)
                case OutboundLost():
                    strike.lost = True
                case OutboundAnswerLost():
                    strike.answer_lost = True
                case OutboundDoubled():
                    strike.doubled = True
        return strike

    def _striking(
        self, call: Call, tenant: TenantId | None, *points: Point, uses_core: bool = True, sessions: bool = False
    ) -> Iterator[_Armed]:
        """The rules that strike this call now. Each is counted and noted when it is reached."""
        # A copy: the caller waits between two rules, and rules may come and go meanwhile.
        for armed in list(self._rules.values()):
            rule = armed.rule
            if self._rules.get(armed.id) is not armed:  # taken out of force meanwhile
                continue
            if armed.point not in points or isinstance(rule.action, ExpireSession) is not sessions:
                continue
            if not uses_core and rule.action.kind in _CORE_ONLY:
                continue
            if self._matches(rule, call, tenant) and armed.strikes():
                if call.trace is not None:
                    call.trace.faults.append(armed.id)
                yield armed

    def _matches(self, rule: FaultRule, call: Call, tenant: TenantId | None) -> bool:
        if self._production and (tenant is None or tenant in self._production):
            return False
        if rule.tenant is not None and rule.tenant != tenant:
            return False
        if rule.dialect is not None and rule.dialect != call.dialect:
            return False
        return rule.operation is None or rule.operation == call.operation


def _first_time(call: Call, point: str) -> bool:
    if call.trace is None or point in call.trace.considered:
        return False
    call.trace.considered.add(point)
    return True


def _wait(armed: _Armed, action: Latency) -> float:
    if action.seconds is not None:
        return action.seconds
    if action.min_seconds is not None and action.max_seconds is not None:
        return armed.chance.uniform(action.min_seconds, action.max_seconds)
    factor = armed.chance.lognormvariate(0.0, action.sigma or 0.0)
    return min((action.median_seconds or 0.0) * factor, _LONGEST_SECONDS)


def _wire_fault(armed: _Armed, delay: float) -> WireFault:
    match armed.rule.action:
        case ResetMidBody(kind=kind, share=share) | TruncatedBody(kind=kind, share=share):
            return WireFault(WireFaultKind(kind), delay, share=share)
        case WrongContentLength(kind=kind, offset=offset):
            return WireFault(WireFaultKind(kind), delay, length_offset=offset)
        case SlowDrip(kind=kind, chunk_bytes=size, interval_seconds=interval):
            return WireFault(WireFaultKind(kind), delay, chunk_bytes=size, interval_seconds=interval)
        case action:
            return WireFault(WireFaultKind.RESET if action.kind == "lost_reply" else WireFaultKind(action.kind), delay)
