"""The hardened parser, as tables: what is read and how, what is refused and why, and that a flood costs little."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import pytest

from gateway.wire import xml, xml_names
from gateway.wire.xml import XmlLimits, XmlProblem, XmlRefused

ROOT = Path(__file__).parent.parent.parent

TEXT_READ = {
    "plain": b"<n>445</n>",
    "comment inside": b"<n>44<!-- -->5</n>",
    "processing instruction inside": b"<n>44<?x y?>5</n>",
    "CDATA": b"<n>44<![CDATA[5]]></n>",
    "character references": b"<n>&#52;4&#x35;</n>",
    "declaration": b"<?xml version='1.0' encoding='UTF-8'?>\n<n>445</n>",
    "comment that names a DTD": b"<!-- <!DOCTYPE n> --><n>445</n>",
    "CDATA that names a DTD": b"<n>445<a><![CDATA[<!DOCTYPE n>]]></a></n>",
    "white space around": b"\r\n <n>445</n>\n",
    "UTF-8 mark": b"\xef\xbb\xbf<n>445</n>",
    "UTF-8 mark against a declaration": b"\xef\xbb\xbf<?xml version='1.0' encoding='iso-8859-1'?><n>445</n>",
    "UTF-16 little endian mark": "\ufeff<n>445</n>".encode("utf-16-le"),
    "UTF-16 big endian mark": "\ufeff<?xml version='1.0' encoding='UTF-16'?><n>445</n>".encode("utf-16-be"),
    "UTF-16 without mark": "<?xml version='1.0' encoding='UTF-16'?><n>445</n>".encode("utf-16-le"),
    "XML 1.1 declared": b"<?xml version='1.1'?><n>445</n>",
}


@pytest.mark.parametrize("body", TEXT_READ.values(), ids=TEXT_READ.keys())
def test_reads_one_text(body: bytes) -> None:
    root = xml.parse(body)
    assert (root.tag, root.text) == ("n", "445")


ENCODINGS = [
    ("å in UTF-8", "<n>å</n>".encode(), None),
    ("å in declared ISO-8859-1", "<?xml version='1.0' encoding='ISO-8859-1'?><n>å</n>".encode("latin-1"), None),
    ("transport outranks declaration", "<?xml version='1.0' encoding='ISO-8859-1'?><n>å</n>".encode(), "utf-8"),
    ("transport alone", "<n>å</n>".encode("latin-1"), '"ISO-8859-1"'),
    ("declared windows-1252", '<?xml version="1.0" encoding="windows-1252"?><n>å</n>'.encode("cp1252"), None),
    ("mark outranks transport", b"\xef\xbb\xbf" + "<n>å</n>".encode(), "iso-8859-1"),
    ("UTF-16 by transport", "<n>å</n>".encode("utf-16"), "utf-16"),
    ("UTF-16LE by transport, no mark", "<n>å</n>".encode("utf-16-le"), "UTF-16LE"),
]


@pytest.mark.parametrize(("body", "charset"), [row[1:] for row in ENCODINGS], ids=[row[0] for row in ENCODINGS])
def test_reads_encodings(body: bytes, charset: str | None) -> None:
    assert xml.parse(body, charset=charset).text == "å"


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]><l>&d;</l>"""
QUADRATIC = b'<!DOCTYPE q [<!ENTITY a "' + b"x" * 50_000 + b'">]><q>' + b"&a;" * 50_000 + b"</q>"

