"""Changes to a page that only the built documentation needs: diagrams as tables, and languages that its highlighter knows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from docs.generate.markdown import table
from docs.generate.mounting import FENCED

_LABEL: Final = re.compile(r"^([\w./-]+)(?:\[\"(.*?)\"\])?$")


def rendered(text: str) -> str:
    """The page as the documentation shows it."""
    return FENCED.sub(_block, text)


def _block(match: re.Match[str]) -> str:
    language, space, rest = match["info"].strip().partition(" ")
    if language == "mermaid":
        return "\n".join(_diagram(match["body"])).rstrip()
    if language == "output":
        return f"```text{space}{rest}\n{match['body']}```"
    return match[0]


def _diagram(body: str) -> Iterator[str]:
    """A flow chart as a table. Drawing it in the browser would load a program from the network."""
    labels: dict[str, str] = {}
    arrows: dict[str, list[str]] = {}
    for line in body.splitlines()[1:]:
        steps = [[_node(part, labels) for part in step.split("&")] for step in line.split("-->")]
        for sources, targets in pairwise(steps):
            for source in sources:
                known = arrows.setdefault(source, [])
                known += [target for target in targets if target not in known]
    rows = ((f"`{labels[name]}`", ", ".join(f"`{labels[one]}`" for one in known)) for name, known in arrows.items())
    yield from table(("From", "To"), rows)


def _node(text: str, labels: dict[str, str]) -> str:
    """The name of a node; its label is kept."""
    match = _LABEL.match(text.strip())
    name, label = match.groups() if match else (text.strip(), None)
    shown = (label or labels.get(name, name)).replace("&lt;", "<").replace("&gt;", ">")
    labels[name] = shown
    return name
