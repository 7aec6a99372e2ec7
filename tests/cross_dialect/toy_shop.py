"""A dialect as somebody outside would write it, with everything that dialects share.

That is claims, reservations and bounds, a series of its own, records, several commands in one transaction, work that is due,
and PDF. It imports only what dialects may know.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from pydantic import BaseModel

from gateway.core.commands import IssueRequest, SaveDocument, SaveDocuments
from gateway.core.documents import Document
from gateway.core.line_commands import Claim, OpenSeries, Reserve, SetBounds
from gateway.core.record_commands import SaveRecord, SaveRecords, SearchRecords
from gateway.core.records import Field, FieldType, KindName, RecordKind
from gateway.core.refusals import Refusal
from gateway.core.together import Build, SoFar, Together
from gateway.core.values import CREDIT_NOTE, INVOICE, CounterKey, DocumentKind, LineName, OnHeld, Origin, TenantId
from gateway.core.work import NewWork, ScheduleWork
from gateway.printing.document import PrintedDocument, Row
from gateway.printing.layout import STANDARD
from gateway.printing.pdf import write_pdf
from gateway.printing.words import language_of
from gateway.spi.adapter import Bound, Call, Context, Endpoint, Failure, Operation, Reply
from gateway.spi.outbound import Outbound, OutboundRequest
from gateway.spi.work import Done, Outcome, Retry, RetryTable, Work, WorkKind

VOUCHER: Final = LineName("voucher")
SALE: Final = RecordKind(
    KindName("toyshop.sale"), {"number": Field(FieldType.NUMBER, unique=True), "buyer": Field(folded=True)}
)


class ToyShop:
    """Its wire is JSON and paths: `/shop/` with sell, credit, claim/N, voucher, book/N and print/N behind it."""

    operations: Sequence[Operation] = ()
    work: Mapping[str, WorkKind] = {
        "callback": WorkKind("Says that a sale is numbered", RetryTable((timedelta(hours=1),)))
    }

    def __init__(self, context: Context[Any, Any]) -> None:
        self._service = context.service
        self._bound: Bound[Any] = context.bindings[0]
        self._main = self._bound.series["main"]

    def claims(self, path: str) -> bool:
        return path.startswith("/shop/")

    async def answer(self, call: Call) -> Reply:
        tenant = call.tenant = self._bound.tenant
        by = Origin("toyshop", "toy", call.request_id)
        match call.path.split("/")[2:]:
            case ["sell"]:
                return _answer(await self._numbered(tenant, json.loads(call.body), INVOICE, by))
            case ["credit"]:
                return _answer(await self._numbered(tenant, json.loads(call.body), CREDIT_NOTE, by))
            case ["claim", number]:
                claim = Claim(tenant, CounterKey(self._main, INVOICE), int(number), f"own-{number}", "by hand", by)
                return _answer((await self._service.execute(claim)).issued.number)
            case ["voucher"]:
                line = await self._vouchers(tenant, by)
                return _answer((await self._service.execute(Reserve(tenant, line, call.request_id, by))).issued.number)
            case ["book", number]:
                line = await self._vouchers(tenant, by)
                booking = Claim(tenant, line, int(number), f"booking-{number}", "a booking", by)
                return _answer((await self._service.execute(booking)).issued.number)
            case ["print", number]:
                found = await self._service.read(SearchRecords(tenant, SALE, (SALE.is_one_of("number", int(number)),)))
                (sale,) = (json.loads(record.body) for record in found.records)
                return Reply(200, (), await asyncio.to_thread(write_pdf, _paper(sale), STANDARD))
        return self.fail(call, Failure.NOT_FOUND)

    async def _numbered(self, tenant: TenantId, sale: dict[str, Any], kind: DocumentKind, by: Origin) -> int:
        """Number a document of a sale, keep the sale, and plan its callback: all of it, or nothing."""
        issue = IssueRequest(sale["id"], self._main, line=INVOICE, start_if_unset=1, on_held=OnHeld.PASS_OVER)
        document = SaveDocument(Document(tenant, kind, series=self._main), key=sale["id"], issue=issue)

        def kept(so_far: SoFar) -> SaveRecords:
            numbered = {**sale, "number": so_far.results[0].saved[0].document.number}
            values = {"number": numbered["number"], "buyer": sale["buyer"]}
            record = SALE.record(tenant, sale["id"], json.dumps(numbered).encode(), values)
            return SaveRecords(tenant, SALE, (SaveRecord(record),), by)

        callback = ScheduleWork(tenant, (NewWork("callback", sale["buyer"], json.dumps(sale)),), by)
        parts = (SaveDocuments(tenant, (document,), by), Build(kept), callback)
        done = await self._service.execute(Together(tenant, parts, by))
        number: int = done.results[0].saved[0].document.number
        return number

    async def _vouchers(self, tenant: TenantId, by: Origin) -> CounterKey:
        opened = await self._service.execute(OpenSeries(tenant, "toyshop-vouchers", "toyshop", by))
        line = CounterKey(opened.series.id, VOUCHER)
        if opened.created:
            await self._service.execute(SetBounds(tenant, line, 100, 101, by))
        return line

    async def perform(self, work: Work, outbound: Outbound) -> Outcome:
        sale = work.facts
        reply = await outbound.send(OutboundRequest(sale["url"], "POST", body=sale["id"].encode()))
        return Done() if reply.status == 200 else Retry(f"status {reply.status}")

    def refuse(self, call: Call, refusal: Refusal) -> Reply:
        return Reply(409, (), f"no deal: {type(refusal).__name__}".encode())

    def fail(self, call: Call, failure: Failure) -> Reply:
        return Reply(404 if failure is Failure.NOT_FOUND else 500, (), f"closed: {failure.name}".encode())

    def endpoints(self, base_url: str, tenant: TenantId) -> Sequence[Endpoint]:
        return ()


def _answer(number: int) -> Reply:
    return Reply(200, (), str(number).encode())


def _paper(sale: Mapping[str, Any]) -> PrintedDocument:
    return PrintedDocument(
        language=language_of("en"),
        seller=("Toy Shop",),
        heading=f"Invoice {sale['number']}",
        buyer=(sale["buyer"],),
        lines=(Row(("Toy", Decimal(1), Decimal(2), None, Decimal(25), Decimal(2))),),
        totals=(Row(("Total", Decimal("2.50")), bold=True),),
    )


class Nothing(BaseModel):
    """No settings, no credentials."""


class ToyShopAdapter:
    """What an entry point would name."""

    name = "toyshop"
    title = "A toy shop"
    kinds = (INVOICE, CREDIT_NOTE)
    lines = (INVOICE, VOUCHER)
    Settings: type[BaseModel] = Nothing
    Binding: type[BaseModel] = Nothing

    def build(self, context: Context[Any, Any]) -> ToyShop:
        return ToyShop(context)


adapter: Final = ToyShopAdapter()
