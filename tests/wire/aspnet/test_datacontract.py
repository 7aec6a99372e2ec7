"""DataContract XML: which documents are read, the order rule, nil, namespaces, and writing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wire.aspnet.charset import Undecodable, xml_text
from gateway.wire.aspnet.contract import Contract, Member, Scalar, generic_name
from gateway.wire.aspnet.datacontract import read_xml, write_xml, write_xml_list
from gateway.wire.aspnet.xml_prolog import NotXml
from gateway.wire.xml import parse

XSI = 'xmlns:i="http://www.w3.org/2001/XMLSchema-instance"'
PART = Contract("Part", "urn:part", (Member("Zeta", Scalar.STRING), Member("Alpha", Scalar.INT32)))
THING = Contract(
    "Thing",
    "urn:thing",
    (
        Member("N", Scalar.INT32),
        Member("S", Scalar.STRING),
        Member("B", Scalar.BOOLEAN),
        Member("P", PART),
        Member("Base", Scalar.STRING, inherited=True),
    ),
)
KEPT = {"N": 0, "S": None, "B": False, "P": None, "Base": None}


def read(content: str, attributes: str = "", before: str = "", after: str = "") -> dict[str, Any] | None:
    text = f'{before}<Thing xmlns="urn:thing" {XSI} {attributes}>{content}</Thing>{after}'
    return read_xml(text, "utf-8", THING)


@pytest.mark.parametrize(
    ("content", "members"),
    [
        ("", {}),
        ("<N>1</N><S>x</S>", {"N": 1, "S": "x"}),
        ("<Base>b</Base><B>true</B><N>1</N>", {"Base": "b", "B": True, "N": 1}),
        ("<N>1</N><Base>b</Base>", {"N": 1}),  # the base class comes first, so this one comes too late
        ("<S>x</S><N>1</N>", {"S": "x"}),
        ("<N>1</N><N>2</N>", {"N": 1}),
        ("<Other><N>5</N></Other><N>1</N>", {"N": 1}),
        ("<n>5</n><N>1</N>", {"N": 1}),
        ('<N xmlns="">5</N><N>1</N>', {"N": 1}),
        ('<q:N xmlns:q="urn:thing">1</q:N>', {"N": 1}),
        ("<N>\n +1\t</N>", {"N": 1}),
        ("<N>1<!-- -->2</N>", {"N": 12}),
        ("<N><![CDATA[12]]></N>", {"N": 12}),
        ("<S/>", {"S": ""}),
        ("<S>  </S>", {"S": "  "}),
        ("<S>a\r\nb</S>", {"S": "a\nb"}),
        ("<S>&lt;&#233;&#x1F600;</S>", {"S": "<é😀"}),
        ("<S>&#0;&#x1f;&#xFFFE;&#13;</S>", {"S": "\0\x1f\ufffe\r"}),
        ("<S><![CDATA[&#1;\x01]]></S>", {"S": "&#1;\x01"}),
        ('<S i:nil="true">x</S>', {}),
        ('<S i:nil=" 1 "/>', {}),
        ('<S i:nil="false">x</S>', {"S": "x"}),
        ("<B>1</B>", {"B": True}),
        ('<P xmlns:p="urn:part"><p:Alpha>1</p:Alpha><p:Zeta>z</p:Zeta></P>', {"P": {"Alpha": 1, "Zeta": "z"}}),
        ('<P xmlns:p="urn:part"><p:Zeta>z</p:Zeta><p:Alpha>1</p:Alpha></P>', {"P": {"Alpha": 0, "Zeta": "z"}}),
        ("<P><Alpha>1</Alpha></P>", {"P": {"Alpha": 0, "Zeta": None}}),
        ('<P i:nil="true"/>', {}),
        ("\n  <!-- c -->\n  <N>1</N>\n", {"N": 1}),
        ('<S i:type="x">a</S>', {"S": "a"}),
    ],
)
def test_members(content: str, members: dict[str, Any]) -> None:
    assert read(content) == {**KEPT, **members}


@pytest.mark.parametrize(
    "content",
    [
        "text",
        "<N>1</N>text",
        "<![CDATA[]]>",
        "<N/>",
        "<N> </N>",
        "<N>x</N>",
        "<N>1.0</N>",
        "<N>0x1</N>",
        "<N>1 2</N>",
        "<N>2147483648</N>",
        '<N i:nil="true"/>',
        "<N>1<x/></N>",
        "<S>a<b/>c</S>",
        '<S i:nil="yes"/>',
        '<Other i:nil="yes"/>',
        "<B>TRUE</B>",
        "<P>text</P>",
        "<S>&undefined;</S>",
        "<S>&#x110000;</S>",
        "<S>&#xD800;</S>",
        "<S>\x01</S>",
        "<S>]]></S>",
        "<S>",
        "<S></T>",
        "<?pi x?>",
        "<S a='1' a='2'/>",
        "<x:S/>",
        '<S z:Ref="1" xmlns:z="http://schemas.microsoft.com/2003/10/Serialization/"/>',
    ],
)
def test_refused_content(content: str) -> None:
    with pytest.raises(NotXml):
        read(content)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("\n", ""),
        ("<!-- c -->", "<!-- d -->"),
        ('<?xml version="1.0"?>', ""),
        ("<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\n", "\n"),
        ("", " anything at all & <"),
        ("", "\r\n<x/>"),
    ],
)
def test_around_the_root(before: str, after: str) -> None:
    assert read("", before=before, after=after) == KEPT


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "text"),
        ("", "<x/>"),
        ("", "<?pi?>"),
        ("", "<!-- not closed"),
        ("text", ""),
        ("<?pi x?>", ""),
        ("\n<?xml version='1.0'?>", ""),
        ("<?xml version='1.1'?>", ""),
        ("<?xml encoding='utf-8'?>", ""),
        ("<?xml version='1.0' encoding='utf-16'?>", ""),
        ("<?xml version='1.0' encoding='us-ascii'?>", ""),
        ("<?xml version='1.0' standalone='maybe'?>", ""),
        ("<!DOCTYPE Thing>", ""),
        ("<!DOCTYPE a [<!ENTITY x 'y'>]>", ""),
    ],
)
def test_refused_around_the_root(before: str, after: str) -> None:
    with pytest.raises(NotXml):
        read("", before=before, after=after)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "    ",
        "<Thing/>",
        "<thing xmlns='urn:thing'/>",
        "<Thing xmlns='urn:Thing'/>",
        "<Part xmlns='urn:part'/>",
        f"<Thing xmlns='urn:thing' {XSI} i:type='Part'/>",
        f"<Thing xmlns='urn:thing' {XSI} i:type='x:Thing'/>",
        "<Thing xmlns='urn:thing'>" + "<x>" * 300 + "</x>" * 300 + "</Thing>",
        "<" * 100_000,
        "<a b='" * 50_000,
    ],
)
def test_refused_roots(text: str) -> None:
    with pytest.raises(NotXml):
        read_xml(text, "utf-8", THING)


def test_nil_and_typed_roots() -> None:
    assert read("", 'i:nil="true"') is None
    assert read("<N>x</N>", 'i:nil="true" i:type="Whatever"') is None
    assert read("<N>1</N>", 'i:type="Thing"') == {**KEPT, "N": 1}
    assert read("<N>1</N>", 'xmlns:t="urn:thing" i:type="t:Thing"') == {**KEPT, "N": 1}


@pytest.mark.parametrize(
    ("body", "charset", "expected"),
    [
        (b"<a/>", "utf-8", "<a/>"),
        (b"\xef\xbb\xbf<a/>", "utf-8", "<a/>"),
        ("<a/>".encode("utf-16"), "utf-16", "<a/>"),
        ("<a/>".encode("utf-16-le"), "utf-16", "<a/>"),
        (b"<a>", "utf-8", None),
        (b"<a/>", "utf-16", None),
        ("<a/>".encode("utf-16"), "utf-8", None),
        ("<a/>".encode("utf-16-be"), "utf-16", None),
        (b"\xfe\xff\x00<\x00a\x00/\x00>", "utf-8", None),
        (b"<a>\xe9</a>", "utf-8", None),
    ],
)
def test_encodings(body: bytes, charset: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(Undecodable):
            xml_text(body, charset)
    else:
        assert xml_text(body, charset) == expected


def test_private_use_characters_survive_beside_stand_ins() -> None:
    assert read("<S>\U000f0001&#1;</S>") == {**KEPT, "S": "\U000f0001\x01"}


def test_writing() -> None:
    value = {**KEPT, "S": "a<>&\"'\r\nb\rc\n\td\x00\x1f\ufffe]]>é", "P": {"Zeta": "", "Alpha": 7}}
    assert write_xml(THING, value) == (
        f'<Thing {XSI} xmlns="urn:thing"><Base i:nil="true" /><B>false</B><N>0</N>'
        '<P xmlns:d2p1="urn:part"><d2p1:Alpha>7</d2p1:Alpha><d2p1:Zeta></d2p1:Zeta></P>'
        "<S>a&lt;&gt;&amp;\"'\r\nb\r\nc\r\n\td&#x0;&#x1F;&#xFFFE;]]&gt;é</S></Thing>"
    )
    assert write_xml(THING, None) == f'<Thing i:nil="true" {XSI} xmlns="urn:thing" />'
    assert '<P xmlns:d2p1="urn:part" i:nil="true" />' in write_xml(THING, KEPT)


def test_prefixes_follow_depth_and_are_declared_once() -> None:
    inner = Contract("Inner", "urn:inner", (Member("X", Scalar.INT32),))
    middle = Contract("Middle", "urn:middle", (Member("Again", inner), Member("First", inner)))
    outer = Contract("Outer", "urn:outer", (Member("M", middle), Member("Own", inner)))
    value = {"M": {"First": {"X": 1}, "Again": {"X": 2}}, "Own": {"X": 3}}
    assert write_xml(outer, value) == (
        f'<Outer {XSI} xmlns="urn:outer"><M xmlns:d2p1="urn:middle">'
        '<d2p1:Again xmlns:d3p1="urn:inner"><d3p1:X>2</d3p1:X></d2p1:Again>'
        '<d2p1:First xmlns:d3p1="urn:inner"><d3p1:X>1</d3p1:X></d2p1:First></M>'
        '<Own xmlns:d2p1="urn:inner"><d2p1:X>3</d2p1:X></Own></Outer>'
    )


def test_generic_names() -> None:
    namespace = "http://schemas.datacontract.org/2004/07/QQSolutions.NextGen.ModelLibrary.DataTransferObjects.Locations"
    number = Contract("SequenceNumberDTO", namespace, ())
    assert generic_name("ActionResultDTO", [number]) == "ActionResultDTOOfSequenceNumberDTOHrQ9GOTS"
    assert generic_name("Pair", ["int", "string"]) == "PairOfintstring"


TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=30)
MESSAGES = st.fixed_dictionaries(
    {
        "N": st.integers(-(2**31), 2**31 - 1),
        "S": st.none() | TEXT,
        "B": st.booleans(),
        "P": st.none() | st.fixed_dictionaries({"Zeta": st.none() | TEXT, "Alpha": st.integers(0, 9)}),
        "Base": st.none() | TEXT,
    }
)


@given(MESSAGES)
def test_what_is_written_is_read_back(message: dict[str, Any]) -> None:
    assert read_xml(write_xml(THING, message, "\n"), "utf-8", THING) == message


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=30))
def test_ordinary_text_makes_wellformed_documents(text: str) -> None:
    parse(write_xml(THING, {**KEPT, "S": text}).encode())


PIECES = [
    *(
        "<Thing xmlns='urn:thing'>",
        "</Thing>",
        "<Thing>",
        "<N>",
        "</N>",
        "1",
        "<S/>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
    ),
    *("<?", "?>", "<!DOCTYPE", "&", "&#1;", "&#", ";", "&x;", "'", '"', ">", "<", "<?xml version='1.0'?>", " ", "\x01"),
]


@given(st.lists(st.sampled_from(PIECES), max_size=14))
def test_any_text_is_read_or_refused(parts: list[str]) -> None:
    try:
        value = read_xml("".join(parts), "utf-8", THING)
    except NotXml:
        return
    assert value is None or set(value) == set(KEPT)


@given(st.binary(max_size=100), st.sampled_from(["utf-8", "utf-16"]))
def test_any_bytes_are_read_or_refused(body: bytes, charset: str) -> None:
    try:
        read_xml(xml_text(body, charset), charset, THING)
    except (NotXml, Undecodable):
        return


def test_a_list_of_messages() -> None:
    part = Contract("Part", "urn:part", (Member("A", Scalar.INT32),))
    outer = Contract("Outer", "urn:outer", (Member("Parts", part, many=True),))
    declared = f'{XSI} xmlns="urn:part"'
    assert write_xml_list(part, [{"A": 1}, {"A": 2}]) == (
        f"<ArrayOfPart {declared}><Part><A>1</A></Part><Part><A>2</A></Part></ArrayOfPart>"
    )
    assert write_xml_list(part, []) == f"<ArrayOfPart {declared} />"
    assert write_xml(outer, {"Parts": [{"A": 1}]}) == (
        f'<Outer {XSI} xmlns="urn:outer"><Parts xmlns:d2p1="urn:part"><d2p1:Part><d2p1:A>1</d2p1:A></d2p1:Part></Parts></Outer>'
    )
    assert write_xml(outer, {"Parts": None}) == (
        f'<Outer {XSI} xmlns="urn:outer"><Parts xmlns:d2p1="urn:part" i:nil="true" /></Outer>'
    )
