"""What the dialect does later: kinds of due work, and who does each (ADR-65)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from adapters.twentyfoursevenoffice.attachment import ghosts
from adapters.twentyfoursevenoffice.settings import Settings
from gateway.core.ports import SequenceService
from gateway.spi.work import Outcome, Work, WorkKind

Performer: TypeAlias = Callable[[SequenceService, Settings, Work], Awaitable[Outcome]]


@dataclass(frozen=True, slots=True)
class Task:
    """A kind of due work.

    kind: as the spi has it.
    perform: one attempt.
    """

    kind: WorkKind
    perform: Performer


TASKS: Final[Mapping[str, Task]] = {ghosts.GHOST: Task(ghosts.kind(), ghosts.remove_ghost)}
"""By the name that items have."""
