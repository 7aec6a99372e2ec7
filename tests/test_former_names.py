"""Dialects from outside, written for version 0.1, still find their imports under the names of that version."""

from __future__ import annotations

import importlib

import pytest

from gateway import FORMER_NAMES


@pytest.mark.parametrize(("former", "present"), sorted(FORMER_NAMES.items()))
def test_a_former_name_gives_the_module_itself(former: str, present: str) -> None:
    module = importlib.import_module(former)
    assert module is importlib.import_module(present)
    assert module.__spec__ is not None
    assert module.__spec__.name == module.__name__ == present


def test_any_other_missing_module_is_missing() -> None:
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("gateway.wire.no_such_module")
