"""Drives an invoice-gateway from tests: starts one, makes tenants, plants faults, asserts on numbers.

It needs only the standard library (and pytest, for `pytest_plugin`). In the wheel it is the top-level package
`invoice_gateway_testing`, so that no package name of the server collides with the code under test.
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
