"""Payments without a booking: what a configuration may say of them, and when it takes effect."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from structlog.testing import capture_logs

from adapters.resurs.operation import Actor
from adapters.resurs.payments.seed import PaymentSeed
from adapters.resurs.representative import Registration, read_data, save_data
from adapters.resurs.settings import Binding
from gateway.config.loading import load_config
from gateway.config.validated import plan
from gateway.config.yaml_file import ConfigError
from gateway.core.records import RecordQuota
from gateway.core.values import Origin, TenantId
from gateway.server.wiring import Gateway
from gateway.stores import open_transfer
from gateway.tenants.export_import import Import, export_tenant
from gateway.tenants.seeding import plant
from gateway.tenants.store_sessions import StoreSessions
from tests.conftest import example_config, example_values

BY = Origin("config", "configuration", "startup")
ACCOUNT = {"username": "demo-se", "password": "x", "country": "SE", "series": "main"}


def binding(*payments: dict[str, Any], **more: Any) -> Binding:
    return Binding.model_validate({"accounts": [ACCOUNT], "payments": list(payments), **more})


async def payments_of(gateway: Gateway) -> list[Any]:
    dialect: Any = gateway.dialects.current["resurs"]
    return list((await dialect.seeded(TenantId("demo"), "payments", "", 100)).items)


def configured(*payments: dict[str, Any], **tenant: Any) -> dict[str, Any]:
    """The example configuration with payments of its tenant, whose invoices begin at 445."""
    (demo,) = example_values()["tenants"]
    series = [{**demo["series"][0], "numbers": {"invoice": 445}}]
    return {"tenants": [{**demo, "series": series, "resurs": {**demo["resurs"], "payments": list(payments)}, **tenant}]}


REFUSED = [
    ({}, "", "give amount, or rows"),
    ({"amount": 1, "rows": [{"art_no": "x", "unit_amount_without_vat": 1}]}, "", "give amount, or rows"),
    ({"amount": 0}, "amount", "Input should be greater than 0"),
    ({"amount": 1, "state": "invoiced"}, "state", "Input should be 'booked', 'frozen', 'finalized', 'credited' or 'annulled'"),
    ({"amount": 1, "invoice_id": "7"}, "", "invoice_id: a payment that is booked has none"),
    (
        {"amount": 1, "state": "credited", "invoice_id": "7", "credit_note_id": "7"},
        "",
        "credit_note_id: it is the invoice's number already",
    ),
    ({"amount": 1, "colour": "red"}, "colour", "Extra inputs are not permitted"),
    ({"amount": 1, "id": "a:b"}, "id", "String should match pattern"),
    ({"amount": 1, "booked": "2026-01-01T00:00:00"}, "booked", "Input should have timezone info"),
]  # fmt: skip


@pytest.mark.parametrize(("seed", "field", "message"), REFUSED)
def test_what_a_seed_must_not_be(seed: dict[str, Any], field: str, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        PaymentSeed.model_validate(seed)
    found = [
        (".".join(map(str, one["loc"])), one["msg"].removeprefix("Value error, ")) for one in caught.value.errors()
    ]
    assert [name for name, _ in found] == [field]
    assert found[0][1].startswith(message)


TAKEN = {"id": "P", "amount": 1}
UNFIT = [
    ([{"amount": 1}], "id", "a payment of the configuration needs an id"),
    ([{**TAKEN, "method": "CASH"}], "method", "the tenant has no payment method of this id"),
    ([{**TAKEN, "account": "other"}], "account", "the tenant has no account of this name; it has: demo-se"),
    ([{**TAKEN, "customer": {"type": "LEGAL"}}], "type", "the method INVOICE is for NATURAL"),
    ([{**TAKEN, "method": "CARD", "state": "finalized", "invoice_id": "A"}], "invoice_id", "the method CARD makes no invoices"),
    ([TAKEN, TAKEN], "id", "another payment of the account has it"),
]  # fmt: skip


@pytest.mark.parametrize(("payments", "key", "message"), UNFIT)
def test_a_configuration_that_is_refused_names_its_file_its_line_and_the_key(
    tmp_path: Path, payments: list[dict[str, Any]], key: str, message: str
) -> None:
    rows = "".join(
        f"        -\n{''.join(f'          {name}: {value}' + chr(10) for name, value in one.items())}"
        for one in payments
    )
    text = (
        "store: sqlite:///x.db\ntenants:\n  - id: a\n    series: [{key: main}]\n    resurs:\n      accounts:\n"
        "        - {username: demo-se, password: 'x', series: main}\n      payments:\n"
    )
    file = tmp_path / "gateway.yaml"
    file.write_text(text + rows, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        plan(*load_config(file))
    said = str(caught.value)
    assert f"tenants.0.resurs.payments.{len(payments) - 1}." in said
    assert f"{key}: {message}" in said
    line = text.count("\n") + rows[: rows.rindex(f"{key}: ")].count("\n") + 1 if key in payments[-1] else "[0-9]+"
    assert re.match(f"{re.escape(str(file))}: line {line}: ", said)


def test_a_production_tenant_begins_without_payments(tmp_path: Path) -> None:
    config, document = example_config(tmp_path, configured(TAKEN, production=True))
    with pytest.raises(ConfigError, match="is for tests, and the tenant is marked `production: true`"):
        plan(config, document)


PAYMENTS = (
    {"id": "P-1", "amount": 100, "state": "finalized"},
    {"id": "P-2", "amount": 50},
    {"id": "P-3", "amount": 30, "state": "credited"},
)


async def test_the_configurations_payments_are_made_once(tmp_path: Path) -> None:
    config, document = example_config(tmp_path, configured(*PAYMENTS))
    async with Gateway(config, document) as gateway:
        first = await payments_of(gateway)
        dialect: Any = gateway.dialects.current["resurs"]
        numbers = [[diff["number"] for diff in one["diffs"]] for one in first]
        assert numbers == [[None, "445"], [None], [None, "446", "447"]]
        await dialect.begin(TenantId("demo"), BY)
        assert await payments_of(gateway) == first
    # A later start adds what is new, and leaves alone what is there, also where the file has changed.
    changed = configured({**PAYMENTS[0], "state": "credited"}, *PAYMENTS[1:], {"id": "P-4", "amount": 1})
    config, document = example_config(tmp_path, changed)
    async with Gateway(config, document) as gateway:
        second = await payments_of(gateway)
        assert second[:3] == first
        assert [one["id"] for one in second[3:]] == ["P-4"]


async def test_two_starts_at_once_make_each_payment_once(tmp_path: Path) -> None:
    config, document = example_config(tmp_path, configured())
    async with Gateway(config, document) as gateway:
        (demo,) = gateway.directory.bound("resurs")
        section = demo.binding.model_copy(update={"payments": binding(*PAYMENTS).payments})
        dialect: Any = gateway.dialects.build("resurs", [replace(demo, binding=section)])
        await asyncio.gather(*(dialect.begin(TenantId("demo"), BY) for _ in range(4)))
        numbers = [[diff["number"] for diff in one["diffs"]] for one in await payments_of(gateway)]
        assert numbers == [[None, "445"], [None], [None, "446", "447"]]


async def test_a_tenant_whose_payments_cannot_be_made_is_served_without_them(tmp_path: Path) -> None:
    used = ({"id": "P-1", "amount": 1, "state": "finalized", "invoice_id": "446"},)
    stuck = tuple({"id": f"P-{place}", "amount": 1, "state": "finalized"} for place in (2, 3))
    config, document = example_config(tmp_path, configured(*used, *stuck))
    with capture_logs() as logged:
        async with Gateway(config, document) as gateway:
            assert [one["id"] for one in await payments_of(gateway)] == ["P-1", "P-2"]
            gateway.store.default.record_quota = RecordQuota(records=0)  # type: ignore[attr-defined]
            await plant(gateway.dialects, gateway.directory.all())
    said = [entry["reason"] for entry in logged if entry["event"] == "not seeded"]
    assert said[0] == "2: the sequence stands at 446, which is used"
    assert len(said) == 2


async def test_payments_callbacks_and_numbers_go_with_the_tenant_to_another_installation(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    for folder in (here, there):
        folder.mkdir()
    config, document = example_config(here, configured(*PAYMENTS))
    async with Gateway(config, document) as gateway:
        actor = actor_of(gateway)
        callbacks = {"UPDATE": Registration("http://127.0.0.1:1/{paymentId}")}
        data = replace(await read_data(actor), callbacks=callbacks)
        await gateway.store.execute(save_data(actor.tenant, actor.account, data, BY))
        before = await payments_of(gateway)
    transfer = await open_transfer(config.store, write=False)
    try:
        await export_tenant(transfer, TenantId("demo"), "default", tmp_path / "demo.jsonl")
    finally:
        await transfer.close()

    config, document = example_config(there, configured(*PAYMENTS))
    async with StoreSessions(config) as place:
        report = await Import(place, tmp_path / "demo.jsonl", "default").run()
    assert (report.problems, report.done) == ([], True)
    async with Gateway(config, document) as gateway:
        assert await payments_of(gateway) == before, "what was brought is not seeded again"
        actor = actor_of(gateway)
        assert await read_data(actor) == data
        dialect: Any = gateway.dialects.current["resurs"]
        seeds = [PaymentSeed.model_validate({"amount": 1, "state": "finalized"})]
        (made,) = await dialect.seed(TenantId("demo"), "payments", seeds, Origin("test", "tester", "r-2"))
        assert made["diffs"][1]["number"] == "448"


def actor_of(gateway: Gateway) -> Actor:
    dialect: Any = gateway.dialects.current["resurs"]
    return Actor(dialect._context, dialect._accounts.named("demo-se"), BY)


CONFIG = """\
store: sqlite:///x.db
tenants:
  - id: a
    series: [{key: main}]
    resurs:
      accounts: [{username: demo-se, password: "x", series: main}]
      shop_file: shop.yaml
