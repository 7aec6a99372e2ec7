"""Slow hashes and the strength of passwords."""

from __future__ import annotations

import asyncio

import pytest

from adapters.resurs.passwords import hashing
from adapters.resurs.passwords.hashing import LONGEST, Cost, SlowHashes, is_strong
from tests.adapters.resurs.passwords.cheap import COST

STRENGTH = [
    ("abcDEF123456", True),
    ("abcdef12345!", True),
    ("ABCDEF 12345", True),
    ("åäöÅÄÖåäö---", True),
    ("abcDEF12345", False),
    ("abcdefghijkl", False),
    ("abcdefABCDEF", False),
    ("abcdef123456", False),
    ("            ", False),
    ("", False),
    ("aB3" * (LONGEST // 3), True),
    ("aB3" * (LONGEST // 3) + "!", False),
]


@pytest.mark.parametrize(("password", "strong"), STRENGTH)
def test_twelve_characters_of_three_classes(password: str, strong: bool) -> None:
    assert is_strong(password) is strong


async def test_a_hash_depends_on_password_and_salt_alone() -> None:
    hashes, others = SlowHashes(COST), SlowHashes(COST)
    made = await hashes.hash("lösen", b"salt")
    assert len(made) == 32
    assert made == await hashes.hash("lösen", b"salt") == await others.hash("lösen", b"salt")
    assert made not in {await hashes.hash("losen", b"salt"), await hashes.hash("lösen", b"other")}


async def test_what_was_made_lately_is_not_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "_REMEMBERED", 2)
    hashes, made = SlowHashes(COST), []
    make = hashes._make
    monkeypatch.setattr(hashes, "_make", lambda raw, salt: made.append(raw) or make(raw, salt))
    await asyncio.gather(*(hashes.hash("password a", b"s") for _ in range(5)))
    for password in ("b", "password a", "c", "password a", "b"):
        await hashes.hash(password, b"s")
    assert made == [b"password a", b"b", b"c", b"b"]
    assert b"password a" not in b"".join(hashes._made)


async def test_the_loop_goes_on_meanwhile() -> None:
    """A hash is made in a thread: a turn of the loop comes before its end."""
    turns: list[str] = []

    async def make() -> None:
        await SlowHashes(Cost(n=2**10)).hash("x", b"s")
        turns.append("made")

    async def turn() -> None:
        turns.append("turn")

    await asyncio.gather(make(), turn())
    assert turns == ["turn", "made"]


def test_the_cost_is_what_is_advised_for_scrypt() -> None:
    """16 MiB and five rounds: one of the equal choices of OWASP's password storage cheat sheet."""
    cost = Cost()
    assert (128 * cost.n * cost.r, cost.p) == (16 * 1024**2, 5)
