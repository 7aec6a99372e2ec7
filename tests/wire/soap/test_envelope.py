"""Envelopes in every spelling that clients use, and documents that are no envelope."""

from __future__ import annotations

import pytest

from gateway.wire.soap.envelope import (
    ENVELOPE_11,
    ENVELOPE_12,
    ContentType,
    EnvelopeProblem,
    EnvelopeRefused,
    SoapVersion,
    open_envelope,
    read_action,
    read_content_type,
)
from gateway.wire.xml import XmlRefused

E11, E12 = ENVELOPE_11, ENVELOPE_12

SPELLINGS = {
    "soapenv, empty Header": f"<s:Envelope xmlns:s='{E11}' xmlns:m='urn:m'><s:Header/><s:Body><m:op/></s:Body></s:Envelope>",
    "no Header": f"<soap:Envelope xmlns:soap='{E11}'><soap:Body><op xmlns='urn:m'/></soap:Body></soap:Envelope>",
    "default namespace": f"<Envelope xmlns='{E11}'><Body><op xmlns='urn:m'/></Body></Envelope>",
    "declared late": f"<a:Envelope xmlns:a='{E11}'><b:Body xmlns:b='{E11}'><c:op xmlns:c='urn:m'/></b:Body></a:Envelope>",
    "same prefix reused": f"<p:Envelope xmlns:p='{E11}'><p:Body><p:op xmlns:p='urn:m'/></p:Body></p:Envelope>",
    "white space": f"\n <S:Envelope\n xmlns:S='{E11}' >\n <S:Body >\n<m:op xmlns:m='urn:m' />\n</S:Body>\n</S:Envelope>\n",
    "comments": f"<!--a--><S:Envelope xmlns:S='{E11}'><!--b--><S:Body><!--c--><o:op xmlns:o='urn:m'/></S:Body></S:Envelope>",
    "attributes": f"<S:Envelope xmlns:S='{E11}' S:id='e'><S:Body id='b'><op xmlns='urn:m'/></S:Body></S:Envelope>",
    "element after Body": f"<S:Envelope xmlns:S='{E11}'><S:Body><op xmlns='urn:m'/></S:Body><x xmlns='urn:x'/></S:Envelope>",
}
ENCODED = {
    "UTF-8": lambda text: text.encode(),
    "UTF-8 mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "UTF-16 mark": lambda text: text.encode("utf-16"),
}


@pytest.mark.parametrize("encode", ENCODED.values(), ids=ENCODED.keys())
@pytest.mark.parametrize("text", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_every_spelling_reads_the_same(text: str, encode) -> None:
    envelope = open_envelope(encode(text))
    assert envelope.version is SoapVersion.SOAP_11
    assert [payload.tag for payload in envelope.payloads] == ["{urn:m}op"]
    assert envelope.payload is not None
    assert envelope.payload.tag == "{urn:m}op"


@pytest.mark.parametrize("text", [t for n, t in SPELLINGS.items() if n != "element after Body"])
def test_the_namespace_decides_the_version(text: str) -> None:
    assert open_envelope(text.replace(E11, E12).encode()).version is SoapVersion.SOAP_12


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "UTF-16"])
def test_the_transport_charset_counts(charset: str) -> None:
    text = f"<Envelope xmlns='{E11}'><Body><op xmlns='urn:m'>å</op></Body></Envelope>"
    envelope = open_envelope(text.encode(charset), charset)
    assert envelope.payload is not None
    assert envelope.payload.text == "å"


def test_an_empty_body_is_a_message() -> None:
    envelope = open_envelope(f"<Envelope xmlns='{E11}'><Body/></Envelope>".encode())
    assert envelope.payload is None


def test_payloads_are_counted() -> None:
    envelope = open_envelope(f"<Envelope xmlns='{E11}'><Body><a xmlns=''/><b xmlns=''/></Body></Envelope>".encode())
    assert [payload.tag for payload in envelope.payloads] == ["a", "b"]


P = EnvelopeProblem
REFUSED = [
    ("<a/>", P.NOT_AN_ENVELOPE, "a", None),
    (f"<envelope xmlns='{E11}'/>", P.NOT_AN_ENVELOPE, f"{{{E11}}}envelope", None),
    ("<Envelope/>", P.VERSION_MISMATCH, "Envelope", None),
    ("<Envelope xmlns='urn:x'><Body xmlns='urn:x'/></Envelope>", P.VERSION_MISMATCH, "{urn:x}Envelope", None),
    (f"<Envelope xmlns='{E11}'/>", P.NO_BODY, "", SoapVersion.SOAP_11),
    (f"<Envelope xmlns='{E11}'><Header/></Envelope>", P.NO_BODY, "", SoapVersion.SOAP_11),
    (f"<e:Envelope xmlns:e='{E11}'><Body/></e:Envelope>", P.NO_BODY, "Body", SoapVersion.SOAP_11),
    (
        f"<e:Envelope xmlns:e='{E11}'><Body xmlns='{E12}'/></e:Envelope>",
        P.NO_BODY,
        f"{{{E12}}}Body",
        SoapVersion.SOAP_11,
    ),
    (
        f"<Envelope xmlns='{E11}'><Body/><Header/></Envelope>",
        P.MISPLACED_HEADER,
        f"{{{E11}}}Header",
        SoapVersion.SOAP_11,
    ),
    (
        f"<Envelope xmlns='{E11}'><Header/><Header/><Body/></Envelope>",
        P.MISPLACED_HEADER,
        f"{{{E11}}}Header",
        SoapVersion.SOAP_11,
    ),
    (f"<Envelope xmlns='{E11}'><Body/><Body/></Envelope>", P.TRAILING_ELEMENT, f"{{{E11}}}Body", SoapVersion.SOAP_11),
    (f"<Envelope xmlns='{E11}'><x xmlns=''/><Body/></Envelope>", P.TRAILING_ELEMENT, "x", SoapVersion.SOAP_11),
    (f"<Envelope xmlns='{E12}'><Body/><x xmlns=''/></Envelope>", P.TRAILING_ELEMENT, "x", SoapVersion.SOAP_12),
]


