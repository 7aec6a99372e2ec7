"""Whether a store is behind the watermark (ADR-54). Pure functions, but for the look-up of single entries in the store.

A store is behind when one of its ledger chains is shorter than the watermark knows it, or has another entry at that place.
The next numbers play no part, because clients may clear and lower lines. A tenant that was begun anew on purpose since the
watermark was written is never behind: the store has a note of it that no older copy can have.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

from gateway.core.values import SERIES_CHAIN, TenantId
from gateway.stores.engine.chain_ends import ChainEnd, Standing
from gateway.stores.engine.ledger_pages import LedgerPlace
from gateway.stores.errors import StoreError

_MOST_SHOWN: Final = 20
"""So many chains of a store say enough."""
HashesAt: TypeAlias = Callable[[Sequence[LedgerPlace]], Awaitable[Mapping[LedgerPlace, str]]]
"""Finds the hashes of single entries in a store; places without an entry are left out."""


@dataclass(frozen=True, slots=True)
class Behind:
    """One chain, or one tenant, of which the store has less than the watermark knows.

    tenant: whose it is.
    known: the chain as the watermark knows it; None when the watermark only knows when the tenant was begun anew.
    found: the chain as the store has it; None when the store does not have it.
    text: what is wrong, for people.
    """

    tenant: TenantId
    known: ChainEnd | None
    found: ChainEnd | None
    text: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A store beside the watermark.

    behind: what is behind; empty when the store may be served.
    unknown: ends of chains that the watermark does not know yet.
    anew: when tenants were begun anew, as far as the watermark does not know it yet.
    is_first: whether the watermark knows nothing of the store at all.
    """

    behind: Sequence[Behind] = ()
    unknown: Sequence[ChainEnd] = ()
    anew: Mapping[TenantId, int] = field(default_factory=dict)
    is_first: bool = False


class StoreBehindError(StoreError):
    """A store has less than the watermark knows.

    behind: for each store by name, what is behind.
    watermark: the file.
    addresses: of the stores, for people.
    is_missing: whether the stores' files are not there, or empty.
    """

    def __init__(
        self,
        behind: Mapping[str, Sequence[Behind]],
        watermark: Path,
        addresses: Mapping[str, str],
        *,
        is_missing: bool = False,
    ) -> None:
        what = "is missing or empty, and known to" if is_missing else "is older than"
        heads = {
            name: f"store {name!r} ({addresses[name]}) {what} the watermark {watermark.absolute()}" for name in behind
        }
        super().__init__("\n".join(_sentences(behind, heads)))
        self.behind = behind


async def compare(known: Standing, found: Standing, hashes_at: HashesAt) -> Comparison:
    """Compare what the watermark knows with what a store has. Entries are looked up only where the store has gone on."""
    behind: list[Behind] = []
    further: list[tuple[ChainEnd, ChainEnd]] = []
    for place, end in known.ends.items():
        own = found.ends.get(place)
        begun = found.begun.get(end.tenant, 0)
        if begun > end.begun:
            continue
        if begun < end.begun or own is None or own.position < end.position:
            behind.append(_behind(end, own))
        elif own.position > end.position:
            further.append((end, own))
        elif own.hash != end.hash:
            behind.append(_other(end, own))
    hashes = await hashes_at([_place(end) for end, _ in further]) if further else {}
    behind += [_other(end, own) for end, own in further if hashes.get(_place(end)) != end.hash]
    behind[:0] = _from_before(known, found, {one.tenant for one in behind})
    is_first = not (known.ends or known.begun)
    return Comparison(behind, list(_unknown(known, found)), _anew(known, found), is_first)


def _from_before(known: Standing, found: Standing, named: Container[TenantId]) -> Iterator[Behind]:
    """Tenants that were begun anew since. One of which nothing is left is not among them: its chains say enough."""
    present = {end.tenant for end in found.ends.values()}
    for tenant, moment in known.begun.items():
        if found.begun.get(tenant, 0) < moment and (tenant in present or tenant not in named):
            text = "was replaced or deleted on purpose, and the store is from before that"
            yield Behind(tenant, None, None, text)


def _place(end: ChainEnd) -> LedgerPlace:
    return end.series, end.line, end.position


def _unknown(known: Standing, found: Standing) -> Iterator[ChainEnd]:
    for place, end in found.ends.items():
        former = known.ends.get(place)
        if former is None or (former.begun, former.position) < (end.begun, end.position):
            yield end


def _anew(known: Standing, found: Standing) -> dict[TenantId, int]:
    return {tenant: moment for tenant, moment in found.begun.items() if moment > known.begun.get(tenant, 0)}


def _behind(known: ChainEnd, found: ChainEnd | None) -> Behind:
    if found is None:
        return Behind(known.tenant, known, None, f"the watermark has {_figures(known)}; the store has nothing of it")
    return Behind(known.tenant, known, found, f"the watermark has {_figures(known)}; the store has {_figures(found)}")


def _other(known: ChainEnd, found: ChainEnd) -> Behind:
    text = f"the watermark has {_figures(known)}; the store has another entry at that place, and {_figures(found)}"
    return Behind(known.tenant, known, found, text)


def _figures(end: ChainEnd) -> str:
    if end.line == SERIES_CHAIN:
        return f"{end.position} ledger entries"
    following = "unset" if end.next_number is None else end.next_number
    return f"{end.position} ledger entries (next number {following})"


def passed(behind: Iterable[Behind]) -> list[str]:
    """Lines that were further than they are now, for people."""
    return [
        f"{subject(one)}: the watermark has seen the next number {one.known.next_number}, and the line now goes on at "
        f"{one.found.next_number}: the numbers in between may be given again"
        for one in behind
        if one.known is not None and one.found is not None
        if (one.known.next_number or 0) > (one.found.next_number or 0) > 0
    ]


def subject(one: Behind) -> str:
    """What is behind, for people."""
    end = one.known
    if end is None:
        return f"tenant {one.tenant}"
    key = end.key or (one.found.key if one.found is not None else "") or end.series
    if end.line == SERIES_CHAIN:
        return f"tenant {one.tenant}, series {key}"
    return f"tenant {one.tenant}, series {key}, {end.line}"


def _sentences(behind: Mapping[str, Sequence[Behind]], heads: Mapping[str, str]) -> Iterable[str]:
    for store, chains in behind.items():
        yield f"{heads[store]}: numbers that were given out would be given again"
        yield from (f"  {subject(one)}: {one.text}" for one in chains[:_MOST_SHOWN])
        if len(chains) > _MOST_SHOWN:
            yield f"  and {len(chains) - _MOST_SHOWN} more"
    yield (
        "put the newest store back; or restore a backup, which moves the numbers on: with `invoice-gateway store restore` for "
        "SQLite, with PostgreSQL's own tools and then `invoice-gateway store restored`; or, if the store is right as it is, "
        "start once with `invoice-gateway serve --accept-store`"
    )
    if all(one.found is None for chains in behind.values() for one in chains):
        yield (
            "if these numbers are to begin anew, because the store was deleted on purpose: start once with `invoice-gateway "
            "serve --accept-store` (production tenants need `--new-store`, too), or delete the watermark with the store"
        )
