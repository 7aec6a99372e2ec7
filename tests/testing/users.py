"""Runs tests as a user of the plug-in does: in another project and process, with the plug-in under its own name."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import gateway.testing.client
from tests.processes import clean_environment

CLIENT = Path(gateway.testing.client.__file__).parent
BIN = Path(sys.executable).parent


def site_with_plugin(folder: Path) -> Path:
    """A site directory with the plug-in laid out as in the wheel, from the present source."""
    site = folder / "site"
    site.mkdir(exist_ok=True)
    link = site / "invoice_gateway_testing"
    if not link.exists():
        link.symlink_to(CLIENT)
    return site


def user_environment(site: Path, **extra: str) -> dict[str, str]:
    """The environment of a user who has the site directory and the command `invoice-gateway`."""
    path = os.pathsep.join([str(BIN), os.environ["PATH"]])
    return clean_environment(
        PYTHONPATH=str(site), PYTHONDONTWRITEBYTECODE="1", PYTEST_DISABLE_PLUGIN_AUTOLOAD="1", PATH=path, **extra
    )


def run_pytest(folder: Path, site: Path, *words: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run pytest with the plug-in and nothing else of this environment."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error"]
    command += ["-p", "invoice_gateway_testing.pytest_plugin", *words]
    environment = user_environment(site, **extra)
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=240, check=False
    )
