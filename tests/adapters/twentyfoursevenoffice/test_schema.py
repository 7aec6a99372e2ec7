"""Every answer is valid against the contract that its service serves: every expected answer of the golden cases.

The cases prove that answers are these bytes; these tests check the bytes against the schema.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from lxml import etree

from adapters.twentyfoursevenoffice.services import SERVICES, operation_name
from gateway.testing.golden import GoldenCase, read_cases, titles, usable
from schemas.twentyfoursevenoffice.operations import AUTHENTICATE
from schemas.twentyfoursevenoffice.operations import SERVICES as CONTRACTS
from tests.adapters.twentyfoursevenoffice.dialect import make_bench, make_call

XS = "{http://www.w3.org/2001/XMLSchema}"
ANYTHING = {
    rb"JVBERi0\{\{any\}\}": b"JVBERi0=",
    rb"(<(?:Date\w+|\w+Date)>)\{\{any\}\}": rb"\g<1>2020-12-24T10:00:00",
    rb"(<Transaction>.*?<Id>|<LineId>)\{\{any\}\}": rb"\g<1>00000000-0000-4000-8000-000000000001",
    rb"\{\{any\}\}": b"x",
}
ANSWERS = [
    case
    for case in usable(read_cases(Path(__file__).parent / "cases"))
    if case.expected_body and case.status == 200 and b"Envelope" in case.expected_body
]
PATHS = {service.path.lower(): service.name for service in (AUTHENTICATE, *(each.contract for each in SERVICES))}


@pytest.fixture(scope="module")
def validators(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, etree.XMLSchema]:
    """By path, the schema of the contract that is served there, beside a file with its guid type if it has one."""
    made, dialect = {}, make_bench().dialect
    for path in PATHS:
        folder = tmp_path_factory.mktemp("schema")
        served = asyncio.run(dialect.answer(make_call("GET", path, "WSDL"))).body
        main, *others = etree.fromstring(served).iter(f"{XS}schema")
        for guid in others:
            (folder / "guid.xsd").write_bytes(etree.tostring(guid))
            main.find(f"{XS}import").set("schemaLocation", "guid.xsd")
        (folder / "main.xsd").write_bytes(etree.tostring(main))
        made[path] = etree.XMLSchema(etree.parse(folder / "main.xsd"))
    return made


def payload_of(case: GoldenCase) -> etree._Element:
    """The content of the envelope in an expected answer; `{{any}}` stands for a document, a moment or a session here."""
    body = case.expected_body or b""
    for unknown, example in ANYTHING.items():
        body = re.sub(unknown, example, body)
    return etree.fromstring(body)[0][0]


@pytest.mark.parametrize("case", ANSWERS, ids=titles(ANSWERS))
def test_answers_are_valid(case: GoldenCase, validators: Mapping[str, etree.XMLSchema]) -> None:
    validator = validators[case.path.lower()]
    assert validator.validate(payload_of(case)), str(validator.error_log)


def test_an_answer_in_another_order_is_not(validators: Mapping[str, etree.XMLSchema]) -> None:
    case = next(case for case in ANSWERS if case.name == "clients/get-docs-sample")
    payload = payload_of(case)
    order = payload[0][0]
    order.insert(0, order[-1])
    assert not validators[case.path.lower()].validate(payload)


def test_every_served_operation_is_among_them() -> None:
    names = {
        operation_name(PATHS[case.path.lower()], etree.QName(payload_of(case)).localname.removesuffix("Response"))
        for case in ANSWERS
    }
    served = {operation_name(each.contract.name, name) for each in SERVICES for name in each.handlers}
    assert served | {each.name for each in AUTHENTICATE.operations} == names
    assert {each.name for each in CONTRACTS} == set(PATHS.values())
