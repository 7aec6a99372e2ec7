"""Payments that are put in through the admin port: what each state leaves behind, what is refused, and how they are listed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from adapters.resurs.representative import Registration, RepresentativeData, save_data
from gateway.core import ledger
from gateway.core.values import Origin, TenantId
from tests.admin.actions import made
from tests.admin.conftest import Admin
from tests.until import until

STATES: list[tuple[dict[str, Any], list[str], str, list[str], list[str | None], int]] = [
    # what is asked for; its status, total, diffs and numbers; the next number afterwards
    ({"state": "booked"}, ["DEBITABLE"], "100", ["AUTHORIZE"], [None], 445),
    ({"state": "frozen"}, ["DEBITABLE"], "100", ["AUTHORIZE"], [None], 445),
    (
        {"state": "finalized"},
        ["CREDITABLE", "IS_DEBITED"],
        "100",
        ["AUTHORIZE", "DEBIT"],
        [None, "445"],
        446,
    ),
    (
        {"state": "credited"},
        ["IS_DEBITED", "IS_CREDITED"],
        "0",
        ["AUTHORIZE", "DEBIT", "CREDIT"],
        [None, "445", "446"],
        447,
    ),
    ({"state": "annulled"}, ["IS_ANNULLED"], "0", ["AUTHORIZE", "ANNUL"], [None, None], 445),
    (
        {"state": "finalized", "invoice_id": "A-1"},
        ["CREDITABLE", "IS_DEBITED"],
        "100",
        ["AUTHORIZE", "DEBIT"],
        [None, "A-1"],
        445,
    ),
    (
        {"state": "credited", "invoice_id": "A-2"},
        ["IS_DEBITED", "IS_CREDITED"],
        "0",
        ["AUTHORIZE", "DEBIT", "CREDIT"],
        [None, "A-2", "445"],
        446,
    ),
    (
        {"state": "credited", "method": "PARTPAYMENT"},
        ["IS_DEBITED", "IS_CREDITED"],
        "0",
        ["AUTHORIZE", "DEBIT", "CREDIT"],
        [None, None, None],
        445,
    ),
]  # fmt: skip


async def test_each_state_leaves_what_the_operations_would_have_left(admin: Admin) -> None:
    for number, (wanted, status, total, diffs, numbers, following) in enumerate(STATES):
        tenant = await made(admin, id=f"s{number}", series=[{"key": "main", "numbers": {"invoice": 445}}])
        own = f"/v1/tenants/{tenant['id']}"
        answered = await admin.post(f"{own}/payments", {"id": "P-1", "amount": "100", **wanted})
        assert answered.status == 201, answered.text
        (payment,) = answered.body["items"]
        assert payment["status"] == status
        assert Decimal(payment["amount"]) == Decimal(total)
        assert [diff["type"] for diff in payment["diffs"]] == diffs
        assert [diff["number"] for diff in payment["diffs"]] == numbers
        assert [bool(diff["document"]) for diff in payment["diffs"]] == [one is not None for one in numbers]
        assert payment["frozen"] is (wanted["state"] == "frozen")
        assert (await admin.get(f"{own}/payments/P-1")).body == payment
        counters = (await admin.get(f"{own}/series/main/counters/invoice")).body
        assert counters["next_number"] == following
        entries = [entry async for entry in admin.gateway.store.ledger(TenantId(tenant["id"]))]
        assert not ledger.verify(entries)[1]
        drawn = [(entry.dialect, entry.number) for entry in entries if entry.operation == "issue"]
        assert drawn == [("admin", int(one)) for one in numbers if one and one.isdigit()]
        assert (await admin.get(f"{own}/gaps")).body["items"] == []


async def test_a_whole_number_of_its_own_is_held_on_the_line(admin: Admin) -> None:
    tenant = await made(admin, id="own", series=[{"key": "main", "numbers": {"invoice": 445}}])
    own = f"/v1/tenants/{tenant['id']}/payments"
    seeds = [{"amount": 1, "state": "finalized", "invoice_id": "446"}, {"amount": 1, "state": "finalized"}]
    assert [one["diffs"][1]["number"] for one in (await admin.post(own, seeds)).body["items"]] == ["446", "445"]
    stuck = await admin.post(own, {"amount": 1, "state": "finalized"})
    assert (stuck.status, stuck.body["errors"][0]["message"]) == (409, "the sequence stands at 446, which is used")
    again = await admin.post(own, {"amount": 1, "state": "finalized", "invoice_id": "446"})
    assert again.body["errors"] == [{"place": "body", "field": "0.invoice_id", "message": "the number is used"}]
    assert len((await admin.get(own)).body["items"]) == 2


async def test_without_a_sequence_a_finalization_has_no_number_but_keeps_one_of_its_own(admin: Admin) -> None:
    tenant = await made(admin, id="unset")
    seed = {"amount": 1, "state": "credited", "invoice_id": "A-1"}
    answered = await admin.post(f"/v1/tenants/{tenant['id']}/payments", seed)
    assert [diff["number"] for diff in answered.body["items"][0]["diffs"]] == [None, "A-1", None]


async def test_payments_of_all_accounts_are_listed_page_by_page(admin: Admin) -> None:
    accounts = [{"username": f"many-{own}", "password": "geheimnis", "series": "main"} for own in "abc"]
    tenant = await made(admin, id="many", dialects={"resurs": {"accounts": accounts}})
    own = f"/v1/tenants/{tenant['id']}/payments"
    seeds = [{"id": f"P-{place}", "amount": 1, "account": f"many-{name}"} for name in "ac" for place in range(3)]
    given = await admin.post(own, seeds)
    for limit in range(1, 8):
        found, cursor = [], None
        while True:
            page = await admin.get(own, params={"limit": str(limit), **({"cursor": cursor} if cursor else {})})
            assert 1 <= len(page.body["items"]) <= limit
            found += page.body["items"]
            cursor = page.body["next"]
            if cursor is None:
                break
        assert found == given.body["items"]


async def test_a_seed_file_has_payments_beside_series_and_catalogue(admin: Admin) -> None:
    tenant = await made(admin, id="file")
    own = f"/v1/tenants/{tenant['id']}"
    seed = {"series": [{"key": "main", "numbers": {"invoice": 70}}], "payments": [{"amount": 9, "state": "finalized"}]}
    answered = await admin.post(f"{own}/seed", seed)
    assert [one["diffs"][1]["number"] for one in answered.body["made"]["payments"]] == ["70"]
    wrong = await admin.post(f"{own}/seed", {"parcels": [{}]})
    assert [(one["field"], one["place"]) for one in wrong.body["errors"]] == [("parcels", "body")]
    wrong = await admin.post(f"{own}/seed", {"payments": [{"amount": 9}, {"amount": -1}], "series": [{"key": "z"}]})
    assert [one["field"] for one in wrong.body["errors"]] == ["payments.1.amount"]
    assert len((await admin.get(f"{own}/payments")).body["items"]) == 1
    assert len((await admin.get(f"{own}/series")).body["items"]) == 1, "nothing of a refused seed is made"


async def test_what_can_be_put_in_is_described(admin: Admin) -> None:
    adapter = (await admin.get("/v1/adapters/resurs")).body
    fields = adapter["seeds"]["payments"]["properties"]
    assert fields["amount"]["description"].startswith("with VAT; it becomes one row.")
    assert (await admin.get("/v1/adapters/qqsolutions")).body["seeds"] == {}


async def test_payments_survive_a_snapshot_and_a_reset_brings_back_the_first_ones(admin: Admin) -> None:
    resurs = {"accounts": [{"username": "kept-se", "password": "geheimnis", "series": "main"}]}
    first = {"id": "P-1", "amount": 10, "state": "finalized"}
    section = {"resurs": {**resurs, "payments": [first]}}
    tenant = await made(admin, id="kept", series=[{"key": "main", "numbers": {"invoice": 445}}], dialects=section)
    own = f"/v1/tenants/{tenant['id']}"
    (begun,) = (await admin.get(f"{own}/payments")).body["items"]
    assert begun["diffs"][1]["number"] == "445"
    await admin.post(f"{own}/payments", {"id": "P-2", "amount": 5, "state": "credited"})
    before = (await admin.get(f"{own}/payments")).body
    assert (await admin.post(f"{own}/snapshots", {"name": "two"})).status == 201

    await admin.post(f"{own}/payments", {"id": "P-3", "amount": 5, "state": "finalized"})
    assert (await admin.post(f"{own}/snapshots/two/restore")).status == 200
    assert (await admin.get(f"{own}/payments")).body == before
    (again,) = (await admin.post(f"{own}/payments", {"id": "P-3", "amount": 5, "state": "finalized"})).body["items"]
    number, document = again["diffs"][1]["number"], again["diffs"][1]["document"]
    assert (number, document[-2:]) == ("448", "_4"), "the line and the count of documents were put back, too"

    assert (await admin.post(f"{own}/reset")).status == 200
    (fresh,) = (await admin.get(f"{own}/payments")).body["items"]
    assert (fresh["id"], fresh["diffs"][1]["number"]) == ("P-1", "445")
    assert (await admin.get(f"{own}/ledger/verification")).body["sound"]
    assert (await admin.get(f"{own}/gaps")).body["items"] == []


async def test_a_frozen_payment_thaws_as_the_persona_of_its_customer_says(admin: Admin) -> None:
    tenant = await made(admin, id="cold")
    own = f"/v1/tenants/{tenant['id']}"
    for government_id in ("198001010001", "198209123705"):
        seed = {"id": government_id, "amount": 1, "state": "frozen", "customer": {"government_id": government_id}}
        answered = await admin.post(f"{own}/payments", seed)
        assert answered.body["items"][0]["government_id"] == government_id[2:]
    await admin.post(f"{own}/clock/travel", {"by_seconds": 6})

    async def frozen() -> list[bool]:
        return [one["frozen"] for one in (await admin.get(f"{own}/payments")).body["items"]]

    async def thawed() -> bool:
        return await frozen() == [False, True]

    await until(thawed)
    works = (await admin.get(f"{own}/due-work")).body["items"]
    assert len(works) == 1, "nobody decides about the other one"


async def test_nobody_is_called_back_for_a_payment_that_is_put_in(admin: Admin) -> None:
    tenant = await made(admin, id="quiet", series=[{"key": "main", "numbers": {"invoice": 1}}])
    own = f"/v1/tenants/{tenant['id']}"
    account = tenant["dialects"]["resurs"]["binding"]["accounts"][0]["username"]
    by = Origin("test", "tester", "r-1")
    data = RepresentativeData(callbacks={"BOOKED": Registration("http://127.0.0.1:1/{paymentId}")})
    await admin.gateway.store.execute(save_data(TenantId(tenant["id"]), account, data, by))
    await admin.post(f"{own}/payments", {"amount": 1, "state": "credited"})
    assert (await admin.get(f"{own}/due-work")).body["items"] == []
