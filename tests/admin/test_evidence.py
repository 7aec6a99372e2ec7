"""The evidence for each operation: it agrees with the coverage tables and with the command, and test runs add to it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from gateway.conformance.evidence import EVERY_OPERATION, NOT_RUN, NOT_VERIFIED, evidence
from gateway.conformance.runner import Options, conform
from gateway.spi.registry import installed_adapters
from gateway.testing.harness import Kit
from tests.admin.conftest import READ_TOKEN, TOKEN, Admin, MakeAdmin
from tests.admin.paths import RUN
from tests.admin.test_description import Links
from tests.conftest import base_url

DIALECTS = sorted(installed_adapters())


async def everything(admin: Admin, path: str, limit: int) -> list[Any]:
    """All pages."""
    found: list[Any] = []
    cursor = ""
    while True:
        page = (await admin.get(f"{path}?limit={limit}{cursor}")).body
        assert len(page["items"]) <= limit
        found += page["items"]
        if page["next"] is None:
            return found
        assert len(page["items"]) == limit
        cursor = f"&cursor={page['next']}"


async def test_the_rows_are_those_of_the_command_page_by_page(admin: Admin) -> None:
    rows = [row.facts() for row in evidence(DIALECTS)]
    for limit in (7, 1000):
        assert await everything(admin, "/v1/evidence", limit) == rows
    for name in DIALECTS:
        own = [row for row in rows if row["dialect"] == name]
        assert await everything(admin, f"/v1/adapters/{name}/evidence", 3) == own


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_the_rows_are_the_coverage_table_and_count_every_case_once(admin: Admin, dialect: str) -> None:
    rows = (await admin.get(f"/v1/adapters/{dialect}/evidence?limit=1000")).body["items"]
    operations = (await admin.get(f"/v1/adapters/{dialect}")).body["operations"]
    assert [
        {"name": row["operation"], "served": row["served"], "evidence": row["mark"], "note": row["note"]}
        for row in rows
        if row["operation"] != EVERY_OPERATION
    ] == operations
    cases = Kit(dialect).cases
    counted = {kind: sum(row["cases"][kind] for row in rows) for kind in rows[0]["cases"]}
    assert counted == {kind: sum(case.verified.value == kind for case in cases) for kind in counted}
    assert sum(counted.values()) == len(cases)


async def test_a_dialect_that_is_not_served_is_known_as_well(make_admin: MakeAdmin) -> None:
    admin = await make_admin({"dialects": {"qqsolutions": {"enabled": False}}})
    assert (await admin.get("/v1/adapters/qqsolutions/evidence")).body["items"]


async def test_runs_say_what_was_seen_and_where(admin: Admin) -> None:
    address = base_url(admin.data)
    only = ["peekInvoiceSequence/sample", "setInvoiceSequence/lower", "getMetaData/*"]
    report = (await conform("resurs", address, Options(gateway=True, allow_mutations=True, only=only))).facts()
    handed = await admin.post("/v1/evidence/runs", report)
    assert handed.body == {
        "dialect": "resurs",
        "target": "gateway",
        "url": address,
        "day": report["started"][:10],
        "sent": report["counts"]["passed"],
        "agree": report["counts"]["passed"],
    }
    rows = {row["operation"]: row for row in (await admin.get("/v1/adapters/resurs/evidence")).body["items"]}
    seen = rows["setInvoiceSequence"]
    assert seen["gateway"] == f"1 of 1 cases agree ({address}, {report['started'][:10]})"
    assert seen["real_service"] == NOT_VERIFIED
    assert rows["*"]["gateway"] == NOT_RUN
    assert (await admin.delete("/v1/evidence/runs")).status == 204
    rows = {row["operation"]: row for row in (await admin.get("/v1/adapters/resurs/evidence")).body["items"]}
    assert rows["setInvoiceSequence"]["gateway"] == NOT_RUN


def run(url: str, **changes: Any) -> dict[str, Any]:
    cases = [{"operation": "Login", "outcome": outcome, "case": "x"} for outcome in ("passed", "different")]
    return {**RUN, "dialect": "twentyfoursevenoffice", "url": url, "cases": cases, "version": "1", **changes}


async def test_a_later_run_replaces_one_on_the_same_address(admin: Admin) -> None:
    for day in ("2026-01-02", "2026-02-03"):
        await admin.post("/v1/evidence/runs", run("https://a.example", started=f"{day}T00:00:00Z"))
    await admin.post("/v1/evidence/runs", run("https://b.example"))
    rows = {row["operation"]: row for row in await everything(admin, "/v1/adapters/twentyfoursevenoffice/evidence", 50)}
    assert rows["Login"]["real_service"] == (
        "1 of 2 cases agree (https://a.example, 2026-02-03); 1 of 2 cases agree (https://b.example, 2026-01-02)"
    )
    assert [own["url"] for own in await everything(admin, "/v1/evidence/runs", 1)] == [
        "https://a.example",
        "https://b.example",
    ]


async def test_runs_are_bounded(admin: Admin) -> None:
    for number in range(102):
        await admin.post("/v1/evidence/runs", run(f"https://{number:03}.example", cases=[]))
    kept = await everything(admin, "/v1/evidence/runs", 60)
    assert (len(kept), kept[0]["url"], kept[0]["sent"]) == (100, "https://002.example", 0)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"dialect": "morse"}, "dialect"),
        ({"target": "moon"}, "target"),
        ({"started": "yesterday"}, "started"),
        ({"cases": [{"operation": "x", "outcome": "fine"}]}, "cases.0.outcome"),
    ],
)
async def test_what_is_no_report_is_refused(admin: Admin, change: dict[str, Any], field: str) -> None:
    answered = await admin.post("/v1/evidence/runs", {**RUN, **change})
    assert (answered.problem, answered.body["errors"][0]["field"]) == ("invalid-request", field)
    assert (await admin.get("/v1/evidence/runs")).body["items"] == []


async def test_the_page_has_a_row_for_each_operation_and_loads_nothing(admin: Admin) -> None:
    await admin.post("/v1/evidence/runs", run("https://a.example/?<script>"))
    page = await admin.get("/evidence")
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    links = Links()
    links.feed(page.text)
    assert links.outside == ["v1/evidence", "docs"]
    assert links.anchors == set(DIALECTS)
    rows = evidence(DIALECTS)
    assert page.text.count(f"<td>{NOT_VERIFIED}</td>") == sum(row.served for row in rows) - 1
    assert "1 of 2 cases agree (https://a.example/?&lt;script&gt;, 2026-01-02)" in page.text
    assert not re.search(r"@import|url\(", page.text)


async def test_the_page_is_not_for_everybody(make_admin: MakeAdmin) -> None:
    admin = await make_admin({"admin_token": TOKEN, "admin_read_token": READ_TOKEN})
    assert (await admin.get("/evidence")).status == 401
    admin.token = READ_TOKEN
    assert (await admin.get("/evidence")).status == 200
