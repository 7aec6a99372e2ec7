"""Documents over HTTP, where it takes more than one exchange: many at once, accounts, the ledger, the catalogue, refusals."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from gateway.core.commands import ANYTHING, GetDocuments, GetSeries, Issue, SetNext, UpdateSeries, Void
from gateway.core.documents import DocumentId, Status
from gateway.core.ports import StoreUnavailableError
from gateway.core.values import CREDIT_NOTE, INVOICE, MAX_NUMBER, CounterKey, Origin, TenantId
from tests.adapters.invoicexpress.wire import Answer, Wire, changes, draft
from tests.conftest import MakeGateway

DEMO = TenantId("demo")
TEST = Origin("test", "test", "1")


def store(client: TestClient[Any, Any]) -> Any:
    return client.server.gateway.store  # type: ignore[attr-defined]


async def line_of(client: TestClient[Any, Any]) -> CounterKey:
    return CounterKey((await store(client).read(GetSeries(DEMO, None))).view.series.id, INVOICE)


@pytest.mark.parametrize("again", ["refuse", "repeat"])
async def test_of_many_that_finalize_one_document_one_takes_a_number(make_gateway: MakeGateway, again: str) -> None:
    wire = Wire(await make_gateway(changes({"documents": {"finalized_again": again}})))
    document = await wire.create()
    answers = await asyncio.gather(*(wire.change(document, "finalized") for _ in range(20)))
    good = [answer for answer in answers if answer.status == 200]
    assert len(good) == (1 if again == "refuse" else 20)
    assert {answer["sequence_number"] for answer in good} == {"1/main"}
    assert all(answer.errors == ["Invalid state"] for answer in answers if answer.status != 200)
    assert (await wire.sequence())["current_invoice_number"] == "1"


async def test_many_documents_get_numbers_without_hole_or_twin(make_gateway: MakeGateway) -> None:
    wire = Wire(await make_gateway(changes()))
    documents = [await wire.create() for _ in range(60)]
    answers = await asyncio.gather(*(wire.change(document, "finalized") for document in documents))
    assert sorted(int(answer["sequence_number"].partition("/")[0]) for answer in answers) == list(range(1, 61))


async def test_changes_at_once_are_decided_one_after_the_other(make_gateway: MakeGateway) -> None:
    wire = Wire(await make_gateway(changes()))
    document = await wire.create()
    forms = [f"<invoice><reference>R{number}</reference></invoice>" for number in range(10)]
    answers = await asyncio.gather(
        *(wire.send("PUT", f"/invoices/{document}.xml", form) for form in forms), wire.change(document, "finalized")
    )
    assert {(answer.status, answer.errors[0] if answer.errors else "") for answer in answers} <= {
        (200, ""),
        (422, "Invoice has been finalized so can't be changed anymore"),
    }
    answer = await wire.send("GET", f"/invoices/{document}.xml")
    done = sum(1 for answer in answers[:-1] if answer.status == 200)
    assert (answer["status"], answer.text.count("<type>edited</type>")) == ("final", done + 1)


async def test_accounts_do_not_see_each_others_documents(make_gateway: MakeGateway) -> None:
    def tenant(name: str) -> dict[str, Any]:
        binding = {"account": name, "api_key": f"{name}-key", "default_host": True}
        return {"id": name, "series": [{"key": "main", "default": True}], "invoicexpress": binding}

    client = await make_gateway(changes(tenants=[tenant("one"), tenant("two")]))
    one, two = Wire(client, "one-key"), Wire(client, "two-key")
    document = await one.create()
    for method, path, body in (
        ("GET", f"/invoices/{document}.xml", None),
        ("PUT", f"/invoices/{document}.xml", draft()),
        ("PUT", f"/invoices/{document}/change-state.xml", "<invoice><state>finalized</state></invoice>"),
    ):
        assert await two.send(method, path, body) == Answer(404, " ")
    assert (await two.send("GET", "/invoices.xml"))["total_entries"] == "0"
    second = await two.send("POST", "/invoices.xml", draft(more="<sequence_id>1</sequence_id>"))
    assert second.errors == ["Sequence is invalid"]  # the first account's
    assert (await one.change(document, "finalized"))["sequence_number"] == "1/main"
    assert (await two.finalized())["sequence_number"] == "1/main"


async def test_a_wished_sequence_gives_the_number(make_gateway: MakeGateway) -> None:
    wire = Wire(await make_gateway(changes()))
    created = await wire.send(
        "POST",
        "/sequences.xml",
        "<sequence><serie>2014</serie><current_invoice_number>7</current_invoice_number>"
        "<current_credit_note_number>0</current_credit_note_number>"
        "<current_debit_note_number>0</current_debit_note_number></sequence>",
    )
    wished = f"<sequence_id>{created['id']}</sequence_id>"
    assert (await wire.finalized(more=wished))["sequence_number"] == "8/2014"
    assert (await wire.finalized())["sequence_number"] == "1/main"
    moved = await wire.create(more=wished)
    back = "<invoice><sequence_id></sequence_id></invoice>"
    assert (await wire.send("PUT", f"/invoices/{moved}.xml", back)).status == 200
    assert (await wire.change(moved, "finalized"))["sequence_number"] == "2/main"


async def test_v1_names_a_sequence_by_the_id_of_the_type(make_gateway: MakeGateway) -> None:
    wire = Wire(await make_gateway(changes({"generation": "v1", "documents": {"show_sequence_id": True}})))
    fields = await wire.sequence()
    wanted = fields["current_credit_note_sequence_id"]
    document = await wire.create("credit_note", more=f"<sequence_id>{wanted}</sequence_id>")
    assert (await wire.change(document, "finalized", "credit_note"))["sequence_number"] == "1/main"
    assert (await wire.send("GET", f"/credit_notes/{document}.xml"))["sequence_id"] == wanted
    of_invoices = await wire.send(
        "POST", "/credit_notes.xml", draft("credit_note", more=f"<sequence_id>{fields['id']}</sequence_id>")
    )
    assert of_invoices.errors == ["Sequence is invalid"]


async def test_the_number_keeps_the_serie_of_its_day(make_gateway: MakeGateway) -> None:
    client = await make_gateway(changes())
    wire = Wire(client)
    await wire.finalized()
    line = await line_of(client)
    await store(client).execute(UpdateSeries(DEMO, line.series, ANYTHING, TEST, name="2014"))
    assert (await wire.send("GET", "/invoices/1.xml"))["sequence_number"] == "1/main"
    assert (await wire.finalized())["sequence_number"] == "2/2014"


async def test_the_ledger_tells_document_account_and_reason(make_gateway: MakeGateway) -> None:
    client = await make_gateway(changes())
    wire = Wire(client)
    document = await wire.create()
    await wire.change(document, "finalized")
    await wire.change(document, "canceled", message="Wrong client")
    entries = [entry async for entry in store(client).ledger(DEMO) if entry.chain.line == INVOICE]
    recorded = [(entry.operation, entry.number, entry.dialect, entry.principal, entry.reason) for entry in entries]
    assert {entry.key for entry in entries} == {f"invoicexpress/{document}"}
    assert recorded == [
        ("issue", 1, "invoicexpress", "demo", f"document:{document}; invoices.change_state"),
        ("void", 1, "invoicexpress", "demo", f"document:{document}; Wrong client; invoices.change_state"),
    ]
    (kept,) = (await store(client).read(GetDocuments(DEMO, (DocumentId(document),)))).documents
    assert (kept.status, kept.number, kept.stage) == (Status.VOID, 1, "canceled")


async def test_a_number_voided_by_another_door_shows_as_canceled(make_gateway: MakeGateway) -> None:
    client = await make_gateway(changes())
    wire = Wire(client)
    document = await wire.create()
    await wire.change(document, "finalized")
    await store(client).execute(Void(DEMO, await line_of(client), 1, TEST))
    assert (await wire.send("GET", f"/invoices/{document}.xml"))["status"] == "canceled"
    assert (await wire.change(document, "settled")).errors == ["Invalid state"]
    for state, found in (("canceled", "1"), ("final", "0")):
        assert (await wire.send("GET", f"/invoices.xml?status[]={state}"))["total_entries"] == found


async def test_a_counter_put_back_on_a_number_that_is_taken(make_gateway: MakeGateway) -> None:
    client = await make_gateway(changes())
    wire, line = Wire(client), await line_of(client)
    await store(client).execute(Issue(DEMO, line, "k", "d", TEST, start_if_unset=1))
    await store(client).execute(SetNext(DEMO, line, 1, ANYTHING, TEST))
    document = await wire.create()
    assert (await wire.change(document, "finalized")).errors == ["Current number has already been taken"]
    assert (await wire.send("GET", f"/invoices/{document}.xml"))["status"] == "draft"
    await store(client).execute(SetNext(DEMO, line, 2, ANYTHING, TEST))
    assert (await wire.change(document, "finalized"))["sequence_number"] == "2/main"


async def test_a_line_without_a_number_left(make_gateway: MakeGateway) -> None:
    client = await make_gateway(changes())
    wire, line = Wire(client), await line_of(client)
    await store(client).execute(SetNext(DEMO, line, MAX_NUMBER, ANYTHING, TEST))
    assert (await wire.finalized())["sequence_number"] == f"{MAX_NUMBER}/main"
    document = await wire.create()
    refused = await wire.change(document, "finalized")
    assert refused.errors == [f"Current number must be less than or equal to {MAX_NUMBER - 1}"]


async def test_a_cleared_line_begins_again_behind_what_is_taken(make_gateway: MakeGateway) -> None:
    client = await make_gateway(changes())
    wire, line = Wire(client), await line_of(client)
    assert (await wire.finalized())["sequence_number"] == "1/main"
    await store(client).execute(SetNext(DEMO, line, None, ANYTHING, TEST))
    assert (await wire.finalized()).errors == ["Current number has already been taken"]


async def test_types_have_counters_of_their_own(make_gateway: MakeGateway) -> None:
    client = await make_gateway(changes())
    wire = Wire(client)
    shown = [(await wire.finalized(root))["sequence_number"] for root in ("invoice", "credit_note", "credit_note")]
    assert shown == ["1/main", "1/main", "2/main"]
    fields = await wire.sequence()
    counters = [int(fields[f"current_{kind}_number"]) for kind in ("invoice", "credit_note", "debit_note")]
    assert counters == [1, 2, 0]
    view = (await store(client).read(GetSeries(DEMO, None))).view
    assert (view.next_number(INVOICE), view.next_number(CREDIT_NOTE)) == (2, 3)


async def test_a_sequence_is_locked_by_a_finalized_document_only(make_gateway: MakeGateway) -> None:
    wire = Wire(await make_gateway(changes()))
    assert (await wire.update_sequence("2013", 444, 0, 0)).status == 200
    document = await wire.create()
    assert (await wire.update_sequence("2013", 445, 0, 0)).status == 200
    assert (await wire.change(document, "finalized"))["sequence_number"] == "446/2013"
    locked = await wire.update_sequence("2014", 0, 0, 0)
    assert (locked.status, locked.errors) == (422, ["Only sequences with no finalized invoices can be updated"])
    fields = await wire.sequence()
    assert (fields["serie"], fields["current_invoice_number"]) == ("2013", "446")


CATALOGUE = {
    "tax_codes": [
        {"id": 48900, "number": "NOR", "name": "IVA23", "rate": 23},
        {"id": 7, "number": "RED", "name": "IVA6", "rate": 6},
    ],
    "type_groups": [{"id": 1, "name": "Normal", "vat_rate": 23, "tax_code": 48900, "is_default": True}],
    "customers": [
        {"id": 3, "name": "Maria Lopes", "email": "maria@example.com", "organization_number": "500000000",
         "addresses": {"invoice": {"street": "Rua 1", "city": "Lisboa", "postal_code": "1000-001"}}},
        {"id": 4, "name": "Maria Lopes", "email": "other@example.com"},
    ],
}  # fmt: skip


def with_catalogue(settings: dict[str, Any] | None = None) -> dict[str, Any]:
    binding = {"account": "demo", "api_key": "demo-key", "default_host": True}
    tenant = {
        "id": "demo",
        "series": [{"key": "main", "default": True}],
        "catalogue": CATALOGUE,
        "invoicexpress": binding,
    }
    return changes(settings, tenants=[tenant])


@pytest.mark.parametrize(
    ("tax", "settings", "shown"),
    [
        ("<tax><name>IVA23</name></tax>", {}, ("48900", "IVA23", "23.0", "36.9")),
        ("<tax><name>RED</name><value>99</value></tax>", {}, ("7", "RED", "6.0", "31.8")),
        ("<tax><name>IVA99</name></tax>", {}, ("", "", "0.0", "30.0")),
        ("<tax><name>IVA13</name><value>13</value></tax>", {}, ("", "IVA13", "13.0", "33.9")),
        ("<tax><name>IVA99</name></tax>", {"missing_tax": "default"}, ("48900", "IVA23", "23.0", "36.9")),
        ("", {"missing_tax": "default"}, ("48900", "IVA23", "23.0", "36.9")),
        ("<tax/>", {}, ("", "", "0.0", "30.0")),
    ],
)
async def test_taxes(make_gateway: MakeGateway, tax: str, settings: dict[str, Any], shown: tuple[str, ...]) -> None:
    wire = Wire(await make_gateway(with_catalogue({"documents": settings})))
    answer = await wire.send("POST", "/invoices.xml", draft().replace("</quantity>", f"</quantity>{tax}"))
    part = Answer(200, answer.text[answer.text.index("<tax>") : answer.text.index("</tax>")])
    number = part["id"] if "<id>" in part.text else ""
    assert (number, part["name"], part["value"], answer["total"]) == shown


@pytest.mark.parametrize(
    ("code", "shown"),
    [("", ("3", "maria@example.com", "Rua 1")), ("<code>4</code>", ("4", "other@example.com", ""))],
)
async def test_clients_of_the_catalogue(make_gateway: MakeGateway, code: str, shown: tuple[str, ...]) -> None:
    client = await make_gateway(with_catalogue())
    wire = Wire(client)
    answer = await wire.send("POST", "/invoices.xml", draft().replace("</name></client>", f"</name>{code}</client>"))
    part = Answer(200, answer.text[answer.text.index("<client>") : answer.text.index("</client>")])
    address = part["address"] if "<address>" in part.text else ""
    assert (part["id"], part["email"], address) == shown
    (kept,) = (await store(client).read(GetDocuments(DEMO, (DocumentId(int(answer["id"])),)))).documents
    assert kept.customer == int(shown[0])


async def test_what_is_sent_stands_above_the_clients_record(make_gateway: MakeGateway) -> None:
    wire = Wire(await make_gateway(with_catalogue()))
    body = draft().replace("</name></client>", "</name><email>new@example.com</email><phone></phone></client>")
    answer = await wire.send("POST", "/invoices.xml", body)
    assert (answer["email"], answer["fiscal_id"]) == ("new@example.com", "500000000")


async def test_the_same_name_is_the_same_client(make_gateway: MakeGateway) -> None:
    wire = Wire(await make_gateway(changes()))
    names = ("A &amp; B", "A &amp; B", "C")
    answers = [await wire.send("POST", "/invoices.xml", draft().replace("Maria Lopes", name)) for name in names]
    ids = [answer.text.partition("<client>")[2].partition("<id>")[2].partition("<")[0] for answer in answers]
    assert ids[0] == ids[1] != ids[2]
    assert all(10**9 <= int(found) < 2**31 for found in ids)


async def test_dates_default_to_today_when_so_chosen(make_gateway: MakeGateway) -> None:
    client = await make_gateway(changes({"documents": {"missing_dates": "today"}}))
    body = draft().replace("<date>18/06/2013</date><due_date>31/12/2013</due_date>", "")
    answer = await Wire(client).send("POST", "/invoices.xml", body)
    today = client.server.gateway.clock.now(DEMO)  # type: ignore[attr-defined]
    assert (answer["date"], answer["due_date"]) == (f"{today:%d/%m/%Y}", f"{today:%d/%m/%Y}")


async def test_every_page_of_a_list_together_is_every_document_once(make_gateway: MakeGateway) -> None:
    wire = Wire(await make_gateway(changes()))
    made = [await wire.create(("invoice", "credit_note", "debit_note")[index % 3]) for index in range(23)]
    seen: list[int] = []
    for page in range(1, 5):
        text = (await wire.send("GET", f"/invoices.xml?page={page}&per_page=7")).text
        seen += [int(part.partition("</id>")[0]) for part in text.split("  <invoice>\n    <id>")[1:]]
    assert seen == sorted(made, reverse=True)


async def test_a_store_that_is_down_consumes_nothing(
    make_gateway: MakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await make_gateway(changes())
    wire = Wire(client)
    document = await wire.create()

    async def down(command: object) -> object:
        raise StoreUnavailableError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(store(client), "execute", down)
        refused = await wire.change(document, "finalized")
        assert (refused.status, "disk" in refused.text) == (500, False)
        assert (await wire.send("POST", "/invoices.xml", draft())).status == 500
    assert (await wire.change(document, "finalized"))["sequence_number"] == "1/main"


@pytest.mark.parametrize(("again", "status"), [("refuse", 422), ("repeat", 200)])
async def test_an_answer_lost_at_the_commit(
    make_gateway: MakeGateway, monkeypatch: pytest.MonkeyPatch, again: str, status: int
) -> None:
    client = await make_gateway(changes({"documents": {"finalized_again": again}}))
    wire = Wire(client)
    document = await wire.create()
    execute = store(client).execute

    async def committed_unheard(command: object) -> object:
        await execute(command)
        raise StoreUnavailableError("connection lost", committed=None)

    with monkeypatch.context() as patch:
        patch.setattr(store(client), "execute", committed_unheard)
        assert (await wire.change(document, "finalized")).status == 500
    retried = await wire.change(document, "finalized")
    assert retried.status == status
    assert (await wire.send("GET", f"/invoices/{document}.xml"))["sequence_number"] == "1/main"
    assert (await wire.sequence())["current_invoice_number"] == "1"
