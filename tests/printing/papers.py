"""A document with every part, and its bytes: run as a program, it prints their digest."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from decimal import Decimal
from typing import Any

from gateway.printing.document import Fact, PrintedDocument, Qr, Row
from gateway.printing.layout import STANDARD, Layout
from gateway.printing.pdf import write_pdf
from gateway.printing.words import language_of

LINE = Row(("A line", Decimal(1), Decimal(2), None, Decimal(25), Decimal(2)))
PAID = Row(("Total EUR", Decimal("1234567.5")), bold=True)
QR = Qr("A:500000000*B:999999990*C:PT*D:FT*F:20261130*G:FT A/1*H:ABCD1234-5*O:2.50", "ATCUD:ABCD1234-5")


def a_document(language: str = "en", **changes: Any) -> PrintedDocument:
    """A small document with these parts changed."""
    small = PrintedDocument(
        language=language_of(language),
        seller=("Seller",),
        heading="Invoice 1",
        buyer=("Somebody",),
        facts=(Fact("Number", "1"),),
        lines=(LINE,),
        totals=(PAID,),
    )
    return replace(small, **changes)


def whole(language: str = "en") -> PrintedDocument:
    """A document in which no part is empty."""
    return a_document(
        language,
        seller=("Räksmörgås & Söner AB", "Ångströmsgatan 3"),
        delivery=("Slipp", "Sjøgata 7"),
        subject="Subject <b>",
        text="Line 1\nLine 2",
        lines=(LINE, Row(("A text",)), Row(("A bold text",), bold=True)),
        totals=(Row(("Net", Decimal(2))), PAID),
        taxes=(Row((Decimal("12.5"), Decimal(2), Decimal("0.5"))),),
        notes=("A note", "Another note"),
        qr=QR,
    )


def digest(layout: Layout = STANDARD) -> str:
    """Of the documents in all languages."""
    languages = ("no", "sv", "da", "fi", "pt", "en")
    return hashlib.sha256(b"".join(write_pdf(whole(language), layout) for language in languages)).hexdigest()


if __name__ == "__main__":
    print(digest())