REFUSED = {
    "nothing": (b"", XmlProblem.EMPTY),
    "white space": (b" \r\n\t", XmlProblem.EMPTY),
    "only a mark": (b"\xef\xbb\xbf", XmlProblem.EMPTY),
    "billion laughs": (LAUGHS, XmlProblem.DOCTYPE),
    "quadratic blow-up": (QUADRATIC, XmlProblem.DOCTYPE),
    "external entity": (b'<!DOCTYPE n [<!ENTITY x SYSTEM "file:///etc/passwd">]><n>&x;</n>', XmlProblem.DOCTYPE),
    "external DTD": (b'<!DOCTYPE n SYSTEM "http://127.0.0.1:9/x.dtd"><n/>', XmlProblem.DOCTYPE),
    "DTD after a comment": (b"<?xml version='1.0'?><!-- a --> <?p i?><!DOCTYPE n><n/>", XmlProblem.DOCTYPE),
    "DTD in UTF-16": ("\ufeff<!DOCTYPE n><n/>".encode("utf-16-le"), XmlProblem.DOCTYPE),
    "DTD after the root": (b"<n/><!DOCTYPE n>", XmlProblem.MALFORMED),
    "small doctype": (b"<!doctype n><n/>", XmlProblem.MALFORMED),
    "undeclared entity": (b"<n>44&x;5</n>", XmlProblem.MALFORMED),
    "undeclared entity in an attribute": (b"<n a='&x;'/>", XmlProblem.MALFORMED),
    "deep nesting": (b"<n>" * 65 + b"</n>" * 65, XmlProblem.TOO_DEEP),
    "very deep nesting": (b"<n>" * 100_000 + b"</n>" * 100_000, XmlProblem.TOO_DEEP),
    "very deep, unclosed": (b"<n>" * 100_000, XmlProblem.TOO_DEEP),
    "300k siblings": (b"<r>" + b"<a/>" * 300_000 + b"</r>", XmlProblem.TOO_MANY),
    "300k siblings behind a comment": (b"<r><!-- < -->" + b"<a/>" * 300_000 + b"</r>", XmlProblem.TOO_MANY),
    "many attributes": (b"<n " + b" ".join(b'a%d=""' % i for i in range(65)) + b"/>", XmlProblem.TOO_MANY),
    "many namespaces": (b"<n " + b" ".join(b'xmlns:a%d="u"' % i for i in range(99)) + b"/>", XmlProblem.TOO_MANY),
    "broken UTF-8": (b"<n>\xc3</n>", XmlProblem.ENCODING),
    "surrogate in UTF-8": (b"<n>\xed\xa0\x80</n>", XmlProblem.ENCODING),
    "overlong UTF-8": (b"<n>\xc0\xaf</n>", XmlProblem.ENCODING),
    "unknown encoding": (b"<?xml version='1.0' encoding='klingon'?><n/>", XmlProblem.ENCODING),
    "UTF-7": (b"<?xml version='1.0' encoding='UTF-7'?><n/>", XmlProblem.ENCODING),
    "UTF-16 declared, bytes are not": (b"<?xml version='1.0' encoding='UTF-16'?><n/>", XmlProblem.ENCODING),
    "half a UTF-16 unit": ("\ufeff<n/>".encode("utf-16-le") + b"x", XmlProblem.ENCODING),
    "NUL in the text": (b"<n>4\x005</n>", XmlProblem.MALFORMED),
    "NUL at the end": (b"<n/>\0", XmlProblem.MALFORMED),
    "NUL by reference": (b"<n>&#0;</n>", XmlProblem.MALFORMED),
    "control character": (b"<n>\x01</n>", XmlProblem.MALFORMED),
    "unclosed": (b"<n><a></n>", XmlProblem.MALFORMED),
    "unbound prefix": (b"<p:n/>", XmlProblem.MALFORMED),
    "attribute twice": (b"<n a='1' a='2'/>", XmlProblem.MALFORMED),
    "two roots": (b"<n/><n/>", XmlProblem.MALFORMED),
    "declaration not first": (b" <?xml version='1.0'?><n/>", XmlProblem.MALFORMED),
    "JSON": (b'{"n": 1}', XmlProblem.MALFORMED),
    "too large": (b"<n>" + b"x" * (4 * 1024 * 1024) + b"</n>", XmlProblem.TOO_LARGE),
}


@pytest.mark.parametrize(("body", "problem"), REFUSED.values(), ids=REFUSED.keys())
@pytest.mark.parametrize("read", [xml.parse, xml.parse_document], ids=["parse", "parse_document"])
def test_refuses(read, body: bytes, problem: XmlProblem) -> None:
    with pytest.raises(XmlRefused) as refused:
        read(body)
    assert refused.value.problem is problem


def test_limits_are_inclusive() -> None:
    limits = XmlLimits(max_bytes=60, max_depth=3, max_elements=4, max_attributes=2)
    xml.parse(b"<a b='1' c='2'><a><a/></a><a/></a>".ljust(60), limits)
    for body in (b"<a/>".ljust(61), b"<a><a><a><a/></a></a></a>", b"<a><a/><a/><a/><a/></a>", b"<a b='' c='' d=''/>"):
        with pytest.raises(XmlRefused):
            xml.parse(body, limits)


def test_less_than_signs_in_cdata_are_no_elements() -> None:
    body = b"<r><![CDATA[" + b"<" * 300_000 + b"]]><a/></r>"
    assert len(xml.parse(body)) == 1


def test_a_depth_cap_that_libxml2_would_overrule_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="max_depth"):
        XmlLimits(max_depth=256)


def test_position_of_the_error() -> None:
    with pytest.raises(XmlRefused) as refused:
        xml.parse(b"<n>\n <a></b>\n</n>")
    assert (refused.value.line, refused.value.column) == (2, 9)
    with pytest.raises(XmlRefused) as refused:
        xml.parse(b"<n>\n\xff</n>")
    assert (refused.value.line, refused.value.column) == (2, 1)


