"""The golden cases of 24SevenOffice, over HTTP against a gateway on a real store; sessions are made over HTTP as well."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from gateway.testing.golden import BrokenCase, GoldenCase, read_cases, titles
from tests.adapters.twentyfoursevenoffice.tenants import TENANTS, log_in
from tests.conftest import MakeGateway
from tests.golden import run_case

CASES = read_cases(Path(__file__).parent / "cases")


@pytest.mark.parametrize("case", CASES, ids=titles(CASES))
async def test_case(make_gateway: MakeGateway, case: GoldenCase | BrokenCase) -> None:
    async def make(changes: Mapping[str, Any] | None = None) -> TestClient:
        return await make_gateway({**(changes or {}), "tenants": TENANTS})

    await run_case(make, "twentyfoursevenoffice", case, obtain=log_in)
