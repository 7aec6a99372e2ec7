"""What one worker hands to another: everything that the admin port has changed and that is in no store."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from gateway.server.supervisor.charge import VARIABLE, Charge
from tests.admin.conftest import Admin, MakeAdmin
from tests.admin.paths import RUN

SECRET = {"X-Supervisor-Secret": "the secret"}
RULE = {"action": {"kind": "latency", "seconds": 0}, "dialect": "resurs"}


@pytest.fixture
async def workers(
    make_admin: MakeAdmin, aiohttp_client: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> tuple[Admin, Admin]:
    """Two gateways that take themselves for workers; each has a store of its own."""
    monkeypatch.setenv(VARIABLE, Charge("the secret", str(tmp_path), 0).environment(())[VARIABLE])
    both = await make_admin(), await make_admin()
    for worker in both:  # all requests come from the supervisor, which shows its secret
        worker.client.session.headers.update(SECRET)
    return both


async def hand_over(one: Admin, other: Admin, **facts: Any) -> dict[str, Any]:
    """Have one worker take over what another has."""
    answered = await one.client.get("/worker/state", headers=SECRET)
    state: dict[str, Any] = await answered.json()
    await take(other, state, **facts)
    return state


async def take(admin: Admin, state: Any, **facts: Any) -> None:
    body = {"state": state, "forget": "", "purge": False, **facts}
    answered = await admin.client.put("/worker/state", json=body, headers=SECRET)
    assert answered.status == 200, await answered.text()


async def seen(admin: Admin) -> list[Any]:
    """Everything that workers have in common."""
    rules, settings, tenant, runs = [
        (await admin.get(path)).body
        for path in ("/v1/faults", "/v1/settings/resurs", "/v1/tenants/demo", "/v1/evidence/runs")
    ]
    return [rules, settings, {name: tenant[name] for name in ("profile", "replay_window_seconds")}, runs]


async def test_everything_is_handed_over_and_taken_back(workers: tuple[Admin, Admin]) -> None:
    one, other = workers
    before = await seen(one)
    assert await seen(other) == before
    assert (await one.post("/v1/faults", RULE)).status == 201
    assert (await one.patch("/v1/settings/resurs", {"layout": "compact"}, headers={"If-Match": "*"})).status == 200
    assert (await one.patch("/v1/tenants/demo", {"profile": "strict"})).status == 200
    assert (await one.patch("/v1/tenants/demo", {"replay_window_seconds": 7})).status == 200
    assert (await one.post("/v1/evidence/runs", RUN)).status == 201
    state = await hand_over(one, other)
    after = await seen(one)
    assert await seen(other) == after
    assert not [own for own, old in zip(after, before, strict=True) if own == old]
    assert (await hand_over(other, one)) == state
    assert await seen(one) == after
    for worker in workers:
        await take(worker, None)
        assert await seen(worker) == before
        assert not worker.gateway.faults.rules()


async def test_an_id_is_never_given_to_another_rule(workers: tuple[Admin, Admin]) -> None:
    one, other = workers
    first = (await one.post("/v1/faults", RULE)).body["id"]
    await one.delete(f"/v1/faults/{first}")
    await hand_over(one, other)
    assert (await other.post("/v1/faults", RULE)).body["id"] != first


async def test_a_worker_with_another_configuration_takes_what_it_can(workers: tuple[Admin, Admin]) -> None:
    one, other = workers
    before = await seen(other)
    state = await hand_over(one, other)
    await take(other, {**state, "settings": {"gone": {}}, "tenants": {"gone": {"profile": "strict"}}})
    assert await seen(other) == before


async def test_a_workers_own_port_answers_the_supervisor_alone(workers: tuple[Admin, Admin]) -> None:
    """Else a request that goes out to this machine could steer a worker: no list knows the port."""
    one, _ = workers
    own = [("GET", "state"), ("PUT", "state"), ("GET", "journal"), ("DELETE", "journal")]
    del one.client.session.headers["X-Supervisor-Secret"]
    for method, path in (
        *((method, f"worker/{name}") for method, name in own),
        ("GET", "v1/tenants"),
        ("GET", "livez"),
    ):
        for headers in ({}, {"X-Supervisor-Secret": "wrong"}, {"Authorization": "Bearer the secret"}):
            answered = await one.client.request(method, f"/{path}", json={}, headers=headers)
            assert answered.status == 401


async def test_a_gateway_of_its_own_has_no_such_paths(admin: Admin) -> None:
    client: TestClient = admin.client
    assert (await client.get("/worker/state", headers=SECRET)).status == 404
    assert isinstance(client.server, TestServer)
