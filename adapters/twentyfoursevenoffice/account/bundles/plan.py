"""From the message of SaveBundleList to the vouchers that it asks for. Pure. Source: AC-30 to AC-47."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Context, Decimal
from fractions import Fraction
from typing import Final
from uuid import UUID

from adapters.twentyfoursevenoffice.account.bundles.entries import Terms, make_line
from adapters.twentyfoursevenoffice.account.bundles.refused import BundleRefused
from adapters.twentyfoursevenoffice.account.vouchers import Voucher, VoucherLine
from gateway.core.catalogue import FiscalYear, VoucherType
from schemas.twentyfoursevenoffice.account import types as m
from schemas.twentyfoursevenoffice.primitives import EMPTYGUID

_EXACT: Final = Context(prec=80)
LEDGER: Final = 0
JOURNAL: Final = 1
"""SaveOption (AC-30)."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A voucher to be saved.

    voucher: without links; its number is 0 while it is to be drawn.
    links: for each line, the guid by which the call joins it with others (AC-41); None for most.
    """

    voucher: Voucher
    links: tuple[UUID | None, ...]

    @property
    def place(self) -> tuple[int, int]:
        """The number line: series and fiscal year."""
        return self.voucher.series, self.voucher.year


@dataclass(frozen=True, slots=True)
class Plan:
    """What a call asks for.

    vouchers: at least one, in the order of the call.
    numbered: whether their numbers count as used (N-09).
    joined: by the guid of a link, the lines of the books that the call joins to it.
    """

    vouchers: tuple[Planned, ...]
    numbered: bool
    joined: dict[UUID, tuple[UUID, ...]]

    def invoices(self) -> set[str]:
        """The invoices that the vouchers name."""
        return {line.invoice for planned in self.vouchers for line in planned.voucher.lines if line.invoice}


@dataclass(frozen=True, slots=True)
class _Draft:
    bundle: m.Bundle
    entries: tuple[m.Entry, ...]
    number: int
    type: VoucherType
    year: FiscalYear


def customers_of(bundles: m.BundleList) -> set[int]:
    """The customers that a call names."""
    entries = (entry for _, voucher in _vouchers(bundles) for entry in voucher.entries or () if entry is not None)
    return {
        customer for customer in (bundles.default_customer_id, *(each.customer_id for each in entries)) if customer > 0
    }


def digest_of(bundles: m.BundleList, client: int) -> str:
    """The same for the same content, whatever way it was written (AC-45)."""
    return hashlib.sha256(f"{client}:{bundles.model_dump_json()}".encode()).hexdigest()


def make_plan(bundles: m.BundleList, terms: Terms, client: int, call: str) -> Plan:
    """The vouchers of a call. Raises BundleRefused, and OperationFault for AC-44.

    client: the id of the client company.
    call: names the call, see `Voucher`.
    """
    if bundles.save_option not in (LEDGER, JOURNAL):
        raise BundleRefused("save_option_unknown", option=bundles.save_option)
    drafts = [_draft(bundle, voucher, terms) for bundle, voucher in _vouchers(bundles)]
    if not drafts:
        raise BundleRefused("no_voucher")
    drafts = _without_twins(drafts, merge=terms.choices.entry_numbers == "peek")
    journal = bundles.save_option == JOURNAL
    planned = [_planned(draft, bundles, terms, client, call) for draft in drafts]
    if not (journal and bundles.allow_difference):
        for each in planned:
            _check_balance(each.voucher)
    first = planned[0]
    planned[0] = replace(first, voucher=replace(first.voucher, bundle=digest_of(bundles, client)))
    numbered = not journal or terms.choices.journal_numbers == "hold"
    return Plan(tuple(planned), numbered, _joined(drafts))


def _vouchers(bundles: m.BundleList) -> Iterator[tuple[m.Bundle, m.Voucher]]:
    for bundle in bundles.bundles or ():
        for voucher in (bundle.vouchers or ()) if bundle is not None else ():
            if bundle is not None and voucher is not None:
                yield bundle, voucher


def _draft(bundle: m.Bundle, voucher: m.Voucher, terms: Terms) -> _Draft:
    number = voucher.transaction_no
    if number < 0:
        raise BundleRefused("transaction_no_invalid", number=number)
    if not number and terms.choices.zero_transaction_no == "refuse":
        raise BundleRefused("transaction_no_missing")
    entries = tuple(entry for entry in voucher.entries or () if entry is not None)
    if not entries:
        raise BundleRefused("no_entry", number=number)
    return _Draft(bundle, entries, number, _type(bundle, voucher, terms), _year(bundle, terms))


def _type(bundle: m.Bundle, voucher: m.Voucher, terms: Terms) -> VoucherType:
    """The voucher's own Sort, else that of its bundle (AC-35)."""
    sort = voucher.sort or bundle.sort
    if not sort:
        raise BundleRefused("sort_missing")
    found = terms.books.type_of(sort)
    if found is None:
        raise BundleRefused("sort_unknown", id=sort)
    return found


