"""A tenant moves between databases of either kind: nothing is lost or changed, and at most one store serves the tenant."""

from __future__ import annotations

import asyncio
import itertools
import signal
import sqlite3
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.core.commands import Issue, PeekNext
from gateway.core.refusals import Refused
from gateway.core.values import INVOICE, CounterKey, TenantId
from gateway.stores import open_store, open_transfer
from gateway.stores.engine.fences import Fence, TenantFencedError
from gateway.stores.engine.tenant_rows import Contents
from gateway.stores.engine.transfer import Session, TransferRaceError
from gateway.stores.errors import StoreError, StoreLockedError
from gateway.tenants.export_import import Report, release
from gateway.tenants.move import Move, MoveNotDoneError
from gateway.tenants.store_sessions import Standing, StoreSessions
from tests.long_form import short_or_long
from tests.multi_store.places import OTHER, config_of, contents, lively, loaded, main_series, opened, sound
from tests.stores.commands import BY, TENANT

Urls = dict[str, str]
WAYS = [("default", "file"), ("default", "east"), ("east", "default"), ("east", "west")]


async def moved(
    folder: Path, urls: Urls, source: str, target: str, *, apply: bool = True, tenant: TenantId = TENANT
) -> Report:
    async with StoreSessions(loaded(folder, urls, source)) as place:
        move = Move(place, tenant, target, folder / "moved.jsonl")
        return await (move.run() if apply else move.look())


async def cancelled(folder: Path, urls: Urls, source: str) -> Report:
    async with StoreSessions(loaded(folder, urls, source)) as place:
        return await Move(place, TENANT, "", folder / "moved.jsonl").cancel()


async def standing(folder: Path, urls: Urls, pinned: str) -> Standing:
    async with StoreSessions(loaded(folder, urls, pinned)) as place:
        (found,) = await place.standings(TENANT)
        return found


async def serving(urls: Urls, kept: Contents) -> set[str]:
    """The stores that serve the tenant, asked in the way a gateway asks."""
    found = set()
    line = CounterKey(main_series(kept), INVOICE)
    for name, url in urls.items():
        if url.startswith("sqlite") and not Path(url.removeprefix("sqlite:///")).exists():
            continue
        store = await opened(url)
        try:
            if (await store.read(PeekNext(TENANT, line))).counter.next_number == 90:
                found.add(name)
        except TenantFencedError:
            with pytest.raises(TenantFencedError):
                await store.execute(Issue(TENANT, line, "never", "never", BY))
        except Refused:  # this store has nothing of the tenant
            continue
        finally:
            await store.close()
    return found


def dump(folder: Path) -> dict[str, bytes]:
    """The files in a folder and their content, without the files that reading creates."""
    files = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    return {name: body for name, body in files.items() if body and not name.endswith("-shm")}


@pytest.mark.parametrize(("source", "target"), WAYS)
async def test_a_tenant_arrives_as_it_was_and_goes_on(tmp_path: Path, urls: Urls, source: str, target: str) -> None:
    before = await lively(urls[source])
    bystander = await lively(urls[source], OTHER)
    report = await moved(tmp_path, urls, source, target)
    assert (report.problems, report.done) == ([], True)
    assert f"needs `store: {target}" in report.advice[0]
    assert await serving(urls, before) == {target}
    assert await contents(urls[target]) == before
    assert await contents(urls[source], OTHER) == bystander
    assert await sound(urls[target]) == report.entries
    assert await sound(urls[source]) > 0
    found = await standing(tmp_path, urls, target)
    assert (found.series, {name: fence.state for name, fence in found.fences.items()}) == (
        {target: 4},
        {source: "moved"},
    )
    assert found.problems == []

    store = await opened(urls[target])  # the next number, and the former number of a key that has one
    line = CounterKey(main_series(before), INVOICE)
    answers = [await store.execute(Issue(TENANT, line, key, f"document {key}", BY)) for key in ("a", "new")]
    assert [answer.issued.number for answer in answers] == [1, 90]  # type: ignore[union-attr]
    assert await store.get("session", "secret demo") == (TENANT, {"user": "ü"})
    assert [head.name for head in await store.tenant_records.snapshots(TENANT)] == ["snap"]
    await store.close()

    after = await contents(urls[target])
    back = await moved(tmp_path, urls, target, source)
    assert (back.problems, back.done) == ([], True)
    assert await contents(urls[source]) == after
    assert await sound(urls[source]) > 0
    again = await moved(tmp_path, urls, source, source, apply=False)
    assert again.problems == [f"nothing to move: it is in store {source!r} already; {_gone(source)}"]


def _gone(store: str) -> str:
    return f"tenant demo was moved to store {store!r}: pin it there (`store: {store}`)"


