"""Where the parts of a document stand on the page, as data. Lengths are points, of which an inch has 72."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

PartName: TypeAlias = str
"""seller, heading, buyer, delivery, subject, text, notes, or a name in `PrintedDocument.own`."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a text looks.

    size: of the letters.
    leading: from one line to the next.
    after: room below the paragraph.
    """

    bold: bool = False
    right: bool = False
    size: float = 9
    leading: float = 12
    after: float = 0


PLAIN: Final = Style()
BOLD: Final = Style(bold=True)
HEADING: Final = Style(bold=True, size=16, leading=20, after=10)
SMALL: Final = Style(size=7, leading=9)


@dataclass(frozen=True, slots=True)
class Gap:
    """Room between two parts, whether they are there or not."""

    height: float


@dataclass(frozen=True, slots=True)
class Lines:
    """A part that is text, one paragraph for each of its lines.

    part: its name.
    style: of all lines but the first one.
    first: of the first line; None for that of all lines.
    caption: the name of the word above it; "" for none.
    before: room above, unless the part is empty.
    """

    part: PartName
    style: Style = PLAIN
    first: Style | None = None
    caption: str = ""
    before: float = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts, one below the other.

    widths: of the labels, and of the values.
    """

    widths: tuple[float, float] = (110, 120)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    word: the name of the word at its head; "" for none.
    right: whether it is aligned at its right edge, as numbers are.
    places: how many decimals its numbers have; None for as many as each needs.
    """

    word: str
    width: float
    right: bool = False
    places: int | None = 2


@dataclass(frozen=True, slots=True)
class Table:
    """A table, which goes on to further pages with its head. It takes no room when it has neither head nor rows.

    table: which rows of the document.
    head: whether the words of the columns stand above. Without rows there is no head either, unless `always`.
    rule: a line below the head, above the last row, or none.
    before: room above.
    """

    table: Literal["lines", "totals", "taxes"]
    columns: tuple[Column, ...]
    head: bool = False
    rule: Literal["head", "last", ""] = ""
    before: float = 0
    always: bool = False


@dataclass(frozen=True, slots=True)
class QrCode:
    """The QR code, if the document has one, with its caption below.

    side: with the white border that readers need.
    level: how much of it may be damaged: L 7 %, M 15 %, Q 25 %, H 30 %.
    before: room above.
    """

    side: float = 100
    level: Literal["L", "M", "Q", "H"] = "M"
    before: float = 12


@dataclass(frozen=True, slots=True)
class Logo:
    """The logo, if the document has one, as large as fits.

    width, height: the most that it may take.
    after: room below.
    """

    width: float = 160
    height: float = 60
    after: float = 12


@dataclass(frozen=True, slots=True)
class Sides:
    """Two columns of parts side by side.

    widths: of both.
    """

    left: tuple[Block, ...]
    right: tuple[Block, ...]
    widths: tuple[float, float] = (251, 230)


Block: TypeAlias = Gap | Lines | Facts | Table | QrCode | Logo | Sides


@dataclass(frozen=True, slots=True)
class Footer:
    """Seller, heading and page at the bottom of each page.

    left, right: where it begins and ends.
    height: above the lower edge of the page.
    """

    left: float = 57
    right: float = 538
    height: float = 34
    size: float = 8


@dataclass(frozen=True, slots=True)
class Layout:
    """A page, and what stands on it from top to bottom.

    blocks: in the order in which they are printed.
    page: width and height; A4.
    margin: on all sides.
    compressed: makes files a third as large. What a zlib library makes of the same text differs from one to the next, so
        only files that are not compressed have the same bytes on every machine.
    """

    blocks: tuple[Block, ...]
    page: tuple[float, float] = (595.28, 841.89)
    margin: float = 57
    footer: Footer = Footer()
    compressed: bool = False


STANDARD: Final = Layout(
    (
        Logo(),
        Lines("seller", first=BOLD),
        Gap(14),
        Lines("heading", HEADING),
        Sides(left=(Lines("buyer"), Lines("delivery", caption="delivery")), right=(Facts(),)),
        Gap(14),
        Lines("subject", BOLD),
        Lines("text"),
        Gap(8),
        Table(
            "lines",
            (
                Column("description", 168),
                Column("quantity", 63, right=True, places=None),
                Column("price", 65, right=True),
                Column("discount", 62, right=True, places=None),
                Column("vat", 53, right=True, places=None),
                Column("amount", 70, right=True),
            ),
            head=True,
            rule="head",
            always=True,
        ),
        Table("totals", (Column("", 386, right=True), Column("", 95, right=True)), rule="last", before=12),
        Table(
            "taxes",
            (
                Column("vat_rate", 90, right=True, places=None),
                Column("basis", 95, right=True),
                Column("vat_amount", 95, right=True),
            ),
            head=True,
            rule="head",
            before=12,
        ),
        Lines("notes", before=12),
        QrCode(),
    )
)
"""An invoice or credit note on A4."""
