"""The mapping between messages and commands: the 1 between last used and next, ids, and the table of operations."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.invoicexpress.codec import read_form, read_parameters, write_sequence
from adapters.invoicexpress.mapping import SequenceIds, check, current, policy_of, sequence_from_view
from adapters.invoicexpress.operations import OPERATIONS, claims, find_target
from adapters.invoicexpress.settings import Settings
from gateway.core.values import (
    CREDIT_NOTE,
    DEBIT_NOTE,
    INVOICE,
    MAX_NUMBER,
    Counter,
    CounterKey,
    DocumentKind,
    Series,
    SeriesId,
    SeriesView,
    TenantId,
)

SERIES = SeriesId(7)
IDS = SequenceIds(0, 1)
xml_text = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), min_size=1, max_size=255)


def view(name: str = "main", **numbers: int | None) -> SeriesView:
    series = Series(SERIES, TenantId("demo"), "main", name)
    counters = {
        DocumentKind(kind): Counter(CounterKey(SERIES, DocumentKind(kind)), number) for kind, number in numbers.items()
    }
    return SeriesView(series, counters)


@pytest.mark.parametrize(("next_number", "shown"), [(None, 0), (0, 0), (1, 0), (2, 1), (445, 444)])
def test_current_is_the_last_number_used(next_number: int | None, shown: int) -> None:
    assert current(view(invoice=next_number), INVOICE) == shown


number = st.integers(min_value=1, max_value=MAX_NUMBER)


@given(name=xml_text.filter(lambda text: bool(text.strip())), invoice=number, credit=number, debit=number)
def test_writing_back_what_was_read_asks_for_what_is(name: str, invoice: int, credit: int, debit: int) -> None:
    shown = view(name, invoice=invoice, credit_note=credit, debit_note=debit)
    form = read_form(read_parameters(write_sequence(sequence_from_view(shown, IDS))))
    checked = check(form, Settings(), creating=False)
    assert not checked.problems
    assert checked.name == name
    assert checked.counters == {INVOICE: invoice, CREDIT_NOTE: credit, DEBIT_NOTE: debit}


@given(base=st.integers(0, 10**12), step=st.integers(1, 1000), series=st.integers(1, 10**5))
def test_ids_lead_back_to_their_series(base: int, step: int, series: int) -> None:
    ids = SequenceIds(base, step)
    wire = ids.of_series(SeriesId(series))
    assert ids.to_series(str(wire)) == series
    if step > 1:
        assert ids.to_series(str(wire + 1)) is None


@pytest.mark.parametrize("text", ["", "0", "-1", "+1", "1.0", " 1", "1abc", "٣", "²", "9" * 19])
def test_what_is_no_id(text: str) -> None:
    assert IDS.to_series(text) is None


@pytest.mark.parametrize(("locked_by", "kinds"), [("any", frozenset()), ("invoices", frozenset({INVOICE}))])
def test_policy(locked_by: str, kinds: frozenset[DocumentKind]) -> None:
    policy = policy_of(Settings.model_validate({"locked_by": locked_by}))
    assert policy.allow_lower
    assert not policy.allow_when_issued
    assert policy.locked_by == kinds


@pytest.mark.parametrize(
    ("path", "claimed"),
    [
        ("/sequences.xml", True),
        ("/sequences", True),
        ("/sequences/1/anything", True),
        ("/invoice/1/change-state.xml", True),
        ("/api/charts/treasury.xml", True),
        ("/login.xml", True),
        ("/", False),
        ("/sequencesx.xml", False),
        ("/login.aspx", False),
        ("/guides.json", True),
        ("/quote/1/change-state.xml", True),
        ("/api/accounts/1/stats.xml", True),
        ("/api/v3/clients/1/balance.json", True),
        ("/api/export_saft.xml", True),
        ("/users/change_account.xml", True),
        ("/api/values", False),
        ("/v1/Locations/37/Finance/InvoiceNumbers", False),
        ("/ecommerce/ws/V4/ConfigurationService", False),
    ],
)
def test_claims(path: str, claimed: bool) -> None:
    assert claims(path) is claimed


@pytest.mark.parametrize(
    ("method", "path", "operation", "identifier"),
    [
        ("GET", "/sequences.xml", "sequences.list", ""),
        ("HEAD", "/sequences/7.xml", "sequences.get", "7"),
        ("PUT", "/sequences/7/set_current.xml", "sequences.set_current", "7"),
        ("PUT", "/invoice/7/change-state.xml", "invoices.change_state", "7"),
        ("POST", "/invoices/7/change-state.xml", "invoices.change_state", "7"),
        ("GET", "/clients/find-by-code.xml", "clients.find_by_code", ""),
        ("GET", "/clients/7/invoices.xml", "clients.invoices", "7"),
        ("GET", "/api/charts/treasury.xml", "charts.treasury", ""),
        ("PUT", "/api/v3/clients/7/initial_balance.json", "treasury.initial_balance", "7"),
        ("GET", "/pdf/start/7/true", "documents.pdf_start", "7"),
        ("POST", "/invoice/7/email-invoice.xml", "invoices.email", "7"),
        ("POST", "/receipts.xml", "", ""),
        ("GET", "/api/pdf/7.xml", "documents.pdf", "7"),
        ("PATCH", "/sequences.xml", "", ""),
    ],
)
def test_targets(method: str, path: str, operation: str, identifier: str) -> None:
    target = find_target(method, path)
    assert target is not None
    assert (target.operation, target.id) == (operation, identifier)


@pytest.mark.parametrize("path", ["/", "/sequences/", "/sequences//set_current.xml", "/sequences/1/2/3.xml", "/x.xml"])
def test_no_target(path: str) -> None:
    assert find_target("GET", path) is None


def test_each_operation_is_listed_once_and_declined_ones_say_why() -> None:
    names = [operation.name for operation in OPERATIONS]
    assert len(set(names)) == len(names)
    served = {operation.name for operation in OPERATIONS if operation.served}
    actions = ("list", "get", "create", "update", "change_state")
    documents = {f"{name}.{action}" for name in ("invoices", "credit_notes", "debit_notes") for action in actions}
    sequences = {f"sequences.{action}" for action in ("list", "get", "create", "update", "set_current")}
    assert served == sequences | documents
    assert all(operation.note for operation in OPERATIONS)
