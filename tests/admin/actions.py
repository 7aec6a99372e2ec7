"""What many tests do: make a tenant, give out numbers, ask through a dialect with a tenant's credentials."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from gateway.core.commands import Issue, IssueRequest, SaveDocument, SaveDocuments, Void
from gateway.core.documents import Document
from gateway.core.values import INVOICE, CounterKey, Origin, SeriesId, TenantId
from gateway.core.work import Delivered, FinishWork, NewWork, ScheduleWork, TakeWork, WorkId
from tests.admin.conftest import Admin

BY = Origin("test", "tester", "r-1")
RESURS = "/ws/V4/ConfigurationService"
_SOAP = (
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
    '<c:{0} xmlns:c="http://ecommerce.resurs.com/v4/msg/configuration">{1}</c:{0}></e:Body></e:Envelope>'
)


async def made(admin: Admin, **wanted: Any) -> Any:
    """Make a tenant; returns the answer to its creation."""
    answered = await admin.post("/v1/tenants", wanted)
    assert answered.status == 201, answered.text
    return answered.body


def line_of(tenant: Any) -> CounterKey:
    """The key of the invoice line of a created tenant's first series."""
    return CounterKey(SeriesId(tenant["series"][0]["id"]), INVOICE)


async def issue(admin: Admin, tenant: Any, *keys: str, start: int | None = 1) -> list[int]:
    """Give out one number for each key, to documents that are kept elsewhere."""
    numbers = []
    for key in keys:
        command = Issue(TenantId(tenant["id"]), line_of(tenant), key, f"document {key}", BY, start)
        result: Any = await admin.gateway.store.execute(command)
        numbers.append(result.issued.number)
    return numbers


async def void(admin: Admin, tenant: Any, number: int) -> None:
    await admin.gateway.store.execute(Void(TenantId(tenant["id"]), line_of(tenant), number, BY))


async def document(admin: Admin, tenant: Any, **fields: Any) -> int:
    """A document that has a number; returns its id."""
    own = Document(TenantId(tenant["id"]), **fields)
    save = SaveDocument(own, issue=IssueRequest(f"key-{fields.get('customer')}", start_if_unset=1))
    result: Any = await admin.gateway.store.execute(SaveDocuments(own.tenant, (save,), BY))
    return int(result.saved[0].document.id)


async def work(admin: Admin, tenant: str, *, done: bool = False) -> WorkId:
    """An item of work of a dialect that is not served, so that nobody does it; returns its id. done: it is delivered."""
    own, execute = TenantId(tenant), admin.gateway.store.execute
    scheduled = await execute(
        ScheduleWork(own, (NewWork("callback", "done" if done else "a", '{"password": "geheim"}'),), BY)
    )
    item = scheduled.items[0]
    if done:
        await execute(TakeWork(own, item.id, item.lane, "me", 0, 1))
        await execute(FinishWork(own, item.id, "me", Delivered("200")))
    return item.id


async def ask_dialects(admin: Admin, tenant: Any) -> dict[str, int]:
    """Use a created tenant's credentials once in every dialect; returns the status of each answer."""
    own = tenant["dialects"]
    return {
        "resurs": await resurs(admin, tenant, "peekInvoiceSequence"),
        "invoicexpress": await invoicexpress(admin, own["invoicexpress"]["binding"]["api_key"]),
        "qqsolutions": await qqsolutions(admin, own["qqsolutions"]["binding"]),
        "twentyfoursevenoffice": await login(admin, own["twentyfoursevenoffice"]["endpoints"][0]["credentials"]),
    }


async def resurs(admin: Admin, tenant: Any, operation: str, number: int | None = None, **headers: str) -> int:
    """Ask Resurs with a tenant's credentials; returns the status."""
    body, own = resurs_request(tenant, operation, number)
    async with admin.data.post(RESURS, data=body, headers={**own, **headers}) as response:
        return response.status


def resurs_request(tenant: Any, operation: str, number: int | None = None) -> tuple[str, dict[str, str]]:
    """The body and headers of a request to Resurs with a tenant's credentials."""
    account = tenant["dialects"]["resurs"]["binding"]["accounts"][0]
    basic = b64encode(f"{account['username']}:{account['password']}".encode()).decode()
    inner = "" if number is None else f"<nextInvoiceNumber>{number}</nextInvoiceNumber>"
    return _SOAP.format(operation, inner), {"Authorization": f"Basic {basic}", "Content-Type": "text/xml"}


async def invoicexpress(admin: Admin, api_key: str) -> int:
    async with admin.data.get("/sequences.xml", params={"api_key": api_key}) as response:
        return response.status


async def qqsolutions(admin: Admin, binding: Any) -> int:
    client, user = binding["clients"][0], binding["users"][0]
    form = {
        "grant_type": "password",
        "client_id": client["id"],
        "client_secret": client["secret"],
        "username": user["name"],
        "password": user["password"],
    }
    async with admin.data.post("/oauth/token", data=form) as response:
        return response.status


async def login(admin: Admin, credentials: Any) -> int:
    """The status; 200 only when the answer holds a session."""
    envelope = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
        '<Login xmlns="http://24sevenOffice.com/webservices"><credential>'
        f"<ApplicationId>{credentials['application_id']}</ApplicationId>"
        f"<Username>{credentials['username']}</Username><Password>{credentials['password']}</Password>"
        "</credential></Login></e:Body></e:Envelope>"
    )
    headers = {"Content-Type": "text/xml", "SOAPAction": '"http://24sevenOffice.com/webservices/Login"'}
    async with admin.data.post("/authenticate/v001/authenticate.asmx", data=envelope, headers=headers) as response:
        return response.status if "LoginResult" in await response.text() else 401
