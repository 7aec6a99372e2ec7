"""Series and their number lines."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field

from gateway.admin.problems import COUNTER_UNKNOWN, REFUSED, SERIES_UNKNOWN, TENANT_UNKNOWN, Problem
from gateway.admin.routing import (
    Ask,
    Body,
    Page,
    Paging,
    Route,
    View,
    invalid_field,
    page_after,
    read_cursor,
    write_cursor,
)
from gateway.config.model import Kind
from gateway.core.commands import (
    ANYTHING,
    UNCHANGED,
    CreateSeries,
    ListSeries,
    SetNext,
    SetPolicy,
    Unchanged,
    UpdateSeries,
)
from gateway.core.values import (
    MAX_NUMBER,
    MIN_NUMBER,
    Counter,
    CounterKey,
    LineName,
    Origin,
    SeriesView,
    TenantId,
    document_kind,
)

Number = Annotated[int, Field(ge=MIN_NUMBER, le=MAX_NUMBER)]
Name = Annotated[str, Field(min_length=1, max_length=255)]
Affix = Annotated[str, Field(max_length=255)]
Reason = Annotated[str, Field(max_length=1000)]


class CounterView(View):
    """One number line.

    next_number: null while unset.
    issued: how many numbers were given to documents.
    highest_issued: the highest of these; null when there is none.
    latest_date: the latest date of a document with a number; null when none has a date.
    """

    kind: str
    next_number: int | None
    issued: int
    highest_issued: int | None
    latest_date: dt.date | None


class SeriesShown(View):
    """A series with the lines that were ever touched."""

    id: int
    key: str
    name: str
    prefix: str | None
    suffix: str | None
    default: bool
    counters: list[CounterView]


class NewSeries(Body):
    """A new series.

    key: what credentials can be bound to; made up when not given.
    numbers: next numbers, by kind of document.
    reason: kept in the ledger.
    """

    name: Name
    key: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")] | None = None
    prefix: Affix | None = None
    suffix: Affix | None = None
    default: bool = False
    numbers: dict[Kind, Number] = Field(default_factory=dict)
    reason: Reason = ""


class SeriesChange(Body):
    """A change of a series. What is not given stays; null empties an affix.

    default: true makes it the default series. To take that away, make another series the default.
    reason: kept in the ledger.
    """

    name: Name | None = None
    prefix: Affix | None = None
    suffix: Affix | None = None
    default: bool = False
    reason: Reason = ""


class Policy(Body):
    """What a change of a line may do.

    allow_lower: set a number below the next one.
    allow_clear: return the line to unset.
    allow_when_issued: change the line although documents have numbers of it.
    """

    allow_lower: bool = False
    allow_clear: bool = True
    allow_when_issued: bool = True


class CounterChange(Body):
    """A change of a line.

    next_number: null clears the line.
    reason: kept in the ledger.
    """

    next_number: Number | None
    policy: Policy = Policy()
    reason: Reason = ""


def origin(ask: Ask, reason: str = "") -> Origin:
    """The author of a change through this port, for the ledger."""
    return Origin("admin", "administrator", ask.request.headers.get("X-Request-ID", "")[:100], reason)


async def views_of(ask: Ask) -> list[SeriesView]:
    """The tenant's series by id. Raises UnknownTenantError."""
    tenant = ask.services.directory.get(TenantId(ask.path["tenant"]))
    return list((await ask.services.numbers.read(ListSeries(tenant.id))).views)


def find_series(views: list[SeriesView], name: str) -> SeriesView:
    """A series by its key, or by its id. Raises Problem."""
    for view in views:
        if view.series.key == name:
            return view
    for view in views:
        if str(view.series.id) == name:
            return view
    raise Problem(SERIES_UNKNOWN, f"neither a key nor an id: {name}")


async def series_of(ask: Ask) -> SeriesView:
    """The series that the path names."""
    return find_series(await views_of(ask), ask.path["series"])


def counter_view(counter: Counter) -> CounterView:
    """A line as shown."""
    return CounterView(
        kind=counter.key.line,
        next_number=counter.next_number,
        issued=counter.issued,
        highest_issued=counter.highest_issued,
        latest_date=counter.latest_date,
    )


def series_shown(view: SeriesView) -> SeriesShown:
    """A series as shown."""
    series = view.series
    return SeriesShown(
        id=series.id,
        key=series.key,
        name=series.name,
        prefix=series.prefix,
        suffix=series.suffix,
        default=series.is_default,
        counters=[counter_view(counter) for _, counter in sorted(view.counters.items())],
    )


async def list_all(ask: Ask) -> Page[SeriesShown]:
    """Series by id."""
    after = read_cursor(ask.query.cursor, int)
    views = [view for view in await views_of(ask) if after is None or view.series.id > after[0]]
    shown, following = page_after(views, ask.query.limit, lambda view: write_cursor(view.series.id))
    return Page[SeriesShown](items=[series_shown(view) for view in shown], next=following)


