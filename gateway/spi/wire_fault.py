"""How an answer is to be broken on its way out. An instruction for the web room, planted by a fault rule."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class WireFaultKind(enum.StrEnum):
    """What the client is to see.

    NONE: the answer as it is, only later. RESET: a connection reset instead of an answer. EMPTY: the connection is closed
    in order, without a byte. RESET_MID_BODY, TRUNCATED: head and a part of the body, then a reset or an orderly close.
    WRONG_LENGTH: the body with another Content-Length. SLOW_DRIP: the body a few bytes at a time. TWICE: the whole answer
    two times; on a kept connection the second one stands where the answer to the next request should.
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

    delay_seconds: wait before the first byte. share: how much of the body is sent before it breaks off, 0 to 1.
    length_offset: added to the true Content-Length. chunk_bytes every interval_seconds: the pace of a drip.
    """

    kind: WireFaultKind
    delay_seconds: float = 0.0
    share: float = 0.5
    length_offset: int = 0
    chunk_bytes: int = 1
    interval_seconds: float = 0.0
