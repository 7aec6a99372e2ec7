"""What a command prints of a request, a journal, a file or a server cannot steer the terminal."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from gateway.cli import common
from gateway.cli.explanation import read_request
from gateway.cli.remote import table
from gateway.spi.foreign_text import printable, printable_json, printable_line
from tests.cli.conftest import Cli

CLI = Path(common.__file__).parent
STEERING = "\x1b]0;title\x07\x9b31m\x08\u202e\u2028\x7f\x00"
STARTING = "[red]x[/red][/nonsense]"


def test_text_is_escaped_and_stays_readable() -> None:
    assert printable(f"a\tb\r\n{STEERING}é漢😀") == (
        "a\tb\n\\x1b]0;title\\x07\\x9b31m\\x08\\u202e\\u2028\\x7f\\x00é漢😀"
    )
    assert printable_line("a\tb\r\nc\n") == "a\\tb\\nc\\n"
    assert printable("x" * 9, 5) == "xxxxx…"


def test_json_is_escaped_and_stays_the_same_value() -> None:
    value = {STEERING: [STEERING, "é漢😀", 1, None]}
    text = printable_json(value)
    assert json.loads(text) == value
    assert text.replace("\n", "").isprintable()


def test_a_table_shows_what_it_is_given(capsys: pytest.CaptureFixture[str]) -> None:
    table(["path", "b"], [[STARTING, STEERING], [None, 1]])
    shown = capsys.readouterr().out
    assert STARTING in shown
    assert shown.replace("\n", "").isprintable()


def test_explain_writes_no_raw_control_characters(tmp_path: Path, cli: Cli) -> None:
    body = f"<a>{STEERING}</a>".encode()
    requests = [
        b"POST /ecommerce-test/ws/V4/ConfigurationService HTTP/1.1\r\nX-\x1b[31m: \x9b31m\r\n\r\n" + body,
        f"GET /sequences.xml?api_key={STEERING.replace(chr(0x2028), '')}&x=1 HTTP/1.1\r\nHost: a\r\n\r\n".encode(),
        b"GET /\x1b[31m HTTP/1.1\r\n\r\n",
        b"\x1b[31m",
        b"GET / HTTP/1.1\r\n\x1b[31m\r\n\r\n",
    ]
    for number, request in enumerate(requests):
        (tmp_path / "r").write_bytes(request)
        done = cli("explain", tmp_path / "r", *(["--json"] if number == 1 else []))
        assert done.code in (0, 2), (number, done)
        assert (done.out + done.err).replace("\n", "").replace("\t", "").isprintable(), number


def test_explain_reads_what_windows_programs_write() -> None:
    request = "GET /sequences.xml?api_key=demo-key HTTP/1.1\nHost: demo.app.invoicexpress.com\n\n"
    assert read_request(("\ufeff" + request.replace("\n", "\r\n")).encode()) == read_request(request.encode())


def test_explain_takes_any_length_that_a_header_claims() -> None:
    assert read_request(b"POST /x HTTP/1.1\nContent-Length: " + b"9" * 6000 + b"\n\nabc").body == b"abc"


def test_raw_messages_are_exact_in_a_file_and_escaped_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    common.show_raw(STEERING)
    assert capsys.readouterr().out == STEERING
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    common.show_raw(STEERING)
    assert capsys.readouterr().out.isprintable()


def test_an_answer_of_a_server_is_escaped(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    entry: dict[str, Any] = {
        **dict.fromkeys(("id", "tenant", "dialect", "outcome", "number", "replay_of", "near_miss"), STEERING),
        "at": STEERING,
        "operation": "",
        "request": {"path": f"/{STEERING}{STARTING}"},
        "reply": {"status": None, "broken": STEERING},
        "findings": [STEERING],
        "faults": [],
        "duration_ms": 1.0,
    }
    page = {"entries": [entry], "completeness": {"complete": True}, "items": [], "lines": []}
    monkeypatch.setattr("gateway.testing.client.Admin.get", lambda *_: page)
    for style in ((), ("--json",)):
        done = cli("requests", *style)
        assert done.code == 0
        assert (done.out + done.err).replace("\n", "").isprintable()


def test_an_error_of_a_server_is_escaped(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    from gateway.testing.client import AdminError

    def refuse(*_: object) -> None:
        raise AdminError(400, {"type": "x:y", "detail": STEERING})

    monkeypatch.setattr("gateway.testing.client.Admin.get", refuse)
    done = cli("requests")
    assert done.code == 1
    assert done.err.replace("\n", "").isprintable()


def test_every_command_prints_through_what_escapes() -> None:
    """`typer.echo`, `print` and rich's console are used in `common` and `remote.table` alone."""
    found = []
    for path in CLI.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func)
                if name in {"typer.echo", "print", "typer.secho", "Console", "rich.print", "sys.stdout.write"}:
                    found.append((path.stem, name))
    assert set(found) == {("common", "typer.echo"), ("remote", "Console")}
