"""An invoice as a PDF: what is printed, and where on the page. The same invoice always gives the same bytes.

This module knows neither messages nor documents of the core. It loads reportlab (the extra `pdf`) when the first invoice
is printed.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING, Any, Final

from adapters.twentyfoursevenoffice.pdf.words import Language

if TYPE_CHECKING:
    from reportlab.platypus import Paragraph

_ENCODING: Final = "cp1252"
"""The characters of the standard fonts that every PDF reader has: all of the Nordic languages and of Portuguese."""


class PdfUnavailableError(Exception):
    """reportlab is not installed."""


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """One line. A text line has no amounts (None).

    discount, vat_rate: percent.
    """

    text: str
    bold: bool = False
    quantity: Decimal | None = None
    price: Decimal | None = None
    discount: Decimal | None = None
    vat_rate: Decimal | None = None
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PrintedInvoice:
    """Everything on the paper, from top to bottom.

    heading: the kind of document and its number.
    facts: word and value.
    vat: rate, basis, VAT.
    sums: word and amount; the last one is what is to be paid.
    """

    language: Language
    seller: str
    heading: str
    addressee: tuple[str, ...]
    delivery: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    title: str
    text: str
    currency: str
    lines: tuple[PrintedLine, ...]
    vat: tuple[tuple[Decimal, Decimal, Decimal], ...]
    sums: tuple[tuple[str, Decimal], ...]


def write_pdf(invoice: PrintedInvoice) -> bytes:
    """Make the PDF. This takes milliseconds, so call it in a thread. Raises PdfUnavailableError."""
    try:
        from reportlab.platypus import SimpleDocTemplate  # noqa: PLC0415 - an extra, and slow to load
    except ImportError:
        raise PdfUnavailableError from None
    target = io.BytesIO()
    page = SimpleDocTemplate(
        target,
        pagesize=(595.28, 841.89),
        leftMargin=57,
        rightMargin=57,
        topMargin=57,
        bottomMargin=57,
        title=_printable(invoice.heading),
        author=_printable(invoice.seller),
        creator="invoice-gateway",
        producer="invoice-gateway",
        invariant=1,  # no time, no random id
    )
    footer = _footer(invoice)
    page.build(_Page(invoice).story(), onFirstPage=footer, onLaterPages=footer)
    return target.getvalue()


def _footer(invoice: PrintedInvoice) -> Callable[[Any, Any], None]:
    def draw(canvas: Any, document: Any) -> None:
        canvas.setFont("Helvetica", 8)
        canvas.drawString(57, 34, _printable(f"{invoice.seller}  {invoice.heading}"))
        canvas.drawRightString(538, 34, _printable(f"{invoice.language.word('page')} {document.page}"))

    return draw


def _printable(text: str) -> str:
    """The text in characters that the fonts have. Other letters lose their accents or become question marks."""
    return "".join(character if _has(character) else _nearest(character) for character in text)


def _has(character: str) -> bool:
    try:
        character.encode(_ENCODING)
    except UnicodeEncodeError:
        return False
    return character.isprintable() or character in "\n\N{NO-BREAK SPACE}"


def _nearest(character: str) -> str:
    if not character.isprintable():
        return " "
    kept = "".join(part for part in unicodedata.normalize("NFKD", character) if _has(part))
    return kept or "?"


class _Page:
    """The parts of one invoice, from top to bottom."""

    def __init__(self, invoice: PrintedInvoice) -> None:
        from reportlab.lib.styles import ParagraphStyle  # noqa: PLC0415

        self._invoice = invoice
        self._word = invoice.language.word
        plain: dict[str, Any] = {"fontName": "Helvetica", "fontSize": 9, "leading": 12, "splitLongWords": True}
        self._plain = ParagraphStyle("plain", **plain)
        self._bold = ParagraphStyle("bold", **{**plain, "fontName": "Helvetica-Bold"})
        self._right = ParagraphStyle("right", **{**plain, "alignment": 2})
        self._right_bold = ParagraphStyle("right-bold", **{**plain, "fontName": "Helvetica-Bold", "alignment": 2})
        self._heading = ParagraphStyle("heading", fontName="Helvetica-Bold", fontSize=16, leading=20, spaceAfter=10)

    def story(self) -> list[Any]:
        """All parts in order."""
        from reportlab.platypus import Spacer  # noqa: PLC0415

        invoice = self._invoice
        parts: list[Any] = [
            self._text(invoice.seller, self._bold),
            Spacer(1, 14),
            self._text(invoice.heading, self._heading),
            self._head(),
            Spacer(1, 14),
        ]
        parts += [self._text(text, style) for text, style in self._comments() if text]
        parts += [Spacer(1, 8), self._lines(), Spacer(1, 12), self._sums()]
        if invoice.vat:
            parts += [Spacer(1, 12), self._vat()]
        return parts

    def _comments(self) -> tuple[tuple[str, Any], ...]:
        return (self._invoice.title, self._bold), (self._invoice.text, self._plain)

    def _text(self, text: str, style: Any) -> Paragraph:
        from reportlab.platypus import Paragraph  # noqa: PLC0415

        return Paragraph(escape(_printable(text)).replace("\n", "<br/>"), style)

    def _head(self) -> Any:
        """The addressee on the left, the facts on the right."""
        left = [self._text(line, self._plain) for line in self._invoice.addressee]
        if self._invoice.delivery:
            left.append(self._text(self._word("delivery"), self._bold))
            left += [self._text(line, self._plain) for line in self._invoice.delivery]
        facts = [[self._text(name, self._bold), self._text(value, self._plain)] for name, value in self._invoice.facts]
        return self._table([[left, self._table(facts, (110, 120))]], (251, 230), [("LEFTPADDING", (0, 0), (-1, -1), 0)])

    def _table(self, rows: Sequence[Any], widths: tuple[int, ...], style: Sequence[Any] = (), repeat: int = 0) -> Any:
        from reportlab.platypus import LongTable  # noqa: PLC0415

        usual = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("TOPPADDING", (0, 0), (-1, -1), 1)]
        usual += [("BOTTOMPADDING", (0, 0), (-1, -1), 1)]
        return LongTable(rows, colWidths=widths, repeatRows=repeat, style=[*usual, *style], hAlign="LEFT", splitInRow=1)

    def _lines(self) -> Any:
        names = ("description", "quantity", "price", "discount", "vat", "amount")
        head = [self._text(self._word(name), self._right_bold if at else self._bold) for at, name in enumerate(names)]
        rule = ("LINEBELOW", (0, 0), (-1, 0), 0.7, "black")
        rows = [head, *(self._line(line) for line in self._invoice.lines)]
        return self._table(rows, (168, 63, 65, 62, 53, 70), [rule], repeat=1)

    def _line(self, line: PrintedLine) -> list[Any]:
        text = self._text(line.text, self._bold if line.bold else self._plain)
        amounts = (
            self._number(line.quantity, None),
            self._number(line.price),
            self._number(line.discount or None, None),
            self._number(line.vat_rate, None),
            self._number(line.amount),
        )
        return [text, *amounts]

    def _number(self, value: Decimal | None, places: int | None = 2, bold: bool = False) -> Any:
        if value is None:
            return ""
        return self._text(self._invoice.language.amount(value, places), self._right_bold if bold else self._right)

    def _sums(self) -> Any:
        last = len(self._invoice.sums) - 1
        rows = []
        for at, (name, amount) in enumerate(self._invoice.sums):
            label = f"{name} {self._invoice.currency}" if at == last else name
            style = self._right_bold if at == last else self._right
            rows.append([self._text(label, style), self._number(amount, bold=at == last)])
        return self._table(rows, (386, 95), [("LINEABOVE", (0, last), (-1, last), 0.7, "black")])

    def _vat(self) -> Any:
        head = [self._text(self._word(name), self._right_bold) for name in ("vat_rate", "basis", "vat_amount")]
        rows = [
            [self._number(rate, None), self._number(basis), self._number(vat)] for rate, basis, vat in self._invoice.vat
        ]
        return self._table([head, *rows], (90, 95, 95), [("LINEBELOW", (0, 0), (-1, 0), 0.7, "black")])