"""


def planned(folder: Path, shop: str, config: str = CONFIG) -> Binding:
    """The section of tenant a, with its shop in a file beside the configuration."""
    (folder / "shop.yaml").write_text(shop, encoding="utf-8")
    (folder / "gateway.yaml").write_text(config, encoding="utf-8")
    ((_, section),) = plan(*load_config(folder / "gateway.yaml")).bindings["resurs"]
    assert isinstance(section, Binding)
    return section


def test_a_shop_may_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    method = "{id: M, description: Metod, type: CARD, specific_type: CARD}"
    section = planned(tmp_path, f"methods: [{method}]\npayments: [{{id: P, amount: 1, method: M}}]\n")
    assert ([one.id for one in section.methods], [one.id for one in section.payments]) == (["M"], ["P"])
    assert section.usernames == ["demo-se"]


SHOPS = [
    ("payments:\n  - {id: P, amount: 1}\n  - {id: Q, amount: -1}\n", "shop.yaml: line 3: payments.1.amount: "),
    (
        "payments: [{id: P, amount: 1, method: CASH}]\n",
        "shop.yaml: line 1: payments.0.method: the tenant has no payment",
    ),
    ("paymnets: []\n", "shop.yaml: line 1: paymnets: unknown key (did you mean payments?)"),
    ("methods: [\n", "shop.yaml: line 2: "),
    ("accounts: []\n", "tenants.0.resurs.accounts: stands in "),
]


@pytest.mark.parametrize(("shop", "said"), SHOPS)
def test_what_is_wrong_in_the_shops_file_is_found_there(tmp_path: Path, shop: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        planned(tmp_path, shop)
    assert said in str(caught.value)
    assert str(tmp_path / "gateway.yaml") in str(caught.value)


def test_a_production_tenants_file_has_no_payments(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is for tests"):
        planned(
            tmp_path, "payments: [{id: P, amount: 1}]\n", CONFIG.replace("- id: a\n", "- id: a\n    production: true\n")
        )


def test_only_the_configuration_file_names_files() -> None:
    with pytest.raises(ValidationError, match="only the configuration file may name files"):
        binding(shop_file="/etc/passwd")
