"""Which events follow from a change, and what a callback says: tables over pure functions."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import replace
from decimal import Decimal

import pytest

from adapters.resurs.callbacks import bodies
from adapters.resurs.callbacks.address import destination_of, digest_of, filled, without_user
from adapters.resurs.callbacks.events import PLACEHOLDERS, Event, events_of, in_order, triggered
from adapters.resurs.callbacks.plan import planned, read_planned
from adapters.resurs.payments.model import Diff, DiffType, Spec, SpecLine
from adapters.resurs.representative import Registration, RepresentativeData
from gateway.core.work import MAX_LANE
from tests.adapters.resurs.bank import paid, payment

A, D, C, N = (paid(100, kind) for kind in DiffType)
N40, N60, D60 = paid(40, DiffType.ANNUL), paid(60, DiffType.ANNUL), paid(60, DiffType.DEBIT)
UPDATE = "UPDATE"
CHANGES = [
    ("booked", None, [A], False, ["BOOKED"]),
    ("booked and finalized", None, [A, D], True, ["BOOKED", "FINALIZATION", UPDATE]),
    ("booked and finalized, whoever says so", None, [A, D], False, ["BOOKED", "FINALIZATION", UPDATE]),
    ("booked and annulled, because frozen", None, [A, N], True, ["BOOKED", "ANNULMENT", UPDATE]),
    ("finalized by the shop", [A], [A, D], False, [UPDATE]),
    ("finalized by the bank", [A], [A, D], True, ["FINALIZATION", UPDATE]),
    ("credited", [A, D], [A, D, C], False, [UPDATE]),
    ("credited by the bank", [A, D], [A, D, C], True, [UPDATE]),
    ("debited additionally", [A], [A, A], False, [UPDATE]),
    ("annulled in part", [A], [A, N40], False, [UPDATE]),
    ("annulled", [A], [A, N], False, ["ANNULMENT", UPDATE]),
    ("the rest is annulled", [A, N40], [A, N40, N60], False, ["ANNULMENT", UPDATE]),
    ("the rest is annulled after a debit", [A, D60], [A, D60, N40], False, [UPDATE]),
    (
        "debited, credited, and the rest is annulled",
        [A, D60, replace(D60, type=DiffType.CREDIT)],
        None,
        False,
        [UPDATE],
    ),
    ("meta data, or a thaw", [A], [A], False, []),
    ("two diffs at once", [A], [A, D60, N40], False, [UPDATE, UPDATE]),
]


@pytest.mark.parametrize(
    ("before", "after", "automatic", "wanted"), [row[1:] for row in CHANGES], ids=[r[0] for r in CHANGES]
)
def test_events(before: list[Diff] | None, after: list[Diff] | None, automatic: bool, wanted: list[str]) -> None:
    after = [*(before or ()), N40] if after is None else after
    was = None if before is None else payment("p", *before)
    found = events_of(was, payment("p", *after), automatic=automatic)
    assert [event.type for event in found] == wanted
    assert {json.dumps(event.facts) for event in found} <= {'{"paymentId": "p"}'}
    new = range(max(1, len(before or ())), len(after))
    assert [event.diff for event in found if event.type == UPDATE] == list(new)


def test_the_address_of_a_booking_is_its_own() -> None:
    (booked,) = events_of(None, payment("p", booked_callback_url="http://own/"), automatic=False)
    assert booked.url == "http://own/"


def test_events_that_coincide_have_an_order() -> None:
    kinds = [UPDATE, "ANNULMENT", "UNFREEZE", "FINALIZATION", UPDATE, "AUTOMATIC_FRAUD_CONTROL", "BOOKED"]
    found = in_order(Event(kind, diff=place) for place, kind in enumerate(kinds))
    assert [event.diff for event in found] == [6, 5, 2, 3, 1, 0, 4]


def test_what_is_simulated_fills_the_placeholders_in_order() -> None:
    assert triggered("TEST", ["a", "b"]).facts == {
        "param1": "a",
        "param2": "b",
        "param3": "",
        "param4": "",
        "param5": "",
    }
    assert triggered("AUTOMATIC_FRAUD_CONTROL", ["p", "THAWED", "x"]).facts == {"paymentId": "p", "result": "THAWED"}
    assert len(PLACEHOLDERS) == 9


FACTS = {"paymentId": "lePayment", "result": "THAWED"}
SALT = "iCanHasCheezeburger"


def registered(
    template: str = "{digest}", algorithm: str | None = "MD5", *names: str, salt: str | None = SALT
) -> Registration:
    return Registration(template, "shop", "geheim", algorithm, names or ("paymentId",), salt)


def test_digests() -> None:
    """The first two are the vendor's; the others are computed here in another way."""
    assert digest_of(registered(), FACTS) == "ED3381936CCAA2659CF3089F4AA83007"
    s3cret = Registration("", algorithm="SHA1", parameters=("paymentId",), salt="s3cret")
    assert digest_of(s3cret, {"paymentId": "P-1001"}) == "14B8B0E22203E8D2A4F1DB120F29F5298B3C8CB4"
    both = registered("", "SHA1", "result", "paymentId")
    assert digest_of(both, FACTS) == hashlib.sha1(b"THAWEDlePaymentiCanHasCheezeburger").hexdigest().upper()
    no_salt = registered("", "MD5", "paymentId", "result", salt=None)
    assert digest_of(no_salt, FACTS) == hashlib.md5(b"lePaymentTHAWED").hexdigest().upper()
    foreign = registered("", "MD5", "paymentId", "unknown")
    assert digest_of(foreign, {"paymentId": "å"}) == hashlib.md5(f"å{SALT}".encode()).hexdigest().upper()
    assert digest_of(registered(algorithm=None), FACTS) == ""


