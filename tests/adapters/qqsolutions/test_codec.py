"""The vendor's samples, byte for byte where the vendor's page shows bytes, and the contracts derived from the models."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from adapters.qqsolutions.codec import Codec, contract_of, write_token
from adapters.qqsolutions.settings import Settings
from gateway.wire.aspnet.contract import Scalar
from gateway.wire.aspnet.modelstate import ModelState
from gateway.wire.aspnet.negotiation import Format, Formatter
from gateway.wire.aspnet.pipeline import Entity
from schemas.qqsolutions.messages import (
    AccessToken,
    ActionResultOfSequenceNumberDTO,
    SequenceNumberDTO,
    SequenceValueDTO,
)

SAMPLES = Path(__file__).parent / "samples"
JSON = Format(Formatter.JSON, "application/json", "utf-8")
XML = Format(Formatter.XML, "application/xml", "utf-8")
VALUE = SequenceValueDTO(next_number_should_be=1, suffix="sample string 2", prefix="sample string 3")
NUMBER = SequenceNumberDTO(id=1, location_id=2, related_to="sample string 3", sequence_value=VALUE)
ENVELOPE = ActionResultOfSequenceNumberDTO(
    result=NUMBER,
    created_by="sample string 1",
    entity_id=2,
    row_source="sample string 3",
    policy_id=4,
    is_success=True,
    error_code="sample string 6",
    error_message="sample string 7",
    info_message="sample string 8",
)


def test_response_sample_in_json() -> None:
    sample = json.loads((SAMPLES / "response.json").read_text())
    assert Codec(Settings()).write(ENVELOPE, JSON).decode() == json.dumps(sample, separators=(",", ":"))


def test_response_sample_in_xml() -> None:
    sample = re.sub(r">\n<", "><", (SAMPLES / "response.xml").read_text().strip())
    assert Codec(Settings()).write(ENVELOPE, XML).decode() == sample


@pytest.mark.parametrize(
    ("sample", "content_type"), [("request.json", "application/json"), ("request.xml", "application/xml")]
)
def test_request_samples(sample: str, content_type: str) -> None:
    state = ModelState()
    read = Codec(Settings()).read_value(Entity((SAMPLES / sample).read_bytes(), content_type), state)
    assert read == VALUE
    assert state.is_valid


def test_contracts() -> None:
    contract = contract_of(ActionResultOfSequenceNumberDTO)
    declared = "Result CreatedBy EntityID RowSource PolicyID IsSuccess ErrorCode ErrorMessage InfoMessage"
    in_xml = "ErrorCode ErrorMessage InfoMessage IsSuccess CreatedBy EntityID PolicyID Result RowSource"
    assert [member.name for member in contract.members] == declared.split()
    assert [member.name for member in contract.xml_members] == in_xml.split()
    assert contract_of(SequenceValueDTO, Scalar.INT64).by_name["NextNumberShouldBe"].type is Scalar.INT64


def test_null_message() -> None:
    assert Codec(Settings()).write_null(SequenceNumberDTO, JSON) == b"null"


def test_token_answers_leave_out_what_is_none() -> None:
    assert write_token(AccessToken(access_token="a", expires_in=5)) == (
        b'{"access_token":"a","token_type":"bearer","expires_in":5}'
    )
