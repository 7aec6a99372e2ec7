"""Makes the bytes of a PDF. The same document in the same layout always gives the same bytes: no time, no random id.
The pixels of a logo are always compressed, so they may be other bytes with another zlib library.

reportlab is the extra `pdf`, and is loaded when the first document is printed.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable, Sequence
from html import escape
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from gateway.printing.document import Cell, PrintedDocument, Row
from gateway.printing.layout import (
    BOLD,
    PLAIN,
    SMALL,
    Block,
    Column,
    Facts,
    Gap,
    Layout,
    Lines,
    Logo,
    QrCode,
    Sides,
    Style,
    Table,
)

if TYPE_CHECKING:
    from reportlab.platypus import Paragraph

_IMAGES: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")
"""How the image files begin that are printed. Others are not even opened: what reads them may start programs."""
_MOST_PIXELS: Final = 4_000_000

_LONGEST: Final = 1000
"""Characters of one paragraph."""
_MOST_IN_CELL: Final = 5000
"""Characters that are printed of a text in a table. A row that goes on over many pages takes time with their square."""
_MOST_IN_FOOTER: Final = 100
"""Characters of seller and heading in the footer, which has one line."""

_ENCODING: Final = "cp1252"
"""The characters of the standard fonts that every PDF reader has: all of the Nordic languages and of Portuguese."""


class PdfUnavailableError(Exception):
    """reportlab is not installed."""

    def __init__(self) -> None:
        super().__init__("PDFs need reportlab: pip install 'invoice-gateway[pdf]'")


def write_pdf(document: PrintedDocument, layout: Layout) -> bytes:
    """Make the PDF. This takes milliseconds, so call it in a thread. Raises PdfUnavailableError."""
    try:
        from reportlab.platypus import SimpleDocTemplate
    except ImportError:
        raise PdfUnavailableError from None
    target = io.BytesIO()
    page = SimpleDocTemplate(
        target,
        pagesize=layout.page,
        leftMargin=layout.margin,
        rightMargin=layout.margin,
        topMargin=layout.margin,
        bottomMargin=layout.margin,
        title=_printable(document.heading),
        author=_printable(_author(document)),
        creator="invoice-gateway",
        producer="invoice-gateway",
        pageCompression=int(layout.compressed),
        invariant=1,  # no time, no random id
    )
    footer = _footer(document, layout)
    page.build(_Page(document).story(layout.blocks), onFirstPage=footer, onLaterPages=footer)
    return target.getvalue()


def _author(document: PrintedDocument) -> str:
    return next(iter(document.seller), "")


def _footer(document: PrintedDocument, layout: Layout) -> Callable[[Any, Any], None]:
    footer = layout.footer

    def draw(canvas: Any, page: Any) -> None:
        canvas.setFont("Helvetica", footer.size)
        named = _printable(f"{_author(document)}  {document.heading}"[:_MOST_IN_FOOTER])
        canvas.drawString(footer.left, footer.height, named)
        word = document.language.word("page")
        canvas.drawRightString(footer.right, footer.height, _printable(f"{word} {page.page}"))

    return draw


def _printable(text: str) -> str:
    """The text in characters that the fonts have. Other letters lose their accents or become question marks."""
    return "".join(character if _has(character) else _nearest(character) for character in text)


def _cut(text: str, most: int | None) -> str:
    return text if most is None or len(text) <= most else f"{text[: most - 1]}…"


def _parts(text: str) -> list[str]:
    """A text in parts, of which each is at most `_LONGEST` characters, and ends after a blank or line if it has any.

    A paragraph takes time with the square of its length, so texts of clients must not be one paragraph whatever they are.
    """
    parts = []
    while len(text) > _LONGEST:
        end = max(text.rfind(blank, 0, _LONGEST) for blank in "\n ") + 1 or _LONGEST
        parts.append(text[:end])
        text = text[end:]
    return [*parts, text]


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
    """Turns the blocks of a layout into parts of reportlab."""

    def __init__(self, document: PrintedDocument, most: int | None = None) -> None:
        """most: characters that are printed of each text; None for all."""
        self._document = document
        self._most = most
        self._language = document.language
        self._styles: dict[Style, Any] = {}
        self._kinds: dict[type, Callable[[Any], list[Any]]] = {
            Gap: lambda gap: self._gap(gap.height),
            Lines: self._lines,
            Facts: self._facts,
            Table: self._table_of,
            QrCode: self._qr,
            Logo: self._logo,
            Sides: self._sides,
        }

    def story(self, blocks: Sequence[Block]) -> list[Any]:
        """All parts in order."""
        return [part for block in blocks for part in self._kinds[type(block)](block)]

    def _gap(self, height: float) -> list[Any]:
        from reportlab.platypus import Spacer

        return [Spacer(1, height)] if height else []

    def _text(self, text: str, style: Style) -> list[Paragraph]:
        """A text as paragraphs: one, unless it is long."""
        from reportlab.platypus import Paragraph

        own = self._style(style)
        return [
            Paragraph(escape(part).replace("\n", "<br/>"), own) for part in _parts(_printable(_cut(text, self._most)))
        ]

    def _in_cell(self, text: str, style: Style) -> list[Paragraph]:
        return self._text(_cut(text, _MOST_IN_CELL), style)

    def _style(self, style: Style) -> Any:
        from reportlab.lib.styles import ParagraphStyle

        if style not in self._styles:
            self._styles[style] = ParagraphStyle(
                "",
                fontName="Helvetica-Bold" if style.bold else "Helvetica",
                fontSize=style.size,
                leading=style.leading,
                spaceAfter=style.after,
                alignment=2 if style.right else 0,
                splitLongWords=True,
            )
        return self._styles[style]

    def _lines(self, block: Lines) -> list[Any]:
        texts = self._document.texts(block.part)
        if not texts:
            return []
        styles = [block.first or block.style, *[block.style] * (len(texts) - 1)]
        caption = self._text(self._language.word(block.caption), BOLD) if block.caption else []
        return [*self._gap(block.before), *caption, *chain.from_iterable(map(self._text, texts, styles))]

    def _facts(self, block: Facts) -> list[Any]:
        rows = [[self._in_cell(fact.label, BOLD), self._in_cell(fact.value, PLAIN)] for fact in self._document.facts]
        return [self._grid(rows, block.widths)] if rows else []

    def _sides(self, block: Sides) -> list[Any]:
        inside = _Page(self._document, _MOST_IN_CELL)  # both sides are cells of a table
        rows = [[inside.story(block.left), inside.story(block.right)]]
        return [self._grid(rows, block.widths, [("LEFTPADDING", (0, 0), (-1, -1), 0)])]

    def _grid(self, rows: Sequence[Any], widths: Sequence[float], style: Sequence[Any] = (), repeat: int = 0) -> Any:
        from reportlab.platypus import LongTable

        usual = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("TOPPADDING", (0, 0), (-1, -1), 1)]
        usual += [("BOTTOMPADDING", (0, 0), (-1, -1), 1)]
        return LongTable(rows, colWidths=widths, repeatRows=repeat, style=[*usual, *style], hAlign="LEFT", splitInRow=1)

    def _table_of(self, block: Table) -> list[Any]:
        rows = self._document.rows(block.table)
        if not rows and not (block.head and block.always):
            return []
        written = [self._head(block.columns)] if block.head else []
        written += [self._row(row, block.columns) for row in rows]
        at, command = (0, "LINEBELOW") if block.rule == "head" else (len(written) - 1, "LINEABOVE")
        style = [(command, (0, at), (-1, at), 0.7, "black")] if block.rule else []
        widths = [column.width for column in block.columns]
        return [*self._gap(block.before), self._grid(written, widths, style, repeat=int(block.head))]

    def _head(self, columns: Sequence[Column]) -> list[Any]:
        words = [self._language.word(column.word) if column.word else "" for column in columns]
        return [
            self._text(word, Style(bold=True, right=column.right)) for word, column in zip(words, columns, strict=True)
        ]

    def _row(self, row: Row, columns: Sequence[Column]) -> list[Any]:
        cells = [*row.cells, *[None] * (len(columns) - len(row.cells))]
        return [self._cell(cell, column, bold=row.bold) for cell, column in zip(cells, columns, strict=True)]

    def _cell(self, cell: Cell, column: Column, *, bold: bool) -> Any:
        if cell is None:
            return ""
        text = cell if isinstance(cell, str) else self._language.amount(cell, column.places)
        return self._in_cell(text, Style(bold=bold, right=column.right))

    def _qr(self, block: QrCode) -> list[Any]:
        qr = self._document.qr
        if qr is None:
            return []
        from reportlab.graphics.barcode.qr import QrCodeWidget
        from reportlab.graphics.shapes import Drawing

        code = QrCodeWidget(qr.text, barLevel=block.level, barWidth=block.side, barHeight=block.side)
        caption = self._text(qr.caption, SMALL) if qr.caption else []
        return [*self._gap(block.before), Drawing(block.side, block.side, code), *caption]

    def _logo(self, block: Logo) -> list[Any]:
        size = _size_of(self._document.logo)
        if size is None:
            return []
        from reportlab.platypus import Image

        scale = min(block.width / size[0], block.height / size[1], 1)
        width, height = size[0] * scale, size[1] * scale
        image = Image(io.BytesIO(self._document.logo), width, height, mask="auto", hAlign="LEFT")
        return [image, *self._gap(block.after)]


def _size_of(image: bytes) -> tuple[int, int] | None:
    """Width and height in pixels; None for what cannot be printed. The pixels are read only if they are few."""
    if not image.startswith(_IMAGES):
        return None
    from reportlab.lib.utils import ImageReader

    try:
        reader = ImageReader(io.BytesIO(image))
        width, height = reader.getSize()
        if not 0 < width * height <= _MOST_PIXELS:
            return None
        reader.getRGBData()
    except Exception:
        return None
    return width, height
