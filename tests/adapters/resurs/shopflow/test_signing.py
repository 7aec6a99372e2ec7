"""The signing page, as a browser meets it: plain HTTP, cookies and scripts play no part."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from gateway.config.yaml_file import Document
from gateway.server.wiring import Gateway
from tests.adapters.resurs.bank import DEMO
from tests.adapters.resurs.shopflow.checkout import ADDRESS, SIGNING, Shop
from tests.adapters.resurs.test_cases import TENANTS
from tests.conftest import GatewayServer, MakeGateway, only

OK, FAILED = "http://shop.example/ok?o=1&p=%C3%A5", "http://shop.example/no"


@dataclass
class Page:
    """What a browser gets. goes_to: where it is sent."""

    status: int
    text: str
    goes_to: str
    policy: str


@dataclass
class Browser:
    """A customer with a browser."""

    client: Any

    async def open(self, url: str, answer: str | None = None) -> Page:
        """Visit an address, or press the button of an answer there."""
        parts = urlsplit(url)
        path = f"{parts.path}?{parts.query}"
        method, data = ("GET", None) if answer is None else ("POST", {"answer": answer})
        async with self.client.request(method, path, data=data, allow_redirects=False) as reply:
            headers = reply.headers
            policy = headers["Content-Security-Policy"]
            assert headers["Cache-Control"] == "no-store"
            return Page(reply.status, await reply.text(), headers.get("Location", ""), policy)


async def signing_url(shop: Shop, payment: str, **asked: Any) -> str:
    more = {"signing": SIGNING, "customer": {"deliveryAddress": ADDRESS}, **asked}
    answer = await shop.book(payment=payment, **more)
    assert (answer["bookPaymentStatus"], answer["approvedAmount"]) == ("SIGNING", "500")
    return answer["signingUrl"]


async def book_signed(shop: Shop, payment: str) -> str:
    answer = await shop.ask("bookSignedPayment", {"paymentId": payment})
    return str(answer.error) if answer.error else answer["bookPaymentStatus"]


async def test_sign_and_book(shop: Shop) -> None:
    browser, url = Browser(shop.client), await signing_url(shop, "P-1", data={"finalizeIfBooked": True})
    await shop.set_next(445)
    assert [await book_signed(shop, "P-1"), (await shop.after("getPayment", paymentId="P-1")).error] == ["15", 8]
    page = await browser.open(url)
    assert (page.status, page.goes_to) == (200, "")
    assert page.text.count("<button") == 2
    assert "500,00 kr med Faktura" in page.text
    assert "form-action 'self' http://shop.example;" in f"{page.policy};"
    assert (await browser.open(url, "perhaps")).text == page.text, "no button has this answer"
    assert await book_signed(shop, "P-1") == "15"
    signed = await browser.open(url, "sign")
    assert (signed.status, signed.goes_to) == (303, OK)
    assert [(await browser.open(url, answer)).goes_to for answer in (None, "refuse", "sign")] == [OK] * 3
    assert await shop.next_number() == "445", "nothing is drawn before the booking"
    answer = await shop.ask("bookSignedPayment", {"paymentId": "P-1"})
    assert (answer.wrapper, answer["bookPaymentStatus"]) == ("bookPaymentResponse", "FINALIZED")
    assert answer.texts["signingUrl"] == [""]
    assert await shop.next_number() == "446"
    assert await book_signed(shop, "P-1") == "20"
    assert (await browser.open(url)).status == 403, "there is nothing to sign any more"
    delivery = await shop.after("getPayment", paymentId="P-1")
    assert delivery["deliveryAddress/fullName"] == ADDRESS["fullName"]


async def test_refuse(shop: Shop) -> None:
    browser, url = Browser(shop.client), await signing_url(shop, "P-1")
    assert (await browser.open(url, "refuse")).goes_to == FAILED
    assert [(await browser.open(url, answer)).goes_to for answer in (None, "sign")] == [FAILED] * 2
    assert await book_signed(shop, "P-1") == "15"
    again = await signing_url(shop, "P-1")  # the id is free for another attempt
    assert (await shop.book(payment="P-1")).error == 19
    assert (await browser.open(again, "sign")).goes_to == OK
    assert await book_signed(shop, "P-1") == "BOOKED"
    await browser.open(await signing_url(shop, "P-2"), "refuse")
    assert (await shop.book(payment="P-2"))["bookPaymentStatus"] == "BOOKED"
    assert await book_signed(shop, "P-2") == "20"


async def test_a_frozen_person_signs_too(shop: Shop) -> None:
    url = await signing_url(shop, "P-1", person="198001010001")
    await Browser(shop.client).open(url, "sign")
    assert await book_signed(shop, "P-1") == "FROZEN"
    assert (await shop.after("getPayment", paymentId="P-1"))["frozen"] == "true"


async def test_tokens(shop: Shop) -> None:
    browser, url = Browser(shop.client), await signing_url(shop, "P-1")
    wrong = url[:-1] + ("A" if url[-1] != "A" else "B")
    for bad in (wrong, url.partition("?")[0], f"{url}x"):
        assert [(await browser.open(bad, answer)).status for answer in (None, "sign")] == [403, 403]
    await shop.client.server.gateway.clock.travel(DEMO, by_seconds=31 * 86400)
    assert (await browser.open(url)).status == 403, "expired"


async def test_addresses_that_no_browser_follows(shop: Shop) -> None:
    """What a shop gives as its address never becomes a header or a policy of ours."""
    browser = Browser(shop.client)
    for place, address in enumerate(("myapp://done", "javascript:alert(1)", "//shop.example/x", "http://a b;c/")):
        signing = {"successUrl": address, "failUrl": "http://a;script-src *"}
        url = await signing_url(shop, f"P-{place}", signing=signing)
        form = await browser.open(url)
        assert (form.status, "script-src" in form.policy) == (200, False)
        signed = await browser.open(url, "sign")
        assert signed.goes_to in {"", "http://a%20b;c/"}


async def test_a_page_lives_through_a_restart(make_gateway: MakeGateway, aiohttp_client: Any) -> None:
    first = await make_gateway({**only("resurs"), "tenants": TENANTS})
    url = await signing_url(Shop(first), "P-1")
    gateway = first.server.gateway
    await gateway.__aexit__(None, None, None)
    async with Gateway(gateway.config, Document("restarted", {})) as second:
        client = await aiohttp_client(GatewayServer(second))
        assert (await Browser(client).open(url, "sign")).goes_to == OK
        assert await book_signed(Shop(client), "P-1") == "BOOKED"


async def test_whether_it_is_signed(shop: Shop) -> None:
    async def signed(account: str, *ids: str) -> list[str]:
        own = replace(shop, username=account)
        return [(await own.call("DeveloperWebService", "isSigned", {"signingId": each}))["return"] for each in ids]

    url = await signing_url(shop, "P-1")
    token = url.partition("token=")[2]
    assert await signed("demo-se", token, "P-1", "P-2", "x" * 43) == ["false"] * 4
    await Browser(shop.client).open(url, "sign")
    assert await signed("demo-se", token, "P-1") == ["true", "true"]
    assert await signed("demo-no", token, "P-1") == ["false", "false"]
    await book_signed(shop, "P-1")
    assert await signed("demo-se", token) == ["true"], "it was signed, and is booked now"


async def test_legal_pages(shop: Shop) -> None:
    browser = Browser(shop.client)
    method = {"customerType": "NATURAL", "purchaseAmount": 1000, "language": None}
    urls = (await shop.ask("getPaymentMethods", method)).texts["legalInfoLinks/url"]
    for url in urls:
        page = await browser.open(url + ("1000" if url.endswith("=") else ""))
        assert (page.status, "testmiljö" in page.text) == (200, True)
    part = next(url for url in urls if "PARTPAYMENT" in url and "price" in url)
    assert "333,33 kr" in (await browser.open(f"{part}1000")).text
    for other in ("x", "-1", "1e400", "NaN", ""):
        assert (await browser.open(f"{part}{other}")).status == 200
    assert "333,33 kr" not in (await browser.open(f"{part}1000".replace("tenant=demo", "tenant=other"))).text


async def test_at_the_same_moment(shop: Shop) -> None:
    """Of many equal requests one books, and the others get the error that they would get a moment later."""
    await shop.set_next(445)
    book = [shop.book(payment="P-1", data={"finalizeIfBooked": True}) for _ in range(6)]
    assert sorted(answer.error for answer in await asyncio.gather(*book)) == [0, *[19] * 5]
    await Browser(shop.client).open(await signing_url(shop, "P-2", data={"finalizeIfBooked": True}), "sign")
    assert sorted(await asyncio.gather(*[book_signed(shop, "P-2") for _ in range(6)])) == [*["20"] * 5, "FINALIZED"]
    assert await shop.next_number() == "447"
    url = await signing_url(shop, "P-3")
    pages = await asyncio.gather(*[Browser(shop.client).open(url, answer) for answer in ("sign", "refuse") * 3])
    assert len({page.goes_to for page in pages}) == 1
