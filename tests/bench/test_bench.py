"""The bench measures what it claims to: a small run of each part. No test here depends on how long something took."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.stores import open_store
from tests.bench import bench, load, report, speed_page, uploads, verify
from tests.bench.bulk import SqliteTables, add_issued, add_series
from tests.bench.customers import check_rows
from tests.bench.load import Request
from tests.bench.measure import Block, Row
from tests.bench.prepared import prepare
from tests.bench.rows import GROUPS
from tests.bench.servers import gateway_server
from tests.bench.services import (
    GET_COMPANIES,
    GET_COMPANIES_1000,
    GET_ENTRY_ID,
    SAVE_BUNDLE_LIST,
    SAVE_COMPANIES,
    SAVE_COMPANIES_100,
)
from tests.bench.stage import Stage
from tests.bench.workloads import (
    OFFICE_SAVE,
    READS,
    RESURS_FIND,
    RESURS_GET_PAYMENT,
    RESURS_PEEK,
    RESURS_SET,
    WRITES,
    Workload,
    office_get_100,
    resurs_finalize,
    send,
)

SECONDS = 0.2


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Servers of a small run, under our own loader, which takes less than a second."""
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        patch.setattr(load, "has_wrk", lambda: False)
        yield Stage(tmp_path_factory.mktemp("stage"), stack, drafts=5_000, payments=2_000, customers=5_000)


def measured(stage: Stage, workload: Workload) -> Row:
    """The gateway's row of a small block."""
    return Block("reads", workload, 1, [stage.bare(), stage.sqlite()]).measure(1, SECONDS)[1]


def test_every_request_is_answered(stage: Stage) -> None:
    for workload in (*READS, *WRITES, RESURS_SET):
        facts = measured(stage, workload).facts()
        assert facts["answers"] > 0, workload.name
        assert facts["not_2xx"] == 0, workload.name
        assert (facts["jobs_per_group"] > 0) == workload.writes, workload.name


def test_payments_are_read_found_and_finalized(stage: Stage) -> None:
    for workload in (RESURS_GET_PAYMENT, RESURS_FIND, resurs_finalize(stage.payments)):
        block = Block("payments", workload, 1, [stage.bare(), stage.with_payments()])
        facts = block.measure(1, SECONDS)[1].facts()
        assert facts["answers"] > 0, workload.name
        assert facts["not_2xx"] == 0, workload.name
        assert (facts["jobs_per_group"] > 0) == workload.writes, workload.name
    found = send(stage.with_payments().server.address, RESURS_FIND.request(""))
    assert found.count(b"<status>IS_DEBITED</status>") == 10


def test_services_around_an_invoice_are_answered(stage: Stage) -> None:
    address = stage.with_customers().server.address
    for workload, answer in (
        (GET_COMPANIES, (b"<Company>", 1)),
        (GET_COMPANIES_1000, (b"<Company>", 1_000)),
        (SAVE_COMPANIES, (b"<Id>", 1)),
        (SAVE_COMPANIES_100, (b"<Id>", 100)),
        (GET_ENTRY_ID, (b"<EntryNo>1</EntryNo>", 1)),
        (SAVE_BUNDLE_LIST, (b"<Type>Ok</Type>", 1)),
    ):
        text, count = answer
        request = workload.request(address)
        assert send(address, replace(request, body=request.body.replace("{n}", "4"))).count(text) == count, (
            workload.name
        )
    for workload in (GET_COMPANIES, GET_ENTRY_ID):
        facts = Block("services", workload, 1, [stage.bare(), stage.with_customers()]).measure(1, SECONDS)[1].facts()
        assert facts["answers"] > 0, workload.name
        assert facts["not_2xx"] == 0, workload.name
        assert (facts["jobs_per_group"] > 0) == workload.writes, workload.name


def test_rows_of_customers_are_what_the_store_would_have_written() -> None:
    check_rows()


def test_a_large_attachment_goes_in_and_comes_out(tmp_path: Path) -> None:
    row = uploads.measured(tmp_path, "", "SQLite", megabytes=3)
    assert row["rss_mb"] > 10
    facts = figures([])
    facts = {**facts, "uploads": [row], "measured": {**facts["measured"], "uploads": facts["measured"]["reads"]}}
    assert "| SQLite | 3 | 1,048,576 |" in report.markdown(facts)
    assert speed_page.lines(facts)[0].startswith("A file of 3 MB through AttachmentService on SQLite")


def test_refusals_are_counted(stage: Stage) -> None:
    def wrong(address: str) -> Request:
        return replace(RESURS_PEEK.request(address), headers={"Content-Type": "text/xml; charset=utf-8"})

    facts = measured(stage, Workload("without credentials", wrong)).facts()
    assert facts["not_2xx"] == facts["answers"] > 0


