"""The number lines that an adapter declares."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from gateway.core.values import INVOICE, RECEIPT, LineName
from gateway.spi.adapter import lines_of

STAMP = LineName("stamp")
DECLARED: list[tuple[dict[str, Any], set[LineName] | None]] = [
    ({}, None),
    ({"kinds": {INVOICE, RECEIPT}}, {INVOICE, RECEIPT}),
    ({"kinds": {INVOICE}, "lines": {STAMP}}, {INVOICE, STAMP}),
    ({"kinds": set(), "lines": {STAMP}}, {STAMP}),
]


@pytest.mark.parametrize(("declared", "lines"), DECLARED)
def test_lines_that_an_adapter_draws_from(declared: dict[str, Any], lines: set[LineName] | None) -> None:
    adapter: Any = SimpleNamespace(**declared)
    assert lines_of(adapter) == lines
