"""What must be true of the tree as a whole."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAX_LINES = 400


def tracked(*patterns: str) -> list[Path]:
    try:
        done = subprocess.run(["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    names = [name for name in done.stdout.decode().split("\0") if name]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def test_no_source_file_is_long() -> None:
    sizes = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in tracked("*.py")}
    assert not {str(path.relative_to(ROOT)): size for path, size in sizes.items() if size > MAX_LINES}


def test_no_machine_path_and_no_package_index_is_named() -> None:
    # Spelt in pieces, so that this file does not contain the words that it searches for.
    forbidden = re.compile(
        "|".join(["/wo" + "rk/", "/ro" + "ot/", "index" + "-url", "files.python" + "hosted", '"resol' + 'ved": *"http'])
    )
    found = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {match.group()}" for match in forbidden.finditer(text)]
    assert not found


def test_every_module_says_what_it_is_for() -> None:
    empty = [
        path
        for path in tracked("gateway/*.py", "adapters/*.py", "schemas/*.py", "docs/*.py")
        if not path.read_text().lstrip().startswith('"""')
    ]
    assert not empty


def test_locked_versions_agree() -> None:
    """Each file is installed into the same environment, one after the other."""
    pinned: dict[str, set[str]] = {}
    for path in tracked("requirements/*.txt"):
        for name, version in re.findall(r"^([\w.-]+)==(\S+)", path.read_text(encoding="utf-8"), re.MULTILINE):
            pinned.setdefault(f"{path.stem} {name}", set()).add(version)
    shared = {}
    for place, versions in pinned.items():
        shared.setdefault(place.split()[1], []).append(versions)
    assert not {name: found for name, found in shared.items() if found.count(found[0]) != len(found)}
