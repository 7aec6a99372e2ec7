"""Hashes that cost nothing, for tests that need many."""

from __future__ import annotations

import pytest

from adapters.resurs.passwords import hashing

COST = hashing.Cost(n=2, r=1, p=1)


def make_cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every dialect that is made from now on has cheap hashes."""
    monkeypatch.setattr(hashing, "Cost", lambda: COST)
