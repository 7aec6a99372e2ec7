"""Rows of `test_stories`: limits, methods, statuses, sums."""

from __future__ import annotations

from tests.adapters.resurs.payments.shop import row
from tests.adapters.resurs.payments.story import (
    FINALIZE,
    MORE,
    USED,
    WHOLE,
    Story,
    adds,
    annuls,
    credited,
    debit,
    debits,
    of_rows,
    refunds,
)

STORIES = [
    Story("more, as much as there is", (adds("p", "3000"),), (("AUTHORIZE", "3000", ""),)),
    Story(
        "room comes back with a credit",
        (WHOLE, refunds("p", "10"), adds("p", "3010"), adds("p", "0.01", error=10)),
        (debit("30", "445"), credited("10", "446"), ("AUTHORIZE", "3010", "")),
        447,
        status="DEBITABLE CREDITABLE IS_DEBITED IS_CREDITED",
    ),
    Story("more of nothing named", ((MORE, "<paymentId>p</paymentId>", 1),)),
    Story("more of an annulled one", (annuls("p"), adds("p", "1", error=20)), (("ANNUL", "30", ""),)),
    Story("a credit of too much", (WHOLE, refunds("p", "30.06", error=23)), (debit("30", "445"),), 446),
    Story(
        "a credit within the tolerance",
        (WHOLE, refunds("p", "30.05")),
        (debit("30", "445"), credited("30.05", "446")),
        447,
        total="0",
    ),
    Story(
        "a whole order that binary fractions made a little smaller",
        (debits("p", "29.9950000001"), refunds("p", "29.9950000001"), debits("p", error=20), refunds("p", error=20)),
        (debit("29.995", "445"), credited("29.995", "446")),
        447,
        status="IS_DEBITED IS_CREDITED",
    ),
    Story(
        "half of the smallest coin is something",
        (debits("p", "29.995"), debits("p")),
        (debit("29.995", "445"), debit("0.005", "446")),
        447,
        status="CREDITABLE IS_DEBITED",
    ),
    Story("an annulment of too much", (annuls("p", "31", error=36),)),
    Story(
        "20 for all that is too much",
        (debits("p", "31", error=20), annuls("p", "31", error=20), adds("p", "4000", error=20)),
        settings={"over_amount_errors": "payment_state"},
    ),
    Story("the type INVOICE alone makes none", (WHOLE,), (debit("30"),), booked=("30", "LOAN")),
    Story(
        "a credit note number without invoices",
        (WHOLE, refunds("p", number="7", error=28)),
        (debit("30"),),
        booked=("30", "LOAN"),
    ),
    Story(
        "cards of others",
        (adds("p", "1", error=4), annuls("p", "10", error=4), debits("p", "10"), annuls("p"), refunds("p", "5")),
        (debit("10"), ("ANNUL", "20", ""), credited("5")),
        booked=("30", "VISA"),
    ),
    Story(
        "cards of others, whole only",
        (debits("p", "10", error=4), debits("p", "30")),
        (debit("30"),),
        booked=("30", "VISA"),
        settings={"partial_card_finalize": "refuse"},
    ),
    *(
        Story(
            f"what settles itself: {method}",
            (debits("p", error=4), annuls("p", error=4), adds("p", "1", error=4), refunds("p", error=20)),
            booked=("30", method),
        )
        for method in ("SWISH", "TRUSTLY")
    ),
    Story(
        "only when nothing is left: parts",
        (debits("p", "10"), refunds("p", "5"), annuls("p", "5")),
        (debit("10", "445"), credited("5", "446"), ("ANNUL", "5", "")),
        447,
        status="DEBITABLE CREDITABLE",
        settings={"status_from": "full"},
    ),
    Story(
        "only when nothing is left: all",
        (debits("p", "10"), refunds("p"), annuls("p")),
        (debit("10", "445"), credited("10", "446"), ("ANNUL", "20", "")),
        447,
        status="IS_DEBITED IS_CREDITED IS_ANNULLED",
        settings={"status_from": "full"},
    ),
    Story(
        "a used number is named before wrong sums, and no number is taken by them",
        (
            USED,
            (FINALIZE, f"{of_rows('30', (row('100'),), '20')}<invoiceId>445</invoiceId>", 29),
            (FINALIZE, of_rows("30", (row("100"),), "20"), 1),
        ),
        (),
        446,
    ),
    Story(
        "no sequence is named before wrong sums",
        ((FINALIZE, of_rows("30", (row("100"),), "20"), 22),),
        peek=0,
        stands=None,
        settings={"without_sequence": "refuse"},
    ),
    Story("wrong sums without a sequence", ((FINALIZE, of_rows("30", (row("100"),), "20"), 1),), peek=0, stands=None),
    Story("wrong sums without invoices", ((FINALIZE, of_rows("30", (row("100"),), "20"), 1),), booked=("30", "LOAN")),
    Story("rows need VAT", ((FINALIZE, of_rows("30", (row("30"),), None), 1),)),
    Story("an amount alone may have VAT", ((FINALIZE, of_rows("30", (), "5"), 0),), (debit("30", "445"),), 446),
    Story("nothing at all is an invoice, too", (debits("p", "0"),), (debit("0", "445"),), 446),
    Story(
        "more digits than are kept",
        (debits("p", "29.123456789012345678"),),
        (debit("29.12346", "445"),),
        446,
        total="30",
    ),
]
