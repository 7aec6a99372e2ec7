"""What a tenant's shop can be configured with, and what it says about it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from adapters.resurs.settings import Binding
from adapters.resurs.shop import DEMO_ADDRESS_BOOK, DEMO_PERSONAS, Country
from adapters.resurs.shopflow.persons import international_phone, is_government_id, without_century

ACCOUNTS = [{"username": "demo-se", "password": "demo-secret", "series": "main"}]
METHOD = {"id": "M", "description": "M", "type": "CARD", "specific_type": "CARD"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"methods": [METHOD, METHOD]}, "two payment methods have one id"),
        ({"methods": []}, "at least 1 item"),
        ({"methods": [{**METHOD, "min_limit": 2, "max_limit": 1}]}, "min_limit is above max_limit"),
        ({"methods": [{**METHOD, "annuities": [{"factor": 0, "duration": 3, "name": "x"}]}]}, "greater than 0"),
        ({"methods": [{**METHOD, "customer_types": []}]}, "at least 1 item"),
        ({"personas": {"198305147715": {"outcome": "DENIED", "then": "thaw"}}}, "not FROZEN"),
        ({"personas": {"198305147715": {"outcome": "MAYBE"}}}, "'BOOKED', 'DENIED' or 'FROZEN'"),
    ],
)
def test_what_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Binding.model_validate({"accounts": ACCOUNTS, **given})


def test_the_demo_persons_have_ids_and_addresses() -> None:
    for own, entry in DEMO_ADDRESS_BOOK.items():
        assert is_government_id(own, "SE", entry.type)
    assert set(DEMO_PERSONAS) - set(DEMO_ADDRESS_BOOK) == {"198101010000"}


@pytest.mark.parametrize(
    ("country", "given", "wanted"),
    [
        ("SE", "070112233", "+4670112233"),
        ("SE", "+46 70-11 22 33", "+4670112233"),
        ("SE", "0046(70)112233", "+4670112233"),
        ("NO", "22 33 44 55", "+4722334455"),
        ("DK", "22334455", "+4522334455"),
        ("FI", "040 1234567", "+358401234567"),
        ("SE", "ring me", "ring me"),
        ("SE", "", ""),
    ],
)
def test_phone_numbers(country: Country, given: str, wanted: str) -> None:
    assert international_phone(given, country) == wanted


@pytest.mark.parametrize(
    ("country", "given", "wanted"),
    [
        ("SE", "198305147715", "8305147715"),
        ("SE", "19830514-7715", "8305147715"),
        ("SE", "830514-7715", "8305147715"),
        ("SE", "166997368573", "6997368573"),
        ("NO", "010190-12345", "01019012345"),
        ("FI", "010190-123X", "010190-123X"),
        ("FI", "1234567-8", "12345678"),
    ],
)
def test_government_ids_as_payments_keep_them(country: Country, given: str, wanted: str) -> None:
    assert without_century(given, country) == wanted
