"""Fetches each program once into a cache folder outside the project; a program that cannot be had is left out by name."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.bench.missing import NotHere

NPM: Final = {
    "wiremock": ["wiremock@3.13.2"],
    "node-soap": ["soap@1.13.0"],
    "mountebank": ["mountebank@2.9.1"],
    "mockoon": ["@mockoon/cli@9.9.0"],
}
PIP: Final = {
    "flask": ["flask==3.1.3", "gunicorn==27.0.1"],
    "fastapi": ["fastapi==0.165.0", "uvicorn[standard]==0.54.0"],
    "spyne": ["spyne==2.14.0", "setuptools<80", "lxml", "gunicorn==27.0.1"],
}
APT: Final = {"redis": ["redis-server", "redis-tools", "libjemalloc2", "liblzf1", "libatomic1"]}
SECONDS: Final = 240
_STAMP: Final = ".complete"


def cache() -> Path:
    """Where the programs are kept: `BENCH_CACHE`, or the user's cache folder."""
    named = os.environ.get("BENCH_CACHE")
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(named) if named else base / "invoice-gateway-bench"


def installed(name: str, *, fetch: bool) -> Path:
    """The folder of a program, fetched if that is allowed. Raises NotHere."""
    folder = cache() / name
    if (folder / _STAMP).exists():
        return folder
    if not fetch:
        raise NotHere("not installed; `make bench` without QUICK fetches it")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _fetch(name, folder)
    (folder / _STAMP).touch()
    return folder


def _fetch(name: str, folder: Path) -> None:
    if name in NPM:
        npm = _node_program("npm")
        quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        _run([npm, "install", "--prefix", str(folder), *quiet, *NPM[name]], folder)
    elif name in PIP:
        venv.create(folder / "venv", symlinks=True)
        python = str(folder / "venv" / "bin" / "python")
        pip = [sys.executable, "-m", "pip"] if _has_pip() else _pip_beside()
        _run([*pip, "--disable-pip-version-check", "--python", python, "install", "--quiet", *PIP[name]], folder)
    else:
        if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
            raise NotHere("no apt-get on this machine")
        _run(["apt-get", "download", *APT[name]], folder)
        for package in sorted(folder.glob("*.deb")):
            _run(["dpkg", "-x", str(package), str(folder)], folder)


def _has_pip() -> bool:
    return subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0


def _pip_beside() -> Sequence[str]:
    """pip of the Python that made the environment."""
    base = Path(sys.base_prefix) / "bin" / "python3"
    return [str(base), "-m", "pip"]


def _node_program(name: str) -> str:
    """npm or node; the environment's own comes first. Raises NotHere."""
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        raise NotHere(f"no {name} on this machine")
    return found


def node() -> str:
    """The program that runs JavaScript. Raises NotHere."""
    return _node_program("node")


def _run(words: Sequence[str], folder: Path) -> None:
    try:
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotHere(f"cannot be fetched: {type(error).__name__}") from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise NotHere(f"cannot be fetched: {last[:200]}")
