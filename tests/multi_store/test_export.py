"""A tenant as a file: every database writes the same bytes, nothing is lost on the way, and no changed file is taken in."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.core.commands import Issue, IssueRequest, SaveDocument, SaveDocuments
from gateway.core.documents import Document
from gateway.core.values import INVOICE, CounterKey, TenantId
from gateway.stores import open_transfer
from gateway.stores.engine.fences import Fence
from gateway.stores.engine.tenant_rows import CONDITIONS
from gateway.stores.engine.transfer import OccupiedError, TenantTransfer
from gateway.stores.export_file import OPTIONAL, ExportError, check_export, digest_of, read_head, read_pages
from gateway.tenants.export_import import Import, Report, export_tenant
from gateway.tenants.store_sessions import StoreSessions
from tests.multi_store.places import OTHER, contents, lively, loaded, opened, sound
from tests.stores.commands import BY, TENANT

STORES = ("default", "east")


async def exported(url: str, path: Path, tenant: TenantId = TENANT) -> Path:
    transfer = await open_transfer(url, write=False)
    try:
        await export_tenant(transfer, tenant, "default", path)
    finally:
        await transfer.close()
    return path


def elsewhere(urls: dict[str, str]) -> dict[str, str]:
    """The stores of another installation."""
    return {"default": urls["file"], "east": urls["west"]}


async def imported(folder: Path, urls: dict[str, str], path: Path, store: str, *, apply: bool = True) -> Report:
    async with StoreSessions(loaded(folder, urls)) as place:
        work = Import(place, path, store)
        return await (work.run() if apply else work.look())


@pytest.mark.parametrize("target", STORES)
@pytest.mark.parametrize("source", STORES)
async def test_what_is_put_in_is_what_was_taken_out(
    tmp_path: Path, urls: dict[str, str], source: str, target: str
) -> None:
    before = await lively(urls[source])
    path = await exported(urls[source], tmp_path / "a.jsonl")
    assert path.stat().st_mode & 0o777 == 0o600
    fresh = elsewhere(urls)
    looked = await imported(tmp_path, fresh, path, target, apply=False)
    assert looked.problems == []
    assert not looked.done
    assert (await contents_or_nothing(fresh[target])) == 0
    report = await imported(tmp_path, fresh, path, target)
    assert (report.problems, report.done) == ([], True)
    assert await contents(fresh[target]) == before
    assert await sound(fresh[target]) == report.entries > 0
    again = await exported(fresh[target], tmp_path / "b.jsonl")
    assert path.read_text().split("\n")[1:-2] == again.read_text().split("\n")[1:-2]
    assert check_export(path).summary.content == check_export(again).summary.content == report.content


async def test_a_file_that_an_editor_of_windows_has_saved_is_the_same_file(
    tmp_path: Path, urls: dict[str, str]
) -> None:
    before = await lively(urls["default"])
    path = await exported(urls["default"], tmp_path / "a.jsonl")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    report = await imported(tmp_path, elsewhere(urls), path, "east")
    assert (report.problems, report.done) == ([], True)
    assert await contents(elsewhere(urls)["east"]) == before


async def contents_or_nothing(url: str) -> int:
    transfer = await open_transfer(url, write=False)
    try:
        return len((await transfer.presence(TENANT)).rows)
    finally:
        await transfer.close()


async def test_only_this_tenant_is_in_the_file(tmp_path: Path, urls: dict[str, str]) -> None:
    await lively(urls["default"])
    other = await lively(urls["default"], OTHER)
    path = await exported(urls["default"], tmp_path / "a.jsonl", OTHER)
    assert "secret other" not in path.read_text()
    await imported(tmp_path, elsewhere(urls), path, "east")
    assert await contents(urls["west"], OTHER) == other
    assert (await contents(urls["west"])).count == 0


def test_the_file_knows_which_columns_may_hold_nothing(blank_store: Path) -> None:
    with contextlib.closing(sqlite3.connect(blank_store)) as connection:
        for table in CONDITIONS:
            query = 'SELECT name FROM pragma_table_info(?) WHERE NOT "notnull"'
            optional = {name for (name,) in connection.execute(query, (table.name,))}
            assert OPTIONAL.get(table, frozenset()) == optional, table.name


def _line(table: str, place: int, column: str, value: Any) -> Callable[[list[Any]], None]:
    """Change one value of a row."""

    def change(lines: list[Any]) -> None:
        start = next(
            number for number, line in enumerate(lines) if isinstance(line, dict) and line.get("table") == table
        )
        lines[start + 1 + place][lines[start]["columns"].index(column)] = value

    return change


def _end(**values: Any) -> Callable[[list[Any]], None]:
    return lambda lines: lines[-1].update(values)


def _head(**values: Any) -> Callable[[list[Any]], None]:
    return lambda lines: lines[0].update(values)


def _drop(place: int) -> Callable[[list[Any]], None]:
    def change(lines: list[Any]) -> None:
        del lines[place]

    return change


TAMPERED: list[tuple[Callable[[list[Any]], None], str]] = [
    (_line("ledger", 2, "number", 77), "was changed or damaged: content, digest differ"),
    (_line("counters", 0, "next_number", 5), "was changed or damaged: content, digest differ"),
    (_line("documents", 0, "body", "{}"), "was changed or damaged: content, digest differ"),
    (_line("series", 0, "tenant", "other"), "series: a row of tenant 'other'"),
    (_line("ledger", 0, "series", 99), "ledger: series 99 is not in the file"),
    (_line("ledger", 0, "index", "1"), "ledger.index: found '1'"),
    (_line("issued", 0, "voided", 1), "issued.voided: found 1"),
    (_line("series", 0, "name", None), "series.name: found None"),
    (_line("snapshots", 0, "body", "no base64!"), "snapshots.body: "),
    (_line("meta", 0, "name", "last-series-id"), "meta: 'last-series-id' is not the tenant's"),
    (_head(tenant="other"), "a row of tenant 'demo'"),
    (_head(at="yesterday"), "was changed or damaged: digest differ"),
    (_head(version=2), "version 2 of the format; this program reads 1"),
    (_head(format="x"), "not an exported tenant"),
    (_end(digest="0" * 64), "was changed or damaged: digest differ"),
    (_end(rows={}), "was changed or damaged: rows differ"),
    (_drop(-1), "the file ends too early"),
    (_drop(-2), "was changed or damaged: rows, content, digest differ"),
    (_drop(1), "a row before any table"),
    (lambda lines: lines.append([1]), "there is more after the end"),
    (lambda lines: lines[1].update(columns=["id"]), "the columns of series are those of another version"),
    (lambda lines: lines[1].update(table="tenants"), "table 'tenants' is unknown, or there twice"),
]


@pytest.mark.parametrize(("change", "expected"), TAMPERED, ids=[text for _, text in TAMPERED])
async def test_a_changed_file_is_refused_and_changes_nothing(
    tmp_path: Path, urls: dict[str, str], change: Callable[[list[Any]], None], expected: str
) -> None:
    await lively(urls["default"])
    path = await exported(urls["default"], tmp_path / "a.jsonl")
    lines = [json.loads(line) for line in path.read_text().split("\n")[:-1]]
    change(lines)
    path.write_text("".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines))
    with pytest.raises(ExportError, match="line ") as caught:
        for _ in read_pages(path):
            pass
    assert expected in str(caught.value)
    empty = elsewhere(urls)
    for apply in (False, True):
        report = await imported(tmp_path, empty, path, "default", apply=apply)
        assert expected in report.problems[0]
        assert not report.done
    assert await contents_or_nothing(urls["file"]) == 0


async def test_a_forged_ledger_is_refused_though_the_digests_are_made_to_fit(
    tmp_path: Path, urls: dict[str, str]
) -> None:
    await lively(urls["default"])
    path = await exported(urls["default"], tmp_path / "a.jsonl")
    text = path.read_text()
    first, last = text.partition("\n")[0] + "\n", text.rstrip("\n").rpartition("\n")[2] + "\n"
    forged = (
        text.removeprefix(first).removesuffix(last).replace('"document a"', '"document z"').replace("tester", "nobody")
    )
    import hashlib

    summary = json.loads(last)
    summary["content"] = hashlib.sha256(forged.encode()).hexdigest()
    summary["digest"] = hashlib.sha256((first + forged).encode()).hexdigest()
    path.write_text(first + forged + json.dumps(summary) + "\n")
    report = await imported(tmp_path, elsewhere(urls), path, "default")
    assert "its content does not match its hash" in report.problems[0]
    assert await contents_or_nothing(urls["file"]) == 0


@pytest.mark.parametrize("target", STORES)
async def test_a_store_that_has_something_refuses(tmp_path: Path, urls: dict[str, str], target: str) -> None:
    await lively(urls["file"])
    path = await exported(urls["file"], tmp_path / "a.jsonl")
    before = await lively(urls[target], OTHER)
    without = {name: url for name, url in urls.items() if name != "file"}
    report = await imported(tmp_path, without, path, target)
    assert [text.partition(" are another")[0] for text in report.problems] == ["4 ids of series", "2 ids of documents"]
    transfer = await open_transfer(urls[target], write=True)
    try:
        with pytest.raises(OccupiedError):  # also when no earlier command has checked the file
            await transfer.load(TENANT, _pages(path), None, _arriving(path), read_head(path).last_ids)
        assert (await transfer.presence(TENANT)) == (await transfer.presence(TenantId("nobody")))
    finally:
        await transfer.close()
    assert await contents(urls[target], OTHER) == before


@pytest.mark.parametrize("target", STORES)
async def test_what_another_store_has_is_not_put_in_again(tmp_path: Path, urls: dict[str, str], target: str) -> None:
    await lively(urls["file"])
    path = await exported(urls["file"], tmp_path / "a.jsonl")
    report = await imported(tmp_path, urls, path, target)
    assert report.problems == ["store 'file' has numbers of tenant demo: move it, or they would be given twice"]


def _arriving(path: Path) -> Fence:
    return Fence("arriving", "file", "m", "now", check_export(path).summary.content)


async def _pages(path: Path) -> Any:
    for page in read_pages(path):
        yield page


@pytest.mark.parametrize("target", STORES)
async def test_an_import_that_was_cut_off_goes_on(tmp_path: Path, urls: dict[str, str], target: str) -> None:
    """It is cut off between the transaction and the proof: the tenant stays unseen until the import is repeated."""
    before = await lively(urls["file"])
    path = await exported(urls["file"], tmp_path / "a.jsonl")
    without = {name: url for name, url in urls.items() if name != "file"}
    transfer = await open_transfer(urls[target], write=True)
    await transfer.load(TENANT, _pages(path), None, _arriving(path), read_head(path).last_ids)
    await transfer.close()
    async with StoreSessions(loaded(tmp_path, without)) as place:
        (standing,) = await place.standings(TENANT)
        assert [fence.state for fence in standing.fences.values()] == ["arriving"]
    report = await imported(tmp_path, without, path, target)
    assert (report.done, len(report.steps)) == (True, 1)
    assert await contents(urls[target]) == before


async def _digest(transfer: TenantTransfer) -> str:
    async with transfer.reading(TENANT) as pages:
        return (await digest_of(pages)).content


async def test_a_file_that_changes_between_look_and_load_is_not_taken_in(tmp_path: Path, urls: dict[str, str]) -> None:
    await lively(urls["default"])
    path = await exported(urls["default"], tmp_path / "a.jsonl")
    fence = _arriving(path)
    path.write_text(path.read_text().replace("Pier", "Peer"))
    transfer = await open_transfer(urls["file"], write=True)
    try:
        with pytest.raises(ExportError, match="was changed or damaged"):
            await transfer.load(TENANT, _pages(path), None, fence, read_head(path).last_ids)
        assert (await transfer.presence(TENANT)).rows == {}
        assert await transfer.fences() == {}
    finally:
        await transfer.close()


async def test_others_go_on_while_a_tenant_arrives(tmp_path: Path, urls: dict[str, str]) -> None:
    """Its ids are reserved first, so that no client waits for a transaction that takes minutes."""
    await lively(urls["west"])
    path = await exported(urls["west"], tmp_path / "a.jsonl")
    store = await opened(urls["east"])
    transfer = await open_transfer(urls["east"], write=True)
    arriving, proceed = asyncio.Event(), asyncio.Event()

    async def slowly() -> Any:
        pages = list(read_pages(path))
        for page in pages:
            yield page
            if page is pages[-1]:
                arriving.set()
                await proceed.wait()

    loading = asyncio.ensure_future(transfer.load(TENANT, slowly(), None, _arriving(path), read_head(path).last_ids))
    await arriving.wait()
    series = (await store.provision(OTHER, [("main", "Main", None, None, True)]))["main"]
    line = CounterKey(series, INVOICE)
    saved: Any = await store.execute(
        SaveDocuments(OTHER, (SaveDocument(Document(OTHER), issue=IssueRequest("k", start_if_unset=1)),), BY)
    )
    issued: Any = await store.execute(Issue(OTHER, line, "x", "x", BY))
    assert (series, saved.saved[0].document.id, issued.issued.number) == (5, 3, 2)
    assert await store.tenant_records.standing(TENANT) == (False, None)
    assert not loading.done()
    proceed.set()
    await loading
    has_series, fence = await store.tenant_records.standing(TENANT)
    assert (has_series, fence and fence.state) == (True, "arriving")
    await transfer.close()
    await store.close()
