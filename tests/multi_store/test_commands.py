"""The commands about tenants as scripts rely on them: dry run first, data apart from messages, exit codes, no tracebacks."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.multi_store.places import OTHER, config_of, contents, lively
from tests.processes import run, serving
from tests.stores.commands import TENANT

Urls = dict[str, str]


def told(done: subprocess.CompletedProcess[str], code: int = 0) -> Any:
    """The JSON on standard output."""
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout)


async def test_a_tenant_is_moved_by_hand(tmp_path: Path, urls: Urls) -> None:
    before = await lively(urls["default"])
    config, after = (str(config_of(tmp_path, urls, pinned)) for pinned in ("default", "east"))
    (row,) = told(run("tenant", "list", "--config", config, "--json", folder=tmp_path))
    assert (row["tenant"], row["pinned"], row["series"], row["problems"]) == ("demo", "default", {"default": 4}, [])

    looked = run("tenant", "move", "demo", "--to", "east", "--config", config, folder=tmp_path)
    assert looked.returncode == 0
    assert looked.stdout.startswith("1. fence the tenant in store 'default' as moving")
    assert "nothing was changed; --apply does it" in looked.stderr
    assert "then: set tenants.0.store in the configuration: tenant demo needs `store: east`" in looked.stderr
    assert not (tmp_path / "demo.moved.jsonl").exists()

    moved = told(
        run("tenant", "move", "demo", "--to", "east", "--config", config, "--apply", "--json", folder=tmp_path)
    )
    assert (moved["done"], moved["problems"]) == (True, [])
    assert await contents(urls["east"]) == before
    shown = told(run("tenant", "show", "demo", "--config", config, "--json", folder=tmp_path), 1)
    assert shown["problems"] == ["tenant demo was moved to store 'east': pin it there (`store: east`)"]
    checked = run("check-config", "--stores", "--config", config, folder=tmp_path)
    assert checked.returncode == 2
    assert "tenants.0.store: found 'default': tenant demo was moved to store 'east'" in checked.stderr
    assert run("check-config", "--stores", "--config", after, folder=tmp_path).returncode == 0
    verified = told(run("ledger", "verify", "--config", after, "--tenant", "demo", "--json", folder=tmp_path))
    assert verified == {"entries": moved["entries"], "findings": []}
    listed = told(run("series", "list", "--config", after, "--json", folder=tmp_path))
    assert (listed[0]["key"], listed[0]["counters"]["invoice"]["next"]) == ("main", 90)


async def test_a_tenant_is_taken_out_and_put_in_by_hand(tmp_path: Path, urls: Urls) -> None:
    before = await lively(urls["default"])
    config = str(config_of(tmp_path, urls))
    other = str(config_of(tmp_path, {"default": urls["file"], "west": urls["west"]}, "west"))
    exported = run("tenant", "export", "demo", "--out", "demo.jsonl", "--config", config, folder=tmp_path)
    assert (exported.returncode, exported.stdout) == (0, "")
    assert run("tenant", "export", "demo", "--out", "demo.jsonl", "--config", config, folder=tmp_path).returncode == 2
    words = ("tenant", "import", "demo.jsonl", "--store", "west", "--config", other)
    assert told(run(*words, "--json", folder=tmp_path))["done"] is False
    assert (await contents(urls["west"])).count == 0
    assert told(run(*words, "--apply", "--json", folder=tmp_path))["done"] is True
    assert await contents(urls["west"]) == before
    again = told(run(*words, "--apply", "--json", folder=tmp_path), 1)
    assert "store 'west' has" in again["problems"][0]


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (
            ("move", "demo", "--to", "north"),
            2,
            "--to: found 'north': no store of this name; allowed: default, file, east, west",
        ),
        (("import", "nothing.jsonl", "--store", "south"), 2, "--store: found 'south'"),
        (("import", "nothing.jsonl", "--store", "east"), 1, "nothing.jsonl: "),
        (("move", "demo"), 2, "give either --to or --cancel"),
        (("move", "demo", "--to", "east", "--cancel"), 2, "give either --to or --cancel"),
        (("move", "demo", "--cancel"), 1, "there is no move to cancel"),
        (("move", "nobody", "--to", "east"), 1, "no tenant nobody"),
        (("show", "nobody"), 1, "no tenant nobody"),
        (("export", "nobody", "--out", "x.jsonl"), 1, "no store has numbers of tenant nobody"),
        (("export", "demo", "--out", "x.jsonl", "--store", "west"), 1, "store 'west' has no numbers of tenant demo"),
        (("release", "demo", "--store", "east"), 1, "store 'east' has no fence on tenant demo"),
    ],
)
async def test_what_cannot_be_done_is_said(
    tmp_path: Path, urls: Urls, words: tuple[str, ...], code: int, expected: str
) -> None:
    await lively(urls["default"])
    done = run("tenant", *words, "--config", str(config_of(tmp_path, urls)), folder=tmp_path)
    assert done.returncode == code, done.stderr
    assert expected in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


async def test_a_gateway_that_has_the_file_is_exit_code_4(tmp_path: Path, urls: Urls) -> None:
    await lively(urls["default"])
    config = config_of(tmp_path, urls)
    words = ("tenant", "move", "demo", "--to", "east", "--config", str(config))
    with serving(tmp_path, config, ["--store", urls["default"]]):
        looked = run(*words, folder=tmp_path)
        done = run(*words, "--apply", folder=tmp_path)
        listed = run("tenant", "list", "--config", str(config), folder=tmp_path)
        exported = run("tenant", "export", "demo", "--out", "x.jsonl", "--config", str(config), folder=tmp_path)
    assert (looked.returncode, done.returncode, listed.returncode, exported.returncode) == (1, 4, 0, 0)
    assert "stop the gateway first" in looked.stdout
    assert "is in use by process" in done.stderr
    assert "Traceback" not in done.stderr


async def test_a_store_that_is_down_is_exit_code_4(tmp_path: Path, urls: Urls) -> None:
    await lively(urls["default"])
    gone = {**urls, "east": "postgresql://127.0.0.1:1/none?deadline_seconds=0.2"}
    config = str(config_of(tmp_path, gone))
    for words in (
        ("tenant", "list"),
        ("tenant", "move", "demo", "--to", "file", "--apply"),
        ("migrate",),
        ("ledger", "verify"),
    ):
        done = run(*words, "--config", config, folder=tmp_path)
        assert (done.returncode, "Traceback" in done.stderr) == (4, False), done.stderr


async def test_what_goes_over_all_stores_does(tmp_path: Path, urls: Urls) -> None:
    await lively(urls["default"])
    await lively(urls["east"], OTHER)
    config = str(config_of(tmp_path, urls))
    pending = run("migrate", "--dry-run", "--config", config, folder=tmp_path)
    assert pending.returncode == 0
    assert [line for line in pending.stdout.splitlines() if line.endswith("0004")] == ["file: pending 0004"]
    assert "east: nothing to do" in pending.stderr
    assert run("migrate", "--config", config, folder=tmp_path).returncode == 0
    exported = run("ledger", "export", "--config", config, folder=tmp_path)
    entries = [json.loads(line) for line in exported.stdout.split("\n") if line]
    assert {(entry["store"], entry["tenant"]) for entry in entries} == {("default", TENANT), ("east", OTHER)}
    verified = told(run("ledger", "verify", "--config", config, "--json", folder=tmp_path))
    assert verified == {"entries": len(entries), "findings": []}
