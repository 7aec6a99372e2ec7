"""How an answer is to be broken on its way out: what a fault rule orders, and the web room carries out (ADR-21)."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class WireFaultKind(enum.StrEnum):
    """What the client is to see.

    NONE: the answer as it is, only later.
    RESET: a connection reset instead of an answer.
    EMPTY: an orderly close of the connection, without a byte.
    RESET_MID_BODY: head and a part of the body, then a reset.
    TRUNCATED: head and a part of the body, then an orderly close.
    WRONG_LENGTH: the body with another Content-Length.
    SLOW_DRIP: the body a few bytes at a time.
    TWICE: the whole answer two times; on a kept connection the client reads the second one as the answer to its next request.
    """

    NONE = "none"
    RESET = "reset"
    EMPTY = "empty_reply"
    RESET_MID_BODY = "reset_mid_body"
    TRUNCATED = "truncated_body"
    WRONG_LENGTH = "wrong_content_length"
    SLOW_DRIP = "slow_drip"
    TWICE = "reply_twice"


@dataclass(frozen=True, slots=True)
class WireFault:
    """One broken answer.

    delay_seconds: wait before the first byte.
    share: how much of the body is sent before it breaks off, 0 to 1.
    length_offset: added to the true Content-Length.
    chunk_bytes, interval_seconds: a drip sends so many bytes at a time, and waits so long in between.
    """

    kind: WireFaultKind
    delay_seconds: float = 0.0
    share: float = 0.5
    length_offset: int = 0
    chunk_bytes: int = 1
    interval_seconds: float = 0.0
