"""Without pytest: a server for the module, a tenant for each test."""

import unittest
from contextlib import ExitStack

from invoice_gateway_testing import start_server
from invoicing.careful import reserve
from invoicing.resurs import Resurs


class InvoicingTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = ExitStack()
        cls.gateway = cls.stack.enter_context(start_server(settings={"resurs": {"zero": "accept"}}))
        cls.addClassCleanup(cls.stack.close)

    def setUp(self):
        self.tenant = self.enterContext(self.gateway.tenant())
        self.tenant.set_next(0)
        self.resurs = Resurs(self.tenant.resurs.url, **self.tenant.resurs.credentials)

    def test_numbers_follow_one_another(self):
        self.tenant.assert_gapless(used=[reserve(self.resurs) for _ in range(3)])
        self.tenant.assert_next(3)

    def test_a_hole_is_noticed(self):
        used = [reserve(self.resurs) for _ in range(3)]
        with self.assertRaisesRegex(AssertionError, "nobody used 1"):  # noqa: PT027
            self.tenant.assert_gapless(used=[used[0], used[2]])


if __name__ == "__main__":
    unittest.main()
