"""Runs Mono's tools: proxies of a contract, a compiled program, and the program."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.skips import require_or_skip

TOOLS = ("wsdl", "mcs", "mono")
REFERENCES = ("-r:System.Web.Services", "-r:System.Web.Extensions", "-r:System.Xml")


def require_mono() -> None:
    """Skip the test where Mono is missing."""
    for tool in TOOLS:
        if shutil.which(tool) is None:
            require_or_skip(tool, "the client is a .NET proxy (Debian: mono-devel)")


def run_with_proxies(folder: Path, program: Path, contracts: Mapping[str, bytes], words: Sequence[str]) -> str:
    """Make a proxy of each contract with wsdl.exe, compile the program with them, and run it. Returns what it prints.

    contracts: WSDL documents by the namespaces of their proxies.
    """
    for namespace, document in contracts.items():
        (folder / f"{namespace}.wsdl").write_bytes(document)
    with ThreadPoolExecutor() as pool:  # the tool mostly waits
        list(
            pool.map(
                lambda name: mono(folder, "wsdl", f"-out:{name}.cs", f"-namespace:{name}", f"{name}.wsdl"), contracts
            )
        )
    sources = [f"{namespace}.cs" for namespace in contracts]
    mono(folder, "mcs", *REFERENCES, "-out:program.exe", str(program), *sources)
    return mono(folder, "mono", "program.exe", *words)


def mono(folder: Path, *command: str) -> str:
    """Run one of the tools in a folder. Returns its standard output."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout
