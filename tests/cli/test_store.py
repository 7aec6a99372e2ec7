"""`invoice-gateway store`: its options and exit codes, and the whole story of a store that is lost and comes back."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest
import typer.main

from gateway.__main__ import main
from gateway.cli import app
from tests.cross_dialect.faces import InvoiceXpress
from tests.processes import clean_environment, command, run, serving
from tests.until import until

SHOP = "  - {id: shop, production: true, series: [{key: main, numbers: {invoice: 10001}}]}\n"
ONE = "store: sqlite:///n.db\nwatermark: {mode: off}\ntenants:\n" + SHOP
TWO = (
    "store: sqlite:///n.db\nstores: {east: {url: 'postgresql://nobody@127.0.0.1:1/none?deadline_seconds=0.1'}}\ntenants:\n"
    + SHOP
)
FACE = "invoicexpress: {account: demo, api_key: demo-key, default_host: true}"
LIVE = (
    "store: sqlite:///gateway.db\njournal: {mode: off}\nlog: {requests: false}\n"
    f"tenants:\n  - {{id: demo, production: true, series: [{{key: main, default: true}}], {FACE}}}\n"
)
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """Runs the command line in this process: returns exit code, standard output and standard error."""

    def called(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["invoice-gateway", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        assert isinstance(ended.value.code, int)
        return ended.value.code, *capsys.readouterr()

    return called


def test_workers_that_start_later_begin_nothing(tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[list[str]] = []

    async def supervise(_: object, __: object, words: list[str], **___: object) -> int:
        given.append(words)
        return 0

    monkeypatch.setattr("gateway.server.supervisor.supervisor.supervise", supervise)
    words = ["serve", "--config", write(tmp_path, ONE), "--new-store", "--workers", "2"]
    assert call(*words)[0] == 0
    assert given == [[word for word in words if word != "--new-store"]]
    code, _, err = call(*words)
    assert (code, "leave it out of the next start" in err) == (0, True)


def write(folder: Path, text: str) -> str:
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_the_commands_and_their_options() -> None:
    group = typer.main.get_command(app).commands["store"]  # type: ignore[attr-defined]
    options = {
        name: sorted(text for option in own.params for text in option.opts if text.startswith("--"))
        for name, own in group.commands.items()
    }
    moving = ["--ahead", "--config", "--json", "--next", "--store"]
    assert options == {
        "init": ["--config", "--json"],
        "backup": ["--config", "--json", "--store"],
        "restore": moving,
        "restored": moving,
    }


def test_exit_codes_of_one_store(tmp_path: Path, call: Call) -> None:
    config, copy = ("--config", write(tmp_path, ONE)), str(tmp_path / "copy.db")
    assert call("store", "backup", copy, *config)[0] == 4, "there is no store yet"
    code, _, err = call("check-config", "--stores", *config)
    assert (code, "no store has anything of this production tenant" in err) == (2, True)
    code, out, _ = call("store", "init", *config)
    assert (code, "made a new store" in out, "began production tenants: shop" in out) == (0, True, True)
    assert call("check-config", "--stores", *config)[0] == 0
    code, out, _ = call("store", "init", "--json", *config)
    assert (code, json.loads(out)[0]["tenants"]) == (0, [])
    code, out, _ = call("store", "backup", copy, "--json", *config)
    line = {"tenant": "shop", "series": "main", "line": "invoice", "kind": "invoice", "next": 10001, "issued": 0}
    assert (code, json.loads(out)["entries"], json.loads(out)["lines"]) == (0, 2, [line])
    code, out, err = call("store", "backup", copy, *config)
    assert (code, out, "exists already" in err) == (2, "", True)
    for words in ((), ("--next", "shop/main/invoice"), ("--ahead", "-1"), ("--next", "shop/main/invoice=9")):
        assert call("store", "restore", copy, *words, *config)[0] == 2, words
        assert call("store", "restored", *words, *config)[0] == 2, words
    assert call("store", "restore", str(tmp_path / "none.db"), "--ahead", "0", *config)[0] == 4
    assert call("store", "restore", copy, "--ahead", "0", *config)[0] == 0
    for path in tmp_path.glob("n.db*"):
        path.unlink()
    assert call("store", "restore", str(tmp_path / "none.db"), "--ahead", "0", *config)[0] == 4
    assert not (tmp_path / "n.db").exists(), "a restore that is refused makes no store"
    code, out, _ = call("store", "restore", copy, "--ahead", "0", "--json", *config)
    assert (code, json.loads(out)["kept"]) == (0, "")
    (tmp_path / "other.db").write_bytes(b"no store" * 1000)
    code, _, err = call("store", "restore", str(tmp_path / "other.db"), "--ahead", "0", *config)
    assert (code, "is damaged, or no store" in err) == (4, True)
    code, out, _ = call("store", "restore", copy, "--ahead", "100", "--json", *config)
    done = json.loads(out)
    assert (code, done["moved"][0]["after"], done["entries"]) == (0, 10101, 3)
    assert Path(done["kept"]).exists()
    code, out, _ = call("store", "restored", "--next", "shop/main/invoice=10500", *config)
    assert (code, "10500" in out) == (0, True)
    assert call("ledger", "verify", *config)[0] == 0
    code, out, _ = call("ledger", "export", *config)
    assert [json.loads(text)["operation"] for text in out.splitlines()][:3] == ["set", "restore", "restore"]


def test_a_copy_whose_ledger_does_not_add_up_is_refused(tmp_path: Path, call: Call) -> None:
    import sqlite3

    config, copy = ("--config", write(tmp_path, ONE)), tmp_path / "copy.db"
    call("store", "init", *config)
    call("store", "backup", str(copy), *config)
    connection = sqlite3.connect(copy)
    with connection:
        connection.execute("UPDATE counters SET next_number = 9")
    connection.close()
    code, _, err = call("store", "restore", str(copy), "--ahead", "0", *config)
    assert (code, "does not add up" in err, "the line stands at 9" in err) == (4, True, True)
    assert not list(tmp_path.glob("*.replaced-*"))


def test_several_stores_need_a_name_and_postgresql_has_its_own_ways(tmp_path: Path, call: Call) -> None:
    config, copy = ("--config", write(tmp_path, TWO)), str(tmp_path / "copy.db")
    for words in (("backup", copy), ("restore", copy, "--ahead", "0"), ("restored", "--ahead", "0")):
        code, _, err = call("store", *words, *config)
        assert (code, "default, east" in err) == (2, True)
        code, _, err = call("store", *words, "--store", "west", *config)
        assert (code, "found 'west'" in err) == (2, True)
    code, _, err = call("store", "backup", copy, "--store", "east", *config)
    assert (code, "pg_dump" in err, "store restored" in err) == (2, True, True)
    code, _, err = call("store", "restore", copy, "--store", "east", "--ahead", "0", *config)
    assert (code, "pg_restore" in err, "store restored" in err) == (2, True, True)
    assert call("store", "restored", "--store", "east", "--ahead", "0", *config)[0] == 4


def test_the_same_store_from_another_working_directory(
    tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, elsewhere = write(tmp_path, ONE), tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(tmp_path)
    assert call("store", "init", "--config", "config.yaml")[0] == 0
    monkeypatch.chdir(elsewhere)
    assert call("series", "set", "main", "10077", "--config", "../config.yaml")[0] == 0
    code, out, _ = call("series", "show", "main", "--json", "--config", config)
    assert (code, json.loads(out)[0]["counters"]["invoice"]["next"]) == (0, 10077)
    assert not list(elsewhere.iterdir())


class Clients:
    """Clients that number invoices until they are stopped, and remember what they were answered."""

    def __init__(self, base: str, session: aiohttp.ClientSession) -> None:
        self.numbers: list[int] = []
        self._clients = [InvoiceXpress(session, base) for _ in range(4)]
        self._tasks = [asyncio.create_task(self._work(client)) for client in self._clients]

    async def _work(self, client: InvoiceXpress) -> None:
        while True:
            shown = await client.change(await client.draft(), "finalized")
            assert shown is not None
            self.numbers.append(int(shown.partition("/")[0]))

    async def have(self, count: int) -> None:
        await until(lambda: len(self.numbers) >= count or any(task.done() for task in self._tasks))
        assert len(self.numbers) >= count, [task.exception() for task in self._tasks if task.done()]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def ran(*words: str, folder: Path) -> tuple[int, str, str]:
    """Run a command while this process goes on."""
    process = await asyncio.create_subprocess_exec(
        *command(*words),
        cwd=folder,
        env=clean_environment(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def test_a_store_is_backed_up_under_load_lost_and_restored_and_no_number_is_given_twice(tmp_path: Path) -> None:
    path, copy, store = Path(write(tmp_path, LIVE)), tmp_path / "copy.db", tmp_path / "gateway.db"
    config = ("--config", str(path))
    async with aiohttp.ClientSession() as session:
        with serving(tmp_path, path, more=("--new-store",)) as running:
            clients = Clients(running.data_url, session)
            await clients.have(8)
            before = set(clients.numbers)
            code, out, err = await ran("store", "backup", str(copy), "--json", *config, folder=tmp_path)
            assert code == 0, err
            refused = await ran("store", "restore", str(copy), "--ahead", "9", *config, folder=tmp_path)
            assert (refused[0], "is in use by process" in refused[2]) == (4, True)
            await clients.have(len(clients.numbers) + 8)
            running.process.send_signal(signal.SIGKILL)
            running.process.wait(60)
            await clients.stop()
        given = clients.numbers
        (line,) = json.loads(out)["lines"]
        assert before <= set(range(1, line["next"])), "the copy holds every number that was answered before it was made"
        assert line["issued"] == line["next"] - 1, "it holds a prefix of the line"
        assert max(given) >= line["next"], "and less than the store"

        lost = tmp_path / "lost"
        lost.mkdir()
        for own in tmp_path.glob("gateway.db*"):
            shutil.move(own, lost / own.name)
        shutil.copy(copy, store)
        plain = await ran("serve", "--port", "0", "--admin-port", "0", *config, folder=tmp_path)
        assert plain[0] == 4, "a copy that was put back by hand would give numbers again"
        code, out, err = await ran("store", "restore", str(copy), "--ahead", "1000", "--json", *config, folder=tmp_path)
        assert code == 0, err
        assert json.loads(out)["moved"][0]["after"] == line["next"] + 1000

        with serving(tmp_path, path) as running:
            clients = Clients(running.data_url, session)
            await clients.have(8)
            await clients.stop()
            async with session.get(f"{running.admin_url}/v1/tenants/demo/gaps") as answer:
                gaps = (await answer.json())["items"]
    assert not set(given) & set(clients.numbers)
    assert [(gap["first"], gap["last"], gap["reason"]) for gap in gaps] == [
        (line["next"], line["next"] + 999, "restore")
    ]
    assert run("ledger", "verify", *config, folder=tmp_path).returncode == 0
