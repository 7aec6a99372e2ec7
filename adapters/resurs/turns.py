"""Changes of one record, such as a payment, take turns within a process. Many at once end one after another, not in an error.

Without turns each round of changes at once has one winner, and all others decide anew: the last of a hundred would decide a
hundred times. Other processes are not waited for. The version of the record is held against theirs.
"""

from __future__ import annotations

import asyncio
from typing import Final
from weakref import WeakValueDictionary

from gateway.core.ports import SequenceService
from gateway.core.records import RecordKey

_TURNS: Final[WeakValueDictionary[tuple[int, RecordKey], asyncio.Lock]] = WeakValueDictionary()
"""Each lock is there as long as somebody has it or waits for it, and so is the service that its key names."""


def turn_of(service: SequenceService, record: RecordKey) -> asyncio.Lock:
    """The right to change a record. Those who wait for it get it in the order in which they came."""
    return _TURNS.setdefault((id(service), record), asyncio.Lock())
