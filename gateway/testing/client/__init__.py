"""Drives an invoice-gateway from tests: starts one, makes tenants, plants faults, asserts on numbers.

Needs nothing but the standard library (and pytest, for `pytest_plugin`), and stands in the wheel as the top-level package
`invoice_gateway_testing`, so that none of the server's own package names get in the way of the code under test.
"""

from .admin import Admin, AdminError, NoGatewayError
from .requests import Entry, JournalIncompleteError, Requests
from .server import Gateway, ServerError, start_server
from .tenant import DialectAccess, Fault, Tenant

__all__ = [
    "Admin",
    "AdminError",
    "DialectAccess",
    "Entry",
    "Fault",
    "Gateway",
    "JournalIncompleteError",
    "NoGatewayError",
    "Requests",
    "ServerError",
    "Tenant",
    "start_server",
]
