"""A client of AttachmentService: it sends messages as clients do, to the dialect on any sequence service, without HTTP.

Every answer is held against the schema that clients fetch.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lxml import etree
from multidict import CIMultiDict, CIMultiDictProxy

from adapters.twentyfoursevenoffice.codec import make_endpoint
from adapters.twentyfoursevenoffice.routes import adapter
from adapters.twentyfoursevenoffice.settings import Binding, Settings
from gateway.core import ledger
from gateway.core.commands import CreateSeries
from gateway.core.ledger import Entry
from gateway.core.values import Origin, SeriesId, TenantId
from gateway.spi.adapter import Bound, Call, Context, Reply
from gateway.spi.exchange import Exchange
from gateway.spi.watch import Watch
from gateway.testing.memory_store import HandClock, MemoryStore, MemoryVault
from schemas.twentyfoursevenoffice.attachment.contract import ATTACHMENT_SERVICE
from tests.adapters.twentyfoursevenoffice.tenants import PATH as LOGIN
from tests.adapters.twentyfoursevenoffice.tenants import credential, envelope

TENANT: Final = TenantId("demo")
NAMESPACE: Final = "http://24sevenoffice.com/webservices/economy/accounting/"
SERVICE: Final = "/Economy/Accounting/Accounting_V001/AttachmentService.asmx"
OUTSIDE: Final = "http://24sevenOffice.com/webservices"
BERGEN: Final = "00000000-0000-4000-8000-00000000005e"
OSLO: Final = "00000000-0000-4000-8000-00000000005f"
RANGES: Final = (
    {"id": BERGEN, "name": "Kontor Bergen", "start": 100, "end": 104},
    {"id": OSLO, "name": "Kontor Oslo", "start": 4, "end": 6},
)
"""Two stamp series: a short one, and one that lies right before where the line outside of them begins."""
BINDING: Final = Binding.model_validate(
    {
        "applications": ["00000000-0000-4000-8000-000000000024"],
        "clients": [{"id": 24, "name": "Demo AS", "series": "main"}, {"id": 25, "name": "Demo To", "series": "main"}],
        "users": [
            {
                "username": name,
                "password": "demo-secret",
                "name": shown,
                **numbers,
                "identities": [{"id": f"00000000-0000-4000-8000-00000000240{place}", "client": client}],
            }
            for place, (name, shown, client, numbers) in enumerate(
                (
                    ("demo@example.com", "Kari Nordmann", 24, {"contact_id": 7, "employee_id": 1}),
                    ("second@example.com", "Ola Nordmann", 25, {"employee_id": 2}),
                    ("third@example.com", "", 24, {"employee_id": 3}),
                    ("nobody@example.com", "Nobody", 24, {}),
                )
            )
        ],
    }
)


class Fault(Exception):
    """The text of a fault."""


@functools.cache
def _schema() -> etree.XMLSchema:
    """The schema of the service as it is served."""
    call = Call("GET", SERVICE, "WSDL", CIMultiDictProxy(CIMultiDict()), b"", "http://127.0.0.1", "r")
    endpoint = make_endpoint(ATTACHMENT_SERVICE, Settings(), frozenset())
    reply = endpoint.receive(call)
    assert not hasattr(reply, "operation")
    xs = "{http://www.w3.org/2001/XMLSchema}"
    main, guid = etree.fromstring(reply.body).iter(f"{xs}schema")
    resolver = _Resolver(etree.tostring(guid))
    main.find(f"{xs}import").set("schemaLocation", "guid.xsd")
    parser = etree.XMLParser()
    parser.resolvers.add(resolver)
    return etree.XMLSchema(etree.fromstring(etree.tostring(main), parser, base_url="main.xsd"))


class _Resolver(etree.Resolver):
    def __init__(self, guid: bytes) -> None:
        self._guid = guid

    def resolve(self, url: str, pubid: Any, context: Any) -> Any:
        return self.resolve_string(self._guid, context)


def _context(service: Any, clock: HandClock, settings: Mapping[str, Any]) -> Context[Any, Any]:
    bound = Bound(TENANT, BINDING, {"main": SeriesId(1)})
    return Context(Settings.model_validate(dict(settings)), [bound], service, MemoryVault(clock), clock)


@dataclass(frozen=True)
class Info:
    """A file as GetFileInfo shows it."""

    id: int
    type: str
    stamp: int
    meta: tuple[tuple[str, str], ...] | None


class Archive:
    """One client; `opened` makes it."""

    def __init__(self, service: Any, clock: HandClock, settings: Mapping[str, Any]) -> None:
        self.service, self.clock = service, clock
        watch = Watch()
        watch.recording = True
        watch.refresh()
        self.context = _context(
            watch.watched_service(service),
            clock,
            {"stamp_series": RANGES, "session_lifetime_seconds": 30 * 86400, **settings},
        )
        self.dialect = adapter.build(self.context)
        self._exchange = Exchange("twentyfoursevenoffice", self.dialect, 60, 1000, watch=watch)
        self._ids = itertools.count(1)
        self._cookies: dict[str, str] = {}
        self.calls: list[Call] = []

    def with_settings(self, **settings: Any) -> Archive:
        """The same archive under other choices of the dialect."""
        return Archive(self.service, self.clock, settings)

    async def _send(self, path: str, operation: str, inner: str, namespace: str, cookie: str = "") -> Reply:
        action = f"{namespace}{'' if namespace.endswith('/') else '/'}{operation}"
        headers = CIMultiDict({"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{action}"'})
        if cookie:
            headers["Cookie"] = f"ASP.NET_SessionId={cookie}"
        body = envelope(operation, inner, namespace).encode()
        name = f"r-{id(self)}-{next(self._ids)}"
        call = Call("POST", path, "", CIMultiDictProxy(headers), body, "http://127.0.0.1", name)
        reply = await self._exchange.run(call)
        self.calls.append(call)
        return reply

    async def log_in(self, username: str) -> str:
        """The session of a user; made once."""
        if username not in self._cookies:
            reply = await self._send(LOGIN, "Login", credential("", username), OUTSIDE)
            self._cookies[username] = reply.body.decode().partition("<LoginResult>")[2].partition("<")[0]
        return self._cookies[username]

    async def ask(self, operation: str, inner: str = "", user: str = "demo@example.com") -> etree._Element:
        """The answer's first element. Raises Fault."""
        reply = await self._send(SERVICE, operation, inner, NAMESPACE, await self.log_in(user))
        (payload,) = etree.fromstring(reply.body)[0]
        if reply.status != 200:
            raise Fault(payload.findtext("faultstring").rpartition("---> ")[2])
        assert _schema().validate(payload), _schema().error_log
        return payload

    async def text(self, operation: str, inner: str = "", user: str = "demo@example.com") -> str:
        """The text of the result."""
        return (await self.ask(operation, inner, user))[0].text or ""

    # What a client does with a file

    async def create(self, kind: str = "Png", user: str = "demo@example.com") -> int:
        (result,) = await self.ask("Create", f"<type>{kind}</type>", user)
        return int(result.findtext(f"{{{NAMESPACE}}}Id"))

    async def append(self, file: int, chunk: bytes, offset: int, user: str = "demo@example.com") -> None:
        text = base64.b64encode(chunk).decode()
        inner = f"{named(file)}<buffer>{text}</buffer><offset>{offset}</offset>"
        await self.ask("AppendChunk", inner, user)

    async def save(self, file: int, stamp: int | None = None, location: str = "Journal", **more: Any) -> None:
        user = more.pop("user", "demo@example.com")
        await self.ask("Save", f"{saved(file, stamp, **more)}<location>{location}</location>", user)

    async def upload(self, content: bytes = b"some bytes", stamp: int | None = None, **more: Any) -> int:
        """A new file with this content, saved."""
        user = more.get("user", "demo@example.com")
        file = await self.create(user=user)
        await self.append(file, content, 0, user)
        await self.save(file, stamp, **more)
        return file

    async def next_stamp(self, user: str = "demo@example.com") -> int:
        return int(await self.text("GetStampNo", user=user))

    async def next_of(self, series: str = BERGEN) -> int:
        return int(await self.text("GetSeriesStampNo", f"<SeriesId>{series}</SeriesId>"))

    async def size(self, file: int) -> int:
        return int(await self.text("GetSize", named(file)))

    async def checksum(self, file: int) -> str:
        return await self.text("GetChecksum", named(file))

    async def download(self, file: int, offset: int, length: int) -> bytes:
        inner = f"{named(file)}<offset>{offset}</offset><bufferSize>{length}</bufferSize>"
        return base64.b64decode(await self.text("DownloadChunk", inner))

    async def find(self, filters: str = "", user: str = "demo@example.com") -> list[Info]:
        inner = f"<parameters>{filters}</parameters>"
        (result,) = await self.ask("GetFileInfo", inner, user)
        return [_info(each) for each in result]


