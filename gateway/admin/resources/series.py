"""Series and their number lines."""

from __future__ import annotations

from gateway.admin.problems import COUNTER_UNKNOWN, REFUSED, SERIES_UNKNOWN, TENANT_UNKNOWN, Problem
from gateway.admin.resources.series_models import (
    BoundsChange,
    CounterChange,
    CounterView,
    NewSeries,
    Policy,
    SeriesChange,
    SeriesShown,
)
from gateway.admin.routing import (
    Ask,
    Page,
    Paging,
    Route,
    invalid_field,
    page_after,
    read_cursor,
    write_cursor,
)
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
from gateway.core.line_commands import SetBounds
from gateway.core.values import (
    Bounds,
    Counter,
    CounterKey,
    LineName,
    Origin,
    SeriesView,
    TenantId,
    line_name,
)


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
        line=counter.key.line,
        kind=counter.key.line,
        next_number=counter.next_number,
        issued=counter.issued,
        highest_issued=counter.highest_issued,
        latest_date=counter.latest_date,
        first_number=counter.first_number,
        last_number=counter.last_number,
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
        owner=series.owner or None,
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
        bounds={LineName(line): Bounds(own.first, own.last) for line, own in wanted.bounds.items()},
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
    """The lines of a series by name."""
    after = read_cursor(ask.query.cursor, str)
    counters = sorted((await series_of(ask)).counters.items())
    later = [counter for line, counter in counters if after is None or line > after[0]]
    shown, following = page_after(later, ask.query.limit, lambda counter: write_cursor(counter.key.line))
    return Page[CounterView](items=[counter_view(counter) for counter in shown], next=following)


async def get_counter(ask: Ask) -> CounterView:
    """One line, if it was ever set or used."""
    counter = (await series_of(ask)).counters.get(LineName(ask.path["line"]))
    if counter is None:
        raise Problem(COUNTER_UNKNOWN, f"never touched: {ask.path['line']}")
    return counter_view(counter)


async def set_counter(ask: Ask) -> CounterView:
    """Set or clear a line. To set it to the number that it has is no change, and the ledger gets no entry."""
    wanted: CounterChange = ask.body
    tenant, key = await _line_of(ask)
    policy = _policy(wanted.policy)
    command = SetNext(tenant, key, wanted.next_number, policy, origin(ask, wanted.reason))
    return counter_view((await ask.services.numbers.execute(command)).after)


async def set_bounds(ask: Ask) -> CounterView:
    """Let a line give out only some numbers. To set the bounds that it has is no change, and the ledger gets no entry."""
    wanted: BoundsChange = ask.body
    tenant, key = await _line_of(ask)
    by = origin(ask, wanted.reason)
    command = SetBounds(tenant, key, wanted.first, wanted.last, by, _policy(wanted.policy))
    return counter_view((await ask.services.numbers.execute(command)).after)


def _policy(allowed: Policy) -> SetPolicy:
    return SetPolicy(allowed.allow_lower, allowed.allow_clear, allowed.allow_when_issued)


async def _line_of(ask: Ask) -> tuple[TenantId, CounterKey]:
    """The line that the path names, whether it was ever touched or not. Raises Problem."""
    try:
        line = line_name(ask.path["line"])
    except ValueError as error:
        raise invalid_field("path", "line", str(error)) from error
    series = (await series_of(ask)).series
    return series.tenant, CounterKey(series.id, line)


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
        _ONE + "/counters/{line}",
        "getCounter",
        "series",
        "One line",
        get_counter,
        answer=CounterView,
        problems=(*_UNKNOWN, COUNTER_UNKNOWN),
    ),
    Route(
        "PUT",
        _ONE + "/counters/{line}",
        "setCounter",
        "series",
        "Set or clear a line",
        set_counter,
        body=CounterChange,
        answer=CounterView,
        problems=(*_UNKNOWN, REFUSED),
    ),
    Route(
        "PUT",
        _ONE + "/counters/{line}/bounds",
        "setBounds",
        "series",
        "The only numbers that a line may give out",
        set_bounds,
        body=BoundsChange,
        answer=CounterView,
        problems=(*_UNKNOWN, REFUSED),
    ),
)
