"""Paths and methods that no route has."""

from __future__ import annotations

import pytest
from yarl import URL

from tests.admin.conftest import Admin

PATHS = [
    ("GET", "/v1/nothing", 404, "not-found"),
    ("GET", "/v1/", 404, "not-found"),
    ("GET", "/nothing", 404, "not-found"),
    ("GET", "/v1/tenants/", 404, "not-found"),
    ("GET", "/v1/tenants/a%00b", 404, "not-found"),
    ("GET", "/v1/tenants/a%2Fb", 404, "tenant-unknown"),
    ("GET", "/v1/tenants/demo/parcels", 404, "seeds-unknown"),
    ("PUT", "/v1/tenants", 405, "method-not-allowed"),
    ("TRACE", "/v1/tenants", 405, "method-not-allowed"),
    ("OPTIONS", "/v1/health", 405, "method-not-allowed"),
    ("POST", "/docs", 405, "method-not-allowed"),
    ("POST", "/version", 405, "method-not-allowed"),
]


@pytest.mark.parametrize(("method", "path", "status", "problem"), PATHS)
async def test_paths_and_methods(admin: Admin, method: str, path: str, status: int, problem: str) -> None:
    url = URL(str(admin.client.make_url("/"))[:-1] + path, encoded=True)
    async with admin.client.session.request(method, url) as response:
        body = await response.json(content_type="application/problem+json")
        assert (response.status, body["type"]) == (status, f"urn:invoice-gateway:problem:{problem}")
        if status == 405:
            allowed = response.headers["Allow"].split(", ")
            assert allowed
            assert method not in allowed
