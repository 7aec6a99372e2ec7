"""The settings of the stub servers: find the peek in the body, and answer it with the bytes of the gateway's own answer."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

from tests.bench.workloads import RESURS_PATH

WORD = "peekInvoiceSequence"
_XML = "text/xml; charset=utf-8"


def wiremock(folder: Path, answer: str, *, by_xpath: bool) -> None:
    """`mappings/peek.json`."""
    names = {"s": "http://schemas.xmlsoap.org/soap/envelope/", "c": "http://ecommerce.resurs.com/v4/msg/configuration"}
    xpath = {"matchesXPath": f"/s:Envelope/s:Body/c:{WORD}", "xPathNamespaces": names}
    mapping = {
        "request": {
            "method": "POST",
            "urlPath": RESURS_PATH,
            "basicAuth": {"username": "demo-se", "password": "demo-secret"},
            "bodyPatterns": [xpath if by_xpath else {"contains": WORD}],
        },
        "response": {"status": 200, "headers": {"Content-Type": _XML}, "body": answer},
    }
    (folder / "mappings").mkdir(parents=True, exist_ok=True)
    _write(folder / "mappings" / "peek.json", mapping)


def mountebank(path: Path, answer: str, port: int) -> None:
    """One imposter."""
    predicate = {"and": [{"equals": {"method": "POST", "path": RESURS_PATH}}, {"contains": {"body": WORD}}]}
    response = {
        "is": {"statusCode": 200, "headers": {"Content-Type": _XML, "Connection": "keep-alive"}, "body": answer}
    }
    stub = {"predicates": [predicate], "responses": [response]}
    _write(path, {"imposters": [{"port": port, "host": "127.0.0.1", "protocol": "http", "stubs": [stub]}]})


def mockoon(path: Path, answer: str, port: int) -> None:
    """One environment with one route."""
    rule = {"target": "body", "modifier": "", "value": WORD, "invert": False, "operator": "regex"}
    response = {
        "uuid": str(uuid.uuid4()),
        "body": answer,
        "latency": 0,
        "statusCode": 200,
        "label": "",
        "headers": [{"key": "Content-Type", "value": _XML}],
        "bodyType": "INLINE",
        "filePath": "",
        "databucketID": "",
        "sendFileAsBody": False,
        "rules": [rule],
        "rulesOperator": "OR",
        "disableTemplating": True,
        "fallbackTo404": False,
        "default": False,
        "crudKey": "id",
        "callbacks": [],
    }
    route = {
        "uuid": str(uuid.uuid4()),
        "type": "http",
        "documentation": "",
        "method": "post",
        "endpoint": RESURS_PATH.removeprefix("/"),
        "responses": [response],
        "responseMode": None,
        "streamingMode": None,
        "streamingInterval": 0,
    }
    environment = {
        "uuid": str(uuid.uuid4()),
        "lastMigration": 33,
        "name": "peek",
        "endpointPrefix": "",
        "latency": 0,
        "port": port,
        "hostname": "127.0.0.1",
        "folders": [],
        "routes": [route],
        "rootChildren": [{"type": "route", "uuid": route["uuid"]}],
        "proxyMode": False,
        "proxyHost": "",
        "proxyRemovePrefix": False,
        "cors": False,
        "headers": [],
        "proxyReqHeaders": [],
        "proxyResHeaders": [],
        "data": [],
        "callbacks": [],
    }
    _write(path, environment)


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")
