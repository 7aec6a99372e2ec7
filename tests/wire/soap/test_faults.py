"""Faults as they are written, and our own reader's reading of them."""

from __future__ import annotations

import pytest

from gateway.wire.soap.envelope import ENVELOPE_11, ENVELOPE_12, SoapVersion, open_envelope
from gateway.wire.soap.faults import Fault, FaultCode, Layout, write_envelope, write_fault_envelope

E11, E12 = ENVELOPE_11, ENVELOPE_12


def test_fault_11_compact() -> None:
    fault = Fault(FaultCode.SERVER, "a < b", detail='<e xmlns="urn:e"/>', actor="urn:actor")
    assert write_fault_envelope(fault) == (
        f'<soap:Envelope xmlns:soap="{E11}"><soap:Body><soap:Fault><faultcode>soap:Server</faultcode>'
        "<faultstring>a &lt; b</faultstring><faultactor>urn:actor</faultactor>"
        '<detail><e xmlns="urn:e"/></detail></soap:Fault></soap:Body></soap:Envelope>'
    )


def test_fault_11_indented() -> None:
    layout = Layout("S", '<?xml version="1.0"?>\n', indent=2, declarations='xmlns:x="urn:x"')
    text = write_fault_envelope(Fault(FaultCode.CLIENT, "no", detail="<e/>"), layout=layout)
    assert text.splitlines() == [
        '<?xml version="1.0"?>',
        f'<S:Envelope xmlns:S="{E11}" xmlns:x="urn:x">',
        "  <S:Body>",
        "    <S:Fault>",
        "      <faultcode>S:Client</faultcode>",
        "      <faultstring>no</faultstring>",
        "      <detail>",
        "        <e/>",
        "      </detail>",
        "    </S:Fault>",
        "  </S:Body>",
        "</S:Envelope>",
    ]


def test_fault_12() -> None:
    fault = Fault(FaultCode.CLIENT, "nej", detail="<e/>", actor="urn:r", subcode="x:Bad", language="sv")
    layout = Layout("env", declarations='xmlns:x="urn:x"')
    assert write_fault_envelope(fault, SoapVersion.SOAP_12, layout) == (
        f'<env:Envelope xmlns:env="{E12}" xmlns:x="urn:x"><env:Body><env:Fault>'
        "<env:Code><env:Value>env:Sender</env:Value><env:Subcode><env:Value>x:Bad</env:Value></env:Subcode></env:Code>"
        '<env:Reason><env:Text xml:lang="sv">nej</env:Text></env:Reason><env:Role>urn:r</env:Role>'
        "<env:Detail><e/></env:Detail></env:Fault></env:Body></env:Envelope>"
    )


@pytest.mark.parametrize("version", SoapVersion)
@pytest.mark.parametrize("code", FaultCode)
@pytest.mark.parametrize("detail", [None, "", "<e/>"])
@pytest.mark.parametrize("indent", [0, 3])
def test_every_fault_is_a_message(version: SoapVersion, code: FaultCode, detail: str | None, indent: int) -> None:
    text = write_fault_envelope(Fault(code, "x & y", detail), version, Layout(indent=indent))
    envelope = open_envelope(text.encode())
    assert envelope.version is version
    assert envelope.payload is not None
    assert envelope.payload.tag == f"{{{version.namespace}}}Fault"
    found = envelope.payload.find("detail" if version is SoapVersion.SOAP_11 else f"{{{E12}}}Detail")
    assert (found is None) == (detail is None)
    assert found is None or len(found) == (1 if detail else 0)


def test_envelope_around_a_payload() -> None:
    assert write_envelope("<x/>") == f'<soap:Envelope xmlns:soap="{E11}"><soap:Body><x/></soap:Body></soap:Envelope>'
