"""Drives an invoice-gateway from tests: starts one, makes tenants, plants faults, asserts on numbers.

It needs only the standard library (and pytest, for `pytest_plugin`). Tests import it as `invoice_gateway_testing`: the server's
wheel has it under this name, and so has the wheel `invoice-gateway-testing`, which has nothing else in it.
"""

from .admin import Admin, AdminError, NoGatewayError
from .discovery import GatewayUnusableError, connect, open_gateway
from .process import ServerError
from .requests import Entry, JournalIncompleteError, Requests
from .server import Gateway, start_server
from .tenant import DialectAccess, Fault, Tenant

__all__ = [
    "Admin",
    "AdminError",
    "DialectAccess",
    "Entry",
    "Fault",
    "Gateway",
    "GatewayUnusableError",
    "JournalIncompleteError",
    "NoGatewayError",
    "Requests",
    "ServerError",
    "Tenant",
    "connect",
    "open_gateway",
    "start_server",
]
