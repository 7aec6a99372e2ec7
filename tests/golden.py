"""Runs golden cases against a gateway in this process: it arranges the state, sends, and compares answer and state."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.core.values import TenantId
from gateway.testing.golden import BrokenCase, GoldenCase, differences, earlier, learned, send
from gateway.testing.line_state import arrange, state_differences
from tests.conftest import MakeGateway, base_url, only

TENANT = TenantId("demo")


async def run_case(
    make_gateway: MakeGateway, dialect: str, case: GoldenCase | BrokenCase, bearer: Any = None, obtain: Any = None
) -> None:
    """Run one case.

    bearer(client, name): gets the access token that the case names.
    obtain(client, name): gets any other token that the case names.
    """
    if isinstance(case, BrokenCase):
        pytest.fail(case.error, pytrace=False)
    changes = only(dialect)
    changes["dialects"][dialect] = {"settings": dict(case.settings)}
    client = await make_gateway(changes)
    store = client.server.gateway.store
    await arrange(store, TENANT, case.given)
    token = await bearer(client, case.bearer) if case.bearer else ""
    address = base_url(client)
    tokens = {name: await obtain(client, name) for name in case.tokens}
    for index, sent in enumerate(case.before):
        before = await send(client.session, address, earlier(case)[index], token, tokens)
        assert before.status == sent.status, before.body
        case = learned(case, index, before.body)
    answer = await send(client.session, address, case, token, tokens)
    found = differences(case, answer, address) + await state_differences(store, TENANT, case.state)
    assert not found, "\n".join([case.title, *found])
