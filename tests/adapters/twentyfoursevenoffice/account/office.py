"""An office: it keeps its books as clients do, on the dialect over any sequence service, without HTTP."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, cast

from lxml import etree
from multidict import CIMultiDict, CIMultiDictProxy

from adapters.twentyfoursevenoffice.account.vouchers import VOUCHER, Voucher, voucher_of
from adapters.twentyfoursevenoffice.routes import adapter
from adapters.twentyfoursevenoffice.settings import Settings
from gateway.core import ledger
from gateway.core.catalogue import CatalogueItem, Customer
from gateway.core.commands import CreateSeries, ListSeries, SaveCatalogue
from gateway.core.gaps import LineReport, find_gaps
from gateway.core.ports import SequenceService
from gateway.core.record_commands import SearchRecords
from gateway.core.values import Origin, SeriesView, TenantId
from gateway.spi.adapter import Bound, Call, Context
from gateway.spi.exchange import Exchange
from gateway.spi.watch import Watch
from gateway.testing.memory_store import HandClock, MemoryStore, MemoryVault
from schemas.twentyfoursevenoffice.account.types import Entry
from tests.adapters.twentyfoursevenoffice.dialect import bindings
from tests.adapters.twentyfoursevenoffice.tenants import IDENTITIES, NAMESPACE, PATH, credential, envelope

DEMO: Final = TenantId("demo")
BY: Final = Origin("test", "office", "")
OPERATOR: Final = Origin("admin", "somebody", "")
ACCOUNTING: Final = "http://24sevenoffice.com/webservices/economy/accounting/"
V004: Final = "/Economy/Account/V004/Accountservice.asmx"
V002: Final = "/economy/accountV002/Accountservice.asmx"
NOON: Final = datetime(2024, 6, 3, 12, 0, tzinfo=UTC)


class Answer:
    """What the office got.

    call: as the journal sees it.
    """

    def __init__(self, status: int, body: bytes, call: Call) -> None:
        self.status, self.body, self.call = status, body.decode(), call
        self.root = etree.fromstring(body)

    def texts(self, name: str) -> list[str]:
        """The texts of all elements of this name."""
        return [each.text or "" for each in self.root.iter(f"{{{NAMESPACE}}}{name}", name)]

    @property
    def text(self) -> str:
        """Of a fault; "" for a good answer."""
        return "".join(each.text or "" for each in self.root.iter("faultstring"))

    @property
    def outcome(self) -> str:
        """What SaveBundleList says: Type, or "fault"."""
        return self.texts("Type")[0] if self.status == 200 else "fault"

    @property
    def number(self) -> int:
        """What GetEntryId gives."""
        return int(self.texts("EntryNo")[0])


class Office:
    """A user's programs. `opened` makes it; several may share one service."""

    def __init__(self, service: SequenceService, series: Mapping[str, Any], clock: HandClock, **settings: Any) -> None:
        self.service, self.series, self.clock = service, series, clock
        bound = [
            Bound(own.tenant, own.binding, series) if own.tenant == DEMO else Bound(own.tenant, own.binding, own.series)
            for own in bindings()
        ]
        watch = Watch()
        context: Context[Any, Any] = Context(
            Settings.model_validate(settings), bound, watch.watched_service(service), MemoryVault(clock), clock
        )
        self._exchange = Exchange("twentyfoursevenoffice", adapter.build(context), 30, 1000, watch=watch)
        self._ids = itertools.count(1)
        self._sessions: dict[str, str] = {}

    def with_settings(self, **settings: Any) -> Office:
        """The same office under other choices of the dialect."""
        return Office(self.service, self.series, self.clock, **settings)

    async def _send(self, path: str, operation: str, inner: str, session: str) -> Answer:
        accounting = path.lower().startswith("/economy/accounting/")
        namespace = ACCOUNTING if accounting else NAMESPACE
        action = f'"{namespace}{"" if accounting else "/"}{operation}"'
        headers = CIMultiDict({"Content-Type": "text/xml; charset=utf-8", "SOAPAction": action})
        if session:
            headers["Cookie"] = f"ASP.NET_SessionId={session}"
        body = envelope(operation, inner, namespace).encode()
        request = f"r-{id(self)}-{next(self._ids)}"
        call = Call("POST", path, "", CIMultiDictProxy(headers), body, "http://127.0.0.1", request)
        reply = await self._exchange.run(call)
        return Answer(reply.status, reply.body, call)

    async def session(self, who: str = "demo") -> str:
        """The id of a session; who: a key of `tenants.IDENTITIES`."""
        if who not in self._sessions:
            answer = await self._send(PATH, "Login", credential(IDENTITIES[who]), "")
            (self._sessions[who],) = answer.texts("LoginResult")
        return self._sessions[who]

    async def ask(self, operation: str, inner: str = "", path: str = V004, who: str = "demo") -> Answer:
        """Send a message with these children."""
        return await self._send(path, operation, inner, await self.session(who) if who else "")

    async def entry(self, day: str = "2024-03-15T00:00:00", series: int = 1, who: str = "demo") -> Answer:
        """Ask for a number."""
        inner = f"<argEntryId><Date>{day}</Date><SortNo>{series}</SortNo><EntryNo>0</EntryNo></argEntryId>"
        return await self.ask("GetEntryId", inner, who=who)

    async def number(self, day: str = "2024-03-15T00:00:00", series: int = 1) -> int:
        """The number that the office gets."""
        return (await self.entry(day, series)).number

    async def save(self, *vouchers: str, who: str = "demo", path: str = V004, **fields: Any) -> Answer:
        """Book vouchers in one bundle."""
        return await self.ask("SaveBundleList", bundle_list(bundle(*vouchers), **fields), path, who)

    async def vouchers(self) -> list[Voucher]:
        """What is kept, in the order in which it was saved."""
        found = await self.service.read(SearchRecords(DEMO, VOUCHER, limit=10_000))
        return [voucher_of(record) for record in found.records]

    async def views(self) -> dict[str, SeriesView]:
        """The dialect's own series, by key."""
        listed = await self.service.read(ListSeries(DEMO))
        return {view.series.key: view for view in listed.views if view.series.owner}

    async def gaps(self, key: str = "voucher-1-2024") -> LineReport:
        """What the ledger says of the holes of one voucher line; the ledger itself must be whole."""
        store = cast("Any", self.service)
        kept = isinstance(store, MemoryStore)
        entries = store.state.ledger() if kept else [entry async for entry in store.ledger(DEMO)]
        assert not ledger.verify(entries)[1]

        async def again() -> AsyncIterator[Any]:
            for entry in entries:
                yield entry

        series = (await self.views())[key].series.id
        return next(report for report in await find_gaps(again()) if report.line.series == series)


