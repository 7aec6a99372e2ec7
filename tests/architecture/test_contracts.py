"""Each import contract holds, and each one fails when it is broken."""

from __future__ import annotations

import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

import grimp
import pytest
from importlinter.api import read_configuration
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.independence import IndependenceContract
from importlinter.contracts.layers import LayersContract

ROOT: Final = Path(__file__).parents[2]
CONFIGURATION: Final[dict[str, Any]] = read_configuration(str(ROOT / "pyproject.toml"))
CONTRACTS: Final = [contract["name"] for contract in CONFIGURATION["contracts_options"]]
CLASSES: Final[dict[str, Any]] = {
    "layers": LayersContract,
    "forbidden": ForbiddenContract,
    "independence": IndependenceContract,
}

ROOMS: Final = "Rooms of the canonical half"
STORES: Final = "Rooms of the stores"
ENGINE: Final = "What both databases share imports no driver"
INNERMOST: Final = "The core and the schemas import nothing of ours"
PURE: Final = "The core is pure Python"
CANONICAL: Final = "The canonical half knows no vendor"
PRODUCT: Final = "The product knows nothing of its documentation"
PAGES: Final = "The documentation finds dialects"
DIALECTS: Final = "A dialect sees neither stores"
INDEPENDENT: Final = "Dialects are independent"
XML: Final = "XML libraries only"
PRINTING: Final = "Printing knows words and places"
PDF: Final = "PDF libraries only"

BREACHES: Final = [
    (ROOMS, "gateway.wire.xml", "gateway.spi.adapter"),
    (ROOMS, "gateway.web.app", "gateway.admin.app"),
    (ROOMS, "gateway.config.model", "gateway.journal.models"),
    (ROOMS, "gateway.new_room", ""),
    (STORES, "gateway.stores.sqlite.store", "gateway.stores.postgres.store"),
    (STORES, "gateway.stores.postgres.store", "gateway.stores.sqlite.store"),
    (STORES, "gateway.stores.engine.staging", "gateway.stores.placement"),
    (STORES, "gateway.stores.new_room", ""),
    (ENGINE, "gateway.stores.engine.group_commit", "sqlite3"),
    (ENGINE, "gateway.stores.engine.group_commit", "asyncpg"),
    (INNERMOST, "gateway.core.values", "gateway.wire.xml"),
    (INNERMOST, "schemas.resurs.messages", "gateway.spi.adapter"),
    (PURE, "gateway.core.values", "pydantic"),
    (CANONICAL, "gateway.web.app", "adapters.resurs"),
    (CANONICAL, "gateway.conformance.runner", "schemas.resurs.messages"),
    (PRODUCT, "gateway.admin.docs_page", "docs.generate.markdown"),
    (PAGES, "docs.generate.dialects", "adapters.resurs"),
    (DIALECTS, "adapters.resurs.mapping", "gateway.stores"),
    (DIALECTS, "adapters.qqsolutions.mapping", "gateway.core.rules"),
    (DIALECTS, "adapters.twentyfoursevenoffice.orders.plan", "gateway.config.model"),
    (INDEPENDENT, "adapters.resurs.mapping", "adapters.qqsolutions.mapping"),
    (INDEPENDENT, "adapters.invoicexpress.documents.mapping", "adapters.twentyfoursevenoffice.orders.plan"),
    (XML, "adapters.invoicexpress.mapping", "lxml"),
    (XML, "adapters.invoicexpress.documents.forms", "lxml"),
    (XML, "gateway.spi.adapter", "xmltodict"),
    (ROOMS, "gateway.printing.document", "gateway.spi.adapter"),
    (PRINTING, "gateway.printing.pdf", "aiohttp"),
    (PDF, "adapters.twentyfoursevenoffice.mapping.pdf", "reportlab"),
]
"""Contract, the module that breaks it, and the import that breaks it; "": the module is new, and no layer names it."""

ALLOWED: Final = [
    (XML, "adapters.resurs.codec", "lxml"),
    (XML, "adapters.invoicexpress.documents.codec", "lxml"),
    (XML, "gateway.wire.xml", "xmltodict"),
    (INDEPENDENT, "adapters.resurs.mapping", "schemas.resurs.messages"),
    (PDF, "gateway.printing.pdf", "reportlab"),
    (DIALECTS, "adapters.resurs.mapping", "gateway.printing.pdf"),
]
"""Imports that the contract of that name must allow."""


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    """All imports of the tree. Building it takes seconds, so each test changes a copy."""
    return grimp.build_graph(
        *CONFIGURATION["session_options"]["root_packages"], include_external_packages=True, cache_dir=None
    )


def broken(graph: grimp.ImportGraph, importer: str, imported: str) -> list[str]:
    """The names of the contracts that break when one module begins to import another."""
    changed = deepcopy(graph)
    if imported:
        changed.add_import(importer=importer, imported=imported)
    else:
        changed.add_module(importer)
    return [
        options["name"]
        for options in CONFIGURATION["contracts_options"]
        # A check removes imports from the graph that it is given.
        if not CLASSES[options["type"]](options["name"], CONFIGURATION["session_options"], options)
        .check(deepcopy(changed), verbose=False)
        .kept
    ]


def test_every_contract_holds() -> None:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(CONTRACTS)} kept, 0 broken" in done.stdout


@pytest.mark.parametrize(("contract", "importer", "imported"), BREACHES)
def test_every_contract_notices_a_breach(graph: grimp.ImportGraph, contract: str, importer: str, imported: str) -> None:
    assert bool(imported) == (importer in graph.modules)
    assert any(name.startswith(contract) for name in broken(graph, importer, imported))


@pytest.mark.parametrize(("contract", "importer", "imported"), ALLOWED)
def test_what_is_allowed_breaks_nothing(graph: grimp.ImportGraph, contract: str, importer: str, imported: str) -> None:
    assert importer in graph.modules
    assert not any(name.startswith(contract) for name in broken(graph, importer, imported))


def test_every_contract_has_a_breach() -> None:
    assert all(any(name.startswith(breach[0]) for breach in BREACHES) for name in CONTRACTS)
