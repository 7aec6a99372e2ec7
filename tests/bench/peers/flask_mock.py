"""The peek on Flask: checks credentials, finds the operation by ElementTree, answers with a text. Run by gunicorn."""

from xml.etree import ElementTree as ET

from flask import Flask, Response, request

PEEK = "{http://ecommerce.resurs.com/v4/msg/configuration}peekInvoiceSequence"
BODY = "{http://schemas.xmlsoap.org/soap/envelope/}Body"
ANSWER = (
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
    '<ns3:peekInvoiceSequenceResponse xmlns:ns3="http://ecommerce.resurs.com/v4/msg/configuration" '
    'xmlns:ns2="http://ecommerce.resurs.com/v4/msg/exception"><nextInvoiceNumber>%d</nextInvoiceNumber>'
    "</ns3:peekInvoiceSequenceResponse></soap:Body></soap:Envelope>"
)
app = Flask(__name__)


@app.post("/ecommerce-test/ws/V4/ConfigurationService")
def peek() -> Response:
    """The next number."""
    who = request.authorization
    if who is None or (who.username, who.password) != ("demo-se", "demo-secret"):
        return Response(status=401)
    body = ET.fromstring(request.get_data()).find(BODY)
    if body is None or body.find(PEEK) is None:
        return Response(status=500)
    return Response(ANSWER % 444, content_type="text/xml; charset=utf-8")
