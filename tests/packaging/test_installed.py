"""The wheels in a user's environment. The user's project has packages that are called as those of our checkout (ADR-68).

Its dialects are served, its tests run, and its packages stay its own.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.packaging.conftest import Wheels
from tests.packaging.installed import Environment, build, install
from tests.packaging.projects import OWN, write_project
from tests.processes import serving

CONFIG = """
tenants:
  - id: demo
    series: [{key: main, default: true}]
    resurs: {accounts: [{username: demo-se, password: demo-secret, country: SE, series: main}]}
    shop: {api_key: demo-key, series: main}
    old: {api_key: old-key, series: main}
"""
SOAP = (
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:con="http://ecommerce.resurs.com/v4/msg/configuration"><soapenv:Header/><soapenv:Body>'
    "<con:setInvoiceSequence><nextInvoiceNumber>445</nextInvoiceNumber></con:setInvoiceSequence>"
    "</soapenv:Body></soapenv:Envelope>"
)
LOGIN = {"Authorization": "Basic ZGVtby1zZTpkZW1vLXNlY3JldA==", "Content-Type": "text/xml", "SOAPAction": '""'}
LOADED = (
    "import sys, invoice_gateway_testing\n"
    "print(invoice_gateway_testing.__file__)\n"
    "assert invoice_gateway_testing.start_server\n"
    "assert not {name for name in sys.modules if name.partition('.')[0] in ('invoice_gateway', 'pytest')}\n"
)
USE = (
    "from invoice_gateway_testing import Tenant\n\n"
    "def test_it(invoice_tenant):\n    assert isinstance(invoice_tenant, Tenant)\n    assert invoice_tenant.resurs.url\n"
)
PLUG_IN = "invoice_gateway_testing.pytest_plugin"
WORKER = """
import json
from invoice_gateway.server.supervisor.workers import PROGRAM
print(json.dumps(PROGRAM))
"""


@dataclass(frozen=True)
class Installed:
    """Our wheel and a project in one environment. folder: the project's source."""

    environment: Environment
    folder: Path

    def own_files(self, folder: Path) -> list[Path]:
        """Where Python finds the project's packages, from a working directory."""
        code = f"import {', '.join(OWN)}\nprint(*[module.__file__ for module in ({', '.join(OWN)})])"
        done = self.environment.run(self.environment.python, "-c", code, folder=folder)
        return [Path(file).parent for file in done.stdout.split()]