def test_report_of_a_run(stage: Stage, tmp_path: Path) -> None:
    row = measured(stage, RESURS_PEEK).facts()
    facts = {**figures([row]), "skipped": {"something": "not here"}}
    report.write(facts, tmp_path / "results")
    page = (tmp_path / "results" / "bench.md").read_text(encoding="utf-8")
    assert f"| Resurs peek | SQLite | 1 | {row['per_second']:,} |" in page
    assert "something: not here" in page
    assert json.loads((tmp_path / "results" / "bench.json").read_text(encoding="utf-8")) == facts


def figures(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """What a run of the group `reads` returns."""
    how = {"rounds": 1, "seconds": SECONDS, "load_average": [0.1, 0.2], "minutes": 0.0, "commit": "abc"}
    return {"command": "bench", "machine": report.machine(), "rows": rows, "measured": {"reads": how}, "skipped": {}}


def row(group: str, rate: int) -> dict[str, Any]:
    return {**Row(group, "Resurs peek", "SQLite", 64, 1.0).facts(), "per_second": rate, "cpu_ratio": 1.25}


def test_other_groups_stay() -> None:
    old = {**figures([row("reads", 1), row("peers", 2)]), "skipped": {"SQLite": "was not here"}}
    new = figures([row("reads", 3)])
    found = bench.merged(old, new)
    assert [(one["group"], one["per_second"]) for one in found["rows"]] == [("reads", 3), ("peers", 2)]
    assert found["skipped"] == {}


def test_block_of_the_page_is_replaced() -> None:
    text = f"before\n{speed_page.BEGIN}\nold\n{speed_page.END}\nafter\n"
    shown = speed_page.put_in(text, speed_page.block(figures([row("reads", 3)]), Path("tests/bench/results")))
    assert re.search(r"^\| Resurs peek \| \*\*1\.25\*\* \(0\.00\) \| 1\.00 \|", shown, re.MULTILINE)
    assert shown.startswith("before\n")
    assert shown.endswith(f"{speed_page.END}\nafter\n")
    assert "old" not in shown
    with pytest.raises(ValueError, match="no <!--"):
        speed_page.put_in("without marks", "block")


def test_the_page_is_where_the_bench_writes(tmp_path: Path) -> None:
    page = tmp_path / "pages" / "speed.md"
    page.parent.mkdir()
    page.write_text((bench.ROOT / speed_page.PAGE).read_text(encoding="utf-8"), encoding="utf-8")
    speed_page.show(figures([row("reads", 3)]), page, tmp_path / "results")
    assert "](../results/bench.md)" in page.read_text(encoding="utf-8")


async def test_bulk_rows_are_what_the_store_would_have_written(tmp_path: Path) -> None:
    await asyncio.to_thread(prepare, tmp_path, "", 3, 2)
    tables = SqliteTables(tmp_path / "bench.db")
    await add_issued(tables, 500)
    await add_series(tables, 20)
    tables.close()
    store = open_store(f"sqlite:///{tmp_path / 'bench.db'}")
    await store.start()
    try:
        entries, findings = await store.verify()
    finally:
        await store.close()
    assert findings == []
    assert entries > 500 + 2 * 20
    await asyncio.to_thread(numbers_go_on, tmp_path)


def numbers_go_on(folder: Path) -> None:
    """The gateway reads the bulk documents, and gives out the number after them."""
    with gateway_server(folder) as server:
        found = send(server.address, office_get_100(server.address)).decode()
        assert found.count("<InvoiceOrder>") == 51  # 1, 11, … 501
        saved = send(server.address, OFFICE_SAVE.request(server.address)).decode()
        assert "<InvoiceId>503</InvoiceId>" in saved


def test_the_cost_of_verification(tmp_path: Path) -> None:
    verify.grown(tmp_path, "", 300)
    found = verify.verified(tmp_path, "")
    assert "305 entries, 0 findings" in found.text
    assert found.seconds > 0
    assert found.peak_mb > 1


def test_choices() -> None:
    chosen = bench.arguments(["--quick", "--without", "workers"])
    assert chosen.rounds == 1
    assert set(chosen.only) == set(bench.ALL) - {"workers", *bench.QUICK_WITHOUT}
    assert bench.arguments(["--quick", "--only", "uploads", "peers"]).only == ["uploads", "peers"]
    with pytest.raises(SystemExit):
        bench.arguments(["--page"])


def test_every_group_has_a_title() -> None:
    assert report.TITLES.keys() == GROUPS.keys()
