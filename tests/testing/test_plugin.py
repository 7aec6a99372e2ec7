"""The pytest plug-in in a user's own project."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.testing.client import ServerError, start_server
from tests.processes import Running, serving
from tests.testing.users import run_pytest, site_with_plugin

OWN = "MINE = 'a project may have a package of this name'\n"
PASSING = """
import sys
import gateway, adapters, schemas

def test_names(invoice_tenant):
    assert gateway.MINE and adapters.MINE and schemas.MINE
    heavy = {"aiohttp", "pydantic", "asyncpg", "lxml", "typer", "yaml"}
    assert not heavy & set(sys.modules)
    assert not [name for name in sys.modules if name.startswith("gateway.")]

def test_dialects(invoice_tenant):
    assert set(invoice_tenant.dialects) == {"resurs", "qqsolutions", "invoicexpress", "twentyfoursevenoffice"}
    for access in invoice_tenant.dialects.values():
        assert access.url.startswith("http://127.0.0.1:")
        assert access.credentials
    assert invoice_tenant.resurs.wsdl_url.endswith("?wsdl")
    assert invoice_tenant.invoicexpress.wsdl_url == ""

def test_one_server_for_all(invoice_gateway, invoice_tenant):
    seen.add((invoice_gateway.admin.url, invoice_tenant.id))

def test_but_tenants_of_ones_own(invoice_gateway, invoice_tenant):
    seen.add((invoice_gateway.admin.url, invoice_tenant.id))
    assert len({url for url, _ in seen}) == 1
    assert len({tenant for _, tenant in seen}) == 2

seen = set()
"""
FAILING = """
import urllib.request

def test_it(invoice_tenant):
    access = invoice_tenant.invoicexpress
    invoice_tenant.fault("reset_mid_body", operation="sequences.list")
    try:
        urllib.request.urlopen(f"{access.url}?api_key={access.credentials['api_key']}", timeout=60).read()
    except Exception:
        pass
    print("the key:", access.credentials["api_key"])
    assert invoice_tenant.next_number() == 7
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose packages have the same names as ours."""
    folder = tmp_path / "project"
    for name in ("gateway", "adapters", "schemas"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(OWN, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\npythonpath = .\n", encoding="utf-8")
    return folder


def write(project: Path, text: str) -> None:
    (project / "test_it.py").write_text(text, encoding="utf-8")


def test_a_project_with_packages_called_as_ours_are(project: Path, tmp_path: Path) -> None:
    write(project, PASSING)
    done = run_pytest(project, site_with_plugin(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 passed" in done.stdout


def test_a_failure_shows_what_the_gateway_saw(project: Path, tmp_path: Path) -> None:
    write(project, FAILING)
    done = run_pytest(project, site_with_plugin(tmp_path))
    assert done.returncode == 1
    _, _, section = done.stdout.partition("invoice-gateway: what t-")
    assert "invoicexpress sequences.list → " in section, done.stdout
    assert "faults " in section
    assert "GET /sequences.xml?api_key=[redacted] HTTP/1.1" in section
    key = done.stdout.partition("the key: ")[2].split()[0]
    assert key not in section.partition("Captured")[0]


STRANGER = """
import urllib.error, urllib.request

def test_it(invoice_gateway, invoice_tenant):
    try:
        urllib.request.urlopen(f"{invoice_tenant.invoicexpress.url}?api_key=wrong", timeout=60)
    except urllib.error.HTTPError:
        pass
    assert len(invoice_tenant.requests) == 0
    assert [entry.status for entry in invoice_gateway.requests.near_misses()] == [401]
    assert False
"""


def test_wrong_credentials_show_although_they_are_nobodys(project: Path, tmp_path: Path) -> None:
    write(project, STRANGER)
    done = run_pytest(project, site_with_plugin(tmp_path))
    assert "assert False" in done.stdout
    _, _, section = done.stdout.partition("by nobody who is known:")
    assert "invoicexpress" in section, done.stdout
    assert "→ 401" in section


def test_nothing_is_left_behind(project: Path, tmp_path: Path) -> None:
    here = tmp_path / "tmp"
    here.mkdir()
    write(project, PASSING)
    done = run_pytest(project, site_with_plugin(tmp_path), TMPDIR=str(here))
    assert done.returncode == 0, done.stdout
    assert [path.name for path in here.iterdir() if path.name.startswith("invoice-gateway")] == []
    assert processes_below(here) == []


def processes_below(folder: Path) -> list[str]:
    """Command lines of processes whose working directory is in a folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if Path(entry / "cwd").readlink().is_relative_to(folder):
                found.append((entry / "cmdline").read_text(encoding="utf-8"))
        except OSError:
            continue
    return found


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """A gateway that runs already, with a token."""
    config = tmp_path / "gateway.yaml"
    config.write_text("admin_token: somebody-elses-token\n", encoding="utf-8")
    with serving(tmp_path, config) as running:
        yield running


