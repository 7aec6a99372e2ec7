"""Why a bundle list is not saved."""

from __future__ import annotations

from typing import Any


class BundleRefused(Exception):
    """Nothing of the call is saved.

    name: of `answers.ANSWERS`.
    facts: what the placeholders of its text stand for.
    """

    def __init__(self, name: str, **facts: Any) -> None:
        super().__init__(name)
        self.name = name
        self.facts = facts
