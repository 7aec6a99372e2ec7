"""Whatever stands in a file that a command reads: a sentence for people and exit code 2, never a traceback."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.cli.conftest import Cli

NOWHERE: Final = "http://127.0.0.1:1"
TENANT: Final = "tenants:\n- id: a\n  series: [{key: m}]\n"

CONTENTS: Final[dict[str, bytes]] = {
    "nul": b"a: \0",
    "brackets": b"a: " + b"[" * 100_000,
    "json-brackets": b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "cycle": b"a: &a [*a]",
    "laughs": b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]",
    "escape": b'"\\u001b[31m": 1',
    "raw-escape": b"\x1b[31m: 1",
    "latin-1": "å: 1".encode("latin-1"),
    "utf-16": "a: 1".encode("utf-16"),
    "tab": b"a:\n\tb: 1",
    "list": b"- 1",
    "value": b"5",
    "tag": b"a: !!python/object/apply:os.system ['true']",
    "merge": b"<<: {a: 1}",
    "surrogate": b'a: "\\ud800"',
    "documents": b"a: 1\n---\nb: 1",
    "twice": b"a: 1\na: 2",
    "bytes": bytes(range(256)),
    "list-as-key": b"? [a]\n: 1",
    "word": b"x" * 100_000,
    "bracket": b"]",
    "toml": b"a = " + b"[" * 100_000,
}
"""Files that no command can use."""
READERS: Final[dict[str, tuple[str, ...]]] = {
    "configuration": ("check-config", "-c", "{file}"),
    "catalogue": ("check-config", "-c", "{folder}/with-catalogue.yaml"),
    "seed": ("seed", "{file}", "-t", "a", "--admin-url", NOWHERE),
    "differences": ("conform", "--dialect", "resurs", "--url", NOWHERE, "--only", "-", "--known", "{file}"),
    "report": ("evidence", "--dialect", "resurs", "--report", "{file}"),
    "request": ("explain", "{file}"),
}


EVERY_READER: Final = {"brackets", "json-brackets", "cycle", "latin-1", "bytes", "toml"}
"""What all readers are given. The rest goes to two of them, because the others share their code."""


def prepare(folder: Path, data: bytes) -> None:
    (folder / "file").write_bytes(data)
    (folder / "with-catalogue.yaml").write_text(f"{TENANT}  catalogue_file: file\n", encoding="utf-8")


@pytest.mark.parametrize("content", CONTENTS)
def test_no_command_stumbles_over_a_file(tmp_path: Path, cli: Cli, content: str) -> None:
    prepare(tmp_path, CONTENTS[content])
    for reader, words in READERS.items():
        if content not in EVERY_READER and reader not in {"configuration", "request"}:
            continue
        done = cli(*(word.format(file=tmp_path / "file", folder=tmp_path) for word in words))
        shown = done.out + done.err
        assert done.code == 2, (reader, shown)
        assert "Traceback" not in shown, reader
        assert shown.replace("\n", "").isprintable(), reader
        assert len(shown) < 4000, reader


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1: 2\n", "line 1: 1: unknown key"),
        ("port: " + "9" * 6000 + "\n", "line 1: port: found '999"),
        ("port: .inf\n", "line 1: port: found '.inf'"),
        ("limits: {deadline_seconds: .nan}\n", "line 1: limits.deadline_seconds: found '.nan'"),
        ("limits: {deadline_seconds: nan}\n", "line 1: limits.deadline_seconds: found 'nan'"),
        ("limits: {max_in_flight: 1e400}\n", "line 1: limits.max_in_flight: found '1e400'"),
        ("tenants: {a: 1}\n", "line 1: tenants"),
        ("tenants: [1, [2], null]\n", "line 1: tenants.0"),
        ("dialects: [resurs]\n", "line 1: dialects"),
        ("dialects: {resurs: null}\n", "line 1: dialects.resurs"),
        ("dialects: {resurs: {settings: [1]}}\n", "line 1: dialects.resurs.settings"),
        (TENANT + "  resurs: [1]\n", "line 4: tenants.0.resurs"),
        (TENANT + "  resurs: {accounts: [{password_file: [1]}]}\n", "accounts.0.password_file: must be text"),
        (TENANT + "  resurs: {accounts: [{password_env: {}}]}\n", "accounts.0.password_env: must be text"),
        (
            TENANT + '  resurs: {accounts: [{password_file: "a\\0b"}]}\n',
            "a\\x00b cannot be read: not the name of a file",
        ),
        (TENANT + '  catalogue_file: "a\\0b"\n', "cannot be read: not the name of a file"),
        (TENANT + "  catalogue_file: .\n", "cannot be read: Is a directory"),
        ('store: "sqlite:///a\\0b"\n', "line 1: store: not a store address: the name of the file holds a NUL"),
        ('journal: {path: "a\\0b"}\n', "line 1: journal.path"),
        ('host: "a\\u001b[31m"\nport: x\n', "line 2: port"),
        ('"\\u202e": 1\n', "line 1: \\u202e: a key holds a control character"),
        ("stores: {'a\\nb': {url: x}}\n", "line 1: stores"),
        ("trusted_proxies: [5, [6], x]\n", "line 1: trusted_proxies.0: must be text; quote it"),
    ],
)
def test_a_configuration_of_another_form_is_exit_code_2(tmp_path: Path, cli: Cli, text: str, expected: str) -> None:
    (tmp_path / "c.yaml").write_text(text, encoding="utf-8")
    done = cli("check-config", "-c", tmp_path / "c.yaml")
    assert (done.code, done.out) == (2, "")
    assert expected in done.err
    assert done.err.replace("\n", "").isprintable()


@pytest.mark.parametrize(
    "words",
    [
        ("check-config", "-c", "{folder}/none"),
        ("check-config", "-c", "{folder}"),
        ("seed", "{folder}/none", "-t", "a", "--admin-url", NOWHERE),
        ("explain", "{folder}/none"),
        ("explain", "{folder}"),
        ("conform", "--dialect", "resurs", "--url", NOWHERE, "--known", "{folder}/none"),
        ("conform", "--dialect", "resurs", "--url", NOWHERE, "--credentials", "password=@{folder}/none"),
        ("conform", "--dialect", "resurs", "--url", NOWHERE, "--credentials", "password=@{folder}/empty"),
        ("evidence", "--report", "{folder}/none"),
        ("gaps", "-t", "a", "--admin-url", NOWHERE, "--admin-token-file", "{folder}/none"),
        ("gaps", "-t", "a", "--admin-url", NOWHERE, "--admin-token-file", "{folder}/empty"),
        ("serve", "-c", "{folder}/bad"),
        ("migrate", "-c", "{folder}/bad"),
        ("health", "-c", "{folder}/bad"),
        ("series", "list", "-c", "{folder}/bad"),
        ("ledger", "verify", "-c", "{folder}/bad"),
        ("tenant", "list", "-c", "{folder}/bad"),
        ("env", "resurs", "-c", "{folder}/bad"),
        ("migrate", "--store", "mysql://h/db"),
        ("series", "list", "--store", "mysql://h/db"),
    ],
)
def test_a_mistake_of_the_caller_is_exit_code_2(tmp_path: Path, cli: Cli, words: tuple[str, ...]) -> None:
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "bad").write_bytes(b"prot: 1\n")
    done = cli(*(word.format(folder=tmp_path) for word in words))
    assert done.code == 2, done
    assert "Traceback" not in done.err


TWO_LINES: Final = b"first-secret\nsecond-secret\n"


def test_a_token_that_cannot_be_sent_is_not_shown(tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").write_bytes(TWO_LINES)
    words = ("gaps", "-t", "a", "--admin-url", "http://user:url-secret@127.0.0.1:1")
    by_file = cli(*words, "--admin-token-file", tmp_path / "token")
    monkeypatch.setenv("INVOICE_GATEWAY_ADMIN_TOKEN", TWO_LINES.decode())
    by_environment = cli(*words)
    assert (by_file.code, by_environment.code) == (2, 1)
    assert "secret" not in by_file.err + by_environment.err


HEAD: Final = b'{"format": "invoice-gateway tenant", "version": 1, '


@pytest.mark.parametrize(
    "data",
    [
        *CONTENTS.values(),
        b'{"format": {"a": NaN}}\n',
        HEAD + b'"tenant": 5, "revision": "x", "store": "x", "at": "x", "last_ids": {}}\n',
        HEAD + b'"tenant": "a", "revision": [], "store": "x", "at": "x", "last_ids": {}}\n',
        HEAD + b'"tenant": "a", "revision": "x", "store": "x", "at": "x", "last_ids": {"series": "x"}}\n',
        HEAD + b'"tenant": "a", "revision": "x", "store": "x", "at": "x", "last_ids": [1]}\n',
        HEAD + b'"tenant": ' + b"9" * 6000 + b"}\n",
    ],
)
def test_a_file_that_is_no_export_is_refused(tmp_path: Path, cli: Cli, data: bytes) -> None:
    (tmp_path / "file").write_bytes(data)
    (tmp_path / "c.yaml").write_text(f"store: sqlite:///{tmp_path}/x.db\n", encoding="utf-8")
    done = cli("tenant", "import", tmp_path / "file", "--store", "default", "-c", tmp_path / "c.yaml")
    assert done.code == 1  # as for everything that cannot be imported
    assert "problem: " in done.out
    assert (done.out + done.err).replace("\n", "").isprintable()
