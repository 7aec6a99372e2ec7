"""Rows of `test_stories`: which number a diff takes, and what that does to the sequence."""

from __future__ import annotations

from tests.adapters.resurs.payments.story import WHOLE, Story, credited, debit, debits, refunds

STORIES = [
    Story(
        "a number ahead is held, and the draw that reaches it fails",
        (debits("p", "1", "446"), debits("p", "1"), debits("p", "1", error=29)),
        (debit("1", "446"), debit("1", "445")),
        446,
    ),
    Story(
        "a draw passes over held numbers",
        (debits("p", "1", "446"), debits("p", "1", "447"), debits("p", "1"), debits("p", "1")),
        (debit("1", "446"), debit("1", "447"), debit("1", "445"), debit("1", "448")),
        449,
        settings={"skip_used": True},
    ),
    Story("a number below", (debits("p", number="7"), debits("q", number="7", error=29)), (debit("30", "7"),)),
    Story(
        "nought, and a number with noughts in front, which is a text",
        (debits("p", "1", "0"), debits("p", "1", "0445"), debits("p", "1")),
        (debit("1", "0"), debit("1", "0445"), debit("1", "445")),
        446,
    ),
    Story(
        "a number that no line can reach is a text",
        (debits("p", "1", "9" * 19), debits("p", "1", "9" * 300), debits("p", "1", "9" * 300, error=29)),
        (debit("1", "9" * 19), debit("1", "9" * 300)),
    ),
    Story(
        "the same text twice in one payment",
        (debits("p", "1", "A"), debits("p", "1", "A", error=29), refunds("p", number="A", error=29)),
        (debit("1", "A"),),
    ),
    Story(
        "texts in other letters differ",
        (debits("p", "1", "a"), debits("q", "1", "A")),
        (debit("1", "a"),),
    ),
    Story("a text of another payment", (debits("q", number="A"), debits("p", number="A", error=29))),
    Story(
        "never moved by a number of one's own",
        (debits("p", "1", "445"), debits("p", "1", error=29)),
        (debit("1", "445"),),
        settings={"explicit_number": "never"},
    ),
    Story(
        "moved to the highest",
        (debits("p", "1", "500"), debits("p", "1", "450"), debits("p", "1")),
        (debit("1", "500"), debit("1", "450"), debit("1", "501")),
        502,
        settings={"explicit_number": "advance_to_max"},
    ),
    Story(
        "moved by one, in all but never",
        (debits("p", "1", "445"),),
        (debit("1", "445"),),
        446,
        settings={"explicit_number": "advance_to_max"},
    ),
    *(
        Story(
            f"a number of one's own without a sequence: {choice}",
            (debits("p", "1", "7"), debits("q", "1", "7", error=29)),
            (debit("1", "7"),),
            0,
            stands=None,
            settings={"explicit_number": choice},
        )
        for choice in ("advance_if_next", "never", "advance_to_max")
    ),
    Story(
        "own numbers are refused while there is a sequence",
        (debits("p", number="7", error=28), debits("p", number="A", error=28)),
        settings={"refuse_own_number": True},
    ),
    Story(
        "and accepted without one",
        (debits("p", number="7"),),
        (debit("30", "7"),),
        0,
        stands=None,
        settings={"refuse_own_number": True},
    ),
    Story(
        "no sequence, refused", (debits("p", error=22),), peek=0, stands=None, settings={"without_sequence": "refuse"}
    ),
    Story(
        "credits that do not draw",
        (WHOLE, refunds("p", "10"), refunds("p", "10", "446")),
        (debit("30", "445"), credited("10"), credited("10", "446")),
        447,
        settings={"credit_notes_draw": False},
    ),
    Story(
        "dates without invoices",
        (debits("p", invoiceDate="2026-11-30", error=1), debits("p", orderDate="2026-11-30")),
        (debit("30"),),
        booked=("30", "PARTPAYMENT"),
    ),
    Story(
        "dates of orders without invoices, refused",
        (debits("p", orderDate="2026-11-30", error=1),),
        booked=("30", "PARTPAYMENT"),
        settings={"order_date_non_invoice": "refuse"},
    ),
]
