"""Deviations that the vendor accepts in silence are noted; the strict profile refuses them before a number is used."""

from __future__ import annotations

from typing import Any

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from adapters.qqsolutions.codec import contract_of
from adapters.qqsolutions.findings import note_findings
from gateway.core.values import TenantId
from gateway.journal.models import Filter
from gateway.spi.adapter import Call
from schemas.qqsolutions.messages import SequenceValueDTO
from tests.conftest import MakeGateway, base_url, only
from tests.cross_dialect.faces import Qq

NS = SequenceValueDTO.xml_namespace
JSON, XML, FORM = "application/json", "text/xml", "application/x-www-form-urlencoded"


def xml(*members: str, ns: str = NS) -> str:
    return f'<SequenceValueDTO xmlns="{ns}">{"".join(members)}</SequenceValueDTO>'


NUMBER, PREFIX, SUFFIX = (
    "<NextNumberShouldBe>5</NextNumberShouldBe>",
    "<Prefix>P</Prefix>",
    "<Suffix>S</Suffix>",
)
CASES: list[tuple[str, str, list[str]]] = [
    (JSON, '{"NextNumberShouldBe":5,"Suffix":null,"Prefix":"P"}', []),
    (JSON, '{"Prefix":"P","NextNumberShouldBe":5}', []),
    (JSON, '\ufeff{"NextNumberShouldBe":5}', []),
    (JSON, "null", []),
    (JSON, '{"Sufix":"S"}', ["unknown-member: Sufix"]),
    (JSON, '{"nextnumbershouldbe":5}', ["name-case: nextnumbershouldbe"]),
    (JSON, '{"Prefix":"P","prefix":"Q"}', ["repeated-member: Prefix", "name-case: prefix"]),
    (JSON, '{"NextNumberShouldBe":"5"}', ["converted-value: NextNumberShouldBe"]),
    (JSON, '{"Prefix":5}', ["converted-value: Prefix"]),
    (JSON, "{'Prefix':'P'}", ["lenient-syntax"]),
    (JSON, '{"Prefix":"P"} trailing', ["lenient-syntax"]),
    (JSON, '{"X":' + "[" * 5000 + "]" * 5000 + "}", ["lenient-syntax"]),
    (XML, xml(NUMBER, PREFIX, SUFFIX), []),
    (XML, xml(PREFIX, NUMBER), ["misplaced-member: NextNumberShouldBe"]),
    (XML, xml(NUMBER, NUMBER), ["misplaced-member: NextNumberShouldBe"]),
    (XML, xml(NUMBER, "<Other/>"), ["unknown-element: Other"]),
    (XML, xml(NUMBER, '<Prefix xmlns="urn:x">P</Prefix>'), ["misplaced-member: Prefix"]),
    (FORM, "NextNumberShouldBe=5&Prefix=P", []),
    (FORM, "nextNumberShouldBe=5&Other=1", ["name-case: nextNumberShouldBe", "unknown-member: Other"]),
]


@pytest.mark.parametrize(("content_type", "body", "found"), CASES)
def test_what_is_odd(content_type: str, body: str, found: list[str]) -> None:
    headers = CIMultiDictProxy(CIMultiDict({"Content-Type": content_type}))
    call = Call("POST", "/v1/Locations/37/Finance/InvoiceNumbers", "", headers, body.encode(), "http://h", "r-1")
    note_findings(call, contract_of(SequenceValueDTO))
    assert call.findings == found


def test_parameters_that_mean_nothing() -> None:
    query = "LocationID=3&access_token=x&page=2"
    call = Call("POST", "/", query, CIMultiDictProxy(CIMultiDict()), b"", "http://h", "r-1")
    note_findings(call, contract_of(SequenceValueDTO))
    assert call.findings == ["ignored-parameter: page"]


async def post(qq: Qq, content_type: str, body: str) -> tuple[int, str]:
    headers = {**await qq._headers(), "Content-Type": content_type, "User-Agent": "sloppy/1"}
    async with qq.session.post(qq.base + qq.path, data=body.encode(), headers=headers) as answer:
        return answer.status, await answer.text()


ACCEPTED: list[tuple[str, str, list[str]]] = [
    (JSON, '{"NextNumberShouldBe":5,"Sufix":"S"}', ["unknown-member: Sufix"]),
    (JSON, '{"NextNumberShouldBe":"5"}', ["converted-value: NextNumberShouldBe"]),
    (JSON, "{'NextNumberShouldBe':5}", ["lenient-syntax"]),
    (XML, xml(NUMBER, SUFFIX, PREFIX), ["misplaced-member: Prefix"]),
    (XML, xml(NUMBER, "<Other/>"), ["unknown-element: Other"]),
    (FORM, "nextNumberShouldBe=5", ["name-case: nextNumberShouldBe"]),
]


@pytest.mark.parametrize(("content_type", "body", "found"), ACCEPTED)
@pytest.mark.parametrize("strict", [False, True])
async def test_the_strict_profile_refuses_what_the_vendor_tolerates(
    make_gateway: MakeGateway, strict: bool, content_type: str, body: str, found: list[str]
) -> None:
    client = await make_gateway(only("qqsolutions"))
    gateway: Any = client.server.gateway  # type: ignore[attr-defined]
    if strict:
        gateway.watch.strict.add(TenantId("demo"))
    qq = Qq(client.session, base_url(client))
    before = [entry.hash async for entry in gateway.store.ledger()]
    status, text = await post(qq, content_type, body)
    after = [entry.hash async for entry in gateway.store.ledger()]
    (entry,) = (await gateway.journal.find(Filter(user_agent="sloppy"))).entries
    assert list(entry.findings) == found
    assert entry.would_fail_in_strict
    if strict:
        assert (status, "The request is invalid." in text, entry.outcome) == (400, True, "strict")
        assert (entry.commands, before) == ((), after)
        return
    assert (status, "true" in text, len(after) > len(before)) == (200, True, True)
    report = await gateway.journal.strict_report(Filter(tenant="demo"))
    sloppy = next(client for client in report.clients if client.user_agent == "sloppy/1")
    assert (sloppy.requests, sloppy.would_fail) == (1, 1)
