"""Access: every route with no token, a wrong one, the read token and the full one; and pages in browsers."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.admin.api import ROUTES
from gateway.admin.routing import Route
from gateway.config.model import Config
from tests.admin.conftest import READ_TOKEN, TOKEN, Admin, MakeAdmin
from tests.admin.paths import path_of

NO_WAITING = {"guessing": {"failures_per_minute": 0}}  # these tests send wrong tokens by the hundred
TOKENS = {"admin_token": TOKEN, "admin_read_token": READ_TOKEN, **NO_WAITING}
OTHERS = {"/version": True, "/metrics": True, "/livez": False, "/readyz": False, "/docs": False, "/openapi.json": False}
"""Paths beside the API, and whether they need a token."""


@pytest.fixture
async def guarded(make_admin: MakeAdmin) -> Admin:
    """A gateway with both tokens."""
    return await make_admin(TOKENS)


async def status(admin: Admin, method: str, path: str, authorization: str | None, **headers: str) -> tuple[int, str]:
    own = {"Authorization": authorization} if authorization is not None else {}
    answered = await admin.ask(method, path, headers={**own, **headers})
    return answered.status, answered.problem if answered.status >= 400 else ""


def expected(route: Route, token: str | None) -> set[str]:
    """Problems that the access check may answer; empty when it lets the request through to the route."""
    scheme, _, given = (token or "").partition(" ")
    given = given if scheme.lower() == "bearer" else ""
    if given == TOKEN or (given == READ_TOKEN and route.method == "GET"):
        return set()
    return {"read-only-token"} if given == READ_TOKEN else {"unauthorized"}


GIVEN = [
    None,
    "",
    "Bearer",
    "Bearer wrong",
    f"Basic {TOKEN}",
    TOKEN,
    f"bearer {TOKEN}",
    f"BEARER {READ_TOKEN}",
    f"Bearer {TOKEN} ",
    f"Bearer {TOKEN}x",
    "Bearer é",
    f"Bearer {READ_TOKEN}",
    f"Bearer {TOKEN}",
]


@pytest.mark.parametrize("given", GIVEN)
async def test_every_route_with_every_kind_of_token(guarded: Admin, given: str | None) -> None:
    guard = {"unauthorized", "read-only-token", "foreign-origin"}
    effective = given.strip() if given is not None else None  # HTTP itself strips spaces at the ends
    for route in ROUTES:
        code, problem = await status(guarded, route.method, path_of(route), given)
        wanted = expected(route, effective)
        assert ({problem} & guard) == wanted, f"{route.name}: {code} {problem}"


@pytest.mark.parametrize("path", OTHERS)
async def test_paths_beside_the_api(guarded: Admin, path: str) -> None:
    wants_token = OTHERS[path]
    assert (await status(guarded, "GET", path, None))[0] == (401 if wants_token else 200)
    assert (await status(guarded, "GET", path, f"Bearer {READ_TOKEN}"))[0] == 200
    assert (await status(guarded, "GET", path, f"Bearer {TOKEN}"))[0] == 200


async def test_the_challenge_names_the_scheme(guarded: Admin) -> None:
    answered = await guarded.get("/v1/tenants")
    assert answered.headers["WWW-Authenticate"] == "Bearer"


async def test_an_empty_read_token_opens_nothing(make_admin: MakeAdmin) -> None:
    admin = await make_admin({"admin_token": TOKEN})
    for given in ("Bearer ", "Bearer", ""):
        assert await status(admin, "GET", "/v1/tenants", given) == (401, "unauthorized")
    assert (await status(admin, "GET", "/v1/tenants", f"Bearer {TOKEN}"))[0] == 200


PAGES: list[tuple[dict[str, str], int]] = [
    ({}, 200),
    ({"Sec-Fetch-Site": "none"}, 200),
    ({"Sec-Fetch-Site": "same-origin"}, 200),
    ({"Sec-Fetch-Site": "same-site"}, 403),
    ({"Sec-Fetch-Site": "cross-site"}, 403),
    ({"Origin": "http://127.0.0.1:7071"}, 200),
    ({"Origin": "http://localhost:7071"}, 200),
    ({"Origin": "https://evil.example"}, 403),
    ({"Origin": "null"}, 403),
    ({"Host": "localhost:7071"}, 200),
    ({"Host": "[::1]:7071"}, 200),
    ({"Host": "evil.example"}, 403),
    ({"Host": "127.0.0.1.evil.example"}, 403),
]


@pytest.mark.parametrize(("headers", "wanted"), PAGES)
async def test_pages_of_other_origins_are_refused_where_no_token_is_needed(
    admin: Admin, headers: dict[str, str], wanted: int
) -> None:
    for method, path in (("GET", "/v1/tenants"), ("GET", "/metrics")):
        assert (await status(admin, method, path, None, **headers))[0] == wanted
    code, _ = await status(admin, "POST", "/v1/tenants/demo/reset", None, **headers)
    assert code == wanted


async def test_with_a_token_the_origin_does_not_matter(guarded: Admin) -> None:
    code, _ = await status(guarded, "GET", "/v1/tenants", f"Bearer {TOKEN}", Origin="https://console.example", Host="x")
    assert code == 200


CONFIGURATIONS: list[tuple[dict[str, Any], str]] = [
    ({"admin_host": "0.0.0.0"}, "admin_token"),
    ({"admin_read_token": "r"}, "needs admin_token, too"),
    ({"admin_host": "0.0.0.0", "admin_token": "t"}, ""),
    ({"admin_token": "t", "admin_read_token": "r"}, ""),
]


@pytest.mark.parametrize(("values", "problem"), CONFIGURATIONS)
def test_outside_loopback_a_token_is_needed(values: dict[str, Any], problem: str) -> None:
    if not problem:
        Config(**values)
        return
    with pytest.raises(ValidationError, match=problem):
        Config(**values)


def test_the_read_token_may_come_from_a_file(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from gateway.config.loading import load_config

    file = tmp_path / "token"
    file.write_text("from-a-file\n")
    monkeypatch.setenv("INVOICE_GATEWAY_ADMIN_TOKEN", "full")
    monkeypatch.setenv("INVOICE_GATEWAY_ADMIN_READ_TOKEN_FILE", str(file))
    config, _ = load_config(None)
    assert config.admin_read_token.get_secret_value() == "from-a-file"
