"""suds, as a program would use it: arguments are the service's address, user name and password."""

import json
import sys

from suds import WebFault, null
from suds.client import Client
from suds.transport import TransportError
from suds.transport.http import HttpAuthenticated

ADDRESS, USER, PASSWORD = sys.argv[1:]


def client_for(password):
    transport = HttpAuthenticated(username=USER, password=password)
    return Client(f"{ADDRESS}?wsdl", transport=transport, cache=None)


def step(name, call):
    try:
        value = call()
        value = None if value in ("", None) else value
    except WebFault as fault:
        error = fault.fault.detail.ECommerceError
        value = {
            "fault": str(fault.fault.faultstring),
            "code": str(fault.fault.faultcode),
            "id": int(error.errorTypeId),
            "name": str(error.errorTypeDescription),
            "fixable": {"true": True, "false": False}[str(error.fixableByYou).lower()],
            "text": str(error.userErrorMessage),
        }
    except TransportError as error:
        value = {"status": error.httpcode}
    except Exception as error:  # noqa: BLE001
        value = {"status": error.args[0][0]}  # suds wraps other HTTP errors in a bare Exception((status, reason))
    print(json.dumps([name, value]))


client = client_for(PASSWORD)
service = client.service
step("operations", lambda: sorted(client.wsdl.services[0].ports[0].methods))
step("peek unset", service.peekInvoiceSequence)
step("set", lambda: service.setInvoiceSequence(445))
step("peek set", service.peekInvoiceSequence)
step("set lower", lambda: service.setInvoiceSequence(444))
step("peek after lower", service.peekInvoiceSequence)
step("set equal", lambda: service.setInvoiceSequence(445))
step("clear", service.setInvoiceSequence)
step("peek cleared", service.peekInvoiceSequence)
step("set again", lambda: service.setInvoiceSequence(1))
step("clear nil", lambda: service.setInvoiceSequence(null()))
step("peek cleared again", service.peekInvoiceSequence)
step("wrong password", lambda: client_for("wrong") and None)
client.options.transport = HttpAuthenticated(username=USER, password="wrong")
step("wrong password on call", service.peekInvoiceSequence)
