"""SOAP clients of five languages load the served contracts and run one story: log in, save, invoice, read back, print, sync.

Every client reports what its program gets. Lists and amounts look different in each language, so they are compared as values.
"""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pytest

from schemas.twentyfoursevenoffice.messages import InvoiceOrder, InvoiceRow
from schemas.twentyfoursevenoffice.operations import AUTHENTICATE, INVOICE_SERVICE
from tests.clients.mono import require_mono, run_with_proxies
from tests.clients.programs import node_session, php_session, python_session
from tests.processes import Running

HERE = Path(__file__).parent
ORDER_FILE = HERE / "order.json"
ORDER: dict[str, Any] = json.loads(ORDER_FILE.read_text(encoding="utf-8"))
WORDS = str(ORDER_FILE)


def dotnet_session(address: str, folder: Path, version: str) -> dict[str, Any]:
    """A program over the proxies that wsdl.exe makes of the served contracts."""
    require_mono()
    contracts = {}
    for service, namespace in ((AUTHENTICATE, "Auth"), (INVOICE_SERVICE, "Inv")):
        with urllib.request.urlopen(f"{address}{service.path}?WSDL", timeout=30) as answer:
            contracts[namespace] = answer.read()
    output = run_with_proxies(folder, HERE / "Session.cs", contracts, (address, WORDS, version))
    return dict(json.loads(line) for line in output.splitlines())


CLIENTS: dict[str, Callable[[str, Path], dict[str, Any]]] = {
    "zeep": lambda address, _: python_session(HERE / "zeep_session.py", address, WORDS),
    "suds": lambda address, _: python_session(HERE / "suds_session.py", address, WORDS),
    "node-soap": lambda address, _: node_session(HERE / "session.js", address, WORDS),
    "PHP SoapClient 1.1": lambda address, _: php_session(HERE / "session.php", address, WORDS, "1.1"),
    "PHP SoapClient 1.2": lambda address, _: php_session(HERE / "session.php", address, WORDS, "1.2"),
    ".NET proxy 1.1": lambda address, folder: dotnet_session(address, folder, "1.1"),
    ".NET proxy 1.2": lambda address, folder: dotnet_session(address, folder, "1.2"),
}

# --- what clients see, as values --------------------------------------------------------------------------------------

ARRAYS = {
    "InvoiceOrder",
    "InvoiceRow",
    "UserDefinedDimension",
    "Identity",
    "PaymentMethod",
    "DeliveryMethod",
    "TemplateModel",
    "int",
}


def value_of(seen: Any, name: str = "") -> Any:
    """Arrays without their wrapper, amounts as Decimal, moments as datetime, without missing values."""
    if isinstance(seen, dict):
        (only, *more) = seen or {"": None}
        if not more and only in ARRAYS:
            items = seen[only] if isinstance(seen[only], list) else [seen[only]]
            return [value_of(item) for item in items]
        found = {key: value_of(inner, key) for key, inner in seen.items()}
        return {key: inner for key, inner in found.items() if inner not in (None, "", [])}
    if isinstance(seen, list):
        return [value_of(item, name) for item in seen]
    return _scalar(seen, name)


_TEXTS = {"OCR", "CustomerOrgNo", "PostalCode", "VippsNumber", "GLNNumber", "Value", "CustomerDeliveryPhone"}


def _scalar(seen: Any, name: str) -> Any:
    if seen is None or isinstance(seen, bool) or name in _TEXTS:
        return seen
    if re.match(r"\d{4}-\d\d-\d\d[T ]", str(seen)):
        moment = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", str(seen)))
        return moment.replace(tzinfo=UTC)  # all moments are in one zone; not every client keeps it
    try:
        return Decimal(str(seen))
    except InvalidOperation:
        return seen


def code_of(fault: dict[str, Any]) -> str:
    return str(fault["code"]).rpartition(":")[2]


NO_SESSION = "Server was unable to process request. ---> Session is not authenticated"
UNKNOWN_APPLICATION = (
    "Server was unable to process request. ---> Your application id is not registered. "
    "Please visit http://developer.24sevenoffice.com to register."
)
READ_ONLY_ORDER = {
    "OrderId": 1,
    "OrderStatus": "Invoiced",
    "InvoiceId": 1,
    "OrderTotalIncVat": "7047.50",
    "OrderTotalVat": "1109.49",
}
"""2 x 1250.25 less 12.5 % is 2187.94, plus 25 % VAT of 546.99; 3 x 1250 is 3750.00, plus 15 % VAT of 562.50: 7047.43, which
is rounded to halves.
"""
SECOND_ROW = {
    "ProductId": 2,
    "RowId": 3,
    "VatRate": "15",
    "Price": "1250",
    "Name": "Årer (par)",
    "DiscountRate": 0,
    "Quantity": 3,
    "QuantityRest": -1,
    "Cost": "640",
    "SequenceNumber": 7,
    "InPrice": "640",
    "ProductNo": "ÅRE-2",
}
TEXT_ROW = {
    "ProductId": -1,
    "RowId": 2,
    "Name": "Takk for handelen",
    "Type": "Text",
    "SequenceNumber": 9,
    "QuantityRest": -1,
}


