"""What the writer's thread hands to the event loop after a group."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.stores.engine.chain_ends import Written
from gateway.stores.engine.group_commit import Outcome
from gateway.stores.engine.unit_of_work import UnitOfWork
from gateway.stores.sqlite.file import Loaded


@dataclass(slots=True)
class Attempt:
    """What became of one try to commit a group.

    outcomes: one for each job, unless there is a failure.
    unit: what is to be published; None when nothing was written.
    mark: of the commit.
    failure: why the group was not committed.
    committed: whether it is in the file all the same; None when that is not known.
    replay: the group may be tried again job by job.
    reloaded: the state read anew from the file, when the file may differ from memory.
    commit_seconds: spent in COMMIT.
    written: the rows.
    """

    outcomes: list[Outcome]
    unit: UnitOfWork | None = None
    mark: int = 0
    failure: Exception | None = None
    committed: bool | None = False
    replay: bool = False
    reloaded: Loaded | None = None
    commit_seconds: float | None = None
    written: Written = field(default_factory=dict)
