"""Our own dialects pass the test suite that other dialects get, called in the same way."""

from __future__ import annotations

from gateway.testing.adapter_suite import AdapterSuite


class TestResurs(AdapterSuite):
    dialect = "resurs"


class TestQQSolutions(AdapterSuite):
    dialect = "qqsolutions"


class TestInvoiceXpress(AdapterSuite):
    dialect = "invoicexpress"


class TestTwentyFourSevenOffice(AdapterSuite):
    dialect = "twentyfoursevenoffice"
