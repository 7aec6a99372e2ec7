"""The coverage table of a dialect's README, and how it differs from the operations that the dialect declares.

    ## Coverage

    | Operation | State | Mark | Note |
    |---|---|---|---|
    | `createInvoice`, `cancelInvoice` | served | documented | |
    | `{orders,offers}.list` | declined | inferred | not about numbering |

A dialect of several services may have a README for each of them, in the service's folder; `readmes` reads them all, and each
may have a table of its own.

A row is about one operation or several that share state and mark. Names stand in backticks; braces with a comma stand for
alternatives, as in a shell. The mark is a value of `gateway.spi.adapter.Evidence`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from gateway.spi.adapter import Operation

SERVED: Final = "served"
DECLINED: Final = "declined"
_SECTION: Final = re.compile(r"^## Coverage\n(.*?)(?=^##? |\Z)", re.MULTILINE | re.DOTALL)
_HEAD: Final = ["Operation", "State", "Mark", "Note"]
_NAME: Final = re.compile(r"`([^`]+)`")
_ALTERNATIVES: Final = re.compile(r"\{([^{}]*,[^{}]*)\}")


class Row(NamedTuple):
    """What the table says of one operation.

    state: `served` or `declined`.
    mark: how it is known.
    """

    name: str
    state: str
    mark: str


def readmes(folder: Path) -> str:
    """The README of a dialect, and then those of the folders in its own, in the order of their names."""
    found = [folder / "README.md", *sorted(folder.glob("*/README.md"))]
    return "\n".join(path.read_text(encoding="utf-8") for path in found if path.is_file())


def coverage_differences(readme: str, operations: Sequence[Operation]) -> list[str]:
    """What the tables and the declared operations do not agree about, in plain words; empty when they agree.

    readme: the text of one README, or of several, one after the other.
    """
    rows = list(_rows(readme))
    if not rows:
        return [f"README.md has no section `## Coverage` with a table | {' | '.join(_HEAD)} |"]
    stated = {row.name: row for row in rows}
    declared = {one.name: _row_of(one) for one in operations}
    return [
        *(f"{name}: stands in {count} rows of the table" for name, count in _names(rows).items() if count > 1),
        *(f"{name}: the dialect declares it, the table does not have it" for name in declared if name not in stated),
        *(f"{name}: the table has it, the dialect does not declare it" for name in stated if name not in declared),
        *_contradictions(stated, declared),
    ]


def _row_of(operation: Operation) -> Row:
    return Row(operation.name, SERVED if operation.served else DECLINED, operation.evidence.value)


def _names(rows: Iterable[Row]) -> Counter[str]:
    return Counter(row.name for row in rows)


def _contradictions(stated: Mapping[str, Row], declared: Mapping[str, Row]) -> Iterator[str]:
    for name in stated.keys() & declared.keys():
        if stated[name] != declared[name]:
            table, dialect = (f"{row.state}, {row.mark}" for row in (stated[name], declared[name]))
            yield f"{name}: the table says {table}; the dialect declares {dialect}"


def _rows(readme: str) -> Iterator[Row]:
    for section in _SECTION.finditer(readme):
        lines = [_cells(line) for line in section[1].splitlines() if line.startswith("|")]
        if not lines or lines[0] != _HEAD:
            continue
        for cells in lines[2:]:
            names, state, mark = cells[:3]
            for name in (one for written in _NAME.findall(names) for one in _expanded(written)):
                yield Row(name, state, mark)


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _expanded(name: str) -> list[str]:
    found = _ALTERNATIVES.search(name)
    if found is None:
        return [name]
    before, after = name[: found.start()], name[found.end() :]
    return [one for part in found[1].split(",") for one in _expanded(f"{before}{part.strip()}{after}")]
