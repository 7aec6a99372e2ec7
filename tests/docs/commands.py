"""The command blocks of a page, as a reader carries them out: files to write, commands to paste, what they print.

A block `sh`, `bash` or `console` is run, unless the line above it is a comment `<!-- not run: why -->`. A block `output` is
what the block before it prints; `…` stands for any text. A block with a title is a file that the reader writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from docs.generate.mounting import FENCED

SHELLS: Final = ("sh", "bash", "console")
_NOT_RUN: Final = re.compile(r"<!-- not run: (.+) -->\n$")
_TITLE: Final = re.compile(r'title="([^"]+)"')


class Step(NamedTuple):
    """One block.

    file: the file to write; "" for commands.
    text: its content, or the commands.
    expected: what the commands print; None when the page does not say.
    why_not: why commands are not run; "" when they are.
    """

    file: str
    text: str
    expected: str | None = None
    why_not: str = ""


def steps(page: str) -> list[Step]:
    """The blocks of a page that a reader acts on, in order."""
    found: list[Step] = []
    for match in FENCED.finditer(page):
        language, _, rest = match["info"].strip().partition(" ")
        title = _TITLE.search(rest)
        before = _NOT_RUN.search(page, 0, match.start())
        if language == "output":
            found[-1] = found[-1]._replace(expected=match["body"])
        elif title:
            found.append(Step(title[1], match["body"]))
        elif language in SHELLS:
            found.append(Step("", match["body"], why_not=before[1] if before else ""))
    return found


def script(found: list[Step], outputs: str) -> str:
    """A shell script that carries the steps out.

    outputs: the folder for what each block prints: `<number>.out` and `<number>.err`.
    """
    return "\n".join(["set -eu", *_parts(found, outputs)]) + "\n"


def _parts(found: list[Step], outputs: str) -> Iterator[str]:
    for number, step in enumerate(found):
        if step.file:
            yield f"cat > '{step.file}' <<'END_OF_FILE'\n{step.text}END_OF_FILE"
        elif not step.why_not:
            yield f"{{\n{step.text}}} > '{outputs}/{number}.out' 2> '{outputs}/{number}.err'"


def agrees(expected: str, printed: str) -> bool:
    """True when the text is as the page says. White space at the end of a line does not count."""
    pieces = [
        re.escape("\n".join(line.rstrip() for line in piece.split("\n"))) for piece in expected.strip().split("…")
    ]
    shown = "\n".join(line.rstrip() for line in printed.strip().splitlines())
    return re.fullmatch(".*?".join(pieces), shown, re.DOTALL) is not None
