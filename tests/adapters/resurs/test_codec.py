"""Reading requests: the three states of the number, and what the parse cache remembers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.resurs.codec import Codec, MessageInvalid, OperationUnknown
from adapters.resurs.configuration import CONFIGURATION
from adapters.resurs.configuration import NAMESPACE as MESSAGES
from gateway.wire.soap.envelope import ENVELOPE_11
from schemas.resurs.configuration import SetInvoiceSequence

CODEC = Codec(CONFIGURATION, 3)


def request(inside: str) -> bytes:
    return (
        f'<e:Envelope xmlns:e="{ENVELOPE_11}" xmlns:c="{MESSAGES}" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">'
        f"<e:Body>{inside}</e:Body></e:Envelope>"
    ).encode()


def set_request(inside: str) -> bytes:
    return request(f"<c:setInvoiceSequence>{inside}</c:setInvoiceSequence>")


STATES = [
    ("", set(), None),
    ('<nextInvoiceNumber i:nil="true"/>', {"next_invoice_number"}, None),
    ("<nextInvoiceNumber>445</nextInvoiceNumber>", {"next_invoice_number"}, 445),
]


@pytest.mark.parametrize(("inside", "fields", "number"), STATES)
def test_absent_nil_and_a_number_stay_three_states(inside: str, fields: set[str], number: int | None) -> None:
    message = CODEC.read_request(set_request(inside), "text/xml").message
    assert isinstance(message, SetInvoiceSequence)
    assert (message.model_fields_set, message.next_invoice_number) == (fields, number)


@given(st.integers())
def test_any_integer_reads_as_itself(number: int) -> None:
    message = CODEC.read_request(set_request(f"<nextInvoiceNumber>{number}</nextInvoiceNumber>"), None).message
    assert isinstance(message, SetInvoiceSequence)
    assert message.next_invoice_number == number


@given(st.text(st.characters(codec="utf-8", exclude_characters="<&\r", exclude_categories=["Cc"]), max_size=8))
def test_any_text_is_an_integer_of_the_schema_or_refused(text: str) -> None:
    body = set_request(f"<nextInvoiceNumber>{text}</nextInvoiceNumber>")
    plain = text.strip(" \t\n")
    valid = plain.lstrip("+-").isascii() and plain.lstrip("+-").isdigit() and len(plain) - len(plain.lstrip("+-")) <= 1
    try:
        message = CODEC.read_request(body, None).message
    except MessageInvalid:
        assert not valid
    else:
        assert valid
        assert isinstance(message, SetInvoiceSequence)
        assert message.next_invoice_number == int(plain)


def test_equal_bytes_are_read_once_and_the_charset_is_part_of_the_question() -> None:
    codec = Codec(CONFIGURATION, 3)
    body = set_request("<nextInvoiceNumber>445</nextInvoiceNumber>")
    first = codec.read_request(body, "text/xml")
    assert codec.read_request(bytes(body), "text/xml") is first
    assert codec.read_request(body, "text/xml;charset=iso-8859-1") is not first


def test_refusals_are_not_remembered() -> None:
    codec = Codec(CONFIGURATION, 3)
    for _time in range(2):
        with pytest.raises(OperationUnknown) as unknown:
            codec.read_request(request("<c:nothing/>"), None)
        assert unknown.value.name == f"{{{MESSAGES}}}nothing"


def test_only_a_few_pasted_no_break_spaces_are_overlooked() -> None:
    body = set_request("")
    assert CODEC.read_request(body + "\u00a0 \u00a0\n".encode(), None).message == SetInvoiceSequence()
    with pytest.raises(Exception, match="document"):
        CODEC.read_request(body + "\u00a0".encode() * 100_000, None)
