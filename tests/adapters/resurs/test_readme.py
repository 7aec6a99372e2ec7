"""The README names every setting, every fact that the code relies on, and shop data that the configuration takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from adapters.resurs.settings import Binding, Settings
from gateway.config.yaml_file import read_document
from gateway.testing.coverage_table import coverage_differences
from tests.adapters.resurs.dialect import make_dialect

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "adapters" / "resurs"
README = (FOLDER / "README.md").read_text(encoding="utf-8")
FACT = r"\b[RPD]-\d{2,3}"


def facts(text: str) -> Iterator[str]:
    """Every fact that a text names; "P-20 to P-22" names three."""
    for first, last in re.findall(rf"({FACT})(?: to ({FACT}))?", text):
        letter, width = first[0], len(first) - 2
        end = int(last[2:]) if last else int(first[2:])
        yield from (f"{letter}-{number:0{width}}" for number in range(int(first[2:]), end + 1))


def test_every_setting_is_documented() -> None:
    rows = set(re.findall(r"^\| `(\w+)` \|", README.partition("## Open choices")[2], re.MULTILINE))
    assert set(Settings.model_fields) - rows == set()


def test_every_fact_that_the_code_names_is_a_row() -> None:
    rows = {fact for cell in re.findall(rf"^\| ({FACT}.*?) \|", README, re.MULTILINE) for fact in facts(cell)}
    texts = [path.read_text(encoding="utf-8") for path in FOLDER.rglob("*.py")]
    named = {fact for text in texts for fact in re.findall(FACT, text)}
    assert named - rows == set()


def test_sources_are_facts_that_a_reader_has() -> None:
    """Tests, cases and contracts, too, name rows of the README, and no chapters of papers that are not here."""
    rows = {fact for cell in re.findall(rf"^\| ({FACT}.*?) \|", README, re.MULTILINE) for fact in facts(cell)}
    folders = (FOLDER, ROOT / "schemas/resurs", ROOT / "tests/adapters/resurs", ROOT / "tests/clients/resurs")
    for path in (path for folder in folders for kind in ("*.py", "*.md", "case.toml") for path in folder.rglob(kind)):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"(?i)\b(?:sections?|tables?|sheet) \d+\.\d|of the (?:fact )?sheet\b", text), path
        for line in re.findall(r"(?i)source(?: =|:) ?(.*)", text):
            assert set(re.findall(rf"{FACT}\b", line)) <= rows, path


def test_the_operations_are_those_of_the_table() -> None:
    operations = make_dialect().operations
    assert coverage_differences(README, operations) == []
    served = sum(operation.served for operation in operations)
    first = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"[{served} of {len(operations)} operations](adapters/resurs/README.md#coverage)" in first


def test_the_shops_data_can_be_pasted(tmp_path: Path) -> None:
    (block,) = re.findall(r'```yaml title="resurs.yaml"\n(.*?)```', README, re.DOTALL)
    file = tmp_path / "shop.yaml"
    file.write_text(block, encoding="utf-8")
    section = Binding.model_validate(read_document(file).values)
    assert [payment.state for payment in section.payments] == ["booked", "finalized", "credited", "frozen", "booked"]
    assert set(section.model_fields_set) == set(Binding.model_fields) - {"shop_file"}


def test_the_comments_of_the_example_configuration_can_be_uncommented(tmp_path: Path) -> None:
    text = (ROOT / "config.example.yaml").read_text(encoding="utf-8")
    (block,) = re.findall(r"^      # methods:\n(?:      # .*\n)*", text, re.MULTILINE)
    file = tmp_path / "shop.yaml"
    file.write_text(re.sub(r"^      # ", "", block, flags=re.MULTILINE), encoding="utf-8")
    accounts = [{"username": "demo-se", "password": "demo-secret", "series": "main"}]
    section = Binding.model_validate({"accounts": accounts, **read_document(file).values})
    assert set(section.model_fields_set) == set(Binding.model_fields) - {"shop_file"}