@pytest.fixture(scope="module")
def installed(wheels: Wheels, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("project")
    project = write_project(folder)
    return Installed(install(folder / "venv", wheels.server, build(project, folder)), project)


@pytest.fixture
def editable(installed: Installed, tmp_path: Path) -> Iterator[Installed]:
    """The same with the project as an editable install, for the time of a test."""
    environment = installed.environment
    kept = tmp_path / "kept"
    for name in (*OWN, "shop_dialect", "old_dialect"):
        shutil.move(environment.site / name, kept / name)
    link = environment.site / "project.pth"
    link.write_text(str(installed.folder), encoding="utf-8")
    yield installed
    link.unlink()
    for path in kept.iterdir():
        shutil.move(path, environment.site)


def passed(text: str) -> int:
    found = re.search(r"(\d+) passed", text)
    return int(found[1]) if found else 0


def test_the_projects_own_tests_run(installed: Installed, tmp_path: Path) -> None:
    done = installed.environment.pytest(str(installed.folder / "tests"), "-k", "not TestOld or golden", folder=tmp_path)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    assert passed(done.stdout) > 90
    assert "skipped" not in done.stdout
    assert installed.own_files(tmp_path) == [installed.environment.site / name for name in OWN]


def test_they_run_with_the_project_as_an_editable_install(editable: Installed, tmp_path: Path) -> None:
    done = editable.environment.pytest(
        str(editable.folder / "tests"), "-k", "golden or plug_in or packages", folder=tmp_path
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    assert passed(done.stdout) > 15
    assert editable.own_files(tmp_path) == [editable.folder / name for name in OWN]


def test_its_dialects_are_served_beside_ours(installed: Installed, tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG, encoding="utf-8")
    store = f"--store=sqlite:///{tmp_path}/numbers.db"
    program = [
        installed.environment.python,
        "-m",
        "invoice_gateway",
    ]  # which has the working directory first on its path
    with serving(installed.folder, config, [store], program) as running:
        url = f"{running.data_url}/ecommerce-test/ws/V4/ConfigurationService"
        request = urllib.request.Request(url, SOAP.encode(), LOGIN)
        assert b"setInvoiceSequenceResponse" in urllib.request.urlopen(request, timeout=60).read()
        for dialect, key in (("shop", "demo-key"), ("old", "old-key")):
            url = f"{running.data_url}/{dialect}/next-number"
            request = urllib.request.Request(url, headers={"X-Api-Key": key})
            assert urllib.request.urlopen(request, timeout=60).read() == b'{"next":445}'
        assert running.stop() == 0


def test_what_is_shipped_is_found_where_there_is_no_source(installed: Installed, tmp_path: Path) -> None:
    done = installed.environment.run(
        installed.environment.gateway, "evidence", "--dialect", "resurs", "--json", folder=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert sum(sum(row["cases"].values()) for row in json.loads(done.stdout)) > 50


def test_a_worker_imports_what_its_supervisor_imports(installed: Installed, tmp_path: Path) -> None:
    """A module of the working directory does not stand in for a library."""
    (tmp_path / "typer.py").write_text("raise AssertionError('this is no library')\n", encoding="utf-8")
    script = tmp_path / "bin" / "supervisor.py"
    script.parent.mkdir()
    script.write_text(WORKER, encoding="utf-8")
    asked = installed.environment.run(installed.environment.python, str(script), folder=tmp_path)
    words = json.loads(asked.stdout)
    assert words[-2:] == ["-m", "invoice_gateway"]
    done = installed.environment.run(*words, "--help", folder=tmp_path)
    assert (done.returncode, "no library" in done.stderr) == (0, False), done.stderr


def test_the_names_of_a_checkout_are_free(wheels: Wheels, installed: Installed, tmp_path: Path) -> None:
    """A module that nobody has is missing, also after ours have been imported."""
    code = (
        "import invoice_gateway.spi.adapter, sys\n"
        "sys.path = [entry for entry in sys.path if 'invoice_gateway' in entry or not entry.endswith('site-packages')]\n"
        "for name in ('adapters', 'schemas', 'gateway.admin', 'gateway.no_such_module'):\n"
        "    try:\n"
        "        __import__(name)\n"
        "    except ModuleNotFoundError:\n"
        "        continue\n"
        "    raise SystemExit(name)\n"
        "import gateway.spi.adapter\n"
        "assert gateway.spi.adapter is invoice_gateway.spi.adapter\n"
    )
    done = installed.environment.run(installed.environment.python, "-c", code, folder=tmp_path)
    assert done.returncode == 0, done.stderr


def test_the_client_alone_needs_the_standard_library_alone(wheels: Wheels, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheels.client) as archive:
        archive.extractall(tmp_path)
    code = f"import sys\nsys.path.append({str(tmp_path)!r})\n{LOADED}"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.startswith(str(tmp_path))) == (0, True), done.stderr


def test_both_wheels_in_one_environment(wheels: Wheels, installed: Installed, tmp_path: Path) -> None:
    """pytest finds the plug-in twice, and a conftest names it, too: it is one plug-in."""
    (tmp_path / "test_it.py").write_text(USE, encoding="utf-8")
    (tmp_path / "conftest.py").write_text(f"pytest_plugins = [{PLUG_IN!r}]\n", encoding="utf-8")
    both = installed.environment
    inner = both.site / "invoice_gateway" / "testing" / "client" / "__init__.py"
    assert both.run(both.python, "-c", LOADED, folder=tmp_path).stdout.strip() == str(inner)
    both.pip("install", "--no-deps", "--no-index", str(wheels.client))
    package = both.site / "invoice_gateway_testing" / "__init__.py"
    assert both.run(both.python, "-c", LOADED, folder=tmp_path).stdout.strip() == str(package)
    done = both.pytest("-p", PLUG_IN, folder=tmp_path)
    assert (done.returncode, "1 passed" in done.stdout) == (0, True), done.stdout + done.stderr
    both.pip("uninstall", "--yes", "invoice-gateway-testing")
    assert both.run(both.python, "-c", LOADED, folder=tmp_path).stdout.strip() == str(inner)
