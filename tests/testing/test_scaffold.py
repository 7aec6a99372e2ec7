"""A fifth dialect, from outside the package: written by the scaffold, installed as a wheel, found by its entry point."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from gateway.scaffold import ScaffoldError, write_dialect
from tests.processes import clean_environment, run, serving

TOY = "toy"
SPOILT: Mapping[str, tuple[str, str, str, str]] = {
    "forgets_failure": ("errors.py", '    Failure.OVERLOADED: (429, "try_later"),\n', "", "every_failure_is_worded"),
    "swallows_refusal": (
        "routes.py",
        "return self._number(call, (await self._service.execute(command)).after)",
        "try:\n            await self._service.execute(command)\n        except Exception:\n            pass\n"
        "        return Reply(200, _JSON, b'{\"next\":445}')",
        "golden_case",
    ),
    "sets_before_asking": (
        "routes.py",
        "return self._number(call, (await self._service.execute(command)).after)",
        "from dataclasses import replace\n        from gateway.core.commands import ANYTHING\n"
        "        await self._service.execute(replace(command, policy=ANYTHING))\n"
        "        return self._number(call, (await self._service.execute(command)).after)",
        "golden_case",
    ),
    "claims_everything": ("routes.py", 'return path.startswith("/{name}/")', "return True", "not_everything"),
    "claims_nothing": ("routes.py", 'return path.startswith("/{name}/")', "return False", "not_everything"),
    "declares_no_line": ("routes.py", "kinds = frozenset({INVOICE})", "kinds = frozenset()", "golden_case"),
    "shows_series_of_others": ("mapping.py", 'INVOICE), "{name}")', "INVOICE))", "another_dialect"),
    "echoes_key": (
        "routes.py",
        "return self.fail(call, Failure.UNAUTHORIZED)",
        'return Reply(401, _JSON, str(call.headers.get("X-Api-Key")).encode())',
        "do_not_echo",
    ),
    "prints_key": ("settings.py", "api_key: Secret", "api_key: str", "do_not_show"),
    "own_header": ("*", "X-Api-Key", "X-Own", "what_is_recorded"),
    "says_aiohttp": (
        "routes.py",
        '(("Content-Type", "application/json"),)',
        '(("Content-Type", "application/json"), ("Server", "Python/3.11 aiohttp/3.12"))',
        "golden_case",
    ),
    "breaks_on_bytes": ("codec.py", "except (ValueError, RecursionError):", "except KeyError:", "spoilt_requests"),
    "declines_silently": (
        "routes.py",
        'Evidence.INFERRED, "the scaffold shows how an operation is declined"',
        "Evidence.INFERRED",
        "coverage_table",
    ),
    "serves_unproved": (
        "routes.py",
        '"deleteNextNumber", False,',
        '"deleteNextNumber", True,',
        "every_served_operation",
    ),
    "renames_operation": ("routes.py", '"setNextNumber"', '"putNextNumber"', "coverage_table_of_the_readme"),
    "marks_otherwise": (
        "README.md",
        "| `setNextNumber` | served | inferred |",
        "| `setNextNumber` | served | documented |",
        "coverage_table_of_the_readme",
    ),
    "lists_too_much": (
        "README.md",
        "| `setNextNumber` | served | inferred |",
        "| `setNextNumber`, `clearNumber` | served | inferred |",
        "coverage_table_of_the_readme",
    ),
    "cites_nothing": ("README.md", "R-04", "R-99", "cite_facts"),
    "other_name": ("routes.py", 'name = "{name}"', 'name = "other"', "entry_point_says"),
}
"""Faults of a dialect: file, text, its replacement, and the test of the suite that must notice."""


def install(folder: Path, name: str, site: Path) -> None:
    """Build the wheel in the usual way, and unpack it."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", "dist"],
        cwd=folder / f"{name}-dialect",
        check=True,
        capture_output=True,
        timeout=60,
    )
    (wheel,) = (folder / f"{name}-dialect" / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the toy's source; its site directory is `site` within."""
    folder = tmp_path_factory.mktemp("toy")
    done = run("scaffold", "dialect", TOY, "--into", str(folder), folder=folder)
    assert done.returncode == 0, done.stderr
    install(folder, TOY, folder / "site")
    return folder


def suite(folder: Path, site: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run pytest there, as a user who has installed the gateway and the dialect."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "-W", "error", *words]
    environment = clean_environment(
        PYTHONPATH=str(site), PYTHONDONTWRITEBYTECODE="1", PYTEST_DISABLE_PLUGIN_AUTOLOAD="1"
    )
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_the_scaffolds_own_tests_pass(toy: Path) -> None:
    done = suite(toy / "toy-dialect", toy / "site")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed
    assert int(passed[1]) > 80
    assert "skipped" not in done.stdout


def test_a_gateway_serves_it_because_it_is_installed(toy: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(
        "tenants:\n  - id: demo\n    series: [{key: main, default: true}]\n"
        "    toy: {api_key: demo-key, series: main}\n",
        encoding="utf-8",
    )
    site = {"PYTHONPATH": os.pathsep.join([str(toy / "site")])}
    with serving(tmp_path, config, **site) as running:
        words = ["conform", "--dialect", TOY, "--url", running.data_url, "--gateway", "--allow-mutations"]
        done = run(*words, folder=tmp_path, **site)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "\n9 passed\n" in done.stdout


def test_every_fault_of_a_dialect_is_noticed(tmp_path: Path) -> None:
    site = tmp_path / "site"
    tests = ["from gateway.testing.adapter_suite import AdapterSuite"]
    for name, (file, old, new, _) in SPOILT.items():
        write_dialect(name, tmp_path)
        spoil(tmp_path / f"{name}-dialect", name, file, old, new)
        install(tmp_path, name, site)
        tests.append(f"class Test_{name}(AdapterSuite):\n    dialect = {name!r}\n")
    (tmp_path / "test_all.py").write_text("\n".join(tests), encoding="utf-8")
    done = suite(tmp_path, site, "test_all.py", "--tb=no", "-rf")
    failed = set(re.findall(r"FAILED test_all\.py::Test_(\w+)::test_(\w+)", done.stdout))
    for name, (*_, noticed_by) in SPOILT.items():
        noticed = [test for dialect, test in failed if dialect == name]
        assert any(noticed_by in test for test in noticed), f"{name}: noticed by {noticed}\n{done.stdout[-2000:]}"


def test_a_broken_case_fails_alone_and_says_why(tmp_path: Path) -> None:
    write_dialect(TOY, tmp_path)
    spoil(tmp_path / "toy-dialect", TOY, "cases/access/other-path/case.toml", "source", "sauce")
    install(tmp_path, TOY, tmp_path / "site")
    done = suite(tmp_path / "toy-dialect", tmp_path / "site", "--tb=short", "-rf")
    failed = re.findall(r"^FAILED (\S+)", done.stdout, re.MULTILINE)
    assert [name.rpartition("::")[2] for name in failed] == ["test_golden_case[access/other-path]"], done.stdout[-3000:]
    assert "access/other-path: case.toml has unknown keys ['sauce']" in done.stdout
    assert "Traceback" not in done.stdout
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed
    assert int(passed[1]) > 80


def spoil(folder: Path, name: str, file: str, old: str, new: str) -> None:
    """Replace a text in one file, or (`*`) in all files of the package."""
    package = folder / f"{name}_dialect"
    one = folder / file if file == "README.md" else package / file
    paths = [path for path in package.rglob("*") if path.is_file()] if file == "*" else [one]
    texts = {path: path.read_text(encoding="utf-8") for path in paths}
    old, new = old.replace("{name}", name), new.replace("{name}", name)
    assert any(old in text for text in texts.values()), f"{file}: no {old!r}"
    for path, text in texts.items():
        path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("name", ["", "A", "a", "1a", "a-b", "a" * 32, "../a", "a b"])
def test_names_that_cannot_be(tmp_path: Path, name: str) -> None:
    with pytest.raises(ScaffoldError):
        write_dialect(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    write_dialect("acme", tmp_path)
    done = run("scaffold", "dialect", "acme", "--into", str(tmp_path), folder=tmp_path)
    assert (done.returncode, "exists already" in done.stderr) == (2, True)
