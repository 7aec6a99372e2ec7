"""The reply to the second "set" is lost after the number is durable: what happens to the invoices?"""

import pytest
from invoicing import careful, naive
from invoicing.resurs import Resurs

ORDERS = ["boots", "oars", "paint", "rope"]


@pytest.fixture
def resurs(invoice_tenant):
    invoice_tenant.set_next(445)
    invoice_tenant.fault("lost_reply", dialect="resurs", operation="setInvoiceSequence", nth=2)
    return Resurs(invoice_tenant.resurs.url, **invoice_tenant.resurs.credentials)


def test_the_naive_script_uses_a_number_twice(invoice_tenant, resurs):
    written = naive.invoice_all(resurs, ORDERS)
    with pytest.raises(AssertionError, match="446 was used 2 times"):
        invoice_tenant.assert_gapless(used=[number for number, _ in written])


def test_the_corrected_script_does_not(invoice_tenant, resurs):
    written = careful.invoice_all(resurs, ORDERS)
    invoice_tenant.assert_gapless(used=[number for number, _ in written])
    assert [order for _, order in written] == ORDERS
    invoice_tenant.assert_next(445 + len(ORDERS))
    assert invoice_tenant.requests.count(operation="setInvoiceSequence") == len(ORDERS) + 1
