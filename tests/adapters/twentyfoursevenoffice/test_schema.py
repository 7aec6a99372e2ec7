"""Every answer is valid against the served contract: every expected answer of the golden cases.

The cases prove that answers are these bytes; these tests check the bytes against the schema.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree

import schemas.twentyfoursevenoffice as contract
from gateway.testing.golden import GoldenCase, read_cases, titles, usable

XS = "{http://www.w3.org/2001/XMLSchema}"
FOLDER = Path(contract.__file__).parent
ANYTHING = {
    rb"JVBERi0\{\{any\}\}": b"JVBERi0=",
    rb"(<Date\w+>)\{\{any\}\}": rb"\g<1>2020-12-24T10:00:00",
    rb"\{\{any\}\}": b"x",
}
ANSWERS = [
    case
    for case in usable(read_cases(Path(__file__).parent / "cases"))
    if case.expected_body and case.status == 200 and b"Envelope" in case.expected_body
]


@pytest.fixture(scope="module")
def validators(tmp_path_factory: pytest.TempPathFactory) -> list[etree.XMLSchema]:
    """The schema of each contract, beside a file with its guid type."""
    made = []
    for name in ("Authenticate", "InvoiceService"):
        folder = tmp_path_factory.mktemp(name)
        main, guid = etree.parse(FOLDER / f"{name}.wsdl").iter(f"{XS}schema")
        (folder / "guid.xsd").write_bytes(etree.tostring(guid))
        main.find(f"{XS}import").set("schemaLocation", "guid.xsd")
        (folder / "main.xsd").write_bytes(etree.tostring(main))
        made.append(etree.XMLSchema(etree.parse(folder / "main.xsd")))
    return made


def payload_of(case: GoldenCase) -> etree._Element:
    """The content of the envelope in an expected answer; `{{any}}` stands for a document, a moment or a session here."""
    body = case.expected_body or b""
    for unknown, example in ANYTHING.items():
        body = re.sub(unknown, example, body)
    return etree.fromstring(body)[0][0]


@pytest.mark.parametrize("case", ANSWERS, ids=titles(ANSWERS))
def test_answers_are_valid(case: GoldenCase, validators: list[etree.XMLSchema]) -> None:
    payload = payload_of(case)
    problems = [str(validator.error_log) for validator in validators if not validator.validate(payload)]
    assert len(problems) < len(validators), problems


def test_an_answer_in_another_order_is_not(validators: list[etree.XMLSchema]) -> None:
    case = next(case for case in ANSWERS if case.name == "clients/get-docs-sample")
    payload = payload_of(case)
    order = payload[0][0]
    order.insert(0, order[-1])
    assert not any(validator.validate(payload) for validator in validators)


def test_every_operation_is_among_them() -> None:
    names = {etree.QName(payload_of(case)).localname.removesuffix("Response") for case in ANSWERS}
    operations = {
        element.get("name").removesuffix("Response")
        for name in ("Authenticate", "InvoiceService")
        for element in etree.parse(FOLDER / f"{name}.wsdl").find(f".//{XS}schema").findall(f"{XS}element")
    }
    assert names == operations