def test_a_gateway_that_runs_already_and_two_sessions_at_once(project: Path, tmp_path: Path, running: Running) -> None:
    write(project, PASSING)
    site = site_with_plugin(tmp_path)
    words = ["--invoice-gateway-admin-url", running.admin_url, "--invoice-gateway-command", "no-such-command"]
    by_option = [*words, "--invoice-gateway-token", "somebody-elses-token"]
    assert run_pytest(project, site, *by_option).returncode == 0
    by_environment = run_pytest(project, site, *words, INVOICE_GATEWAY_ADMIN_TOKEN="somebody-elses-token")
    assert by_environment.returncode == 0, by_environment.stdout
    assert running.process.poll() is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--invoice-gateway-token", "wrong"], "unauthorized"),
        ([], "unauthorized"),
    ],
)
def test_a_wrong_token_ends_the_session_at_once(
    project: Path, tmp_path: Path, running: Running, words: list[str], said: str
) -> None:
    write(project, PASSING)
    done = run_pytest(project, site_with_plugin(tmp_path), "--invoice-gateway-admin-url", running.admin_url, *words)
    assert done.returncode == 4
    assert said in done.stdout
    assert "somebody-elses-token" not in done.stdout


ELSEWHERE = """
import urllib.request

def test_it(invoice_tenant):
    access = invoice_tenant.invoicexpress
    assert access.url.startswith("http://localhost:")
    assert "http://localhost:" in access.services[0]["example"]
    assert urllib.request.urlopen(f"{access.url}?api_key={access.credentials['api_key']}", timeout=60).status == 200
"""


def test_dialects_that_are_reached_elsewhere(project: Path, tmp_path: Path, running: Running) -> None:
    write(project, ELSEWHERE)
    elsewhere = running.data_url.replace("127.0.0.1", "localhost")
    words = ["--invoice-gateway-admin-url", running.admin_url, "--invoice-gateway-token", "somebody-elses-token"]
    done = run_pytest(project, site_with_plugin(tmp_path), *words, "--invoice-gateway-url", elsewhere)
    assert done.returncode == 0, done.stdout
    alone = run_pytest(project, site_with_plugin(tmp_path), "--invoice-gateway-url", elsewhere)
    assert (alone.returncode, "needs --invoice-gateway-admin-url" in alone.stdout) == (4, True)


def test_nobody_answers(project: Path, tmp_path: Path, unused_tcp_port: int) -> None:
    write(project, PASSING)
    url = f"http://127.0.0.1:{unused_tcp_port}"
    done = run_pytest(project, site_with_plugin(tmp_path), "--invoice-gateway-admin-url", url)
    assert done.returncode == 4
    assert f"no gateway answers at {url}" in done.stdout


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("no-such-command-at-all", "cannot be started"),
        ("false", "did not start (exit code 1)"),
        ("echo hello", "did not start"),
    ],
)
def test_a_server_that_does_not_start(project: Path, tmp_path: Path, command: str, said: str) -> None:
    write(project, PASSING)
    done = run_pytest(project, site_with_plugin(tmp_path), "--invoice-gateway-command", command)
    assert done.returncode == 1
    assert said in done.stdout
    assert "During handling of the above exception" not in done.stdout


def test_a_bad_configuration_is_shown_in_the_gateways_words(project: Path, tmp_path: Path) -> None:
    write(project, PASSING)
    config = tmp_path / "bad.yaml"
    config.write_text("prot: 1\n", encoding="utf-8")
    done = run_pytest(project, site_with_plugin(tmp_path), "--invoice-gateway-config", str(config))
    assert done.returncode == 1
    assert "prot: unknown key" in done.stdout


def test_the_options_are_explained(project: Path, tmp_path: Path) -> None:
    done = run_pytest(project, site_with_plugin(tmp_path), "--help")
    assert "--invoice-gateway-url" in done.stdout


def test_where_no_test_needs_it_no_server_starts(project: Path, tmp_path: Path) -> None:
    write(project, "def test_nothing():\n    pass\n")
    done = run_pytest(project, site_with_plugin(tmp_path), "--invoice-gateway-command", "no-such-command")
    assert done.returncode == 0, done.stdout


def test_a_silent_server_is_waited_for_only_so_long(tmp_path: Path) -> None:
    """Without a limit the test would last as long as the server: longer than any test may."""
    script = tmp_path / "silent"
    script.write_text("#!/bin/sh\nexec sleep 900\n", encoding="utf-8")
    script.chmod(0o755)
    with pytest.raises(ServerError, match="did not start"), start_server(command=str(script), start_seconds=0.3):
        pass
