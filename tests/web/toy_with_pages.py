"""A dialect as somebody outside would write it: a wire of its own, pages, and a PDF. It imports only what dialects may know."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote

from pydantic import BaseModel

from gateway.core.refusals import CounterUnset, Refusal, Refused
from gateway.core.values import INVOICE, CounterKey, SeriesId, TenantId
from gateway.printing.document import PrintedDocument, Qr, Row
from gateway.printing.layout import STANDARD
from gateway.printing.pdf import write_pdf
from gateway.printing.words import language_of
from gateway.spi.adapter import Call, Context, Endpoint, Failure, Operation, Reply, StoreUnavailableError
from gateway.spi.page_tokens import PageTokens, check_signed, signed_token
from gateway.spi.pages import Page, PageHandler, page_url

KEY: Final = bytes(range(32))
TENANT: Final = TenantId("demo")


class Toy:
    """`/toy/sign` gives the address of a signing page, `/toy/print/N` that of a PDF. It would claim every path there is."""

    operations: Sequence[Operation] = ()

    def __init__(self, context: Context[Any, Any]) -> None:
        self._tokens = PageTokens(context.vault, context.clock, "toy_signing")
        self._pages: Mapping[tuple[str, ...], Mapping[str, PageHandler]] = {
            ("sign",): {"GET": self._form, "POST": self._sign},
            ("bad",): dict.fromkeys(("GET", "POST"), self._bad),
        }
        self.started = asyncio.Event()

    def claims(self, path: str) -> bool:
        return True

    async def answer(self, call: Call) -> Reply:
        match call.path.strip("/").split("/"):
            case ["toy", "sign"]:
                token = await self._tokens.new(TENANT, {"payment": "P-1"}, timedelta(hours=1))
                return Reply(200, (), page_url(call.base_url, "toy", "sign", token=token).encode())
            case ["toy", "print", number]:
                token = signed_token(KEY, "toy", TENANT, number)
                return Reply(200, (), page_url(call.base_url, "toy", "pdf", number, token=token).encode())
        return Reply(404, (("X-Path", quote(call.path)),), b"the toy knows no such path")

    def find_page(self, segments: Sequence[str], /) -> Mapping[str, PageHandler] | None:
        if len(segments) == 2 and segments[0] == "pdf":
            return {"GET": self._pdf}
        return self._pages.get(tuple(segments))

    async def _form(self, call: Call) -> Page:
        _, facts = await self._tokens.facts(call)
        form = f'<p>{facts["payment"]} at {call.base_url}</p><form method="post"><button>Sign</button></form>'
        return Page.html("Sign <it>", form, {"form-action": "'self'"})

    async def _sign(self, call: Call) -> Page:
        await self._tokens.facts(call)
        await self._tokens.use_up(call)
        return Page.redirect("http://shop.example/ok")

    async def _pdf(self, call: Call) -> Page:
        number = call.path.rpartition("/")[2]
        check_signed(call, KEY, "toy", TENANT, number)
        return Page.pdf(await asyncio.to_thread(write_pdf, paper(number), STANDARD), f"Fatura {number}/é.pdf")

    async def _bad(self, call: Call) -> Page:
        match call.query:
            case "bug":
                raise RuntimeError("secret detail")
            case "store":
                raise StoreUnavailableError("gone")
            case "refused":
                raise Refused(CounterUnset(CounterKey(SeriesId(1), INVOICE)))
            case "slow":
                self.started.set()
                await asyncio.Event().wait()
        return Page(call.body)

    def refuse(self, call: Call, refusal: Refusal) -> Reply:
        return Reply(499, (), b"toy refuses")

    def fail(self, call: Call, failure: Failure) -> Reply:
        return Reply(499, (), b"toy fails")

    def endpoints(self, base_url: str, tenant: TenantId) -> Sequence[Endpoint]:
        return ()


def paper(number: str) -> PrintedDocument:
    """What the toy prints."""
    return PrintedDocument(
        language=language_of("pt", {"pt": {"paid": "Pago"}}),
        seller=("Toy, Lda.",),
        heading=f"Fatura {number}",
        buyer=("Somebody",),
        lines=(Row(("Coffee", Decimal(1), Decimal(2), None, Decimal(23), Decimal(2))),),
        totals=(Row(("Total", Decimal("2.46")), bold=True),),
        notes=("Pago",),
        qr=Qr(f"A:500000000*G:FT {number}"),
    )


class Nothing(BaseModel):
    """No settings, no credentials."""


class ToyAdapter:
    """What an entry point would name."""

    name = "toy"
    title = "A toy"
    Settings: type[BaseModel] = Nothing
    Binding: type[BaseModel] = Nothing

    def hosts(self, settings: BaseModel, /) -> Sequence[str]:
        return ("toy.example",)

    def build(self, context: Context[Any, Any]) -> Toy:
        return Toy(context)


adapter: Final = ToyAdapter()
