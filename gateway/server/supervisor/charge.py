"""What the supervisor hands to each worker, in the worker's environment."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from gateway.journal.worker_files import SharedIds
from gateway.server.supervisor.port import Listeners

VARIABLE: Final = "INVOICE_GATEWAY_SUPERVISED"


@dataclass(frozen=True, slots=True)
class Charge:
    """What all workers of a supervisor have in common.

    secret: the supervisor shows it when it asks a worker for what is not for callers of the admin port.
    folder: where the workers keep the counters that they share.
    ids_ahead_ns: see `SharedIds`.
    """

    secret: str
    folder: str
    ids_ahead_ns: int

    @property
    def ids(self) -> SharedIds:
        """The ids of journal entries."""
        return SharedIds(self.ids_ahead_ns)

    @property
    def counters(self) -> Path:
        """The folder of the counters."""
        return Path(self.folder)

    def environment(self, listeners: Listeners) -> Mapping[str, str]:
        """The variable for one worker. listeners: the sockets that it inherits."""
        descriptors = [listener.fileno() for listener in listeners]
        return {VARIABLE: json.dumps({**asdict(self), "listeners": descriptors})}


def charge() -> Charge | None:
    """What this process was started with; None when no supervisor has started it."""
    text = os.environ.get(VARIABLE)
    if text is None:
        return None
    facts = json.loads(text)
    return Charge(facts["secret"], facts["folder"], facts["ids_ahead_ns"])


def inherited_listeners() -> Listeners:
    """The sockets on which this process serves the data port, if it is a worker; otherwise none. Call once."""
    facts = json.loads(os.environ.get(VARIABLE, "{}"))
    return tuple(socket.socket(fileno=descriptor) for descriptor in facts.get("listeners", ()))
