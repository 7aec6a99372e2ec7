"""The peek on FastAPI: checks credentials, finds the operation by ElementTree, answers with a text. Run by uvicorn."""

import base64
from xml.etree import ElementTree as ET

from fastapi import FastAPI, Request, Response

PEEK = "{http://ecommerce.resurs.com/v4/msg/configuration}peekInvoiceSequence"
BODY = "{http://schemas.xmlsoap.org/soap/envelope/}Body"
WANTED = "Basic " + base64.b64encode(b"demo-se:demo-secret").decode()
ANSWER = (
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
    '<ns3:peekInvoiceSequenceResponse xmlns:ns3="http://ecommerce.resurs.com/v4/msg/configuration" '
    'xmlns:ns2="http://ecommerce.resurs.com/v4/msg/exception"><nextInvoiceNumber>%d</nextInvoiceNumber>'
    "</ns3:peekInvoiceSequenceResponse></soap:Body></soap:Envelope>"
)
app = FastAPI()


@app.post("/ecommerce-test/ws/V4/ConfigurationService")
async def peek(request: Request) -> Response:
    """The next number."""
    if request.headers.get("authorization") != WANTED:
        return Response(status_code=401)
    body = ET.fromstring(await request.body()).find(BODY)
    if body is None or body.find(PEEK) is None:
        return Response(status_code=500)
    return Response(ANSWER % 444, media_type="text/xml")
