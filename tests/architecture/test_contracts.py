"""Each import contract holds, and each one notices when it is broken."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("gateway", "adapters", "schemas")
CONTRACTS = [
    contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
]

BREACHES = [
    ("Rooms of the canonical half", "gateway/wire/xml.py", "import gateway.spi.adapter"),
    ("Rooms of the canonical half", "gateway/web/app.py", "import gateway.admin.app"),
    ("The core and the schemas import nothing of ours", "gateway/core/values.py", "import gateway.wire.xml"),
    ("The core is pure Python", "gateway/core/values.py", "import pydantic"),
    ("The canonical half knows no vendor", "gateway/web/app.py", "import adapters.resurs"),
    ("A dialect sees neither stores", "adapters/resurs/mapping.py", "import gateway.stores"),
    ("A dialect sees neither stores", "adapters/qqsolutions/mapping.py", "import gateway.core.rules"),
    ("Dialects are independent", "adapters/resurs/mapping.py", "import adapters.qqsolutions.mapping"),
    ("XML libraries only", "adapters/invoicexpress/mapping.py", "import lxml.etree"),
    ("XML libraries only", "gateway/spi/adapter.py", "import xmltodict"),
]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tree")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_every_contract_holds(copy: Path) -> None:
    done = lint(copy)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(CONTRACTS)} kept, 0 broken" in done.stdout


@pytest.mark.parametrize(("contract", "file", "line"), BREACHES)
def test_every_contract_notices_a_breach(copy: Path, contract: str, file: str, line: str) -> None:
    path = copy / file
    original = path.read_text(encoding="utf-8")
    path.write_text(f"{original}\n{line}\n", encoding="utf-8")
    try:
        done = lint(copy)
    finally:
        path.write_text(original, encoding="utf-8")
    assert done.returncode == 1, done.stdout + done.stderr
    assert any(name.startswith(contract) and f"{name} BROKEN" in done.stdout for name in CONTRACTS), done.stdout


def test_every_contract_has_a_breach() -> None:
    assert all(any(name.startswith(breach[0]) for breach in BREACHES) for name in CONTRACTS)
