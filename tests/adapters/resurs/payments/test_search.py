"""findPayments and calculateResultSize find what a plain filter over all payments finds. Source: P-100 to P-109."""

from __future__ import annotations

import asyncio
import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.resurs.auth import Accounts
from adapters.resurs.errors import Fault
from adapters.resurs.operation import OperationCall
from adapters.resurs.payments import index
from adapters.resurs.payments.records import payment_record
from adapters.resurs.payments.search import LARGEST_PAGE, calculate_result_size, find_payments
from adapters.resurs.settings import Settings
from gateway.core.record_commands import RecordQuery, SaveRecord, SaveRecords
from gateway.core.values import Origin, TenantId
from gateway.spi.adapter import Context
from gateway.stores import open_store
from gateway.stores.sqlite.file import Reader
from gateway.stores.sqlite.records import answer_records
from gateway.testing.memory_store import HandClock
from schemas.resurs.aftershop import (
    BasicPayment,
    CalculateResultSize,
    FindPayments,
    SearchCriteria,
    SortAlternative,
    SortOrder,
    WithMetaData,
)
from schemas.resurs.common import PaymentStatus
from tests.adapters.resurs.dialect import bound, make_call
from tests.adapters.resurs.payments import found as model
from tests.adapters.resurs.payments.found import NOON, Kept
from tests.stores.test_records import probing

DEMO = TenantId("demo")
BY = Origin("resurs", "demo-se", "test")
OURS, THEIRS = "demo-se", "other@example"
ACCOUNTS = [{"username": name, "password": "secret", "country": "SE", "series": "main"} for name in (OURS, THEIRS)]


