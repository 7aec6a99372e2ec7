"""The command line as scripts rely on it: one ready line, exit codes, data and messages kept apart, no tracebacks."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import aiohttp
import pytest

from gateway.spi.registry import installed_adapters
from tests.processes import EXAMPLE, run, serving


def write(folder: Path, text: str) -> Path:
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


OFF = "".join(f"  {name}: {{enabled: false}}\n" for name in sorted(installed_adapters()))
MINIMAL = f"dialects:\n{OFF}tenants:\n  - id: demo\n    series: [{{key: main}}]\n"


def test_check_config_accepts_the_example(tmp_path: Path) -> None:
    done = run("check-config", "--config", str(EXAMPLE), folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "fine" in done.stdout


def test_a_bad_configuration_is_exit_code_2_with_file_key_and_line(tmp_path: Path) -> None:
    path = write(tmp_path, "port: 7070\nlimits:\n  max_bdy_bytes: 3\n")
    done = run("serve", "--config", str(path), folder=tmp_path)
    assert done.returncode == 2
    assert str(path) in done.stderr
    assert "line 3: limits.max_bdy_bytes: unknown key (did you mean max_body_bytes?); allowed:" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_an_unknown_option_is_exit_code_2(tmp_path: Path) -> None:
    assert run("serve", "--prot", "1", folder=tmp_path).returncode == 2


def test_a_busy_port_is_exit_code_3(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = str(busy.getsockname()[1])
        config = str(write(tmp_path, MINIMAL))
        done = run("serve", "--config", config, "--port", port, "--admin-port", "0", folder=tmp_path)
    assert done.returncode == 3
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("store", ["sqlite:////proc/no/such.db", "sqlite:///not-a-database"])
def test_a_store_that_cannot_be_opened_is_exit_code_4(tmp_path: Path, store: str) -> None:
    (tmp_path / "not-a-database").write_bytes(b"this is text, not a database" * 100)
    config = str(write(tmp_path, MINIMAL))
    done = run("serve", "--config", config, "--port", "0", "--admin-port", "0", "--store", store, folder=tmp_path)
    assert done.returncode == 4, done.stderr
    assert "Traceback" not in done.stderr


def test_a_locked_store_is_exit_code_4_and_can_still_be_read(tmp_path: Path) -> None:
    config = write(tmp_path, MINIMAL)
    store = f"sqlite:///{tmp_path / 'gateway.db'}"
    with serving(tmp_path, config) as running:
        second = run(
            "serve", "--config", str(config), "--port", "0", "--admin-port", "0", "--store", store, folder=tmp_path
        )
        assert second.returncode == 4
        assert str(running.process.pid) in second.stderr
        listed = run("series", "list", "--config", str(config), "--store", store, "--json", folder=tmp_path)
        assert [series["key"] for series in json.loads(listed.stdout)] == ["main"]
        assert run("ledger", "verify", "--config", str(config), "--store", store, folder=tmp_path).returncode == 0
        assert running.stop() == 0


def test_series_and_ledger_commands(tmp_path: Path) -> None:
    config = write(tmp_path, MINIMAL + "store: sqlite:///numbers/n.db\n")
    words = ("--config", str(config))
    assert run("migrate", "--dry-run", *words, folder=tmp_path).stdout.startswith("pending ")
    assert run("migrate", *words, folder=tmp_path).stdout.startswith("applied ")
    assert run("migrate", *words, folder=tmp_path).stdout == ""
    assert json.loads(run("migrate", "--json", *words, folder=tmp_path).stdout) == {"applied": {"default": []}}
    assert run("series", "set", "main", "445", "--reason", "takeover", *words, folder=tmp_path).returncode == 0
    lower = run("series", "set", "main", "444", *words, folder=tmp_path)
    assert (lower.returncode, lower.stdout) == (1, "")
    refused = run("series", "set", "main", "444", "--json", *words, folder=tmp_path)
    assert (refused.returncode, json.loads(refused.stdout)["done"]) == (1, False)
    version = json.loads(run("version", "--json", folder=tmp_path).stdout)
    assert version["name"] == "invoice-gateway"
    shown = json.loads(run("series", "show", "main", "--json", *words, folder=tmp_path).stdout)
    assert shown[0]["counters"]["invoice"]["next"] == 445
    assert run("series", "show", "nothing", *words, folder=tmp_path).returncode == 1
    verified = json.loads(run("ledger", "verify", "--json", *words, folder=tmp_path).stdout)
    assert verified == {"entries": 2, "findings": []}
    entries = [json.loads(line) for line in run("ledger", "export", *words, folder=tmp_path).stdout.splitlines()]
    assert [(entry["operation"], entry["after"], entry["reason"]) for entry in entries] == [
        ("set", 445, "takeover"),
        ("create", None, ""),
    ]
    as_csv = run("ledger", "export", "--csv", *words, folder=tmp_path).stdout.splitlines()
    assert as_csv[0].startswith("series,line,kind,index,")
    assert len(as_csv) == 3


def test_settings_by_environment(tmp_path: Path) -> None:
    config = write(tmp_path, MINIMAL)
    with serving(tmp_path, config, INVOICE_GATEWAY_LOG__FORMAT="json") as running:
        assert running.stop() == 0
    lines = (tmp_path / "stderr.log").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["made a new store", "stopping", "stopped"]


async def test_health_and_admin_paths(tmp_path: Path) -> None:
    config = write(tmp_path, MINIMAL)
    with serving(tmp_path, config) as running:
        asked = run("health", "--config", str(config), "--url", running.admin_url, "--json", folder=tmp_path)
        assert json.loads(asked.stdout)["ready"] is True
        async with aiohttp.ClientSession() as session:
            for path, status in (("/livez", 200), ("/readyz", 200), ("/version", 200), ("/metrics", 200), ("/x", 404)):
                async with session.get(running.admin_url + path) as answer:
                    assert answer.status == status, path
        url = running.admin_url
        assert running.stop() == 0
    gone = run("health", "--config", str(config), "--url", url, folder=tmp_path)
    assert gone.returncode == 1


async def test_the_admin_token_guards_all_but_health(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("opensesame\n", encoding="utf-8")
    config = write(tmp_path, MINIMAL + "admin_token_file: token\n")
    with serving(tmp_path, config) as running:
        async with aiohttp.ClientSession() as session:
            for headers, path, status in (
                ({}, "/livez", 200),
                ({}, "/metrics", 401),
                ({"Authorization": "Bearer wrong"}, "/metrics", 401),
                ({"Authorization": "Bearer opensesame"}, "/metrics", 200),
            ):
                async with session.get(running.admin_url + path, headers=headers) as answer:
                    assert answer.status == status, (path, headers)
        assert running.stop() == 0
    assert "opensesame" not in (tmp_path / "stderr.log").read_text(encoding="utf-8")


@pytest.mark.parametrize("dialect", ["resurs", "qqsolutions", "invoicexpress"])
def test_env_prints_what_a_client_needs(tmp_path: Path, dialect: str) -> None:
    done = run("env", dialect, "--config", str(EXAMPLE), "--base-url", "http://h:1", "--json", folder=tmp_path)
    endpoints = json.loads(done.stdout)
    assert endpoints
    assert all(endpoint["url"].startswith("http://h:1/") for endpoint in endpoints)
    assert any(endpoint["credentials"] for endpoint in endpoints)
    assert any(endpoint["example"].startswith("curl ") for endpoint in endpoints)


def test_env_of_an_unknown_dialect_names_the_known_ones(tmp_path: Path) -> None:
    done = run("env", "resorce", "--config", str(EXAMPLE), folder=tmp_path)
    assert done.returncode == 2
    assert "enabled: " in done.stderr


def test_check_config_does_not_show_what_opens_the_store(tmp_path: Path) -> None:
    url = f"postgresql://user:very-secret@h1,h2/numbers?passfile={EXAMPLE}"
    config = write(tmp_path, MINIMAL + f"store: {url}\n")
    done = run("check-config", "--config", str(config), folder=tmp_path)
    shown = done.stdout + done.stderr
    assert "store: postgresql://h1,h2/numbers\n" in shown
    assert "very-secret" not in shown