def _year(bundle: m.Bundle, terms: Terms) -> FiscalYear:
    if not bundle.year_id:
        raise BundleRefused("bundle_year_missing")
    year = terms.books.year(bundle.year_id)
    if year is None:
        raise BundleRefused("bundle_year_unknown", year=bundle.year_id)
    if year.locked:
        raise BundleRefused("bundle_year_locked", year=year.id)
    return year


def _without_twins(drafts: Sequence[_Draft], *, merge: bool) -> list[_Draft]:
    """Vouchers of one number become one voucher, or are refused (AC-47). Raises BundleRefused."""
    found: dict[object, _Draft] = {}
    for at, draft in enumerate(drafts):
        key = (draft.type.series, draft.year.id, draft.number) if draft.number else at
        twin = found.get(key)
        if twin is None:
            found[key] = draft
        elif merge:
            found[key] = replace(twin, entries=(*twin.entries, *draft.entries))
        else:
            raise BundleRefused("number_twice", number=draft.number, series=draft.type.series, year=draft.year.id)
    return list(found.values())


def _planned(draft: _Draft, bundles: m.BundleList, terms: Terms, client: int, call: str) -> Planned:
    voucher = Voucher(
        client,
        draft.type.series,
        draft.year.id,
        draft.number,
        draft.type.id,
        tuple(make_line(entry, terms, draft.year) for entry in draft.entries),
        posted=bundles.save_option == LEDGER,
        name=draft.bundle.name,
        direct_accounting=draft.bundle.bundle_direct_accounting,
        direct_ledger=bundles.direct_ledger,
        call=call,
    )
    return Planned(voucher, tuple(None if each.link_id == EMPTYGUID else each.link_id for each in draft.entries))


def _check_balance(voucher: Voucher) -> None:
    """Debit is credit to the last decimal, as the amounts are, or in the tenant's own currency. Raises BundleRefused."""
    difference = _sum(voucher.lines)
    if not difference:
        return
    converted = sum((Fraction(line.amount) * Fraction(line.rate) / line.unit for line in voucher.lines), Fraction(0))
    several = len({line.currency for line in voucher.lines}) > 1
    if not several or converted:
        raise BundleRefused("unbalanced", number=voucher.number, difference=f"{difference:f}")


def _sum(lines: Sequence[VoucherLine]) -> Decimal:
    total = Decimal(0)
    for line in lines:
        total = _EXACT.add(total, line.amount)
    return total


def _joined(drafts: Sequence[_Draft]) -> dict[UUID, tuple[UUID, ...]]:
    """The lines that are joined to each link of the call, which has no lines but those of its own entries, often (AC-41)."""
    found: dict[UUID, dict[UUID, None]] = {}
    for draft in drafts:
        for entry in draft.entries:
            if entry.link_id != EMPTYGUID:
                found.setdefault(entry.link_id, {})
            for link in entry.links or ():
                if link is None or link.line_id == EMPTYGUID:
                    continue
                own = entry.link_id if link.link_id == EMPTYGUID else link.link_id
                if own != EMPTYGUID:
                    found.setdefault(own, {})[link.line_id] = None
    return {link: tuple(lines) for link, lines in found.items()}
