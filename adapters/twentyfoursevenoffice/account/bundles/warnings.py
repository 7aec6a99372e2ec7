"""What SaveBundleList warns of unless the client says that it knows. Source: AC-39.

A warning that is not ignored refuses the call. Only `invoicealreadyexists` is raised: of the other words no public source says
when they come. They are accepted all the same.
"""

from __future__ import annotations

from typing import Final

from adapters.twentyfoursevenoffice.account.bundles.refused import BundleRefused
from adapters.twentyfoursevenoffice.account.vouchers import VOUCHER
from adapters.twentyfoursevenoffice.work import Work
from gateway.core.commands import SearchDocuments
from gateway.core.documents import Status
from gateway.core.record_commands import SearchRecords
from gateway.core.search import DocumentFilter
from gateway.core.values import INVOICE

IGNORABLE: Final = frozenset({"invoicealreadyexists"})
"""The words by which a client says that an invoice may be in the books already."""
_AT_ONCE: Final = 500
_LARGEST: Final = 2**31 - 1


async def refuse_known_invoices(work: Work, invoices: set[str]) -> None:
    """Raises BundleRefused when one of these invoices is in the ledger of the client company already."""
    wanted = sorted(invoices)
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        known = await _booked(work, some) or await _issued(work, some)
        if known:
            raise BundleRefused("invoice_exists", id=known)


async def _booked(work: Work, invoices: list[str]) -> str:
    """One of the invoices that a booked voucher names; "" for none."""
    tenant = work.identity.tenant
    where = (
        VOUCHER.is_one_of("invoice", *invoices),
        VOUCHER.is_one_of("client", work.identity.client.id),
        VOUCHER.is_one_of("posted", True),
    )
    found = await work.context.service.read(SearchRecords(tenant, VOUCHER, where, limit=1))
    if not found.records:
        return ""
    values = found.records[0].values.get("invoice", ())
    return next((each for each in invoices if each in values), invoices[0])


async def _issued(work: Work, invoices: list[str]) -> str:
    """One of the invoices that was issued, where issued invoices are in the ledger (TR-18); "" for none."""
    if not work.settings.post_invoices:
        return ""
    plain = (each for each in invoices if each.isascii() and each.isdecimal() and len(each) <= len(str(_LARGEST)))
    numbers = tuple(number for number in map(int, plain) if number <= _LARGEST)
    if not numbers:
        return ""
    where = DocumentFilter(numbers=numbers, series=(work.identity.series,), lines=(INVOICE,), statuses=(Status.ISSUED,))
    found = await work.context.service.read(SearchDocuments(work.identity.tenant, where, limit=1))
    return str(found.documents[0].number) if found.documents else ""