_ENTRY: Final = tuple(field.alias for field in Entry.model_fields.values())


def entry(amount: str, account: int = 1500, day: str = "2024-03-15T00:00:00", **fields: Any) -> str:
    """An entry on the wire, the fields in the order of the contract."""
    assert set(fields) <= set(_ENTRY)
    given = {"AccountNo": account, "Date": day, "Amount": amount, **fields}
    shown = (f"<{name}>{given[name]}</{name}>" for name in _ENTRY if given.get(name) is not None)
    return f"<Entry>{''.join(shown)}</Entry>"


def voucher(number: int | None, *entries: str, sort: int = 2, amount: str = "70.00") -> str:
    """A voucher; without entries one of two lines that balance."""
    own = entries or (entry(amount), entry(f"-{amount}", 3900))
    named = "" if number is None else f"<TransactionNo>{number}</TransactionNo>"
    return f"<Voucher>{named}<Entries>{''.join(own)}</Entries><Sort>{sort}</Sort></Voucher>"


def bundle(*vouchers: str, year: int = 2024, sort: int = 0, name: str = "Bundle") -> str:
    """A bundle."""
    inner = "".join(vouchers)
    return f"<Bundle><YearId>{year}</YearId><Vouchers>{inner}</Vouchers><Sort>{sort}</Sort><Name>{name}</Name></Bundle>"


def bundle_list(*bundles: str, option: int = 0, ignore: str = "", **fields: Any) -> str:
    """The parameter of SaveBundleList."""
    order = ("AllowDifference", "DirectLedger", "SaveOption", "DefaultCustomerId")
    given = {"SaveOption": option, **fields}
    assert set(given) <= set(order)
    flags = "".join(f"<{name}>{given[name]}</{name}>" for name in order if name in given)
    words = f"<IgnoreWarnings><string>{ignore}</string></IgnoreWarnings>" if ignore else ""
    return f"<BundleList><Bundles>{''.join(bundles)}</Bundles>{flags}{words}</BundleList>"


CUSTOMERS: Final[tuple[CatalogueItem, ...]] = tuple(Customer(number, f"Kunde {number}") for number in (1, 2))


async def opened(
    service: SequenceService,
    clock: HandClock | None = None,
    items: tuple[CatalogueItem, ...] = CUSTOMERS,
    **settings: Any,
) -> Office:
    """An office on a service that is empty so far."""
    own = clock or HandClock()
    own.moment = NOON
    main = await service.execute(CreateSeries(DEMO, "main", BY, key="main", make_default=True))
    shop = await service.execute(CreateSeries(DEMO, "shop", BY, key="shop"))
    if items:
        await service.execute(SaveCatalogue(DEMO, BY, items=items))
    series = {"main": main.view.series.id, "shop": shop.view.series.id}
    return Office(service, series, own, **settings)
