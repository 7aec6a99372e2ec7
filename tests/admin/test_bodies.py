"""Request bodies as bytes: which are JSON, which are text, and which are strictly of the described type."""

from __future__ import annotations

from typing import Any

import pytest

from tests.admin.conftest import Admin

BODIES: list[tuple[bytes, int, str]] = [
    (b"", 415, "unsupported-media-type"),
    (b"{", 400, "malformed-body"),
    (b"\xff{}", 400, "malformed-body"),
    (b'{"name": NaN}', 400, "malformed-body"),
    (b'{"name": Infinity}', 400, "malformed-body"),
    (b"[" * 100_000 + b"]" * 100_000, 400, "malformed-body"),
    (b"[" * 900 + b"]" * 900, 422, "invalid-request"),
    (b"[]", 422, "invalid-request"),
    (b"null", 422, "invalid-request"),
    (b'{"name": "a\\u0000"}', 422, "invalid-request"),
    (b'{"name": "\\ud800"}', 422, "invalid-request"),
    (b'{"\\ud800": 1, "name": "a"}', 422, "invalid-request"),
    (b'{"name": 5}', 422, "invalid-request"),
    (b'{"name": "a", "default": 1}', 422, "invalid-request"),
    (b'{"name": "a", "numbers": {"invoice": "1"}}', 422, "invalid-request"),
    (b'{"name": "a", "numbers": {"invoice": 1.0}}', 422, "invalid-request"),
    (b'{"name": "a", "numbers": {"invoice": 99999999999999999999}}', 422, "invalid-request"),
    (b'{"name": "\\\\u0000 spelt out"}', 201, ""),
    (b'{"name": "\xc3\x85\xf0\x9f\x98\x80"}', 201, ""),
    (b'{"name": "\\ud83d\\ude00"}', 201, ""),
]


@pytest.mark.parametrize(
    ("body", "status", "problem"), BODIES, ids=[body[:30].decode("latin-1") for body, *_ in BODIES]
)
async def test_bodies(admin: Admin, body: bytes, status: int, problem: str) -> None:
    headers = {"Content-Type": "application/json"} if body else {}
    answered: Any = await admin.ask("POST", "/v1/tenants/demo/series", headers=headers, data=body)
    assert (answered.status, answered.problem) == (status, problem), answered.text