def expected_order() -> Any:
    """The order as it must be read back: what was sent, without write-only values, and with those that the system adds."""
    sent = {name: value for name, value in ORDER.items() if name != "PaymentAmount"}
    row = {name: value for name, value in ORDER["InvoiceRows"]["InvoiceRow"][0].items() if name != "ChangeState"}
    row |= {"RowId": 1, "VatRate": 25, "QuantityRest": -1, "ProductNo": "BÅT-100"}
    return value_of({**sent, **READ_ONLY_ORDER, "InvoiceRows": {"InvoiceRow": [row, SECOND_ROW, TEXT_ROW]}})


def test_the_order_has_every_property() -> None:
    """The order has every property of the contract, except those that only the system can set."""
    order = {field.alias for field in InvoiceOrder.model_fields.values()}
    row = {field.alias for field in InvoiceRow.model_fields.values()}
    assert (len(order), len(row)) == (55, 26)
    assert order - set(ORDER) == {"APIException", *READ_ONLY_ORDER, "DateChanged"} - {"OrderStatus"}
    rows = ORDER["InvoiceRows"]["InvoiceRow"]
    assert row - set(rows[0]) - set(rows[1]) == {"RowId", "VatRate", "QuantityRest", "ProductNo"}
    assert row - {"ChangeState"} == set(expected_order()["InvoiceRows"][0]) | {"Type"}


@pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS.keys())
def test_client(gateway: Running, tmp_path: Path, client: Callable[[str, Path], dict[str, Any]]) -> None:
    folder = tmp_path / "client"
    folder.mkdir()
    seen = client(gateway.data_url, folder)
    _check_login(seen)
    _check_lists(seen)
    _check_orders(seen)


def _check_login(seen: dict[str, Any]) -> None:
    operations = {each.name for service in (AUTHENTICATE, INVOICE_SERVICE) for each in service.operations}
    assert seen["operations"] == sorted(operations)
    for name, text in (("list without session", NO_SESSION), ("unknown application", UNKNOWN_APPLICATION)):
        assert seen[name]["fault"] == text
        assert code_of(seen[name]) in {"Server", "Receiver"}
    assert seen["wrong password"] in (None, "")
    assert re.fullmatch("[a-z0-5]{24}", seen["login"])
    assert (seen["has session before"], seen["has session"], seen["has session by token"]) == (False, True, True)
    identity = value_of(seen["identity"])
    assert (identity["Client"]["Name"], identity["User"]["Name"]) == ("Demo AS", "Kari Nordmann")
    assert value_of(seen["identities"]) == [identity] == value_of(seen["token"])["Identities"]
    assert re.fullmatch("[a-z0-5]{24}", seen["token"]["SessionId"])


def _check_lists(seen: dict[str, Any]) -> None:
    payments = [each["Name"] for each in value_of(seen["payment methods"])]
    deliveries = [each["Description"] for each in value_of(seen["delivery methods"])]
    templates = [(each["Name"], each["Language"], each["Modified"]) for each in value_of(seen["templates"])]
    assert payments == ["Faktura", "Kontant", "Kortbetaling", "Forskuddsbetaling"]
    assert deliveries == ["Post", "Hentes på lager", "Bud"]
    assert templates == [
        ("Fatura em português", "pt", datetime(2013, 11, 15, 14, 30, tzinfo=UTC)),
        ("Standard faktura", "nb", datetime(2012, 3, 1, 8, 0, tzinfo=UTC)),
    ]
    assert value_of(seen["templates"])[0]["Customers"] == [3]


def _check_orders(seen: dict[str, Any]) -> None:
    assert value_of(seen["save"]) == [value_of({**ORDER, "OrderId": 1})]
    (added,) = value_of(seen["add row"])
    assert [(row["ProductId"], row["Quantity"]) for row in added["InvoiceRows"]] == [(2, 3)]
    failed, saved = value_of(seen["save two"])
    assert failed["APIException"]["Type"].startswith("Office24Seven.")
    assert "999" in failed["APIException"]["Message"]
    assert (saved["OrderId"], "APIException" in saved) == (2, False)
    (invoiced,) = value_of(seen["invoice"])
    assert (invoiced["OrderId"], invoiced["InvoiceId"]) == (1, 1)
    (locked,) = value_of(seen["locked"])
    assert locked["APIException"]["Type"].startswith("Office24Seven.")
    (order,) = value_of(seen["read"])
    assert (datetime.now(UTC) - order.pop("DateChanged")).total_seconds() < 24 * 3600
    assert order == expected_order()
    assert value_of(seen["reference"])[0]["ReferenceNumber"] == "REF-2"
    assert seen["pdf"] == {"start": "%PDF-", "long": True}
    assert seen["no such invoice"]["fault"].endswith("---> Invoice with InvoiceId 99 was not found.")
    assert value_of(seen["sync"]) == [1, 2]
    assert [[each["OrderId"] for each in batch] for batch in value_of(seen["batches"])] == [[1], [2]]
