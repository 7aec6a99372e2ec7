"""Slow hashes of passwords, made beside the event loop, and how strong a password must be."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

SHORTEST: Final = 12
LONGEST: Final = 255
_CLASSES: Final = 3
_REMEMBERED: Final = 1024


@dataclass(frozen=True, slots=True)
class Cost:
    """What one hash costs: memory is 128 bytes × n × r, time grows with n × r × p. Those who have a store must pay it, too.

    Records with hashes of another cost would need a format of their own.
    """

    n: int = 2**14
    r: int = 8
    p: int = 5


def new_salt() -> bytes:
    """16 random bytes."""
    return secrets.token_bytes(16)


def is_strong(password: str) -> bool:
    """At least twelve characters of three of the four classes: small and capital letters, digits, others. Inferred."""
    classes = (str.islower, str.isupper, str.isdigit, lambda character: not character.isalnum())
    found = sum(any(map(belongs, password)) for belongs in classes)
    return SHORTEST <= len(password) <= LONGEST and found >= _CLASSES


class SlowHashes:
    """Makes hashes, one at a time: guessing takes one core at most. What it made lately is made at once.

    What is remembered is found by a digest with a key of this process, so the memory holds no password.
    """

    def __init__(self, cost: Cost | None = None) -> None:
        self._cost = cost or Cost()
        self._key = secrets.token_bytes(32)
        self._made: OrderedDict[bytes, bytes] = OrderedDict()
        self._turn = asyncio.Lock()

    async def hash(self, password: str, salt: bytes) -> bytes:
        """32 bytes; the same for the same password and salt."""
        raw = password.encode("utf-8", "surrogatepass")
        name = hmac.digest(self._key, salt + raw, "sha256")
        made = self._known(name)
        if made is not None:
            return made
        async with self._turn:
            made = self._known(name)  # somebody else may have waited for the same one
            if made is None:
                made = await asyncio.to_thread(self._make, raw, salt)
                self._made[name] = made
                if len(self._made) > _REMEMBERED:
                    self._made.popitem(last=False)
        return made

    def _known(self, name: bytes) -> bytes | None:
        made = self._made.get(name)
        if made is not None:
            self._made.move_to_end(name)
        return made

    def _make(self, raw: bytes, salt: bytes) -> bytes:
        cost = self._cost
        return hashlib.scrypt(raw, salt=salt, n=cost.n, r=cost.r, p=cost.p, dklen=32)
