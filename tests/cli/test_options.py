"""Options that all commands have in common."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.cli import offline
from gateway.config.loading import load_config
from gateway.config.schema import config_schema
from gateway.version import product_version
from tests.cli.conftest import Cli
from tests.conftest import EXAMPLE


def test_version_as_an_option(cli: Cli) -> None:
    assert cli("--version") == (0, f"invoice-gateway {product_version()}\n", "")


def test_the_schema_of_the_configuration(cli: Cli) -> None:
    done = cli("config", "schema")
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out) == config_schema()
    assert EXAMPLE.read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=config.schema.json\n")


def test_a_configuration_in_an_earlier_form_is_fine_with_a_warning(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text("dialects:\n  invoicexpress:\n    settings: {host_suffixes: [.a.example]}\n", encoding="utf-8")
    done = cli("check-config", "-c", file)
    assert (done.code, done.out.startswith(f"{file}: fine.")) == (0, True)
    key = "dialects.invoicexpress.settings.host_suffixes"
    text = f"line 3: {key}: has become dialects.invoicexpress.hosts; it still counts here"
    assert done.err == f"{file}: warning: {text}\n"


@pytest.mark.parametrize(
    ("words", "environment", "asked"),
    [
        ((), {}, "http://127.0.0.1:7171"),
        (("--admin-url", "http://a:1"), {}, "http://a:1"),
        (("--url", "http://a:1/"), {}, "http://a:1/"),
        ((), {"INVOICE_GATEWAY_ADMIN_URL": "http://b:2"}, "http://b:2"),
        (("--admin-url", "http://a:1"), {"INVOICE_GATEWAY_ADMIN_URL": "http://b:2"}, "http://a:1"),
        ((), {"INVOICE_GATEWAY_ADMIN_HOST": "::1"}, "http://[::1]:7171"),
    ],
)
def test_health_asks_at_the_address_of_all_commands(
    cli: Cli,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    words: tuple[str, ...],
    environment: dict[str, str],
    asked: str,
) -> None:
    (tmp_path / "c.yaml").write_text("admin_port: 7171\n", encoding="utf-8")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    seen = []

    async def ask(url: str) -> tuple[bool, str]:
        seen.append(url)
        return True, "ready"

    monkeypatch.setattr(offline, "ask_health", ask)
    assert cli("health", "-c", tmp_path / "c.yaml", *words).code == 0
    assert seen == [asked]


def test_health_at_an_address_needs_no_configuration(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("prot: 1\n", encoding="utf-8")
    done = cli("health", "-c", tmp_path / "c.yaml", "--admin-url", "http://u:a-secret@127.0.0.1:1")
    assert done.code == 1
    assert done.out.startswith("http://127.0.0.1:1: no answer")


@pytest.mark.parametrize(
    ("host", "address"),
    [("0.0.0.0", "127.0.0.1"), ("::", "[::1]"), ("10.0.0.5", "10.0.0.5"), ("localhost", "localhost"), ("::1", "[::1]")],
)
def test_a_gateway_is_asked_where_it_listens(tmp_path: Path, host: str, address: str) -> None:
    (tmp_path / "c.yaml").write_text(f"admin_host: '{host}'\nadmin_token: x\n", encoding="utf-8")
    assert offline.admin_address(load_config(tmp_path / "c.yaml")[0]) == f"http://{address}:7071"


def test_affixes_of_a_series_are_shown(cli: Cli, tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path}/n.db"
    series = "series: [{key: main, prefix: 'A-', suffix: /26}, {key: other}]"
    (tmp_path / "c.yaml").write_text(f"store: {store}\ntenants:\n- id: a\n  {series}\n", encoding="utf-8")
    assert cli("series", "set", "main", 5, "-c", tmp_path / "c.yaml").code == 0
    shown = cli("series", "list", "-c", tmp_path / "c.yaml").out
    assert "name 'main'  prefix 'A-'  suffix '/26' (default)" in shown
    assert "name 'other'\n" in shown
