"""zeep, as strict as it comes: makes the calls that it reads from its input, one a line. See bridge.py."""

import base64
import json
import sys

import requests
from zeep import Client, Settings, Transport
from zeep.exceptions import Fault
from zeep.helpers import serialize_object

ADDRESS, PATHS = sys.argv[1], json.loads(sys.argv[2])
http = requests.Session()
http.trust_env = False
clients = {}


def client_for(service):
    if service not in clients:
        transport = Transport(session=http)
        clients[service] = Client(
            f"{ADDRESS}{PATHS[service]}?WSDL", transport=transport, settings=Settings(strict=True)
        )
    return clients[service]


def given(name, value):
    if isinstance(value, dict):
        return {inner: given(inner, each) for inner, each in value.items()}
    if isinstance(value, list):
        return [given(name, each) for each in value]
    return base64.b64decode(value) if name == "buffer" else value


def plain(value):
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value if isinstance(value, bool | int) or value is None else str(value)


def answer(service, operation, message):
    if service == "cookie":
        http.headers["Cookie"] = f"ASP.NET_SessionId={operation}"
        return {"value": None}
    http.cookies.clear()
    try:
        sent = {name: given(name, value) for name, value in message.items()}
        return {"value": plain(serialize_object(client_for(service).service[operation](**sent), dict))}
    except Fault as fault:
        return {"fault": fault.message, "code": str(fault.code)}


for line in sys.stdin:
    print(json.dumps(answer(*json.loads(line))), flush=True)
