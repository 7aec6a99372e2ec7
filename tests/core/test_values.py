"""Which texts and numbers the value types accept."""

from __future__ import annotations

import pytest

from gateway.core.values import MAX_NUMBER, document_kind, tenant_id


@pytest.mark.parametrize("text", ["invoice", "credit_note", "a", "x" * 32, "kind2"])
def test_kinds(text: str) -> None:
    assert document_kind(text) == text


@pytest.mark.parametrize("text", ["", "Invoice", "credit-note", "2nd", "x" * 33, "a b", "é", "invoice\n", "series"])
def test_not_kinds(text: str) -> None:
    with pytest.raises(ValueError, match="not a document kind"):
        document_kind(text)


@pytest.mark.parametrize("text", ["demo", "A", "acme.se_2-x", "9", "x" * 64])
def test_tenants(text: str) -> None:
    assert tenant_id(text) == text


@pytest.mark.parametrize("text", ["", ".x", "-x", "a b", "a/b", "x" * 65, "å", "a\n"])
def test_not_tenants(text: str) -> None:
    with pytest.raises(ValueError, match="not a tenant id"):
        tenant_id(text)


def test_the_last_number_has_a_successor_in_64_bits() -> None:
    assert MAX_NUMBER + 1 == 2**63 - 1
