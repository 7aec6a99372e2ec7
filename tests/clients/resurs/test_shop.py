"""SOAP clients of five languages run one shop over all four services: book, finalize, credit, search, print, call back."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from tests.clients.mono import require_mono, run_with_proxies
from tests.clients.programs import node_session, python_session
from tests.clients.resurs.conftest import Shop

HERE = Path(__file__).parent
METHODS: Final = ["INVOICE", "PARTPAYMENT", "NEWCARD", "CARD", "SWISH"]


def error(number: int, name: str, fixable: bool = True) -> dict[str, Any]:
    return {"id": number, "name": name, "fixable": fixable}


STATE: Final = error(20, "NOT_ALLOWED_IN_PAYMENT_STATE")
STORY: Final[dict[str, Any]] = {
    "set": None,
    "book": "BOOKED",
    "booked": {"total": "200.00000", "status": ["DEBITABLE"], "limit": "3200.00000", "numbers": []},
    "metadata": None,
    "finalize a part": None,
    "finalize the rest": None,
    "credit": None,
    "credited": {
        "total": "0.00000",
        "status": ["IS_DEBITED", "IS_CREDITED"],
        "limit": "3200.00000",
        "numbers": ["445", "446", "447"],
    },
    "names": 3,
    "document": "%PDF-",
    "found": ["P-1"],
    "size": 1,
    "finalize again": STATE,
    "missing": error(8, "REFERENCED_DATA_DONT_EXISTS"),
    "book frozen": "FROZEN",
    "finalize frozen": error(25, "NOT_ALLOWED_IN_CURRENT_STATE"),
    "sign nothing": STATE,
    "book with a signature": "SIGNING",
    "too early": error(15, "SIGNING_REQUIRED"),
    "sign": "http://shop.example/ok",
    "signed": "BOOKED",
    "address": "SE",
    "annuities": 6,
    "cost": True,
    "register": None,
    "registered": "http://127.0.0.1:9/cb?id={paymentId}&digest={digest}",
    "unregister": None,
    "not registered": None,
    "trigger": error(1, "ILLEGAL_ARGUMENT"),
    "set sender": None,
    "sender": "Provbolaget",
    "bonus": error(11, "NOT_IMPLEMENTED", fixable=False),
    "peek": 448,
}
OPTIONAL: Final = {"register again": None}
"""What only some of the programs do."""


def dotnet_shop(folder: Path, shop: Shop) -> dict[str, Any]:
    """A program over the proxies that wsdl.exe makes.

    Such a proxy cannot have two methods with one answer element, as bookPayment and bookSignedPayment have in the vendor's
    contract (P-06). So there are two proxies of that service, each without one of the two.
    """
    require_mono()
    contracts = {
        "Conf": contract(shop, "ConfigurationService"),
        "After": contract(shop, "AfterShopFlowService"),
        "Flow": contract(shop, "SimplifiedShopFlowService", "bookSignedPayment"),
        "Sign": contract(shop, "SimplifiedShopFlowService", "bookPayment"),
        "Dev": contract(shop, "DeveloperWebService"),
    }
    output = run_with_proxies(folder, HERE / "Shop.cs", contracts, shop.words())
    return dict(json.loads(line) for line in output.splitlines())


def contract(shop: Shop, service: str, without: str = "") -> bytes:
    with urllib.request.urlopen(f"{shop.base}{service}?wsdl", timeout=30) as answer:
        document: bytes = answer.read()
    operation = rb'<wsdl:operation name="%b">.*?</wsdl:operation>' % without.encode()
    return re.sub(operation, b"", document, flags=re.DOTALL) if without else document


CLIENTS: Final[dict[str, Callable[[Path, Shop], dict[str, Any]]]] = {
    "zeep, strict": lambda _, shop: python_session(HERE / "shop.py", "zeep", *shop.words()),
    "suds": lambda _, shop: python_session(HERE / "shop.py", "suds", *shop.words()),
    "node-soap": lambda _, shop: node_session(HERE / "shop.js", *shop.words()),
    ".NET proxy": dotnet_shop,
}


@pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS.keys())
def test_shop(tmp_path: Path, shop: Shop, client: Callable[[Path, Shop], dict[str, Any]]) -> None:
    seen = client(tmp_path, shop)
    assert set(seen.pop("methods")) >= set(METHODS)
    assert {name: counted(value) for name, value in seen.items() if name not in OPTIONAL} == {
        name: counted(value) for name, value in STORY.items()
    }
    assert all(seen.get(name, value) == value for name, value in OPTIONAL.items())


def counted(value: Any) -> Any:
    """A payment with its amounts as numbers: clients show them in their own words."""
    amounts = (
        {name: Decimal(value[name]) for name in ("total", "limit")}
        if isinstance(value, dict) and "total" in value
        else {}
    )
    return {**value, **amounts} if amounts else value
