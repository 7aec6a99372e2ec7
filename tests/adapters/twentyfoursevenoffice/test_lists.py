"""The three lists follow the catalogue of each tenant."""

from __future__ import annotations

from datetime import UTC, datetime

from gateway.core.catalogue import DeliveryMethod, PaymentMethod, Template
from gateway.core.commands import SaveCatalogue
from gateway.core.values import Origin, TenantId
from tests.adapters.twentyfoursevenoffice import tenants as t
from tests.conftest import MakeGateway, only

TEMPLATE = "0b0e9f52-2a57-4f0a-8a5c-3f1f0f2d9b03"
NEW = (
    PaymentMethod(9, "Vipps & co"),
    DeliveryMethod(9, "Båt"),
    Template(
        TEMPLATE, "Ny", language="sv", is_default=False, modified=datetime(2020, 1, 2, 3, 4, 5, 600000, tzinfo=UTC)
    ),
)
EXPECTED = {
    "GetPaymentMethods": "<PaymentMethod><Id>9</Id><Name>Vipps &amp; co</Name></PaymentMethod>",
    "GetDeliveryMethods": "<DeliveryMethod><Id>9</Id><Description>Båt</Description></DeliveryMethod>",
    "GetInvoiceTemplates": f"<Id>{TEMPLATE}</Id><Language>sv</Language>",
}


async def test_a_changed_catalogue_shows_at_once(make_gateway: MakeGateway) -> None:
    client = await make_gateway({**only("twentyfoursevenoffice"), "tenants": t.TENANTS})
    store = client.server.gateway.store
    session, other = await t.log_in(client), await t.log_in(client, "other")
    for operation, entry in EXPECTED.items():
        _, before = await t.post(client, t.INVOICES, operation, "", session)
        assert entry not in before
    await store.execute(SaveCatalogue(TenantId("demo"), Origin("test", "lists", ""), items=NEW))
    for operation, entry in EXPECTED.items():
        for _time in range(2):
            status, after = await t.post(client, t.INVOICES, operation, "", session)
            assert (status, entry in after) == (200, True), after
        _, theirs = await t.post(client, t.INVOICES, operation, "", other)
        assert f"<{operation}Result />" in theirs
    await store.execute(SaveCatalogue(TenantId("demo"), Origin("test", "lists", ""), remove=((PaymentMethod, 9),)))
    _, without = await t.post(client, t.INVOICES, "GetPaymentMethods", "", session)
    assert "Vipps" not in without


async def test_the_moment_of_a_template_keeps_its_fraction(make_gateway: MakeGateway) -> None:
    client = await make_gateway({**only("twentyfoursevenoffice"), "tenants": t.TENANTS})
    await client.server.gateway.store.execute(SaveCatalogue(TenantId("demo"), Origin("test", "lists", ""), items=NEW))
    _, text = await t.post(client, t.INVOICES, "GetInvoiceTemplates", "", await t.log_in(client))
    assert "<Modified>2020-01-02T03:04:05.6Z</Modified>" in text