def _info(shown: etree._Element) -> Info:
    def text(name: str) -> str:
        return shown.findtext(f"{{{NAMESPACE}}}{name}") or ""

    pairs = [
        (each.findtext(f"{{{NAMESPACE}}}Key"), each.findtext(f"{{{NAMESPACE}}}Value"))
        for each in shown.iter(f"{{{NAMESPACE}}}KeyValuePair")
    ]
    has_frame = shown.find(f"{{{NAMESPACE}}}FrameInfo") is not None
    return Info(int(text("Id")), text("Type"), int(text("StampNo")), tuple(pairs) if has_frame else None)


def named(file: int) -> str:
    """A file as most calls name it."""
    return f"<file><Id>{file}</Id><Type>Png</Type><StampNo>0</StampNo></file>"


def saved(file: int, stamp: int | None, meta: Sequence[tuple[str, str]] = (), kind: str = "Png") -> str:
    """A file as Save gets it; stamp None: without a frame."""
    pairs = "".join(f"<KeyValuePair><Key>{key}</Key><Value>{value}</Value></KeyValuePair>" for key, value in meta)
    frame = (
        ""
        if stamp is None
        else f"<FrameInfo>{framed(stamp, f'<MetaData>{pairs}</MetaData>' if meta else '')}</FrameInfo>"
    )
    return f"<file><Id>{file}</Id><Type>{kind}</Type><StampNo>0</StampNo>{frame}</file>"


def framed(stamp: int, meta: str = "", number: int = 1) -> str:
    """A frame of a file."""
    return f"<ImageFrameInfo><Id>{number}</Id><StampNo>{stamp}</StampNo>{meta}<Status>0</Status></ImageFrameInfo>"


def md5(content: bytes) -> str:
    """The checksum as it is shown."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


async def opened(service: Any, clock: HandClock, **settings: Any) -> Archive:
    """An archive on a new tenant of the service."""
    await service.execute(CreateSeries(TENANT, "main", Origin("config", "t", "r"), key="main"))
    return Archive(service, clock, settings)


async def entries_of(service: Any) -> list[Entry]:
    """The ledger of the tenant, chain by chain. It is held against its own hashes."""
    if isinstance(service, MemoryStore):
        found = [entry for chain in service.state.entries.values() for entry in chain]
    else:
        found = [entry async for entry in service.ledger(TENANT)]
    assert not ledger.verify(found)[1]
    return found


async def claimed(service: Any) -> list[int]:
    """The numbers of all claims, ascending."""
    return sorted(entry.number for entry in await entries_of(service) if entry.operation == "claim" and entry.number)
