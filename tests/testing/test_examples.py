"""The examples for users, run as a user runs them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.clients.programs import node_packages, node_program, php_program
from tests.testing.users import run_pytest, site_with_plugin, user_environment

EXAMPLES = Path(__file__).parent.parent / "examples"
CLIENTS = Path(__file__).parent.parent / "clients"


def outcome(done: subprocess.CompletedProcess[str]) -> dict[str, int]:
    """The number of tests with each outcome."""
    found = re.findall(r"(\d+) (passed|failed|skipped|error)", done.stdout.splitlines()[-1])
    return {name: int(count) for count, name in found}


def test_shops_with_a_lost_reply(tmp_path: Path) -> None:
    tests = ("test_lost_reply.py", "test_lost_finalization.py", "test_verification.py")
    done = run_pytest(EXAMPLES, site_with_plugin(tmp_path), *tests)
    assert outcome(done) == {"passed": 12}, done.stdout + done.stderr


def test_zeep(tmp_path: Path) -> None:
    done = run_pytest(EXAMPLES, site_with_plugin(tmp_path), "test_zeep.py", "-W", "ignore::DeprecationWarning")
    assert outcome(done) == {"passed": 2}, done.stdout + done.stderr


def test_node_soap(tmp_path: Path) -> None:
    modules = node_packages(CLIENTS / "node")
    assert node_program()
    done = run_pytest(EXAMPLES, site_with_plugin(tmp_path), "test_node_soap.py", NODE_PATH=str(modules))
    assert outcome(done) == {"passed": 1}, done.stdout + done.stderr


def test_php(tmp_path: Path) -> None:
    assert php_program()
    done = run_pytest(EXAMPLES, site_with_plugin(tmp_path), "test_php.py")
    assert outcome(done) == {"passed": 2}, done.stdout + done.stderr


def test_unittest(tmp_path: Path) -> None:
    words = [sys.executable, "-W", "error", "-m", "unittest", "-v", "with_unittest"]
    environment = user_environment(site_with_plugin(tmp_path))
    done = subprocess.run(
        words, cwd=EXAMPLES, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Ran 2 tests" in done.stderr
