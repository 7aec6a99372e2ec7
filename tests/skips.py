"""Skips with a reason: a test that needs something that PyPI does not have names it, and fails instead when STRICT=1."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def require_or_skip(what: str, why: str) -> NoReturn:
    """Skip the calling test because `what` is missing; with STRICT=1 in the environment, fail it."""
    if os.environ.get("STRICT") == "1":
        pytest.fail(f"STRICT: {what} is needed: {why}")
    pytest.skip(f"needs {what}: {why}")
