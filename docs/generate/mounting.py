"""Puts pages of the repository into the documentation, and makes their links lead to the right pages there.

A README stays beside what it describes, where people who read the code find it. The documentation shows it as a page of its
own. So links are written for the repository: a page of `docs/pages` links to `../../../gateway/README.md`, and a README
links to `docs/pages/how-to/postgresql.md`. Both work in both places. What is no page, such as source code, is named without
a link.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = "docs/pages/"
FENCED: Final = re.compile(
    r"^(?P<fence>`{3,})(?P<info>[^\n`]*)\n(?P<body>.*?)^(?P=fence)[ \t]*$", re.MULTILINE | re.DOTALL
)
_LINK: Final = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(([^()\s]+)\)")
_ELSEWHERE: Final = re.compile(r"^([a-z][a-z0-9+.-]*:|//|#)", re.IGNORECASE)
_FIXED: Final = {
    "README.md": "index.md",
    "CHANGELOG.md": "reference/changelog.md",
    "CONTRIBUTING.md": "how-to/contribute.md",
    "adapters/README.md": "how-to/write-a-dialect.md",
    "compose.yaml": "reference/files/compose.md",
    "config.example.yaml": "reference/files/config-example.md",
    "Dockerfile": "reference/files/dockerfile.md",
    "gateway/DECISIONS.md": "explanation/decisions.md",
    "gateway/README.md": "explanation/map.md",
    "gateway/admin/README.md": "reference/admin-port.md",
    "gateway/conformance/README.md": "how-to/conformance.md",
    "gateway/stores/README.md": "how-to/back-up-and-restore.md",
    "tests/bench/README.md": "explanation/bench/index.md",
    "tests/bench/results/bench.md": "explanation/bench/results/bench.md",
    "tests/consistency/README.md": "explanation/consistency.md",
    "tests/examples/README.md": "how-to/test-a-client.md",
    "tests/failover/README.md": "explanation/faults.md",
    "tests/failover/results/faults.md": "explanation/faults-results.md",
}
_PATTERNS: Final = {
    "adapters/*/README.md": "reference/dialects/{0}-facts.md",
    "adapters/*/*/README.md": "reference/dialects/{0}-{1}-facts.md",
    "schemas/*/SOURCES.md": "reference/dialects/{0}-sources.md",
    "tests/bench/results/*.png": "explanation/bench/results/{0}.png",
}
_SHOWN_AS: Final = {".yaml": "yaml", "": "docker"}


def mounted(root: Path = ROOT) -> Mapping[str, str]:
    """Where files of the repository are in the documentation: path in the repository → path of the page or picture."""
    found = {path: page for path, page in _FIXED.items() if (root / path).is_file()}
    for pattern, page in _PATTERNS.items():
        for path in sorted(root.glob(pattern)):
            source = path.relative_to(root).as_posix()
            star = re.fullmatch(re.escape(pattern).replace(r"\*", "([^/]+)"), source)
            found[source] = page.format(*(star.groups() if star else (path.stem,)))
    return found


def page_text(source: str, root: Path = ROOT) -> str:
    """What a mounted file shows: itself if it is Markdown, else its text as code."""
    text = (root / source).read_text(encoding="utf-8")
    suffix = posixpath.splitext(source)[1]
    return text if suffix == ".md" else f"# {source}\n\n```{_SHOWN_AS[suffix]}\n{text}```\n"


def with_links(text: str, source: str, target: str, places: Mapping[str, str], warn: Callable[[str], None]) -> str:
    """A page with its links changed from the repository to the documentation.

    source: the page's path in the repository.
    target: its path in the documentation.
    warn: is given a sentence for each link that leads nowhere.
    """

    def change(match: re.Match[str]) -> str:
        mark, shown, link = match.groups()
        if _ELSEWHERE.match(link):
            return match[0]
        path, hash_sign, anchor = link.partition("#")
        wanted = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        page = wanted.removeprefix(PAGES) if wanted.startswith(PAGES) else places.get(wanted)
        if page is not None:
            return f"{mark}[{shown}]({posixpath.relpath(page, posixpath.dirname(target) or '.')}{hash_sign}{anchor})"
        if not os.path.lexists(ROOT / wanted):
            warn(f"{source} links to {link}, which is not there")
        return shown

    return _outside_code(text, lambda part: _LINK.sub(change, part))


def _outside_code(text: str, change: Callable[[str], str]) -> str:
    parts, end = [], 0
    for match in FENCED.finditer(text):
        parts += [change(text[end : match.start()]), match[0]]
        end = match.end()
    return "".join([*parts, change(text[end:])])
