"""Rows of `test_stories`, numbered G23 to G49, but for those that tests of their own have."""

from __future__ import annotations

from tests.adapters.resurs.payments.shop import row
from tests.adapters.resurs.payments.story import (
    CLEARED,
    FINALIZE,
    SAMPLE,
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
    set_to,
)

STORIES = [
    Story(
        "G23 a booking",
        (),
        status="DEBITABLE",
        total="30",
    ),
    Story("G24 whole", (WHOLE,), (debit("30", "445"),), 446, status="CREDITABLE IS_DEBITED"),
    Story(
        "G25 amount and a text as number",
        (debits("p", "30.00", "DebInv-1", orderId="O-1", orderDate="2026-11-30", invoiceDate="2026-11-30"),),
        (debit("30", "DebInv-1"),),
    ),
    Story(
        "G26 and a credit with a text",
        (debits("p", "30.00", "DebInv-1"), refunds("p", number="CrN-1")),
        (debit("30", "DebInv-1"), credited("30", "CrN-1")),
        status="IS_DEBITED IS_CREDITED",
        total="0",
    ),
    Story("G27 a credit draws", (WHOLE, refunds("p")), (debit("30", "445"), credited("30", "446")), 447),
    Story("G28 the next number by hand", (debits("p", number="445"),), (debit("30", "445"),), 446),
    Story("G29 a used number", (USED, debits("p", number="445", error=29)), (), 446),
    Story(
        "G30 back to a used number",
        (USED, CLEARED, set_to(445), debits("p", error=29)),
    ),
    Story("G31 no sequence", (WHOLE,), (debit("30"),), 0, stands=None, status="CREDITABLE IS_DEBITED"),
    Story(
        "G32 the first number by hand",
        (CLEARED, set_to(1), debits("p", number="1")),
        (debit("30", "1"),),
        2,
    ),
    Story("G33 a method without numbers", (WHOLE,), (debit("30"),), booked=("30", "PARTPAYMENT")),
    Story("G34 and a number", (debits("p", number="7", error=28),), booked=("30", "PARTPAYMENT")),
    Story(
        "G35 and a date",
        (refunds("p", creditNoteDate="2026-11-30", error=1), WHOLE, refunds("p", creditNoteDate="2026-11-30", error=1)),
        (debit("30"),),
        booked=("30", "PARTPAYMENT"),
    ),
    Story(
        "G36 two parts",
        (debits("p", "60"), debits("p", "40")),
        (debit("60", "445"), debit("40", "446")),
        447,
        ("100", "INVOICE"),
        status="CREDITABLE IS_DEBITED",
    ),
    Story(
        "G37 a total within the tolerance",
        ((FINALIZE, of_rows("100.04", (row("100"),), "20"), 0),),
        (debit("100.04", "445"),),
        446,
        ("200", "INVOICE"),
    ),
    Story("G38 too much", (debits("p", "101", error=26),), booked=("100", "INVOICE")),
    Story("G39 twice", (WHOLE, debits("p", error=20)), (debit("30", "445"),), 446),
    Story("G40 a credit of nothing", (refunds("p", error=20),)),
    Story("G41 an annulment of what is debited", (WHOLE, annuls("p", error=20)), (debit("30", "445"),), 446),
    Story(
        "G42 a discount",
        ((FINALIZE, of_rows("1100", SAMPLE, "220"), 0),),
        (debit("1100", "445"),),
        446,
        ("1100", "INVOICE"),
    ),
    Story(
        "G44 beyond the tolerance", ((FINALIZE, of_rows("100.20", (row("100"),), "20"), 1),), booked=("200", "INVOICE")
    ),
    Story(
        "G45 a part is annulled",
        (annuls("p", "40"),),
        (("ANNUL", "40", ""),),
        booked=("100", "INVOICE"),
        status="DEBITABLE IS_ANNULLED",
        total="60",
    ),
    Story("G46 all is annulled", (annuls("p"),), (("ANNUL", "30", ""),), status="IS_ANNULLED", total="0"),
    Story(
        "G48 more within the limit",
        (adds("p", "95"),),
        (("AUTHORIZE", "95", ""),),
        status="DEBITABLE",
        total="125",
    ),
    Story("G49 more than the limit", (adds("p", "3000.01", error=10),), total="30"),
]