FLOODS = {
    "300k siblings": b"<r>" + b"<a/>" * 300_000 + b"</r>",
    "a million siblings": b"<r>" + b"<a/>" * 1_000_000 + b"</r>",
    "open comments": b"<r>" + b"<!--" * 1_000_000,
    "open CDATA and tags": b"<r>" + b"<![CDATA[" * 250_000 + b"<a>" * 400_000,
    "prolog without end": b"<!---->" * 400_000 + b"<!-- <!DOCTYPE",
    "spaces before a DTD": b" " * 4_000_000 + b"<!DOCTYPE n><n/>",
    "300k attributes": b"<r " + b" ".join(b'a%d=""' % i for i in range(300_000)) + b"/>",
    "namespaces": b"<r " + b" ".join(b'xmlns:a%d="a"' % i for i in range(200_000)) + b"/>",
}


@pytest.mark.parametrize("body", FLOODS.values(), ids=FLOODS.keys())
def test_a_flood_is_refused_without_quadratic_work(body: bytes) -> None:
    """Linear work takes some 0.1 s of processor time, quadratic work takes minutes: a limit between them fits any machine."""
    began = time.process_time()
    with pytest.raises(XmlRefused):
        xml.parse(body)
    assert time.process_time() - began < 30


def test_siblings_over_the_cap_are_refused_without_building_them() -> None:
    body = FLOODS["a million siblings"]
    tracemalloc.start()
    with pytest.raises(XmlRefused):
        xml.parse(body)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2 * len(body)


DOCUMENTS = [
    (b"<n/>", (None, False, False)),
    (b"<?xml version='1.0' encoding='utf-8'?><n/>", ("utf-8", False, False)),
    (b"<?p i?><n/>", (None, True, False)),
    (b"<?xml version='1.0'?><?p i?><n/>", (None, True, False)),
    (b"<?xml-stylesheet href='a'?><n/>", (None, True, False)),
    (b"<n/><?p i?>", (None, True, False)),
    (b"<n><a>4<?p i?>5</a></n>", (None, True, False)),
    (b"<n><!-- c --></n>", (None, False, True)),
    (b"<n><![CDATA[<?p i?><!-- c -->]]></n>", (None, False, False)),
]


@pytest.mark.parametrize(("body", "facts"), DOCUMENTS)
def test_knows_what_was_removed(body: bytes, facts: tuple[str | None, bool, bool]) -> None:
    document = xml.parse_document(body)
    assert (document.declared, document.has_pi, document.has_comment) == facts
    assert document.root.xpath("count(//processing-instruction() | //comment())") == 0


ESCAPES = [
    ("445", "445", "445"),
    ("a<b>&c", "a&lt;b&gt;&amp;c", "a&lt;b&gt;&amp;c"),
    ('"', '"', "&quot;"),
    ("a\r\n\tb", "a&#13;\n\tb", "a&#13;&#10;&#9;b"),
    ("å€𝄞", "å€𝄞", "å€𝄞"),
    ("a\0b\x1f\ud800\uffff", "a\ufffdb\ufffd\ufffd\ufffd", "a\ufffdb\ufffd\ufffd\ufffd"),
]


@pytest.mark.parametrize(("plain", "text", "attribute"), ESCAPES)
def test_escapes(plain: str, text: str, attribute: str) -> None:
    assert xml.escape_text(plain) == text
    assert xml.escape_attribute(plain) == attribute
    root = xml.parse(f'<n a="{attribute}">{text}</n>'.encode())
    if "\0" not in plain:
        assert (root.text, root.get("a")) == (plain, plain)


def test_serialises_without_the_tail() -> None:
    root = xml.parse("<n><a>å</a> tail<b></b></n>".encode())
    assert xml.serialise(root[0]) == "<a>å</a>".encode()
    assert xml.serialise(root[1], b'<?xml version="1.0"?>\n') == b'<?xml version="1.0"?>\n<b/>'
    assert xml.serialise(root[0], encoding="us-ascii") == b"<a>&#229;</a>"


def test_the_mapping_shows_what_the_parser_read() -> None:
    root = xml.parse(b"<n a='1'><!-- no --><x>44<!-- -->5</x><y/></n>")
    assert xml.to_mapping(root) == {"n": {"@a": "1", "x": "445", "y": None}}
    assert xml.to_mapping(root, xml_attribs=False) == {"n": {"x": "445", "y": None}}


