"""zeep, as a program would use it: arguments are the service's address, user name and password."""

import json
import sys

import requests
from requests.auth import HTTPBasicAuth
from zeep import Client, Transport, xsd
from zeep.exceptions import Fault, TransportError
from zeep.wsdl.utils import etree_to_string

ADDRESS, USER, PASSWORD = sys.argv[1:]


def client_for(password):
    session = requests.Session()
    session.auth = HTTPBasicAuth(USER, password)
    return Client(f"{ADDRESS}?wsdl", transport=Transport(session=session))


def step(name, call):
    try:
        value = call()
    except Fault as fault:
        error = fault.detail[0]
        typed = client.wsdl.types.deserialize(error)
        value = {
            "fault": fault.message,
            "code": fault.code,
            "id": typed.errorTypeId,
            "name": typed.errorTypeDescription,
            "fixable": typed.fixableByYou,
            "text": typed.userErrorMessage,
        }
        assert b"ECommerceError" in etree_to_string(error)
    except (TransportError, requests.HTTPError) as error:
        value = {"status": getattr(error, "status_code", None) or error.response.status_code}
    print(json.dumps([name, value]))


client = client_for(PASSWORD)
service = client.service
step("operations", lambda: sorted(service._binding._operations))
step("peek unset", service.peekInvoiceSequence)
step("set", lambda: service.setInvoiceSequence(445))
step("peek set", service.peekInvoiceSequence)
step("set lower", lambda: service.setInvoiceSequence(444))
step("peek after lower", service.peekInvoiceSequence)
step("set equal", lambda: service.setInvoiceSequence(445))
step("clear", service.setInvoiceSequence)
step("peek cleared", service.peekInvoiceSequence)
step("set again", lambda: service.setInvoiceSequence(1))
step("clear nil", lambda: service.setInvoiceSequence(xsd.Nil))
step("peek cleared again", service.peekInvoiceSequence)
step("wrong password", lambda: client_for("wrong"))
service._binding.get("peekInvoiceSequence")
client.transport.session.auth = HTTPBasicAuth(USER, "wrong")
step("wrong password on call", service.peekInvoiceSequence)
