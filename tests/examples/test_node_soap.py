"""A client in another language is a program that gets the address and the credentials as arguments."""

import shutil
import subprocess
from pathlib import Path

import pytest

NODE = shutil.which("node")
PROGRAM = Path(__file__).parent / "node_soap.js"


@pytest.mark.skipif(NODE is None, reason="needs node, and `npm install soap`")
def test_node_soap(invoice_tenant):
    invoice_tenant.set_next(445)
    access = invoice_tenant.resurs
    words = [NODE, str(PROGRAM), access.wsdl_url, access.credentials["username"], access.credentials["password"]]
    used = [int(subprocess.run(words, capture_output=True, text=True, check=True).stdout) for _ in range(2)]
    invoice_tenant.assert_gapless(used=used)
    invoice_tenant.assert_next(447)