@pytest.mark.parametrize(
    ("template", "facts", "wanted"),
    [
        ("http://h/{paymentId}?r={result}&d={digest}", FACTS, "http://h/lePayment?r=THAWED&d="),
        ("http://h/{paymentId}", {"paymentId": "aZ09$-_.+!*'(),"}, "http://h/aZ09$-_.+!*'(),"),
        ("http://h/{paymentId}", {"paymentId": "a b/c~&é%{x}"}, "http://h/a%20b%2Fc%7E%26%C3%A9%25%7Bx%7D"),
        ("http://h/{paymentId}", {"paymentId": "{digest}"}, "http://h/%7Bdigest%7D"),
        ("http://h/{unknown}?{paymentid}&{}", FACTS, "http://h/{unknown}?{paymentid}&{}"),
        ("\n http://h/å b\n?x=%20#part\n", FACTS, "http://h/%C3%A5%20b%0A?x=%20#part"),
    ],
)
def test_addresses(template: str, facts: dict[str, str], wanted: str) -> None:
    assert filled(registered(template, None), facts) == wanted


def test_destinations() -> None:
    assert destination_of("https://shop:geheim@h:8/x?u=http://z/") == "https://h:8"
    assert destination_of("h?x=http://z/") == "h"
    assert without_user("https://a:b@h/@/?x=y@z") == "https://h/@/?x=y@z"
    assert without_user("http://h") == "http://h"


def test_bodies() -> None:
    """The samples of the vendor's pages, and what they do not show."""
    at = dt.datetime(2016, 9, 7, 14, 21, 34, 600_000, dt.UTC)
    annul = Diff(DiffType.ANNUL, at, Spec(Decimal("30.00"), Decimal("6.00")))
    assert json.loads(bodies.update(annul, "net")) == {
        "paymentDiff": {
            "type": "ANNUL",
            "transactionId": None,
            "created": 1473258094600,
            "createdBy": None,
            "paymentSpecification": {
                "paymentSpecificationLines": None,
                "totalAmount": 24,
                "totalVatAmount": 6,
                "bonusPoints": 0,
            },
            "orderId": None,
            "invoiceId": None,
        }
    }
    nut = SpecLine("1", "NUT-001", "Nut (M8)", Decimal(10), "st", Decimal("0.80"), Decimal(25), Decimal(2), Decimal(10))
    debit = Diff(DiffType.DEBIT, at, Spec(Decimal(10), Decimal(2), (nut,)), "B User", "TrD-1", "Ord-1", "445")
    found = json.loads(bodies.update(debit, "net"))["paymentDiff"]
    assert found["paymentSpecification"]["paymentSpecificationLines"] == [
        {
            "id": "1",
            "artNo": "NUT-001",
            "description": "Nut (M8)",
            "quantity": 10,
            "unitMeasure": "st",
            "unitAmountWithoutVat": 0.8,
            "vatPct": 25,
            "totalVatAmount": 2,
            "totalAmount": 8,
        }
    ]
    said = [found[name] for name in ("createdBy", "transactionId", "orderId", "invoiceId")]
    assert said == ["B User", "TrD-1", "Ord-1", "445"]
    gross = json.loads(bodies.update(debit, "gross"))["paymentDiff"]["paymentSpecification"]
    assert (gross["totalAmount"], gross["paymentSpecificationLines"][0]["totalAmount"]) == (10, 10)
    assert json.loads(bodies.update(None, "net")) == {"paymentDiff": None}
    assert json.loads(bodies.BOOKED) == {"addedPaymentSpecificationLines": []}


def test_items_hold_no_secret_and_have_a_lane_for_each_receiver() -> None:
    data = RepresentativeData(
        callbacks={"TEST": registered("http://a:geheim@h:1/t"), UPDATE: registered("http://h:2/u")}
    )
    events = [Event(UPDATE, FACTS, diff=3), Event("TEST", {"param1": "x"}), Event("BOOKED", FACTS)]
    update, test = planned("demo-se", data, events)
    assert (update.lane, test.lane) == ("demo-se http://h:2", "demo-se http://h:1")
    assert SALT not in update.body
    assert "geheim" not in test.body + test.lane
    event = read_planned(json.loads(update.body)).event
    assert (event.type, event.facts, event.diff) == (UPDATE, FACTS, 3)
    (own,) = planned("demo-se", RepresentativeData(), [Event("BOOKED", FACTS, url="http://own/x")])
    assert (own.lane, "own/x" in own.body) == ("demo-se http://own", False)
    (long,) = planned("a" * 250, data, [Event("TEST")])
    assert len(long.lane) <= MAX_LANE