def test_canonical_forms_compare() -> None:
    first = xml.canonical(b"<p:n xmlns:p='u' b='2' a='1'> <a/> </p:n>", strip_space=True)
    assert first == xml.canonical(b'<?xml version="1.0"?><p:n a="1" b="2" xmlns:p="u"><a></a></p:n>', strip_space=True)
    assert first != xml.canonical(b"<p:n xmlns:p='u' b='2' a='1'><b/></p:n>", strip_space=True)


NAMES_MADE_UP = {
    "elements": "<e{n}/>",
    "attributes": "<a e{n}=''/>",
    "prefixes of elements": "<p{n}:a xmlns:p{n}='u'/>",
    "prefixes alone": "<a xmlns:p{n}='u'/>",
    "namespaces": "<a xmlns:p='urn:{n}'/>",
    "namespaces in quotes in quotes": "<a xmlns:p='\"{n}'/>",
    "default namespaces": "<a xmlns = '{n}'/>",
    "targets": "<?e{n} x?>",
    "behind > in a value": "<a x='>' e{n}=''/>",
    "behind > and other quotes": "<a x='\"' y=\">\" e{n}=''/>",
    "behind > and both quotes": "<a x='\">' e{n}=\"'\"/>",
    "behind a quote in a comment": "<!-- ' --><e{n} a=''/>",
    "behind a quote in CDATA": '<![CDATA[ " ]]><e{n} a=""/>',
    "behind a quote in a target": "<?p ' ?><e{n} a=''/>",
}


@pytest.mark.parametrize("unit", NAMES_MADE_UP.values(), ids=NAMES_MADE_UP.keys())
def test_every_name_counts_as_new(unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A document is familiar when its names are known or can be learned; else one unknown name makes it new."""
    monkeypatch.setattr(xml_names, "_known_names", set())
    monkeypatch.setattr(xml_names, "_known_tags", set())
    first, second = (f"<r>{unit.replace('{n}', f'new{n}')}</r>".encode() for n in (1, 2))
    assert xml_names.is_familiar(first)
    monkeypatch.setattr(xml_names, "_LEARN_MOST", 0)
    assert xml_names.is_familiar(first)
    assert not xml_names.is_familiar(second)


NOT_NAMES = [
    "<r>{n}</r>",
    "<r>a:{n} &amp; b={n}</r>",
    "<r a='{n}:{n}'/>",
    "<r><![CDATA[<{n}]]></r>",
    "<r><!--{n}--></r>",
]


@pytest.mark.parametrize("text", NOT_NAMES)
def test_text_and_values_are_no_names(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_names, "_known_names", set())
    assert xml_names.is_familiar(text.replace("{n}", "1").encode())
    monkeypatch.setattr(xml_names, "_LEARN_MOST", 0)
    assert xml_names.is_familiar(text.replace("{n}", "2").encode())


NAME_FLOOD = """
import json, sys
from gateway.wire import xml

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096

def read(text):
    try:
        xml.parse_document(text.encode())
    except xml.XmlRefused:
        pass

def flood(first, last):
    for number in range(first, last):
        unit = units[number % len(units)]
        read(f"<r>{''.join(unit.replace('{n}', f'{number}name{i}') for i in range(800))}</r>")
        if number % 10 == 0:
            read(f"<r>&entity{number}{'x' * 50_000};</r>")
            read(f"<r {'z' * 50_000}{number}:b=''/>")
            read(f"<r>{''.join(f'<big{number}_{i}/>' for i in range(9000))}</r>")

units = json.loads(sys.argv[1])
flood(0, 100)
before = resident()
flood(100, 700)
print((resident() - before) // 1024)
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
def test_names_that_clients_make_up_do_not_stay_in_memory() -> None:
    """If they stayed, the names of this flood would take some 50 MB."""
    command = [sys.executable, "-c", NAME_FLOOD, json.dumps(list(NAMES_MADE_UP.values()))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 24 * 1024  # KiB


def test_a_document_read_apart_is_like_any_other() -> None:
    names = b"".join(b"<n%d>%d</n%d>" % (i, i, i) for i in range(9000))
    root = xml.parse(b"<r xmlns:p='urn:p' p:a='1'>" + names + b"</r>")
    root[0].append(root[-1])
    assert (root[0][0].tag, root[0][0].text, root.get("{urn:p}a")) == ("n8999", "8999", "1")
    assert xml.parse(xml.serialise(root))[1].tag == "n1"
    with pytest.raises(XmlRefused) as refused:
        xml.parse(b"<r>" + names + b"</s>")
    assert (refused.value.problem, refused.value.line) == (XmlProblem.MALFORMED, 1)
