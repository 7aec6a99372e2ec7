"""A user's project: its own packages are called `gateway`, `adapters` and `schemas`, and it brings two dialects.

The dialect `shop` is as the scaffold writes it, and uses the project's own packages, too. The dialect `old` imports from us by
the names of version 0.1.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from gateway.scaffold import write_dialect

OWN = ("gateway", "adapters", "schemas")
_FIRST_LINES = (
    "import adapters, gateway\nfrom schemas import Invoice\n\nassert adapters.MINE and gateway.MINE and Invoice.MINE\n"
)
_SUITE = """
import sys
import urllib.request

import adapters
import gateway
from invoice_gateway.testing.adapter_suite import AdapterSuite
from invoice_gateway_testing import start_server
from schemas import Invoice


class TestShop(AdapterSuite):
    dialect = "shop"


class TestOld(AdapterSuite):
    dialect = "old"


def test_the_projects_own_packages():
    assert adapters.MINE and gateway.MINE and Invoice.MINE
    assert "invoice_gateway" not in gateway.__file__


def peek(tenant, dialect):
    access = getattr(tenant, dialect)
    request = urllib.request.Request(access.url, headers={"X-Api-Key": access.credentials["api_key"]})
    return urllib.request.urlopen(request, timeout=60).read()


def test_the_plug_in(invoice_tenant):
    invoice_tenant.set_next(445)
    assert peek(invoice_tenant, "shop") == peek(invoice_tenant, "old") == b'{"next":445}'


def test_a_server_of_ones_own():
    with start_server(settings={"shop": {"allow_lower": True}}) as server, server.tenant() as tenant:
        assert peek(tenant, "shop") == b'{"next":null}'
"""


def write_project(folder: Path) -> Path:
    """Write it. Returns its folder."""
    project, old = folder / "shop-dialect", folder / "old-dialect"
    write_dialect("shop", folder)
    write_dialect("old", folder)
    package = shutil.move(old / "old_dialect", project / "old_dialect")
    for path in Path(package).rglob("*.py"):
        text = path.read_text(encoding="utf-8").replace("from invoice_gateway.", "from gateway.")
        path.write_text(text, encoding="utf-8")
    shutil.copy(old / "README.md", project / "old_dialect" / "README.md")
    for name in OWN:
        (project / name).mkdir()
        text = "class Invoice:\n    MINE = 'a class'\n\nMINE = 'a package'\n"
        (project / name / "__init__.py").write_text(text, encoding="utf-8")
    start = project / "shop_dialect" / "__init__.py"
    head, line, rest = start.read_text(encoding="utf-8").partition("from shop_dialect")
    start.write_text(head + _FIRST_LINES + line + rest, encoding="utf-8")
    metadata = project / "pyproject.toml"
    text = metadata.read_text(encoding="utf-8")
    text = text.replace('packages = ["shop_dialect"]', f"packages = {['shop_dialect', 'old_dialect', *OWN]}")
    text = text.replace('shop = "shop_dialect:adapter"', 'shop = "shop_dialect:adapter"\nold = "old_dialect:adapter"')
    metadata.write_text(text, encoding="utf-8")
    (project / "tests" / "test_dialect.py").unlink()
    (project / "tests" / "test_project.py").write_text(_SUITE, encoding="utf-8")
    return project
