"""What a test can check and arrange besides numbers."""

import datetime as dt
import urllib.error
import urllib.request

import pytest


def sequences(access, key=None):
    url = f"{access.url}?api_key={key or access.credentials['api_key']}"
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.read().decode()


def test_what_was_asked(invoice_tenant):
    invoice_tenant.set_next(445)
    assert "<current_invoice_number>444</" in sequences(invoice_tenant.invoicexpress)
    (entry,) = invoice_tenant.requests
    assert (entry.dialect, entry.operation, entry.status) == ("invoicexpress", "sequences.list", 200)
    assert invoice_tenant.invoicexpress.credentials["api_key"] not in str(entry.facts)
    assert invoice_tenant.requests.count(outcome="unauthorized") == 0


def test_business_errors_and_trouble_on_demand(invoice_tenant):
    access = invoice_tenant.invoicexpress
    with invoice_tenant.fault("failure", failure="overloaded", first=2) as fault:
        for _ in range(2):
            with pytest.raises(urllib.error.HTTPError):
                sequences(access)
        assert sequences(access)
        assert fault.hits == 2


def test_the_clock_is_the_tenants_own(invoice_tenant):
    moment = dt.datetime(2031, 12, 31, 23, 59, 50, tzinfo=dt.UTC)
    invoice_tenant.freeze(moment)
    invoice_tenant.set_next(1)
    invoice_tenant.travel(by_seconds=20)
    invoice_tenant.set_next(2)
    assert [entry["at"][:4] for entry in invoice_tenant.ledger(kind="invoice")] == ["2031", "2032"]
    invoice_tenant.resume()


def test_snapshots(invoice_tenant):
    invoice_tenant.set_next(445)
    invoice_tenant.snapshot("before")
    invoice_tenant.set_next(900)
    invoice_tenant.restore("before")
    invoice_tenant.assert_next(445)


@pytest.mark.parametrize("number", range(3))
def test_tenants_are_apart(invoice_tenant, number):
    assert invoice_tenant.next_number() is None
    invoice_tenant.set_next(number)
