"""The content of the wheel, for a user who has no source tree."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from gateway.spi.registry import installed_adapters
from tests.processes import clean_environment

ROOT = Path(__file__).parents[2]
OWN = sorted(installed_adapters())


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built and unpacked."""
    folder = tmp_path_factory.mktemp("wheel")
    words = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(words, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_everything_is_in_it_and_no_tests(site: Path) -> None:
    for name in OWN:
        assert (site / "adapters" / name / "cases" / "profile.toml").is_file()
        assert (site / "adapters" / name / "README.md").is_file()
    assert (site / "invoice_gateway_testing" / "pytest_plugin.py").is_file()
    assert (site / "gateway" / "scaffold" / "dialect" / "package" / "routes.py.txt").is_file()
    assert (site / "gateway" / "py.typed").is_file()
    for path in (ROOT / "gateway" / "stores" / "migrations").rglob("*.sql"):
        assert (site / path.relative_to(ROOT)).read_bytes() == path.read_bytes()
    tops = {path.name for path in site.iterdir() if not path.name.endswith(".dist-info")}
    assert tops == {"gateway", "adapters", "schemas", "invoice_gateway_testing"}


def test_cases_are_found_where_there_is_no_source_tree(site: Path, tmp_path: Path) -> None:
    code = (
        "import gateway, json; from gateway.conformance.evidence import evidence; "
        f"print(json.dumps([gateway.__file__, [row.facts() for row in evidence({OWN})]]))"
    )
    environment = clean_environment(PYTHONPATH=str(site), PYTHONDONTWRITEBYTECODE="1")
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    where, rows = json.loads(done.stdout)
    assert Path(where).is_relative_to(site)
    for name in OWN:
        assert sum(sum(row["cases"].values()) for row in rows if row["dialect"] == name) > 50


def test_pytest_finds_the_plug_in_by_itself(site: Path, tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "def test_it(invoice_tenant):\n    assert invoice_tenant.resurs.url\n", encoding="utf-8"
    )
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    for other in ("asyncio", "aiohttp", "hypothesispytest", "schemathesis", "anyio", "timeout"):
        words += ["-p", f"no:{other}"]
    environment = clean_environment(PYTHONPATH=str(site), PYTHONDONTWRITEBYTECODE="1")
    done = subprocess.run(
        words, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
