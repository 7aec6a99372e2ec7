"""zeep finds everything in the served WSDL; the tenant's credentials are its own."""

import pytest
import requests
import zeep
from requests.auth import HTTPBasicAuth


def client(wsdl_url, auth=None):
    session = requests.Session()
    session.trust_env = False  # the gateway is on this machine, whatever proxy the environment names
    session.auth = auth
    return zeep.Client(wsdl_url, transport=zeep.Transport(session=session))


def test_resurs(invoice_tenant):
    access = invoice_tenant.resurs
    service = client(access.wsdl_url, HTTPBasicAuth(**access.credentials)).service
    assert service.peekInvoiceSequence() is None
    service.setInvoiceSequence(nextInvoiceNumber=445)
    assert service.peekInvoiceSequence() == 445
    with pytest.raises(zeep.exceptions.Fault, match="lower than last number"):
        service.setInvoiceSequence(nextInvoiceNumber=444)
    assert [entry.operation for entry in invoice_tenant.requests if entry.tenant][-1] == "setInvoiceSequence"


def test_twentyfoursevenoffice(invoice_tenant):
    access = invoice_tenant.twentyfoursevenoffice
    named = access.credentials
    authenticate = client(access.wsdl_url).service
    session = authenticate.Login(
        credential={
            "ApplicationId": named["application_id"],
            "Username": named["username"],
            "Password": named["password"],
        }
    )
    assert session
    assert invoice_tenant.requests.wait(operation="Login").status == 200
