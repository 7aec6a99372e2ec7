"""The page of the words in answers, ledgers and fault rules: reasons of gaps, refusals, failures, kinds of faults."""

from __future__ import annotations

import enum
import inspect
import re
from collections.abc import Iterator
from typing import Final

from docs.generate.markdown import code, page, prose, table
from gateway.core.gaps import GapReason
from gateway.simulation.fault_models import Point, kinds
from gateway.simulation.fault_refusals import REFUSALS
from gateway.spi.adapter import Failure
from gateway.spi.findings import Finding

_FIELD: Final = re.compile(r"^([A-Z][A-Z_]*): (.*(?:\n {4,}.*)*)", re.MULTILINE)
_INTRO: Final = """\
These words are the gateway's own. They stand in the admin API, the journal, the ledger and in reports, and never change their
meaning. Clients of a vendor never see them: each dialect words refusals and failures as its vendor does."""


def text() -> str:
    """The page."""
    return page(
        "Words in answers and reports",
        _INTRO,
        _members("Why no document holds a number", GapReason),
        _refusals(),
        ["## What else can fail", "", *table(("Failure", "Means"), _failures())],
        _faults(),
        _members("When a fault strikes", Point),
        ["## What is odd about a request", "", *_findings()],
    )


def meanings(words: type[enum.Enum]) -> dict[str, str]:
    """What the docstring says of each member, by the member's name."""
    found = _FIELD.findall(inspect.getdoc(words) or "")
    return {name: " ".join(said.split()) for name, said in found}


def _members(title: str, words: type[enum.StrEnum]) -> Iterator[str]:
    said = meanings(words)
    yield from [f"## {title}", ""]
    yield from table(("Word", "Means"), ((code(own.value), _begun(said.get(own.name, ""))) for own in words))


def _refusals() -> Iterator[str]:
    yield from [
        "## Why the rules about numbers refuse a command",
        "",
        "A refused command has changed and consumed nothing.",
        "",
    ]
    rows = ((code(name), prose((inspect.getdoc(own) or "").split("\n\n")[0])) for name, own in REFUSALS.items())
    yield from table(("Refusal", "Means"), rows)


def _failures() -> Iterator[tuple[str, str]]:
    return ((code(own.name.lower()), _begun(own.value)) for own in Failure)


def _faults() -> Iterator[str]:
    yield from ["## Kinds of faults", "", "The first moment is where a rule strikes when it names none.", ""]
    rows = (
        (code(own.name), ", ".join(map(_value, own.values)), ", ".join(map(code, own.points)), prose(own.meaning))
        for own in kinds()
    )
    yield from table(("Kind", "Values", "Moments", "What happens"), rows)


def _value(text: str) -> str:
    """The name of a value; where there is a list of possible ones, a table above has it."""
    return code(text.partition(" ")[0])


def _findings() -> Iterator[str]:
    yield from ["The journal notes these; a tenant with `profile: strict` refuses what its vendor would tolerate.", ""]
    yield ", ".join(code(own.value) for own in Finding)
    yield ""


def _begun(said: str) -> str:
    shown = prose(said)
    return shown[:1].upper() + shown[1:]
