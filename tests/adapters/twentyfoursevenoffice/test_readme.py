"""The READMEs name every service, every setting, and every fact that code, contracts and tests rely on."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from adapters.twentyfoursevenoffice.orders.settings import OrderChoices
from adapters.twentyfoursevenoffice.services import SERVICES
from adapters.twentyfoursevenoffice.settings import Settings
from gateway.testing.coverage_table import readmes
from gateway.testing.fact_names import facts_in
from schemas.twentyfoursevenoffice.operations import SERVICES as CONTRACTS

ROOT: Final = Path(__file__).parents[3]
FOLDER: Final = ROOT / "adapters" / "twentyfoursevenoffice"
OWN: Final = (FOLDER / "README.md").read_text(encoding="utf-8")
ALL: Final = readmes(FOLDER)
FIRST_CELLS: Final = re.findall(r"^\| ([A-Z]{1,2}-\d{2}.*?) \|", ALL, re.MULTILINE)
ROWS: Final = [fact for cell in FIRST_CELLS for fact in sorted(facts_in(cell))]
CODE: Final = (FOLDER, ROOT / "schemas/twentyfoursevenoffice")
PROOF: Final = (ROOT / "tests/adapters/twentyfoursevenoffice", ROOT / "tests/clients/twentyfoursevenoffice")
SECTIONS: Final = ("Facts", "Coverage", "Deliberate differences", "Open choices")
SERVICE_ROOMS: Final = sorted(path.parent.name for path in FOLDER.glob("*/service.py"))


@pytest.mark.parametrize("model", [Settings, OrderChoices])
def test_every_setting_is_documented(model: type[Settings | OrderChoices]) -> None:
    choices = "".join(part.partition("\n## ")[0] for part in ALL.split("\n## Open choices")[1:])
    rows = {
        name for cell in re.findall(r"^\| (`.+?) \|", choices, re.MULTILINE) for name in re.findall(r"`(\w+)`", cell)
    }
    assert set(model.model_fields) - rows - {"orders"} == set()


def test_a_fact_stands_in_one_row() -> None:
    assert [fact for fact, count in Counter(ROWS).items() if count > 1] == []


@pytest.mark.parametrize("folder", CODE, ids=[path.parts[-2] for path in CODE])
def test_every_fact_that_the_code_names_is_a_row(folder: Path) -> None:
    named = {fact for path in folder.rglob("*.py") for fact in facts_in(path.read_text(encoding="utf-8"))}
    assert named - set(ROWS) == set()


@pytest.mark.parametrize("folder", PROOF, ids=[path.parts[-2] for path in PROOF])
def test_sources_are_facts_that_a_reader_has(folder: Path) -> None:
    for path in (path for kind in ("*.py", "case.toml") for path in folder.rglob(kind)):
        for line in re.findall(r"(?i)source(?: =|:) ?(.*)", path.read_text(encoding="utf-8")):
            assert facts_in(line) <= set(ROWS), path


def test_marks_are_words_of_the_vocabulary() -> None:
    rows = re.findall(r"^\| [A-Z]{1,2}-\d{2}[^|]*\|.*\| ([\w-]+) \| [^|]* \|$", ALL, re.MULTILINE)
    assert set(rows) <= {"documented", "recorded", "client-derived", "inferred"}


def test_every_service_has_its_row_and_its_page() -> None:
    for contract in CONTRACTS:
        assert f"`{contract.path}`" in OWN
    for room in SERVICE_ROOMS:
        assert f"]({room}/README.md)" in OWN
    assert len(SERVICE_ROOMS) == len({each.contract.name for each in SERVICES} - {"InvoiceService"})


@pytest.mark.parametrize("room", SERVICE_ROOMS)
def test_a_service_has_a_page_with_its_sections(room: str) -> None:
    text = (FOLDER / room / "README.md").read_text(encoding="utf-8")
    found = re.findall(r"^## (.+?)(?: \(.*\))?$", text, re.MULTILINE)
    assert [section for section in SECTIONS[:2] if section not in found] == []
    assert [section for section in found if section in SECTIONS] == [each for each in SECTIONS if each in found]
