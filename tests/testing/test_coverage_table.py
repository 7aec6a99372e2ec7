"""READMEs and declared operations are compared in both directions, so that neither can change alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from gateway.spi.adapter import Evidence, Operation
from gateway.spi.registry import installed_adapters
from gateway.testing.coverage_table import coverage_differences, readmes
from gateway.testing.fact_names import facts_in
from gateway.testing.harness import subject_of

ROOT: Final = Path(__file__).parents[2]
NAMES: Final = sorted(installed_adapters())
HEAD: Final = "## Coverage\n\n| Operation | State | Mark | Note |\n|---|---|---|---|\n"
READ: Final = Operation("read", True, Evidence.RECORDED)
WRITE: Final = Operation("write", False, Evidence.DOCUMENTED, "no")


def readme_of(name: str) -> str:
    return readmes(ROOT / "adapters" / name)


def operations_of(name: str) -> Sequence[Operation]:
    return subject_of(name).bench().dialect.operations


@pytest.mark.parametrize("name", NAMES)
def test_no_operation_of_ours_can_change_alone(name: str) -> None:
    readme, operations = readme_of(name), list(operations_of(name))
    assert coverage_differences(readme, operations) == []
    for place, operation in enumerate(operations):
        mark = next(one for one in Evidence if one is not operation.evidence)
        renamed = replace(operation, name=f"{operation.name}Again")
        for other in (renamed, replace(operation, served=not operation.served), replace(operation, evidence=mark)):
            changed = [*operations[:place], other, *operations[place + 1 :]]
            assert any(operation.name in text for text in coverage_differences(readme, changed))
        assert coverage_differences(readme, operations[:place] + operations[place + 1 :])


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("| `read` | served | recorded | |\n| `write` | declined | documented | |\n", []),
        ("| `read`| served |recorded|\n| `write` | declined | documented | |\n## Next\n| `x` | served | y | |\n", []),
        (
            "| `read`, `write` | served | recorded | |\n",
            ["write: the table says served, recorded; the dialect declares declined, documented"],
        ),
        (
            "| `read` | served | recorded | |\n",
            ["write: the dialect declares it, the table does not have it"],
        ),
        (
            "| `read` | served | recorded | |\n| `write`, `{a,b}.c` | declined | documented | |\n",
            [f"{name}: the table has it, the dialect does not declare it" for name in ("a.c", "b.c")],
        ),
        (
            "| `read` | served | recorded | |\n| `write`, `read` | declined | documented | |\n",
            [
                "read: stands in 2 rows of the table",
                "read: the table says declined, documented; the dialect declares served, recorded",
            ],
        ),
    ],
)
def test_what_is_said(rows: str, said: list[str]) -> None:
    assert coverage_differences(f"# A dialect\n\n{HEAD}{rows}", [READ, WRITE]) == said


@pytest.mark.parametrize(
    "readme", ["", "## Coverage\n", HEAD, HEAD.replace("Mark", "Known"), f"#{HEAD}| `read` | served |"]
)
def test_a_table_that_is_missing_or_of_another_form(readme: str) -> None:
    (said,) = coverage_differences(readme, [READ])
    assert "## Coverage" in said


def test_each_readme_of_a_service_may_have_a_table(tmp_path: Path) -> None:
    (tmp_path / "orders").mkdir()
    (tmp_path / "README.md").write_text(f"# A dialect\n\n{HEAD}| `read` | served | recorded | |\n", encoding="utf-8")
    service = f"# A service\n\n## Facts\n\n{HEAD}| `write` | declined | documented | |\n"
    (tmp_path / "orders" / "README.md").write_text(service, encoding="utf-8")
    assert coverage_differences(readmes(tmp_path), [READ, WRITE]) == []
    (said,) = coverage_differences(readmes(tmp_path), [READ])
    assert said == "write: the table has it, the dialect does not declare it"
    assert readmes(tmp_path / "nothing") == ""


def test_braces_are_alternatives_only_with_a_comma() -> None:
    names = ("get /{id}", "a.x", "a.y", "b.x", "b.y")
    rows = "| `get /{id}`, `{a,b}.{x, y}` | served | recorded | |\n"
    assert coverage_differences(HEAD + rows, [replace(READ, name=name) for name in names]) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_first_page_counts_the_operations(name: str) -> None:
    operations = operations_of(name)
    served = sum(operation.served for operation in operations)
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    (shown,) = re.findall(rf"\[(.+?)\]\(adapters/{name}/README\.md#coverage\)", page)
    assert shown == f"{served} of {len(operations)} operations"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("R-05, CO-24; D-7", {"R-05", "CO-24"}),
        ("| P-98 to P-101 |", {"P-98", "P-99", "P-100", "P-101"}),
        ("R-01 to D-03", {"R-01", "D-03"}),
        ("UTF-16, ISO-8859", set()),
    ],
)
def test_the_facts_that_a_text_names(text: str, named: set[str]) -> None:
    assert facts_in(text) == named
