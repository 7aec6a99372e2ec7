"""Printed documents: what they show, in which words and places."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from gateway.printing.document import MOST_QR_BYTES, Fact, Qr, Row
from gateway.printing.layout import STANDARD, Column, Facts, Gap, Layout, Lines, QrCode, Sides, Table
from gateway.printing.pdf import PdfUnavailableError, write_pdf
from gateway.printing.words import LANGUAGES, language_of
from tests.printing.papers import LINE, QR, a_document, whole
from tests.printing.pdf_text import shown, texts

BARE = replace(
    STANDARD,
    blocks=tuple(
        each
        for each in STANDARD.blocks
        if not (isinstance(each, QrCode) or getattr(each, "table", "") == "taxes")
        and getattr(each, "part", "") not in {"delivery", "subject", "text", "notes"}
    ),
)
"""Without the blocks of parts that may be empty."""


def pages(layout: Layout = STANDARD, **changes: Any) -> list[str]:
    return texts(write_pdf(a_document(**changes), layout))


def words(**changes: Any) -> list[str]:
    (page,) = pages(**changes)
    return page.split("|")


def test_one_letter_more_is_another_file() -> None:
    assert write_pdf(a_document(), STANDARD) != write_pdf(a_document(heading="Invoice 2"), STANDARD)


def test_a_file_that_is_not_compressed_depends_on_no_library_for_that() -> None:
    plain = write_pdf(whole(), STANDARD)
    assert b"/Filter" not in plain
    packed = write_pdf(whole(), replace(STANDARD, compressed=True))
    assert len(packed) < len(plain) / 2
    assert texts(packed) == texts(plain)


def test_every_part_stands_in_its_place() -> None:
    (page,) = texts(write_pdf(whole(), STANDARD))
    assert page.split("|") == [
        *("Räksmörgås & Söner AB  Invoice 1", "Page 1"),
        *(
            "Räksmörgås & Söner AB",
            "Ångströmsgatan 3",
            "Invoice 1",
            "Somebody",
            "Delivery address",
            "Slipp",
            "Sjøgata 7",
        ),
        *("Number", "1", "Subject <", "b", ">", "Line 1", "Line 2"),
        *("Description", "Quantity", "Price", "Discount %", "VAT %", "Amount", "A line", "1", "2.00", "25", "2.00"),
        *("A text", "A bold text", "Net", "2.00", "Total EUR", "1,234,567.50"),
        *("VAT rate %", "Basis", "VAT", "12.5", "2.00", "0.50", "A note", "Another note", "ATCUD:ABCD1234-5"),
    ]


def test_a_part_that_is_empty_takes_no_room() -> None:
    empty = {"delivery": (), "subject": "", "text": "", "taxes": (), "notes": (), "qr": None}
    assert write_pdf(replace(whole(), **empty), STANDARD) == write_pdf(replace(whole(), **empty), BARE)
    assert b" re f" in write_pdf(whole(), STANDARD)
    assert b" re f" not in write_pdf(replace(whole(), **empty), STANDARD)


def test_a_qr_code_holds_its_text() -> None:
    """The dark squares on the page are those of the code."""
    from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(QR.text)
    code.make()
    side = code.getModuleCount()
    boxes = re.findall(rb"n (\S+) (\S+) (\S+) (\S+) re f", write_pdf(a_document(qr=QR), STANDARD))
    size = 100 / (side + 8)
    dark = set()
    for left, bottom, width, _ in (map(float, box) for box in boxes):
        row, column = round(side + 4 - bottom / size) - 1, round(left / size) - 4
        dark |= {(row, column + more) for more in range(round(width / size))}
    assert dark == {(row, column) for row in range(side) for column in range(side) if code.modules[row][column]}


@pytest.mark.parametrize("text", ["", "x" * (MOST_QR_BYTES + 1), "ø" * (MOST_QR_BYTES // 2 + 1)])
def test_what_no_qr_code_holds(text: str) -> None:
    with pytest.raises(ValueError, match="1 to 1000 bytes"):
        Qr(text)


def test_the_longest_qr_code_is_printed() -> None:
    blocks = (QrCode(level="H"),)
    assert write_pdf(a_document(qr=Qr("x" * MOST_QR_BYTES)), Layout(blocks)).startswith(b"%PDF-")


def test_letters_of_all_languages_are_shown() -> None:
    letters = "æøå ÆØÅ äö ÄÖ šž ç ã õ á é í ó ú â ê ô à ÇÃÕ € – “”"
    assert letters in pages(buyer=(letters,))[0]


@pytest.mark.parametrize(("given", "shown"), [("Łódź", "?ódz"), ("Ω", "?"), ("a\x00b\x1fc", "a b c"), ("İ", "I")])
def test_what_the_fonts_lack(given: str, shown: str) -> None:
    assert shown in words(buyer=(given,))


def test_every_language_has_its_words() -> None:
    for code in LANGUAGES:
        own = language_of(code)
        (page,) = texts(write_pdf(a_document(code), STANDARD))
        assert own.word("description") in page
        assert shown(own.amount(Decimal("1234567.5"))) in page
        assert len(set(own.words.values())) > 20


def test_a_dialect_adds_words_and_replaces_them() -> None:
    more = {"pt": {"atcud": "Código", "invoice": "Fatura simplificada"}, "en": {"atcud": "Code"}}
    own = language_of("pt-BR", more)
    assert [own.word(name) for name in ("atcud", "invoice", "date")] == ["Código", "Fatura simplificada", "Data"]
    assert language_of("de", more).word("atcud") == "Code"
    assert language_of("sv", more) is LANGUAGES["sv"]
    with pytest.raises(KeyError):
        language_of("pt").word("atcud")


def test_a_layout_of_a_dialects_own() -> None:
    """Columns, order and further parts are data."""
    columns = (Column("", 200), Column("amount", 100, right=True, places=4), Column("", 50, right=True))
    layout = Layout(
        (
            Lines("terms", caption="due", before=3),
            Sides((Facts((50, 50)),), (Lines("buyer"),)),
            Gap(5),
            Table("lines", columns, head=True, rule="head"),
            Table("taxes", columns, head=True),
        )
    )
    rows = (Row(("Coffee", Decimal("1.5"), "IVA23")), Row(("Tea",)))
    page = "|".join(pages(layout, lines=rows, own={"terms": ("30 days",), "unused": ("x",)}))
    assert page.split("|") == [
        *("Seller  Invoice 1", "Page 1", "Due date", "30 days", "Number", "1", "Somebody"),
        *("Amount", "Coffee", "1.5000", "IVA23", "Tea"),
    ]


AMOUNTS = [
    ("no", "1\N{NO-BREAK SPACE}234,50"),
    ("sv", "1\N{NO-BREAK SPACE}234,50"),
    ("fi", "1\N{NO-BREAK SPACE}234,50"),
    ("da", "1.234,50"),
    ("pt", "1.234,50"),
    ("en", "1,234.50"),
]


@pytest.mark.parametrize(("language", "text"), AMOUNTS)
def test_amounts(language: str, text: str) -> None:
    assert language_of(language).amount(Decimal("1234.5")) == text


@pytest.mark.parametrize(("value", "text"), [("0", "0"), ("-0", "0"), ("100", "100"), ("2.50", "2.5"), ("1E+2", "100")])
def test_quantities_have_no_more_places_than_they_need(value: str, text: str) -> None:
    assert language_of("en").amount(Decimal(value), None) == text


@pytest.mark.parametrize(
    ("code", "language"),
    [("nb", "no"), ("nn-NO", "no"), ("PT_br", "pt"), ("sv", "sv"), ("de", "en"), ("", "en"), ("da-DK", "da")],
)
def test_language_codes(code: str, language: str) -> None:
    assert language_of(code) is LANGUAGES[language]


def test_many_lines_go_on_to_further_pages() -> None:
    found = pages(lines=(LINE,) * 120)
    assert len(found) > 2
    assert sum(page.count("A line") for page in found) == 120
    assert [f"Page {number}" in page for number, page in enumerate(found, start=1)] == [True] * len(found)
    assert all("Description" in page for page in found[:-1])


def test_a_text_longer_than_a_page_is_possible() -> None:
    assert len(pages(text="word " * 5000)) > 1
    found = pages(lines=(Row(("word " * 1000,)),))
    assert len(found) > 2
    assert sum(page.count("word") for page in found) == 1000


def test_a_long_text_is_printed_in_full_between_the_tables() -> None:
    assert "".join(pages(text="ab" * 2500)).replace("|", "").count("ab") == 2500


@pytest.mark.parametrize(
    "place",
    [{"lines": (Row(("x" * 6000,)),)}, {"facts": (Fact("Number", "x" * 6000),)}, {"buyer": ("x" * 6000,)}],
    ids=["lines", "facts", "buyer"],
)
def test_a_table_has_the_beginning_of_a_long_text(place: Mapping[str, Any]) -> None:
    found = "".join(pages(**place))
    assert found.count("x") - "".join(pages()).count("x") == 4999
    assert found.count("…") == 1


def test_the_footer_has_one_line() -> None:
    (footer, *_) = pages(heading="x" * 3000)[-1].split("|")
    assert footer == "Seller  " + "x" * 92


def test_without_reportlab(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "reportlab.platypus", None)
    with pytest.raises(PdfUnavailableError, match=r"pip install 'invoice-gateway\[pdf\]'"):
        write_pdf(a_document(), STANDARD)
