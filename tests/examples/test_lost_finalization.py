"""The answer to the second finalizePayment is lost after the invoice is durable: how often is the customer invoiced?"""

import pytest
from shipping import careful, naive
from shipping.bank import Bank

PARCELS = {"boots": 100, "oars": 200, "paint": 50}


@pytest.fixture
def bank(invoice_tenant):
    invoice_tenant.set_next(445)
    invoice_tenant.add(
        "payments", {"id": "P-1", "amount": 1000}
    )  # a payment that is booked, without the shop's checkout
    url = invoice_tenant.resurs.service("AfterShopFlowService")["url"]
    return Bank(url, **invoice_tenant.resurs.credentials)


@pytest.fixture
def lost(invoice_tenant, bank):
    return invoice_tenant.fault("lost_reply", dialect="resurs", operation="finalizePayment", nth=2)


def test_the_naive_script_invoices_a_parcel_twice(invoice_tenant, bank, lost):
    naive.ship_all(bank, "P-1", PARCELS)
    assert [parcel for parcel, _ in bank.invoices("P-1")] == ["boots", "oars", "oars", "paint"]
    assert invoice_tenant.issued() == [445, 446, 447, 448]


def test_the_corrected_script_does_not(invoice_tenant, bank, lost):
    careful.ship_all(bank, "P-1", PARCELS)
    assert bank.invoices("P-1") == [("boots", 445), ("oars", 446), ("paint", 447)]
    invoice_tenant.assert_issued(445, 446, 447)
    invoice_tenant.assert_next(448)
    invoice_tenant.assert_gapless()
    assert lost.hits == 1


def test_it_says_again_what_never_arrived(invoice_tenant, bank):
    with invoice_tenant.fault("reset", dialect="resurs", operation="finalizePayment", first=1) as reset:
        careful.ship_all(bank, "P-1", PARCELS)
        assert reset.hits == 1
    assert [parcel for parcel, _ in bank.invoices("P-1")] == list(PARCELS)
