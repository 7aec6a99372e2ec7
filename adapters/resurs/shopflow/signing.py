"""The page on which a customer signs a purchase, or refuses to (ADR-67, ADR-71). Source: P-137.

The token in its address is kept in the vault, so the page is there after a restart, and in every process of the store. What
the customer says is said once: later visits lead back to the shop.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from html import escape
from typing import Final
from urllib.parse import parse_qs, quote, urlsplit

from adapters.resurs.auth import Accounts
from adapters.resurs.operation import DIALECT, Actor, OperationCall
from adapters.resurs.payments.records import payment_key
from adapters.resurs.payments.status import sums_of
from adapters.resurs.settings import Binding, Settings
from adapters.resurs.shopflow.application import Application, Signature, read_application, save_application
from adapters.resurs.shopflow.cost import money
from adapters.resurs.shopflow.texts import WORDS, Words
from gateway.core.record_commands import GetRecords
from gateway.core.refusals import RecordChanged, RecordUnknown, Refused
from gateway.core.values import Origin, TenantId
from gateway.spi.adapter import Call, Context, Failed, Failure
from gateway.spi.page_tokens import PageTokens
from gateway.spi.pages import Page, PageHandler, page_url

SIGNING: Final = "signing"
_KIND: Final = "resurs_signing"
_LIFETIME: Final = timedelta(days=30)
_WEB: Final = re.compile(r"https?://[^/?#]+", re.I)
_UNESCAPED: Final = "!#$%&'()*+,/:;=?@[]~-._"
_ORIGIN: Final = re.compile(r"[A-Za-z0-9.:_\[\]-]+")


async def ask_to_sign(call: OperationCall, asked: Application, former: Application | None) -> str:
    """Keep an application until it is signed; the address of its page. Durable when it returns.

    former: one that it takes the place of.
    """
    facts = {"account": call.account, "payment": asked.payment.id}
    token = await _tokens(call.context).new(call.tenant, facts, _LIFETIME)
    signature = Signature.SIGNED if call.settings.signing == "auto" else Signature.OPEN
    version = 0 if former is None else former.version
    await call.service.execute(save_application(call, replace(asked, signature=signature, version=version)))
    return page_url(call.call.base_url, DIALECT, SIGNING, token=token)


async def is_signed(actor: Actor, signing_id: str) -> bool:
    """Whether an application is signed.

    signing_id: the token of its page, or the id of its payment.
    """
    found = await actor.context.vault.get(_KIND, signing_id)
    by_token = found is not None and found[0] == actor.tenant and found[1]["account"] == actor.account
    payment_id = found[1]["payment"] if by_token and found is not None else signing_id
    asked = await read_application(actor, payment_id)
    if asked is not None:
        return asked.signature is Signature.SIGNED
    key = payment_key(actor.tenant, actor.account, payment_id)
    is_booked = bool((await actor.service.read(GetRecords(actor.tenant, (key,)))).records)
    return by_token and is_booked


def signing_page(context: Context[Settings, Binding]) -> Mapping[str, PageHandler]:
    """The handlers of the page."""

    async def show(call: Call) -> Page:
        actor, asked = await _found(context, call)
        return _return(actor, asked) if asked.signature is not Signature.OPEN else _form(actor, asked)

    async def sign(call: Call) -> Page:
        actor, asked = await _found(context, call)
        said = parse_qs(call.body.decode("ascii", "replace")).get("answer", [""])[0]
        answer = {"sign": Signature.SIGNED, "refuse": Signature.REFUSED}.get(said)
        if asked.signature is not Signature.OPEN:
            return _return(actor, asked)
        if answer is None:
            return _form(actor, asked)
        try:
            await actor.service.execute(save_application(actor, replace(asked, signature=answer)))
        except Refused as refused:
            if not isinstance(refused.refusal, RecordChanged | RecordUnknown):
                raise
            return _return(*await _found(context, call))  # another window was faster
        return _return(actor, replace(asked, signature=answer))

    return {"GET": show, "POST": sign}


async def _found(context: Context[Settings, Binding], call: Call) -> tuple[Actor, Application]:
    """The application of the token in a call. Raises Failed, also for one that was booked and is no application any more."""
    tenant, facts = await _tokens(context).facts(call)
    call.principal, call.operation = facts["account"], SIGNING
    actor = _actor(context, tenant, facts["account"], call.request_id)
    asked = None if actor is None else await read_application(actor, facts["payment"])
    if actor is None or asked is None:
        raise Failed(Failure.UNAUTHORIZED)
    return actor, asked


def _actor(context: Context[Settings, Binding], tenant: TenantId, account: str, request_id: str) -> Actor | None:
    """The representative whose customer it is; None when it is not in the configuration any more."""
    who = Accounts([bound for bound in context.bindings if bound.tenant == tenant]).named(account)
    return None if who is None else Actor(context, who, Origin(DIALECT, account, request_id))


def _tokens(context: Context[Settings, Binding]) -> PageTokens:
    return PageTokens(context.vault, context.clock, _KIND)


def _form(actor: Actor, asked: Application) -> Page:
    """Two buttons. The browser must be allowed to follow the answer to the shop."""
    language, payment = actor.who.language, asked.payment
    words = WORDS[language]
    question = words.ask.format(amount=money(sums_of(payment).total, language), method=payment.method.name)
    content = (
        f"<h1>{escape(words.title)}</h1><p>{escape(question)}</p>"
        f"<p>{escape(asked.customer.address.full_name or '')}</p>"
        '<form method="post">'
        f'<button name="answer" value="sign">{escape(words.sign)}</button> '
        f'<button name="answer" value="refuse">{escape(words.refuse)}</button></form>'
    )
    targets = dict.fromkeys(filter(None, (_origin(asked.success_url), _origin(asked.fail_url))))
    return Page.html(words.title, content, {"form-action": " ".join(("'self'", *targets))}, language=language)


def _return(actor: Actor, asked: Application) -> Page:
    """Back to the shop; a page with words when the shop's address is not one of the web."""
    signed = asked.signature is Signature.SIGNED
    url = quote(asked.success_url if signed else asked.fail_url, safe=_UNESCAPED)
    if _WEB.match(url):
        return Page.redirect(url[: url.index(":")].lower() + url[url.index(":") :])
    words: Words = WORDS[actor.who.language]
    said = words.signed if signed else words.refused
    return Page.html(words.title, f"<p>{escape(said)}</p>", language=actor.who.language)


def _origin(url: str) -> str:
    """The origin of an address as a content policy names it; "" for one that cannot be named."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2].encode("idna").decode("ascii")
    except ValueError:
        return ""
    is_web = parts.scheme.lower() in {"http", "https"}
    return f"{parts.scheme.lower()}://{host}" if is_web and _ORIGIN.fullmatch(host) else ""
