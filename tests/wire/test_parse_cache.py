"""The cache returns what a full parse would have read, with any bytes around the number."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.invoicexpress import codec as invoicexpress
from adapters.qqsolutions.codec import Codec as QQCodec
from adapters.qqsolutions.settings import Settings as QQSettings
from adapters.resurs.codec import Codec as ResursCodec
from adapters.resurs.configuration import CONFIGURATION
from adapters.resurs.configuration import NAMESPACE as MESSAGES
from gateway.wire.aspnet.modelstate import ModelState
from gateway.wire.aspnet.pipeline import Entity
from gateway.wire.parse_cache import Readings, Writings

RESURS = (
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
    f'<c:setInvoiceSequence xmlns:c="{MESSAGES}"><nextInvoiceNumber>@</nextInvoiceNumber></c:setInvoiceSequence>'
    "</e:Body></e:Envelope>"
)
INVOICEXPRESS = (
    "<sequence><serie>main 7</serie><current_invoice_number>@</current_invoice_number>"
    "<current_credit_note_number>7</current_credit_note_number></sequence>"
)
NUMBERS = st.one_of(
    st.integers(0, 2**33).map(str),
    st.integers(1, 999).map(str),
    st.sampled_from(
        ["", "0", "007", "-5", "5.0", "1e3", " 12 ", "+3", "12<!-- 3 -->", "1<!---->2", "&#49;", "1_000", "٣"]
    ),
)


class Counting:
    """Parses JSON objects in full, and counts how often."""

    def __init__(self) -> None:
        self.times = 0
        self.readings = Readings(self.read, self.renumbered)

    def read(self, body: bytes, kind: str) -> dict[str, Any]:
        self.times += 1
        message: dict[str, Any] = json.loads(body)
        return {**message, "kind": kind}

    @staticmethod
    def renumbered(one: dict[str, Any], other: dict[str, Any]) -> Callable[[int], dict[str, Any]] | None:
        different = [name for name in one if one[name] != other.get(name)]
        return (lambda number: {**one, different[0]: number}) if len(different) == 1 else None


def test_the_same_bytes_are_read_once_and_the_kind_is_part_of_the_question() -> None:
    counting = Counting()
    first = counting.readings.read(b'{"a": 5}', "x")
    assert counting.readings.read(bytes(bytearray(b'{"a": 5}')), "x") is first
    assert counting.times == 1
    assert counting.readings.read(b'{"a": 5}', "y") == {"a": 5, "kind": "y"}
    assert counting.times == 2


def test_another_number_is_not_read_once_two_were_seen() -> None:
    counting = Counting()
    for number in (5, 6):
        counting.readings.read(b'{"a": %d, "b": 5}' % number, "x")
    learned = counting.times
    for number in (1, 17, 123_456, 999_999_999):
        assert counting.readings.read(b'{"a": %d, "b": 5}' % number, "x") == {"a": number, "b": 5, "kind": "x"}
    assert counting.times == learned
    for body in (b'{"a": 1000000000, "b": 5}', b'{"a": 0, "b": 5}', b'{"a": -4, "b": 5}', b'{"a": 4, "b": 6}'):
        counting.readings.read(body, "x")
    assert counting.times > learned + 3


def test_what_is_read_differently_is_not_learned() -> None:
    def read(body: bytes, kind: None) -> int:
        number = int(body)
        return 0 if number > 1000 else number

    readings = Readings(read, lambda _one, _other: lambda number: number)
    assert [readings.read(b"%d" % number, None) for number in (4, 5, 6, 5000, 7)] == [4, 5, 6, 0, 7]


def test_refusals_are_passed_on_each_time() -> None:
    counting = Counting()
    for _time in range(2):
        with pytest.raises(json.JSONDecodeError):
            counting.readings.read(b"{", "x")
    assert counting.times == 2


def test_memory_is_bounded() -> None:
    counting = Counting()
    for number in range(2000):
        counting.readings.read(json.dumps({f"name{number}": number % 9 + 1}).encode(), str(number % 100))
    counting.readings.read(json.dumps({"a": 1, "b": "x" * 5000}).encode(), "x")
    readings = counting.readings
    assert len(readings._exact) == 512
    assert max(len(body) for body, _kind in readings._exact) < 100
    assert len(readings._last) <= 64
    assert len(readings._patterns) <= 64


def outcome(read: Callable[[], object]) -> object:
    try:
        return read()
    except Exception as error:  # noqa: BLE001 - refusals are compared like messages
        return type(error), getattr(error, "problem", None)


Reader = Callable[[bytes], object]


def resurs_readers() -> tuple[Reader, Reader]:
    codec = ResursCodec(CONFIGURATION, 0)
    return lambda body: codec.read_request(body, "text/xml"), lambda body: codec._decode(body, "text/xml")


def qq_readers(content_type: str) -> tuple[Reader, Reader]:
    codec = QQCodec(QQSettings())

    def with_state(read: Callable[[Entity, ModelState], object]) -> Reader:
        def reader(body: bytes) -> object:
            state = ModelState()
            return read(Entity(body, content_type), state), list(state.items())

        return reader

    return with_state(codec.read_value), with_state(codec._read)


def invoicexpress_readers() -> tuple[Reader, Reader]:
    readings = Readings(invoicexpress._read, invoicexpress._renumbered)
    return lambda body: readings.read(body, None), lambda body: invoicexpress._read(body, None)


QQ_XML = (
    '<SequenceValueDTO xmlns="http://schemas.datacontract.org/2004/07/'
    'QQSolutions.NextGen.ModelLibrary.DataTransferObjects.Locations">'
    "<NextNumberShouldBe>@</NextNumberShouldBe><Prefix>7</Prefix></SequenceValueDTO>"
)
READERS: dict[str, tuple[Callable[[], tuple[Reader, Reader]], str]] = {
    "resurs": (resurs_readers, RESURS),
    "qqsolutions json": (
        lambda: qq_readers("application/json"),
        '{"NextNumberShouldBe": @, "Suffix": "7", "Prefix": ""}',
    ),
    "qqsolutions json text": (lambda: qq_readers("application/json"), '{"NextNumberShouldBe": "@"}'),
    "qqsolutions json twice": (lambda: qq_readers("text/json"), '{"NextNumberShouldBe": @, "nextnumbershouldbe": 7}'),
    "qqsolutions xml": (lambda: qq_readers("text/xml"), QQ_XML),
    "qqsolutions form": (lambda: qq_readers("application/x-www-form-urlencoded"), "NextNumberShouldBe=@&Prefix=7"),
    "invoicexpress": (invoicexpress_readers, INVOICEXPRESS),
    "invoicexpress typed": (invoicexpress_readers, INVOICEXPRESS.replace("er>@", 'er type="integer">@', 1)),
    "invoicexpress name": (invoicexpress_readers, INVOICEXPRESS.replace("main 7", "main @").replace(">@", ">8")),
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("name", READERS)
@settings(deadline=None, max_examples=50)
@given(numbers=st.lists(NUMBERS, min_size=4, max_size=8))
def test_every_dialect_reads_as_it_would_the_first_time(name: str, encoding: str, numbers: list[str]) -> None:
    make, text = READERS[name]
    remembering, plain = make()
    for number in ("41", "42", *numbers):  # the first two are enough to learn from
        body = text.replace("@", number).encode(encoding)
        assert outcome(lambda: remembering(body)) == outcome(lambda: plain(body)), body


@given(st.integers(-5, 2**40), st.integers(-5, 2**40), st.sampled_from(["utf-8", "utf-16", "utf-7"]))
def test_answers_are_what_they_would_be_the_first_time(one: int, other: int, encoding: str) -> None:
    writings = Writings()
    for number in (one, other):
        for kind in ("a", "1"):

            def render(value: int) -> bytes:
                return f"{kind}<{value}>".encode(encoding)

            assert writings.write(kind, number, render) == render(number)


def test_an_answer_that_says_the_number_twice_is_rendered_each_time() -> None:
    writings = Writings()
    assert [writings.write("k", number, lambda n: b"%d %d" % (n, n)) for number in (4, 55)] == [b"4 4", b"55 55"]
