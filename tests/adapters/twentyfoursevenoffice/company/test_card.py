"""A company and a customer: the mapping both ways, for customers of the catalogue and of other dialects, too."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.twentyfoursevenoffice.company.card import COMPANY, NEVER_KEPT, customer_of, merged, sent_by, values_of
from adapters.twentyfoursevenoffice.work import DIALECT
from gateway.core.catalogue import Address, Addresses, Customer
from gateway.core.catalogue_records import item_of, record_of
from gateway.core.values import TenantId
from schemas.twentyfoursevenoffice.company.types import Company

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)
ADDRESS = st.dictionaries(
    st.sampled_from(["Street", "State", "PostalCode", "PostalArea", "Name", "City", "Country"]), TEXT, min_size=1
)
EMAIL = st.fixed_dictionaries({"Value": TEXT}, optional={"Name": TEXT, "Description": TEXT})
PHONE = st.fixed_dictionaries({"Value": TEXT}, optional={"Description": TEXT})
KINDS = ["Home", "Invoice", "Primary", "Work", "Alternative"]
VALUES = st.fixed_dictionaries(
    {"Name": TEXT, "Type": st.sampled_from(["Business", "Consumer", "Supplier", "Lead"])},
    optional={
        "ExternalId": TEXT,
        "OrganizationNumber": TEXT,
        "GlnNumber": TEXT,
        "FirstName": TEXT,
        "Note": TEXT,
        "PaymentTime": st.integers(-32767, 32767),
        "Discount": st.decimals(allow_nan=False, allow_infinity=False, places=3),
        "BlockInvoice": st.just(True),
        "Factoring": st.booleans(),
        "LedgerCustomerAccount": st.integers(-32767, 32767),
        "Addresses": st.dictionaries(st.sampled_from(["Post", "Delivery", "Visit", "Invoice"]), ADDRESS, min_size=1),
        "EmailAddresses": st.dictionaries(st.sampled_from(KINDS), EMAIL, min_size=1),
        "PhoneNumbers": st.dictionaries(
            st.sampled_from(["Home", "Fax", "Mobile", "Primary", "Work"]), PHONE, min_size=1
        ),
    },
)


@given(VALUES)
def test_what_was_saved_comes_back(values: dict[str, Any]) -> None:
    stored = item_of(record_of(TenantId("demo"), customer_of(7, values)))
    ledgers = {"LedgerCustomerAccount": 0, "LedgerSupplierAccount": 0}
    assert values_of(stored) == {**ledgers, **values}


@given(VALUES, VALUES)
def test_a_change_keeps_what_was_not_sent(values: dict[str, Any], sent: dict[str, Any]) -> None:
    before = customer_of(7, values)
    after = values_of(customer_of(7, merged(values_of(before), sent), before.extras))
    for name, value in after.items():
        if isinstance(value, dict):
            assert value == {**values.get(name, {}), **sent.get(name, {})}
        elif not name.startswith("Ledger"):
            assert value == sent.get(name, values.get(name))


def test_decimals_keep_their_scale() -> None:
    stored = item_of(record_of(TenantId("demo"), customer_of(7, {"Name": "A", "Discount": Decimal("10.50")})))
    assert str(values_of(stored)["Discount"]) == "10.50"


def test_a_customer_of_the_catalogue_is_a_business() -> None:
    customer = Customer(
        7,
        "Fjord AS",
        organization_number="923",
        email="post@fjord.example",
        emails=("extra@fjord.example",),
        phone="1",
        phones=("2", "3"),
        gln="7080000000005",
        payment_days=14,
        addresses=Addresses(post=Address(street="Box 1"), visit=Address()),
    )
    assert values_of(customer) == {
        "OrganizationNumber": "923",
        "Name": "Fjord AS",
        "Addresses": {"Post": {"Street": "Box 1"}},
        "PhoneNumbers": {"Work": {"Value": "1"}, "Mobile": {"Value": "2"}, "Primary": {"Value": "3"}},
        "EmailAddresses": {"Work": {"Value": "post@fjord.example"}, "Primary": {"Value": "extra@fjord.example"}},
        "Type": "Business",
        "PaymentTime": 14,
        "GlnNumber": "7080000000005",
        "LedgerCustomerAccount": 0,
        "LedgerSupplierAccount": 0,
    }


def test_what_another_dialect_changes_shows() -> None:
    emails = {"Work": {"Value": "old@x.example", "Name": "Old"}, "Invoice": {"Value": "i@x.example", "Name": "I"}}
    saved = customer_of(7, {"Name": "A", "EmailAddresses": emails, "PaymentTime": -1}, {"other": {"kept": 1}})
    changed = replace(saved, email="new@x.example", payment_days=20)
    shown = values_of(changed)
    assert shown["EmailAddresses"] == {"Work": {"Value": "new@x.example"}, "Invoice": {"Value": "i@x.example"}}
    assert shown["PaymentTime"] == 20
    assert values_of(saved)["PaymentTime"] == -1
    again = customer_of(7, merged(values_of(changed), {"Note": "n"}), changed.extras)
    assert again.extras["other"] == {"kept": 1}
    assert (again.email, again.payment_days) == ("new@x.example", 20)


@pytest.mark.parametrize(
    ("parts", "email", "invoice", "further"),
    [
        ({"Work": "w", "Invoice": "i"}, "w", "i", ()),
        ({"Invoice": "i"}, "", "i", ()),
        ({"Primary": "p", "Home": "h"}, "p", "", ("h",)),
        ({"Work": "w", "Primary": "p", "Alternative": "a"}, "w", "", ("p", "a")),
    ],
)
def test_which_address_other_dialects_see(
    parts: dict[str, str], email: str, invoice: str, further: tuple[str, ...]
) -> None:
    customer = customer_of(7, {"Name": "A", "EmailAddresses": {kind: {"Value": text} for kind, text in parts.items()}})
    assert (customer.email, customer.invoice_email, customer.emails) == (email, invoice, further)


def test_only_what_may_be_kept_is_kept() -> None:
    own = {"id": 7, "password": "secret", "explicitly_specify_new_company_id": True, "maps": [], "name": "A"}
    assert sent_by(Company(**own)) == {"Name": "A"}
    assert set(COMPANY.by_name) > NEVER_KEPT


def test_the_cores_fields_are_not_kept_twice() -> None:
    customer = customer_of(7, {"Name": "A", "Type": "Business", "EmailAddresses": {"Work": {"Value": "w"}}})
    assert customer.extras == {DIALECT: {"Type": "Business"}}
