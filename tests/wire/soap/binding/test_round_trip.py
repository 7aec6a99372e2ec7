"""Every message reads back as it was written: all messages of a large contract, with the values that only the vendor knows."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from pydantic import BaseModel

from gateway.wire.soap.binding import Binder, Source
from gateway.wire.xml import XSI, parse
from schemas.twentyfoursevenoffice.messages import NAMESPACE, SaveInvoices
from schemas.twentyfoursevenoffice.operations import SERVICES
from tests.wire.soap.binding.messages import instances
from tests.wire.soap.binding.models import NS, Thing

MODELS = [
    (model, service.namespace)
    for service in SERVICES
    for each in service.operations
    for model in (each.request, each.response)
]


def round_trip(message: BaseModel, namespace: str) -> tuple[BaseModel, str, str]:
    binder = Binder(namespace)
    model = type(message)
    text = binder.writer(model)(message)
    body = f'<m xmlns="{namespace}" xmlns:xsi="{XSI}">{text}</m>'.encode()
    root = parse(body)
    back = binder.reader(model)(root, Source(root, body))
    return back, text, binder.writer(model)(back)


@given(instances(Thing))
@settings(deadline=None)
def test_a_thing(message: BaseModel) -> None:
    back, text, again = round_trip(message, NS)
    assert back == message
    assert again == text


@given(st.data())
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_message(data: st.DataObject) -> None:
    model, namespace = data.draw(st.sampled_from(MODELS))
    message = data.draw(instances(model))
    back, text, again = round_trip(message, namespace)
    assert back == message
    assert again == text


@given(instances(SaveInvoices))
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_orders(message: SaveInvoices) -> None:
    back, _, _ = round_trip(message, NAMESPACE)
    assert back == message


@given(instances(SaveInvoices))
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_order_of_elements_does_not_matter(message: SaveInvoices) -> None:
    body = f'<m xmlns="{NAMESPACE}" xmlns:xsi="{XSI}">{Binder(NAMESPACE).writer(SaveInvoices)(message)}</m>'.encode()
    root = parse(body)
    for element in root.iter("{*}InvoiceOrder", "{*}InvoiceRow", "{*}Address", "{*}Currency"):
        element[:] = sorted(element, key=lambda child: str(child.tag)[::-1])
    shuffled = etree.tostring(root)
    root = parse(shuffled)
    assert Binder(NAMESPACE).reader(SaveInvoices)(root, Source(root, shuffled)) == message


def test_a_difference_would_be_seen() -> None:
    """The comparison of the other tests works: apart from scale, any changed value makes another message."""
    one = SaveInvoices(invoices=[None])
    assert one != SaveInvoices(invoices=[])
    with pytest.raises(AssertionError):
        assert round_trip(one, NAMESPACE)[0] == SaveInvoices()
