"""What the dialect does later: kinds of due work, and who does each (ADR-65)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from adapters.resurs.callbacks import delivery
from adapters.resurs.callbacks.plan import KIND as CALLBACK
from adapters.resurs.operation import Actor
from adapters.resurs.settings import Settings
from adapters.resurs.shopflow.controls import (
    end_fraud_control,
    end_manual_control,
    fraud_control_kind,
    manual_control_kind,
)
from adapters.resurs.shopflow.outcome import FRAUD_CONTROL, MANUAL_CONTROL
from gateway.spi.outbound import Outbound
from gateway.spi.work import Outcome, Work, WorkKind

Performer: TypeAlias = Callable[[Actor, Work, Outbound], Awaitable[Outcome]]


@dataclass(frozen=True, slots=True)
class Task:
    """A kind of due work. The body of each item is a JSON object with the member `account`, a user name.

    kind: makes the spi's kind from the dialect's choices.
    perform: one attempt.
    """

    kind: Callable[[Settings], WorkKind]
    perform: Performer


TASKS: Final[Mapping[str, Task]] = {
    CALLBACK: Task(delivery.kind, delivery.deliver),
    FRAUD_CONTROL: Task(fraud_control_kind, end_fraud_control),
    MANUAL_CONTROL: Task(manual_control_kind, end_manual_control),
}
"""By the name that items have."""
