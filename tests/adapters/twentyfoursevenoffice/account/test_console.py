"""Voucher lines as operators and tests see them: series, gaps, journal, faults."""

from __future__ import annotations

import re
from typing import Any

import aiohttp
import pytest

from tests.adapters.twentyfoursevenoffice import tenants as t
from tests.adapters.twentyfoursevenoffice.account.office import V004, bundle, bundle_list, voucher
from tests.admin.conftest import Admin, MakeAdmin, make_admin
from tests.conftest import only

__all__ = ["make_admin"]
ENTRY = "<argEntryId><Date>2024-03-15</Date><SortNo>1</SortNo><EntryNo>0</EntryNo></argEntryId>"


@pytest.fixture
async def admin(make_admin: MakeAdmin) -> Admin:
    return await make_admin({**only("twentyfoursevenoffice"), "tenants": t.TENANTS})


async def number(admin: Admin, session: str) -> int:
    _, text = await t.post(admin.data, V004, "GetEntryId", ENTRY, session)
    return int(re.findall(r"<EntryNo>(-?\d+)<", text)[0])


async def save(admin: Admin, session: str, *numbers: int) -> str:
    inner = bundle_list(bundle(*map(voucher, numbers)))
    _, text = await t.post(admin.data, V004, "SaveBundleList", inner, session)
    return re.findall("<Type>(.*?)</Type>", text)[0]


async def test_reservations_and_holes_have_names(admin: Admin) -> None:
    session = await t.log_in(admin.data)
    assert [await number(admin, session) for _ in range(3)] == [1, 2, 3]
    assert await save(admin, session, 2, 6) == "Ok"
    listed = (await admin.get("/v1/tenants/demo/series")).body["items"]
    (own,) = [series for series in listed if series["key"] == "voucher-1-2024"]
    assert own["owner"] == "twentyfoursevenoffice"
    (line,) = own["counters"]
    assert [line[name] for name in ("line", "next_number", "last_number")] == ["voucher", 7, 2**31 - 1]
    gaps: Any = (await admin.get("/v1/tenants/demo/gaps?series=voucher-1-2024&line=voucher")).body
    assert [(gap["first"], gap["last"], gap["reason"]) for gap in gaps["items"]] == [
        (1, 1, "reserved"),
        (3, 3, "reserved"),
        (4, 5, "set"),
    ]
    assert gaps["items"][2]["entry"]["reason"] == "SaveBundleList"


async def test_the_journal_names_the_numbers(admin: Admin) -> None:
    session = await t.log_in(admin.data)
    await number(admin, session)
    await save(admin, session, 1, 2)
    await save(admin, session, 1, 2)
    entries = (await admin.get("/v1/requests?tenant=demo")).body["entries"]
    found = [(each["operation"], each["outcome"], each["number"]) for each in entries if each["operation"] != "Login"]
    assert found == [
        ("GetEntryId", "ok", 1),
        ("SaveBundleList", "ok", 2),
        ("SaveBundleList", "already_saved", None),
    ]


async def test_a_lost_reply_of_get_entry_id_is_a_named_hole(admin: Admin) -> None:
    session = await t.log_in(admin.data)
    rule = {"tenant": "demo", "operation": "GetEntryId", "nth": 1, "action": {"kind": "lost_reply"}}
    assert (await admin.post("/v1/faults", rule)).status == 201
    with pytest.raises(aiohttp.ClientError):
        await number(admin, session)
    assert await number(admin, session) == 2
    assert await save(admin, session, 2) == "Ok"
    gaps = (await admin.get("/v1/tenants/demo/gaps?series=voucher-1-2024&line=voucher")).body["items"]
    assert [(gap["first"], gap["last"], gap["reason"]) for gap in gaps] == [(1, 1, "reserved")]


@pytest.mark.parametrize("refusal", ["NumberTaken", "RecordTaken", "RecordsFull", "CounterExhausted"])
async def test_planted_refusals_are_answered(admin: Admin, refusal: str) -> None:
    session = await t.log_in(admin.data)
    rule = {"tenant": "demo", "operation": "SaveBundleList", "action": {"kind": "refusal", "refusal": refusal}}
    assert (await admin.post("/v1/faults", rule)).status == 201
    status, text = await t.post(admin.data, V004, "SaveBundleList", bundle_list(bundle(voucher(1))), session)
    assert status in (200, 500), text
    assert "<Type>Ok</Type>" not in text
    assert "unexpected" not in text
    assert await number(admin, session) == 1
