"""The tenants of the golden cases, and logins to them.

Tenant `demo` is the one of the example configuration. Its user has two more identities: one in tenant `other`, one blocked.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import yaml
from aiohttp.test_utils import TestClient

from tests.conftest import EXAMPLE

APPLICATION: Final = "00000000-0000-4000-8000-000000000024"
UUID_APPLICATION: Final = UUID(APPLICATION)
DEMO: Final = "00000000-0000-4000-8000-000000002401"
OTHER: Final = "00000000-0000-4000-8000-000000002402"
BLOCKED: Final = "00000000-0000-4000-8000-000000002403"
SECOND: Final = "00000000-0000-4000-8000-000000002404"

PATH: Final = "/authenticate/v001/authenticate.asmx"
INVOICES: Final = "/Economy/InvoiceOrder/V001/InvoiceService.asmx"
NAMESPACE: Final = "http://24sevenOffice.com/webservices"


def _demo() -> dict[str, Any]:
    tenant: dict[str, Any] = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))["tenants"][0]
    section = tenant["twentyfoursevenoffice"]
    section["clients"].append({"id": 25, "name": "Demo Butikk AS", "series": "shop"})
    user = section["users"][0]
    user.update({"id": "00000000-0000-4000-8000-0000000024aa", "contact_id": 7})
    user["identities"] += [
        {"id": BLOCKED, "client": 24, "blocked": True},
        {"id": SECOND, "client": 25, "protected": True, "disabled": True},
    ]
    series = [*tenant["series"], {"key": "shop", "name": "shop"}]
    kept = ("id", "catalogue")
    return {**{name: tenant[name] for name in kept}, "series": series, "twentyfoursevenoffice": section}


TENANTS: Final[list[dict[str, Any]]] = [
    _demo(),
    {
        "id": "other",
        "series": [{"key": "main", "name": "main", "default": True}],
        "twentyfoursevenoffice": {
            "applications": [APPLICATION],
            "clients": [{"id": 26, "name": "Annen AS", "series": "main"}],
            "users": [
                {
                    "username": "Demo@example.com",
                    "password": "demo-secret",
                    "name": "Kari Nordmann",
                    "identities": [{"id": OTHER, "client": 26}],
                },
                {
                    "username": "blocked@example.com",
                    "password": "blocked-secret",
                    "identities": [{"id": "00000000-0000-4000-8000-000000002405", "client": 26, "blocked": True}],
                    "tokens": [{"id": "00000000-0000-4000-8000-00000000240e"}],
                },
            ],
        },
    },
]

IDENTITIES: Final = {"session": "", "demo": DEMO, "other": OTHER, "shop": SECOND}
"""The names of sessions in cases, and the identity that each one asks for."""


def envelope(operation: str, inner: str, namespace: str = NAMESPACE) -> str:
    """A SOAP 1.1 message in the form of the vendor's pages."""
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<soap:Envelope xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">'
        f'<soap:Body><{operation} xmlns="{namespace}">{inner}</{operation}></soap:Body></soap:Envelope>'
    )


def credential(identity: str = "", username: str = "demo@example.com", password: str = "demo-secret") -> str:
    """The credential of a login."""
    chosen = f"<IdentityId>{identity}</IdentityId>" if identity else ""
    return (
        f"<credential><ApplicationId>{APPLICATION}</ApplicationId>{chosen}"
        f"<Password>{password}</Password><Username>{username}</Username></credential>"
    )


async def post(client: TestClient, path: str, operation: str, inner: str, session: str = "") -> tuple[int, str]:
    """Send one call; returns the status and text of the answer."""
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{NAMESPACE}/{operation}"'}
    if session:
        headers["Cookie"] = f"ASP.NET_SessionId={session}"
    client.session.cookie_jar.clear()
    async with client.post(path, data=envelope(operation, inner).encode(), headers=headers) as answer:
        return answer.status, await answer.text()


async def log_in(client: TestClient, name: str = "session") -> str:
    """The id of a new session; name: a key of IDENTITIES."""
    _status, text = await post(client, PATH, "Login", credential(IDENTITIES[name]))
    client.session.cookie_jar.clear()  # cases name their cookies themselves
    return text.partition("<LoginResult>")[2].partition("<")[0]
