"""Differences that are known and accepted, from a file.

    [[difference]]
    case = "setInvoiceSequence/zero-*"     # a name or a glob
    reason = "the vendor's test system accepts 0"

A known difference that is gone is a failure, and so is an entry that names no case: the file must stay true.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from gateway.spi.foreign_text import TextError
from gateway.testing.golden import BrokenCase, CaseError, GoldenCase
from gateway.testing.toml_file import read_toml


@dataclass(frozen=True, slots=True)
class KnownDifference:
    """One entry.

    case: the name of a case, or a glob.
    reason: why it differs.
    """

    case: str
    reason: str


def read_known(path: Path) -> list[KnownDifference]:
    """Read a file of known differences. Raises CaseError."""
    try:
        facts = read_toml(path)
    except TextError as error:
        raise CaseError(f"{path}: {error}") from None
    entries = facts.pop("difference", [])
    if facts or not isinstance(entries, list):
        raise CaseError(f"{path}: holds [[difference]] tables and nothing else")
    return [_entry(path, entry) for entry in entries]


def _entry(path: Path, entry: object) -> KnownDifference:
    if not isinstance(entry, dict) or set(entry) != {"case", "reason"} or not all(map(str, entry.values())):
        raise CaseError(f"{path}: a difference has a `case` and a `reason`, found {entry!r}")
    return KnownDifference(str(entry["case"]), str(entry["reason"]))


def reason_of(known: Iterable[KnownDifference], case: GoldenCase) -> str | None:
    """Why a case is known to differ, None when it is not."""
    return next((entry.reason for entry in known if fnmatchcase(case.name, entry.case)), None)


def stale_entries(known: Iterable[KnownDifference], cases: Sequence[GoldenCase | BrokenCase]) -> list[str]:
    """Entries that name no case."""
    return [entry.case for entry in known if not any(fnmatchcase(case.name, entry.case) for case in cases)]
