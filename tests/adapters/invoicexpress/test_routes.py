"""Every path of the vendor's API has an answer in the vendor's form, served or not."""

from __future__ import annotations

import json

import pytest

from adapters.invoicexpress.operations import OPERATIONS, SERVED, find_target
from schemas.invoicexpress.routes import DOCUMENT_ACTIONS, DOCUMENTS, MISSING, ROUTES, WITHOUT_SUFFIX
from tests.adapters.invoicexpress.dialect import call, make_dialect

ROWS = [
    *ROUTES,
    *(
        (verbs, path.format(plural=plural, singular=plural.removesuffix("s")), f"{plural}.{action}")
        for plural in DOCUMENTS
        for verbs, path, action in DOCUMENT_ACTIONS
        if (plural, action) not in MISSING
    ),
]
REQUESTS = [(verb, path.replace(":id", "7"), operation) for verbs, path, operation in ROWS for verb in verbs.split()]


def test_each_verb_and_path_stands_for_one_operation() -> None:
    assert len({(verb, path) for verb, path, _ in REQUESTS}) == len(REQUESTS)
    assert {operation for _, _, operation in REQUESTS} == {operation.name for operation in OPERATIONS}


@pytest.mark.parametrize("suffix", [".xml", ".json"])
async def test_what_is_not_served_is_declined_in_the_form_of_its_suffix(suffix: str) -> None:
    dialect = make_dialect()
    for verb, path, operation in REQUESTS:
        if operation in SERVED and suffix == ".xml":
            continue
        ending = "" if operation in WITHOUT_SUFFIX else suffix
        asked = call(path + ending, method=verb)
        reply = await dialect.answer(asked)
        text = f"Operation {operation} is not supported" + (" in JSON" if operation in SERVED else "")
        if ending == ".json":
            found = json.loads(reply.body)
            assert found == {"errors": [{"error": text}]}
        else:
            assert f"<errors>\n  <error>{text}</error>\n</errors>" in reply.body.decode()
        kind = "application/json" if ending == ".json" else "application/xml"
        assert (reply.status, dict(reply.headers)["Content-Type"]) == (422, f"{kind}; charset=utf-8"), path
        assert (asked.operation, asked.outcome) == (operation, "not_implemented")
        assert dialect.claims(path + ending)


async def test_without_a_key_nothing_is_declined() -> None:
    dialect = make_dialect()
    for verb, path, operation in REQUESTS:
        ending = "" if operation in WITHOUT_SUFFIX else ".json"
        assert (await dialect.answer(call(path + ending, query="", method=verb))).status == 401


@pytest.mark.parametrize(
    "path",
    [
        "/api/charts/weather.xml",
        "/api/accounts/1/close.xml",
        "/quotes/1/accept.xml",
        "/receipts/1/archive.xml",
        "/clients/1/create/quote.xml",
        "/api/v3/items.json",
        "/pdf/start/1.xml/2/3",
        "/guide.xml",
        "/",
    ],
)
async def test_what_the_vendor_does_not_have_is_its_page(path: str) -> None:
    reply = await make_dialect().answer(call(path))
    assert (reply.status, dict(reply.headers)["Content-Type"]) == (404, "text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("verb", "path", "allowed"),
    [
        ("DELETE", "/estimates.xml", "GET"),
        ("GET", "/receipts/7/change-state.json", "PUT, POST"),
        ("PUT", "/login.xml", "POST"),
    ],
)
async def test_a_wrong_verb_on_a_path_that_is_not_served(verb: str, path: str, allowed: str) -> None:
    reply = await make_dialect().answer(call(path, method=verb))
    assert (reply.status, dict(reply.headers)["Allow"]) == (405, allowed)


def test_the_suffix_chooses_the_language_only() -> None:
    for suffix, good in ((".xml", True), (".json", True), (".csv", False), ("", False), (".xml.json", False)):
        target = find_target("GET", f"/invoices{suffix}")
        assert target is not None
        assert (target.operation, target.is_spelt_well) == ("invoices.list", good)
