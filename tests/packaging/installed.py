"""The wheels as a user has them: built from the present source, installed by pip into an environment of their own, offline."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path

from tests.processes import clean_environment

ROOT = Path(__file__).parents[2]
_OTHER_PLUGINS = ("asyncio", "aiohttp", "hypothesispytest", "schemathesis", "anyio", "timeout", "xdist")


@dataclass(frozen=True)
class Environment:
    """A virtual environment.

    folder: where it is.
    site: its site-packages.
    """

    folder: Path
    site: Path

    @property
    def python(self) -> str:
        return str(self.folder / "bin" / "python")

    @property
    def gateway(self) -> str:
        """The command."""
        return str(self.folder / "bin" / "invoice-gateway")

    def pip(self, *words: str) -> None:
        """Run pip for this environment: that of the Python that the tests' own environment was made with."""
        base = str(Path(sys.base_prefix) / "bin" / "python3")
        command = [base, "-m", "pip", "--disable-pip-version-check", "--python", self.python, *words]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr

    def run(self, *words: str, folder: Path, **extra: str) -> subprocess.CompletedProcess[str]:
        """Run a program of this environment to its end."""
        environment = clean_environment(**extra)
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # each of them would compile everything again
        return subprocess.run(
            words, cwd=folder, env=environment, capture_output=True, text=True, timeout=240, check=False
        )

    def pytest(self, *words: str, folder: Path, **extra: str) -> subprocess.CompletedProcess[str]:
        """Run pytest with the plug-ins that this environment has, and none of ours."""
        others = [word for name in _OTHER_PLUGINS for word in ("-p", f"no:{name}")]
        command = [self.python, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", *others, *words]
        return self.run(*command, folder=folder, **extra)


def build(project: Path, into: Path, target: str = "wheel") -> Path:
    """Build a project. Returns the wheel."""
    before = set(into.glob("*.whl"))
    words = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(into)]
    done = subprocess.run(words, cwd=project, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = set(into.glob("*.whl")) - before
    return wheel


def install(folder: Path, *wheels: Path) -> Environment:
    """An environment with wheels in it, and nothing else of ours.

    What they depend on is taken from the environment that runs the tests. Its own editable install is not among that: Python
    does not read the .pth files of such a folder.
    """
    venv.create(folder, symlinks=True)
    (site,) = folder.glob("lib/python*/site-packages")
    environment = Environment(folder, site)
    environment.pip("install", "--no-deps", "--no-index", "--no-compile", *map(str, wheels))
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return environment
