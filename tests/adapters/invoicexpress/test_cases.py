"""Every golden case over HTTP against a gateway on a real store."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.testing.golden import BrokenCase, GoldenCase, read_cases, titles
from tests.conftest import MakeGateway
from tests.golden import run_case

CASES = read_cases(Path(__file__).parent / "cases")


@pytest.mark.parametrize("case", CASES, ids=titles(CASES))
async def test_case(make_gateway: MakeGateway, case: GoldenCase | BrokenCase) -> None:
    await run_case(make_gateway, "invoicexpress", case)