@pytest.mark.parametrize(("source", "target"), WAYS)
async def test_looking_changes_nothing(tmp_path: Path, urls: Urls, source: str, target: str) -> None:
    before = await lively(urls[source])
    config_of(tmp_path, urls, source)
    files = dump(tmp_path)
    for _ in range(2):
        report = await moved(tmp_path, urls, source, target, apply=False)
        assert report.problems == []
        assert not report.done
        assert report.rows["documents"] == 2
        assert len(report.steps) == 7
    assert dump(tmp_path) == files
    assert await serving(urls, before) == {source}
    found = await standing(tmp_path, urls, source)
    assert (found.fences, found.problems) == ({}, [])


async def test_what_stands_against_a_move_is_said_and_nothing_is_done(tmp_path: Path, urls: Urls) -> None:
    before = await lively(urls["east"])
    await lively(urls["west"], OTHER)
    await lively(urls["file"])
    for apply in (False, True):
        ids = await moved(tmp_path, {k: v for k, v in urls.items() if k != "file"}, "east", "west", apply=apply)
        assert [text.partition(" are another")[0] for text in ids.problems] == ["4 ids of series", "2 ids of documents"]
        both = await moved(tmp_path, urls, "east", "west", apply=apply)
        assert both.problems == ["stores file, east all have numbers of tenant demo"]
        nobody = await moved(tmp_path, urls, "east", "west", apply=apply, tenant=TenantId("nobody"))
        assert nobody.problems == ["no tenant nobody: neither the configuration nor a store knows it"]
    assert await contents(urls["east"]) == before
    found = await standing(tmp_path, urls, "east")
    assert found.problems == ["stores 'east' and 'file' both have numbers of it"]


async def test_a_gateway_that_has_the_file_must_be_stopped_first(tmp_path: Path, urls: Urls) -> None:
    before = await lively(urls["default"])
    gateway = await opened(urls["default"])
    looked = await moved(tmp_path, urls, "default", "east", apply=False)
    assert "is in use by process" in looked.problems[0]
    with pytest.raises(StoreLockedError, match="stop it first"):
        await moved(tmp_path, urls, "default", "east")
    await gateway.close()
    assert (await moved(tmp_path, urls, "default", "east")).done
    assert await contents(urls["east"]) == before


async def test_a_ledger_that_does_not_add_up_stays_where_it_is(tmp_path: Path, urls: Urls) -> None:
    await lively(urls["default"])
    path = urls["default"].removeprefix("sqlite:///")
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE ledger SET reason = 'forged' WHERE \"index\" = 2 AND line = 'invoice'")
    connection.close()
    for apply in (False, True):
        report = await moved(tmp_path, urls, "default", "east", apply=apply)
        assert "its content does not match its hash" in report.problems[0]
    assert (await standing(tmp_path, urls, "default")).fences == {}


