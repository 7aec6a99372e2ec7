"""What is on the paper, apart from where it stands: parties, facts, lines, totals, notes, a QR code and a logo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Final, TypeAlias

from gateway.printing.words import Language

Cell: TypeAlias = str | Decimal | None
"""A text as it is, a number that the column and the language write, or nothing."""

MOST_QR_BYTES: Final = 1000
"""What a QR code of a size that a telephone reads from paper can hold."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table.

    cells: one for each column from the left; columns that are left out are empty.
    bold: whether all its texts are bold.
    """

    cells: tuple[Cell, ...]
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """A value with the word for it, such as a date.

    label, value: as they are printed.
    """

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Qr:
    """A QR code. Raises ValueError for a text that is empty or too long.

    text: what a reader finds in it, at most 1,000 bytes of UTF-8.
    caption: what stands below it; "" for nothing.
    """

    text: str
    caption: str = ""

    def __post_init__(self) -> None:
        if not 0 < len(self.text.encode()) <= MOST_QR_BYTES:
            raise ValueError(f"the text of a QR code has 1 to {MOST_QR_BYTES} bytes")


@dataclass(frozen=True, slots=True)
class PrintedDocument:
    """Everything on the paper. The layout says where each part stands; a part that is empty takes no room.

    language: writes the numbers, and has the words of the table heads.
    seller: name and address, line by line. The first line is also the author in the file's properties.
    heading: the kind of the document and its number; also the title in the file's properties.
    buyer, delivery: name and address, line by line.
    facts: number, dates, references.
    subject: one bold line above the text.
    text: what is written above the lines; a line break begins a new line.
    lines: what is sold. Columns of the standard layout: text, quantity, price, discount in percent, VAT in percent, amount.
    totals: words and amounts; the last row is what is to be paid.
    taxes: columns of the standard layout: rate in percent, basis, VAT.
    notes: what is written below the totals, one paragraph each.
    qr: None for a document without a QR code.
    logo: a PNG, JPEG or GIF file. Bytes that are none, or an image of more than 4 million pixels, are left out.
    own: further lines by name, for layouts of a dialect's own.
    """

    language: Language
    seller: tuple[str, ...]
    heading: str
    buyer: tuple[str, ...]
    lines: tuple[Row, ...]
    totals: tuple[Row, ...]
    facts: tuple[Fact, ...] = ()
    delivery: tuple[str, ...] = ()
    subject: str = ""
    text: str = ""
    taxes: tuple[Row, ...] = ()
    notes: tuple[str, ...] = ()
    qr: Qr | None = None
    logo: bytes = field(default=b"", repr=False)
    own: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def texts(self, part: str) -> tuple[str, ...]:
        """The paragraphs of a part by its name; those of `own` when it is no part that every document has."""
        if part in _TEXTS:
            found: str | tuple[str, ...] = getattr(self, part)
            return found if isinstance(found, tuple) else (found,) if found else ()
        return self.own.get(part, ())

    def rows(self, table: str) -> tuple[Row, ...]:
        """The rows of `lines`, `totals` or `taxes`."""
        return {"lines": self.lines, "totals": self.totals, "taxes": self.taxes}[table]


_TEXTS: Final = frozenset({"seller", "heading", "buyer", "delivery", "subject", "text", "notes"})
