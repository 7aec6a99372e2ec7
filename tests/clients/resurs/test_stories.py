"""What shops in PHP do in a day, with PHP's SoapClient: their calls in their order.

Source: ecomphp 1.3.89 and its tests, measured against a throw-away server (R-12, P-47, P-63, P-65).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from tests.clients.programs import php_session
from tests.clients.resurs.conftest import Shop

PROGRAM: Final = Path(__file__).parent / "stories.php"
FIXABLE: Final = "(Fixable by you)"
USED: Final = {"code": 29, "message": f"[ALREADY_EXISTS_INVOICE_ID] Fakturanummer 1003036 finns redan. {FIXABLE}"}
MISSING: Final = {
    "code": 8,
    "message": "[REFERENCED_DATA_DONT_EXISTS] Efterfrågad order/betalning (No-such-payment) kan inte hittas i databasen. "
    + FIXABLE,
}
ALL: Final = ["DEBITABLE", "CREDITABLE", "IS_DEBITED", "IS_CREDITED", "IS_ANNULLED"]


def mixed(number: int, **of: float) -> tuple[str, dict[str, float]]:
    return f"PR0{number}|Row PR0{number}|st|90.00000|25.00000", {"AUTHORIZE": 100, **of}


STORIES: Final[
    dict[str, dict[str, Any]]
] = {  # a number where a fault comes is the error's; its text is not the vendor's
    "day": {
        "book": "BOOKED",
        "payment": "200.00000",
        "pending": 2,
        "finalize": True,
        "finalized": 4,
        "credit": True,
        "credited": 16,
        "rows": [{"AUTHORIZE": 2, "DEBIT": 2, "CREDIT": 2}],
        "missing": MISSING,
        "nothing left to credit": False,
        "nothing left to finalize": 20,
    },
    "first run": {"reset": None, "finalize": [True, True], "numbers": ["1", "2", 3]},
    "repair": {
        "four": [True, True, True, True],
        "reset": None,
        "after reset": [True, ["5"], 6],
        "set back": None,
        "after set back": [True, ["6"], 7],
        "set back again": None,
        "credit": [True, ["6", "7"], 8],
    },
    "static number": {
        "two": [True, True],
        "by hand": [["1003036"], 3],
        "static": USED,
        "next": 1003037,
        "plain": [True, ["1003037"], 1003038],
    },
    "mixed": {
        "book": "BOOKED",
        "parts": [True, True, True],
        "after parts": {
            "rows": dict([mixed(1, ANNUL=50, DEBIT=50, CREDIT=25), mixed(2), mixed(3), mixed(4)]),
            "status": ALL,
            "total": "36562.50000",
            "numbers": ["1", "2"],
        },
        "cancel": None,
        "after cancel": {
            "rows": dict([mixed(1, ANNUL=50, DEBIT=50, CREDIT=50), *(mixed(each, ANNUL=100) for each in (2, 3, 4))]),
            "status": ["IS_DEBITED", "IS_CREDITED", "IS_ANNULLED"],
            "total": "0.00000",
            "numbers": ["1", "2", "3"],
        },
    },
    "more": {
        "numbers of an empty store": 1,
        "book": "BOOKED",
        "metadata": {"CustomerId": "x", "invoiceExtRef": "Ref 1"},
        "found": ["X-1"],
        "found nothing": [],
        "additional debit": None,
        "finalize": [True, "250.00000", ["1"]],
        "register": None,
        "registered": [None, None, None, None, None, "http://127.0.0.1:9/cb?id={paymentId}&digest={digest}", None],
        "unregister": None,
        "trigger nothing": 1,
    },
    "callbacks": {
        "register": None,
        "trigger": None,
        "called": True,
        "sold": True,
        "updated": ["POST", True, "C-1", "1"],
    },
    "old plug-in": {"operations": [10, 13, 9], "peek": None, "first": 1},
}


@pytest.mark.parametrize("story", STORIES)
def test_story(shop: Shop, story: str) -> None:
    seen = php_session(PROGRAM, *shop.words(), story)
    expected = STORIES[story]
    assert {
        name: value["code"] if is_error(value, expected.get(name)) else value for name, value in seen.items()
    } == expected


def is_error(value: Any, expected: Any) -> bool:
    return isinstance(value, dict) and "code" in value and isinstance(expected, int)