async def test_what_goes_wrong_on_the_way_is_taken_back(
    tmp_path: Path, urls: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row is changed between the two stores: the copy differs from what was exported."""
    from gateway.stores.postgres import transfer

    before = await lively(urls["default"])
    note_change = transfer.PostgresTransfer._note_change

    async def careless(self: transfer.PostgresTransfer, session: Session, tenant: TenantId) -> None:
        await session.run("UPDATE documents SET stage = 'other'")
        await note_change(self, session, tenant)

    monkeypatch.setattr(transfer.PostgresTransfer, "_note_change", careless)
    with pytest.raises(MoveNotDoneError, match=r"is not what was taken out .* nothing was changed"):
        await moved(tmp_path, urls, "default", "east")
    assert await serving(urls, before) == {"default"}
    assert (await standing(tmp_path, urls, "default")).fences == {}
    monkeypatch.undo()
    assert (await moved(tmp_path, urls, "default", "east")).done


async def killed(folder: Path, urls: Urls, source: str, target: str, what: str, number: int) -> int:
    words = (config_of(folder, urls, source), TENANT, target, folder / "moved.jsonl", what, number)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.multi_store.mover",
        *map(str, words),
        cwd=Path(__file__).parents[2],
        stdout=asyncio.subprocess.PIPE,
    )
    await process.communicate()
    assert process.returncode is not None
    return process.returncode


STEPS = [("step", number) for number in range(10)]
PAGES = [("page", number) for number in short_or_long((0, 8, 15), (0, 2, 8, 12, 15))]
SOME = [("step", 1), ("step", 5), ("step", 7), ("page", 12)]
BY_TURNS = [(*way, *place) for way, place in zip(itertools.cycle(WAYS[1:]), [*STEPS, *PAGES], strict=False)]
KILLED = short_or_long(
    BY_TURNS,
    [
        *(("east", "west", *place) for place in [*STEPS, *PAGES]),
        *((*way, *place) for way in (("default", "east"), ("east", "default")) for place in SOME),
    ],
)
"""Every place once, with the ways in turn; in the long form, every place between databases and some on the other ways."""
UNDONE = short_or_long((0, 3, 6, 7), (0, 1, 3, 5, 6, 7, 9))
NEVER = ("step", 9)
DECIDED = 7
"""Before this step the move can be undone; it is the first step after the decision."""


@pytest.mark.long_form
@pytest.mark.parametrize(("source", "target", "what", "number"), KILLED)
async def test_a_killed_move_goes_on(
    tmp_path: Path, urls: Urls, source: str, target: str, what: str, number: int
) -> None:
    before = await lively(urls[source])
    code = await killed(tmp_path, urls, source, target, what, number)
    assert code == (0 if (what, number) == NEVER else -signal.SIGKILL)
    assert len(await serving(urls, before)) <= 1
    found = await standing(tmp_path, urls, source)
    assert bool(found.problems) is bool(what == "page" or number > 0)
    if code:
        report = await moved(tmp_path, urls, source, target)
        assert (report.problems, report.done) == ([], True)
    assert await serving(urls, before) == {target}
    assert await contents(urls[target]) == before
    assert await sound(urls[target]) > 0
    assert (await standing(tmp_path, urls, target)).problems == []


@pytest.mark.long_form
@pytest.mark.parametrize(("what", "number"), [("step", number) for number in UNDONE] + [("page", 15)])
async def test_a_killed_move_is_taken_back_unless_it_is_decided(
    tmp_path: Path, urls: Urls, what: str, number: int
) -> None:
    before = await lively(urls["east"])
    code = await killed(tmp_path, urls, "east", "west", what, number)
    decided = code == 0 or (what == "step" and number >= DECIDED)
    report = await cancelled(tmp_path, urls, "east")
    if decided or (what, number) == ("step", 0):
        assert report.problems[0].startswith("there is no move to cancel")
    else:
        assert (report.problems, report.done) == ([], True)
    assert await serving(urls, before) == (
        set() if decided and code and number == DECIDED else {"west" if decided else "east"}
    )
    if not decided:
        assert await contents(urls["east"]) == before
        assert (await contents(urls["west"])).count == 0
        assert (await standing(tmp_path, urls, "east")).fences == {}
        assert (await moved(tmp_path, urls, "east", "west")).done


async def test_cancelling_gives_the_target_its_old_fence_back(tmp_path: Path, urls: Urls) -> None:
    await lively(urls["default"])
    assert (await moved(tmp_path, urls, "default", "east")).done
    assert await killed(tmp_path, urls, "east", "default", "step", 5) == -signal.SIGKILL
    assert {name: fence.state for name, fence in (await standing(tmp_path, urls, "east")).fences.items()} == {
        "default": "arriving",
        "east": "moving",
    }
    assert (await cancelled(tmp_path, urls, "east")).done
    fences = (await standing(tmp_path, urls, "east")).fences
    assert {name: (fence.state, fence.other) for name, fence in fences.items()} == {"default": ("moved", "east")}


async def test_a_fence_is_replaced_by_one_of_two(urls: Urls) -> None:
    one, other = await open_transfer(urls["east"], write=True), await open_transfer(urls["east"], write=True)
    fences = [Fence("moving", "west", name, "now") for name in ("first", "second")]
    outcomes = await asyncio.gather(
        one.set_fence(TENANT, None, fences[0]), other.set_fence(TENANT, None, fences[1]), return_exceptions=True
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "TransferRaceError"]
    with pytest.raises(TransferRaceError):
        await one.set_fence(TENANT, replace(fences[0], state="moved"), None)
    await one.close()
    await other.close()


async def test_a_fence_is_taken_away_by_hand_only_when_no_number_can_be_doubled(tmp_path: Path, urls: Urls) -> None:
    await lively(urls["default"])
    assert (await moved(tmp_path, urls, "default", "east")).done

    async def released(store: str, urls: Urls, *, discard: bool = False) -> Report:
        async with StoreSessions(loaded(tmp_path, urls)) as place:
            return await release(place, TENANT, store, discard=discard, apply=True)

    assert (await released("default", urls)).problems == [
        "store 'east' has numbers of tenant demo: they would be given twice"
    ]
    assert (await released("east", urls)).problems == ["store 'east' has no fence on tenant demo"]
    lost = {name: url for name, url in urls.items() if name != "east"}  # that database is gone for good
    assert (await released("default", lost)).done
    assert (await standing(tmp_path, lost, "default")).fences == {}


async def test_a_store_that_is_gone_is_not_taken_for_empty(tmp_path: Path, urls: Urls) -> None:
    await lively(urls["east"])
    gone = {
        **urls,
        "west": urls["west"].replace("@127.0.0.1:", "@127.0.0.1:1") + "?deadline_seconds=0.5&connect_timeout=0.5",
    }
    with pytest.raises(StoreError, match="cannot open store"):
        await moved(tmp_path, gone, "east", "west")
    store = open_store(urls["east"])
    await store.start()
    await store.close()
    assert (await standing(tmp_path, urls, "east")).fences == {}