@pytest.mark.parametrize(("text", "problem", "name", "version"), REFUSED)
def test_refuses(text: str, problem: EnvelopeProblem, name: str, version: SoapVersion | None) -> None:
    with pytest.raises(EnvelopeRefused) as refused:
        open_envelope(text.encode())
    assert (refused.value.problem, refused.value.name, refused.value.version) == (problem, name, version)


def test_what_is_no_xml_is_the_parsers_refusal() -> None:
    with pytest.raises(XmlRefused):
        open_envelope(b"<Envelope")


NEXT_11 = "http://schemas.xmlsoap.org/soap/actor/next"
MUST = [
    (E11, "e:mustUnderstand='1'", False),
    (E11, "e:mustUnderstand='0'", True),
    (E11, "", True),
    (E11, "mustUnderstand='1'", True),  # not in the envelope's namespace: another attribute
    (E11, f"e:mustUnderstand='1' e:actor='{NEXT_11}'", False),
    (E11, "e:mustUnderstand='1' e:actor=''", False),
    (E11, "e:mustUnderstand='1' e:actor='urn:somebody-else'", True),
    (E12, "e:mustUnderstand='true'", False),
    (E12, "e:mustUnderstand='1'", False),
    (E12, "e:mustUnderstand='false'", True),
    (E12, f"e:mustUnderstand='true' e:role='{E12}/role/next'", False),
    (E12, f"e:mustUnderstand='true' e:role='{E12}/role/ultimateReceiver'", False),
    (E12, f"e:mustUnderstand='true' e:role='{E12}/role/none'", True),
]


@pytest.mark.parametrize(("namespace", "attributes", "accepted"), MUST)
def test_must_understand(namespace: str, attributes: str, accepted: bool) -> None:
    text = (
        f"<e:Envelope xmlns:e='{namespace}'><e:Header><h:Security xmlns:h='urn:h' {attributes}/></e:Header>"
        "<e:Body/></e:Envelope>"
    ).encode()
    if accepted:
        assert [block.tag for block in open_envelope(text).headers] == ["{urn:h}Security"]
        return
    with pytest.raises(EnvelopeRefused) as refused:
        open_envelope(text)
    assert (refused.value.problem, refused.value.name) == (P.NOT_UNDERSTOOD, "{urn:h}Security")
    assert open_envelope(text, understands=lambda name: name == "{urn:h}Security").headers


CONTENT_TYPES = [
    (None, ContentType("")),
    ("", ContentType("")),
    ("text/xml", ContentType("text/xml")),
    ("Text/XML; charset=utf-8", ContentType("text/xml", "utf-8")),
    ('text/xml;charset="UTF-8"', ContentType("text/xml", "UTF-8")),
    ("text/xml; charset=", ContentType("text/xml")),
    ('application/soap+xml; charset=utf-8; action="urn:a"', ContentType("application/soap+xml", "utf-8", "urn:a")),
    ('application/soap+xml;action=""', ContentType("application/soap+xml", None, "")),
    ('application/soap+xml; action="a\\"b"; x=1', ContentType("application/soap+xml", None, 'a"b')),
    ("text/xml; charset=a; charset=b", ContentType("text/xml", "a")),
    ("text/xml;;; charset = utf-8", ContentType("text/xml", "utf-8")),
    (";", ContentType("")),
]


@pytest.mark.parametrize(("header", "expected"), CONTENT_TYPES)
def test_content_types(header: str | None, expected: ContentType) -> None:
    assert read_content_type(header) == expected


@pytest.mark.parametrize(
    ("media_type", "version"),
    [("text/xml", SoapVersion.SOAP_11), ("application/soap+xml", SoapVersion.SOAP_12), ("application/json", None)],
)
def test_the_media_type_names_a_version(media_type: str, version: SoapVersion | None) -> None:
    assert read_content_type(media_type).version is version


ACTIONS = [
    (None, "text/xml", None),
    ('""', "text/xml", ""),
    ("", "text/xml", ""),
    ('"urn:a"', "text/xml", "urn:a"),
    ("urn:a", "text/xml", "urn:a"),
    ("'urn:a'", "text/xml", "urn:a"),
    (' "urn:a" ', "text/xml", "urn:a"),
    ('"', "text/xml", '"'),
    (None, 'application/soap+xml; action="urn:b"', "urn:b"),
    ('"urn:a"', 'application/soap+xml; action="urn:b"', "urn:a"),
]


@pytest.mark.parametrize(("header", "content_type", "expected"), ACTIONS)
def test_actions(header: str | None, content_type: str, expected: str | None) -> None:
    assert read_action(header, read_content_type(content_type)) == expected
