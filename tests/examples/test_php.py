"""PHP's SoapClient, and how it reacts when the vendor fails."""

import shutil
import subprocess
from pathlib import Path

import pytest

PHP = shutil.which("php")
PROGRAM = Path(__file__).parent / "client.php"

pytestmark = pytest.mark.skipif(PHP is None, reason="needs php with ext-soap")


def run(access):
    words = [PHP, str(PROGRAM), access.wsdl_url, access.credentials["username"], access.credentials["password"]]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def test_php(invoice_tenant):
    invoice_tenant.set_next(445)
    used = [int(run(invoice_tenant.resurs).stdout) for _ in range(2)]
    invoice_tenant.assert_gapless(used=used)


def test_php_fails_when_the_store_is_gone_and_nothing_is_consumed(invoice_tenant):
    invoice_tenant.set_next(445)
    with invoice_tenant.fault("store_gone", operation="setInvoiceSequence") as fault:
        done = run(invoice_tenant.resurs)
        assert done.returncode != 0
        assert fault.hits == 1
    invoice_tenant.assert_next(445)
    assert run(invoice_tenant.resurs).stdout == "445\n"