async def create(ask: Ask) -> SeriesShown:
    """Make a series. The first series of a tenant becomes the default in any case."""
    wanted: NewSeries = ask.body
    tenant = ask.services.directory.get(TenantId(ask.path["tenant"]))
    command = CreateSeries(
        tenant.id,
        wanted.name,
        origin(ask, wanted.reason),
        key=wanted.key or "",
        prefix=wanted.prefix,
        suffix=wanted.suffix,
        counters={LineName(line): number for line, number in wanted.numbers.items()},
        make_default=wanted.default,
    )
    return series_shown((await ask.services.numbers.execute(command)).view)


async def get(ask: Ask) -> SeriesShown:
    """One series."""
    return series_shown(await series_of(ask))


async def change(ask: Ask) -> SeriesShown:
    """Change a series. Its numbers are changed line by line, see `counters`."""
    wanted: SeriesChange = ask.body
    view = await series_of(ask)

    def given(name: str) -> str | Unchanged | None:
        return getattr(wanted, name) if name in wanted.model_fields_set else UNCHANGED

    command = UpdateSeries(
        view.series.tenant,
        view.series.id,
        ANYTHING,
        origin(ask, wanted.reason),
        name=wanted.name if wanted.name is not None else UNCHANGED,
        prefix=given("prefix"),
        suffix=given("suffix"),
        make_default=wanted.default,
    )
    return series_shown((await ask.services.numbers.execute(command)).view)


async def list_counters(ask: Ask) -> Page[CounterView]:
    """The lines of a series by kind of document."""
    after = read_cursor(ask.query.cursor, str)
    counters = sorted((await series_of(ask)).counters.items())
    later = [counter for kind, counter in counters if after is None or kind > after[0]]
    shown, following = page_after(later, ask.query.limit, lambda counter: write_cursor(counter.key.line))
    return Page[CounterView](items=[counter_view(counter) for counter in shown], next=following)


async def get_counter(ask: Ask) -> CounterView:
    """One line, if it was ever set or used."""
    counter = (await series_of(ask)).counters.get(LineName(ask.path["kind"]))
    if counter is None:
        raise Problem(COUNTER_UNKNOWN, f"never touched: {ask.path['kind']}")
    return counter_view(counter)


async def set_counter(ask: Ask) -> CounterView:
    """Set or clear a line. To set it to the number that it has is no change, and the ledger gets no entry."""
    wanted: CounterChange = ask.body
    try:
        kind = document_kind(ask.path["kind"])
    except ValueError as error:
        raise invalid_field("path", "kind", str(error)) from error
    view = await series_of(ask)
    allowed = wanted.policy
    policy = SetPolicy(allowed.allow_lower, allowed.allow_clear, allowed.allow_when_issued)
    key = CounterKey(view.series.id, kind)
    command = SetNext(view.series.tenant, key, wanted.next_number, policy, origin(ask, wanted.reason))
    return counter_view((await ask.services.numbers.execute(command)).after)


_SERIES = "/v1/tenants/{tenant}/series"
_ONE = _SERIES + "/{series}"
_UNKNOWN = (TENANT_UNKNOWN, SERIES_UNKNOWN)

ROUTES = (
    Route(
        "GET",
        _SERIES,
        "listSeries",
        "series",
        "All series of a tenant",
        list_all,
        query=Paging,
        answer=Page[SeriesShown],
        problems=(TENANT_UNKNOWN,),
    ),
    Route(
        "POST",
        _SERIES,
        "createSeries",
        "series",
        "Make a series",
        create,
        body=NewSeries,
        answer=SeriesShown,
        status=201,
        problems=(TENANT_UNKNOWN, REFUSED),
    ),
    Route("GET", _ONE, "getSeries", "series", "One series, by key or id", get, answer=SeriesShown, problems=_UNKNOWN),
    Route(
        "PATCH",
        _ONE,
        "changeSeries",
        "series",
        "Another name, affix, default",
        change,
        body=SeriesChange,
        answer=SeriesShown,
        problems=(*_UNKNOWN, REFUSED),
    ),
    Route(
        "GET",
        _ONE + "/counters",
        "listCounters",
        "series",
        "The lines of a series",
        list_counters,
        query=Paging,
        answer=Page[CounterView],
        problems=_UNKNOWN,
    ),
    Route(
        "GET",
        _ONE + "/counters/{kind}",
        "getCounter",
        "series",
        "One line",
        get_counter,
        answer=CounterView,
        problems=(*_UNKNOWN, COUNTER_UNKNOWN),
    ),
    Route(
        "PUT",
        _ONE + "/counters/{kind}",
        "setCounter",
        "series",
        "Set or clear a line",
        set_counter,
        body=CounterChange,
        answer=CounterView,
        problems=(*_UNKNOWN, REFUSED),
    ),
)
