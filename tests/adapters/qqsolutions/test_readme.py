"""The README names every setting, and every fact that code and cases rely on."""

from __future__ import annotations

import re
from pathlib import Path

from adapters.qqsolutions.settings import Settings
from gateway.testing.golden import read_cases, usable
from tests.adapters.qqsolutions.dialect import Bench

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "adapters" / "qqsolutions"
README = (FOLDER / "README.md").read_text(encoding="utf-8")
FACTS = set(re.findall(r"^\| ([RD]-\d\d) \|", README, re.MULTILINE))
CASES = usable(read_cases(Path(__file__).parent / "cases"))


def test_every_setting_is_documented() -> None:
    choices = README.partition("## Open choices")[2]
    assert [name for name in Settings.model_fields if f"`{name}`" not in choices] == []


def test_every_source_is_a_fact() -> None:
    sources = {name: set(re.findall(r"[RD]-\d\d", case.source)) for case in CASES for name in [case.name]}
    assert [name for name, facts in sources.items() if not facts or facts - FACTS] == []
    cited = {fact for path in FOLDER.glob("*.py") for fact in re.findall(r"\b[RD]-\d\d\b", path.read_text())}
    assert cited - FACTS == set()


def test_every_served_operation_has_cases_and_a_line() -> None:
    names = {case.name.partition("/")[0] for case in CASES}
    for operation in Bench().dialect.operations:
        verb, _, path = operation.name.partition(" ")
        last = path.rpartition("/")[2].strip("{}")
        assert last in README
        folder = f"oauth-{last}" if path.startswith("oauth") else f"{verb}-{last}".lower()
        assert (folder in names) is operation.served