class Readings:
    """A sequence service that only reads what has been committed.

    asked: the questions so far.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.asked: list[Any] = []

    async def read(self, query: RecordQuery[Any]) -> Any:
        """The answer of the store."""
        self.asked.append(query)
        return self._reader.within(lambda connection: answer_records(connection, query))


class Shop(NamedTuple):
    """The payments, and the way to search them."""

    service: Readings
    kept: dict[str, list[Kept]]

    def call(self, account: str = OURS, **choices: Any) -> OperationCall:
        """A call of a representative."""
        demo = bound("demo", *ACCOUNTS)
        clock, nothing, service = HandClock(), None, self.service
        clock.moment = NOON + dt.timedelta(hours=1)
        context: Context[Any, Any] = Context(Settings(**choices), [demo], service, nothing, clock)  # type: ignore[arg-type]
        who = Accounts([demo]).named(account)
        assert who is not None
        return OperationCall(context, who, BY, call=make_call())

    def find(self, message: FindPayments, account: str = OURS, **choices: Any) -> list[BasicPayment]:
        """The answer to findPayments."""
        return asyncio.run(find_payments(self.call(account, **choices), message)).result

    def count(self, criteria: SearchCriteria, account: str = OURS, **choices: Any) -> int:
        """The answer to calculateResultSize."""
        message = CalculateResultSize(searchCriteria=criteria)
        return asyncio.run(calculate_result_size(self.call(account, **choices), message)).result


async def _fill(path: Path, kept: dict[str, list[Kept]]) -> None:
    clock = HandClock()
    store = open_store(f"sqlite:///{path}", clock=clock)
    await store.start()
    for turn in range(3):
        for account, own in kept.items():
            saves = tuple(SaveRecord(payment_record(DEMO, one.payment)) for one in own if one.changed == turn)
            await store.execute(SaveRecords(DEMO, index.payment_kind(account), saves, BY))
        clock.forward(1)
    await store.close()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, blank_store: Path) -> Iterator[Shop]:
    path = tmp_path_factory.mktemp("payments") / "payments.db"
    shutil.copy(blank_store, path)
    kept = {
        account: [Kept(payment, at % 3) for at, payment in enumerate(model.payments(account, count, seed=count))]
        for account, count in ((OURS, 60), (THEIRS, 20))
    }
    asyncio.run(_fill(path, kept))
    reader = Reader(path)
    yield Shop(Readings(reader), kept)
    reader.close()


def criteria(**given: Any) -> SearchCriteria:
    """Criteria by the names of their fields."""
    return SearchCriteria.model_construct(**given)


MOMENTS = st.one_of(
    st.integers(-1, 9).map(lambda minutes: NOON + dt.timedelta(minutes=minutes)),
    st.integers(-1, 9).map(lambda minutes: dt.datetime(2026, 3, 2, 13) + dt.timedelta(minutes=minutes)),
)
STATUSES = st.lists(st.sampled_from(list(PaymentStatus)), max_size=2)
AMOUNTS = st.decimals("0", "1600", places=2) | st.sampled_from([450, 950]).map(model.Decimal)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "any_id": st.sampled_from(["P-1", "P-10", "TX", "T-1", "O-1", "10", "DebInv-20", "o", "never"]),
    "payment_method_id": st.sampled_from(["INVOICE", "CARD", "card"]),
    "government_id": st.sampled_from(["198305147715", "830514-7715", "010101-1010", "010101A123N", "-", "x"]),
    "customer_name": st.sampled_from(["", "TEST", "ang", "ång", "nn", "strasse", "a b", "Larsson", "o", "zz"]),
    "booked_from": MOMENTS,
    "booked_to": MOMENTS,
    "modified_from": MOMENTS,
    "modified_to": MOMENTS,
    "finalized_from": MOMENTS,
    "finalized_to": MOMENTS,
    "amount_from": AMOUNTS,
    "amount_to": AMOUNTS,
    "bonus_from": st.sampled_from([0, 1]),
    "bonus_to": st.sampled_from([0, 1]),
    "frozen": st.booleans(),
    "with_meta_data": st.builds(
        WithMetaData,
        withMetaDataKey=st.sampled_from([*model.KEYS, "k" * 69, "Customer"]),
        withMetaDataValue=st.sampled_from([None, "-", "C-9", "", "v" * 300, "v" * 200]),
    ),
    "status_set": STATUSES,
    "status_not_set": STATUSES,
    "bonus_is_used": st.booleans(),
}
CRITERIA = st.lists(st.one_of([st.tuples(st.just(name), values) for name, values in FIELDS.items()]), max_size=3).map(
    dict
)
SORTS = st.none() | st.tuples(st.booleans(), st.lists(st.sampled_from(list(SortAlternative)), min_size=1, max_size=3))
PAGES = st.tuples(st.sampled_from([None, 1, 2, 3, 2**64 - 1]), st.sampled_from([None, 1, 3, 7, 2**64 - 1]))
EVERY = settings(
    max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@EVERY
@given(
    given_criteria=CRITERIA,
    sort=SORTS,
    page=PAGES,
    account=st.sampled_from([OURS, OURS, THEIRS]),
    any_id=st.sampled_from(["exact", "prefix"]),
    status_from=st.sampled_from(["any", "any", "full"]),
    probe=st.sampled_from([1, 5, 1000]),
)
def test_a_search_finds_what_a_plain_filter_finds(
    shop: Shop,
    given_criteria: dict[str, Any],
    sort: tuple[bool, list[SortAlternative]] | None,
    page: tuple[int | None, int | None],
    account: str,
    any_id: str,
    status_from: Any,
    probe: int,
) -> None:
    wanted = criteria(**given_criteria)
    matching = model.found(shop.kept[account], wanted, prefix=any_id == "prefix", status_from=status_from)
    ascending, columns = sort or (False, [SortAlternative.BOOKED_TIME])
    order = [column for column in columns if column is not SortAlternative.BONUS_POINTS]
    everything = model.in_order(matching, order or [SortAlternative.BOOKED_TIME], ascending=ascending)
    message = FindPayments.model_construct(
        search_criteria=wanted,
        page_number=page[0],
        items_per_page=page[1],
        sort_by=None if sort is None else SortOrder(ascending=sort[0], sortColumns=sort[1]),
    )
    size = 100 if page[1] is None else page[1]
    skip = ((page[0] or 1) - 1) * size
    with probing(probe):
        answer = shop.find(message, account, any_id=any_id, status_from=status_from)
        count = shop.count(wanted, account, any_id=any_id, status_from=status_from)
    assert [one.payment_id for one in answer] == [one.id for one in everything[skip : skip + size]]
    assert count == len(matching)


@pytest.mark.parametrize(("name", "page"), [("pageNumber", (0, 5)), ("itemsPerPage", (1, 0))])
def test_no_page_has_the_number_0_or_no_payments(shop: Shop, name: str, page: tuple[int, int]) -> None:
    message = FindPayments(searchCriteria=criteria(), pageNumber=page[0], itemsPerPage=page[1])
    with pytest.raises(Fault) as caught:
        shop.find(message)
    assert (caught.value.business.id, caught.value.facts) == (1, {"field": name})


def test_a_page_without_a_size_has_the_size_of_the_setting(shop: Shop) -> None:
    message = FindPayments(searchCriteria=criteria(), pageNumber=2)
    assert len(shop.find(message, default_page_size=50)) == 10


def test_a_page_is_cut_off_and_the_next_one_begins_where_the_client_counts_it(shop: Shop) -> None:
    shop.find(FindPayments(searchCriteria=criteria(), pageNumber=3, itemsPerPage=50_000))
    asked = shop.service.asked[-1]
    assert (asked.skip, asked.limit) == (100_000, LARGEST_PAGE)


def test_a_value_that_is_empty_is_not_one_that_is_absent(shop: Shop) -> None:
    key = model.KEYS[0]
    asked = WithMetaData(withMetaDataKey=key, withMetaDataValue="")
    empty = [one for one in shop.kept[OURS] if dict(one.payment.meta_data).get(key) == ""]
    assert shop.count(criteria(with_meta_data=asked)) == len(empty) > 0


def test_fresh_bookings_are_found_after_the_delay(shop: Shop) -> None:
    """The clock says one hour after the first bookings, and the last one is five minutes later."""
    fresh = [one for one in shop.kept[OURS] if one.payment.booked == NOON + dt.timedelta(minutes=5)]
    assert shop.count(criteria(), search_delay_seconds=3599 - 300 + 1) == 60
    assert shop.count(criteria(), search_delay_seconds=3600 - 300 + 1) == 60 - len(fresh) < 60


def test_a_local_hour_that_comes_twice_is_within_the_span_both_times(shop: Shop) -> None:
    hour = dt.datetime(2026, 10, 25, 2, 30)
    shop.count(criteria(booked_from=hour, booked_to=hour))
    (condition,) = shop.service.asked[-1].where
    first, last = (hour.replace(tzinfo=model.ZONE, fold=fold) for fold in (0, 1))
    whole = last.replace(microsecond=999_999)
    assert condition == index.payment_kind(OURS).is_between("booked", first, whole)
    assert last.astimezone(dt.UTC) - first.astimezone(dt.UTC) == dt.timedelta(hours=1)


def test_what_an_answer_says_of_a_payment(shop: Shop) -> None:
    nameless = next(
        one.payment
        for one in shop.kept[OURS]
        if one.payment.customer.government_id is None and one.payment.finalized is None
    )
    (answer,) = shop.find(FindPayments.model_construct(search_criteria=criteria(any_id=nameless.id)), decimals=2)
    assert answer == BasicPayment.model_construct(
        payment_id=nameless.id,
        payment_method_id=nameless.method.id,
        payment_method_name=nameless.method.name,
        government_id="-",
        full_name=index.full_name(nameless.customer),
        booked=nameless.booked,
        modified=nameless.modified,
        finalized=None,
        total_amount=model.sums_of(nameless).total,
        frozen=nameless.frozen,
        status=[PaymentStatus(status) for status in model.statuses_of(nameless)],
        total_bonus_points=0,
    )


def test_ids_and_names_of_any_length_are_found() -> None:
    """Two texts never look the same in the index, however long they are."""
    long, other = "x" * 300, "x" * 299 + "y"
    assert index.exact(long) != index.exact(other)
    assert len(index.exact(long)) == 200
    assert index.exact(long).startswith(index.beginning(long))
    ends = list(index.ends_of(index.compared("Ada" * 100)))
    assert len(ends) == len(max(ends, key=len)) == 100


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        ("198305147715", "8305147715"),
        ("19830514-7715", "8305147715"),
        ("830514 7715", "8305147715"),
        ("16556000-0000", "5560000000"),
        ("010101-1010", "0101011010"),
        ("010101-123n", "010101123N"),
        ("010101A123N", "010101123N"),
        ("01010112345", "01010112345"),
        ("-", ""),
    ],
)
def test_a_government_id_is_compared_in_its_plain_form(given: str, plain: str) -> None:
    assert index.plain_government_id(given) == plain


def test_each_representative_has_a_kind_of_record() -> None:
    """A name that cannot be the name of a kind looks like no other name."""
    names = ["demo-se", "Demo-SE", "demo@example.com", "x" * 41, "ü"]
    assert len({index.payment_kind(name).name for name in names}) == len(names)
    assert index.payment_kind("demo-se").name == "resurs.payment.demo-se"
