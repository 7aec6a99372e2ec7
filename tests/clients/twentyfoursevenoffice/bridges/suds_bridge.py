"""suds: makes the calls that it reads from its input, one a line. See bridge.py."""

import json
import sys

from suds import WebFault
from suds.client import Client
from suds.sudsobject import Object

ADDRESS, PATHS = sys.argv[1], json.loads(sys.argv[2])
clients = {}
headers = {}


def client_for(service):
    if service not in clients:
        clients[service] = Client(f"{ADDRESS}{PATHS[service]}?WSDL", cache=None)
    client = clients[service]
    client.set_options(headers=headers)
    client.options.transport.cookiejar.clear()
    return client


def plain(value):
    if isinstance(value, Object):
        return {name: plain(inner) for name, inner in value if inner is not None and not name.startswith("_")}
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value if isinstance(value, bool | int) or value is None else str(value)


def answer(service, operation, message):
    if service == "cookie":
        headers["Cookie"] = f"ASP.NET_SessionId={operation}"
        return {"value": None}
    try:
        return {"value": plain(getattr(client_for(service).service, operation)(**message))}
    except WebFault as fault:
        return {"fault": str(fault.fault.faultstring), "code": str(fault.fault.faultcode)}


for line in sys.stdin:
    print(json.dumps(answer(*json.loads(line))), flush=True)
