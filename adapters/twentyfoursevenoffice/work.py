"""What an operation works with.

The contract of a handler
-------------------------
A handler answers one operation for a caller that is logged in: `async def save_invoices(work: Work, message: SaveInvoices)
-> SaveInvoicesResponse`. The table of its service names it (`HANDLERS` in `<service>/service.py`). An operation that is not
named there is declined: the coverage table says so, and calls get a fault.

* `message` is read-only: later requests of the same bytes may share it.
* `work.context.service` is the only door to documents. `work.settings` and `work.catalogue` need no call. `work.identity`
  says who asks: `.tenant`, `.series` (from which invoices take numbers), `.client` (the company's settings, such as
  `resting`), `.caller`.
* `work.origin(reason)` is the `by` of every command. `work.now()` is the tenant's time, aware, UTC.
* An error of one item becomes an APIException in the answer: `errors.api_exception(name, work.settings, work.method, **facts)`
  for a business error of the table `errors.BUSINESS`, `errors.exception_of(refusal, work.settings, work.method)` for a
  refusal of the core.
* An error of the whole call is raised: `errors.OperationFault(name, **facts)` for a text of `errors.FAULT_TEXTS` or
  `errors.BUSINESS`. Refusals, failures and trouble of the store become faults, too, when the handler lets them pass.
* A handler that gives out a number sets `work.call.number` to it, for log and journal.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from adapters.twentyfoursevenoffice.auth import Member
from adapters.twentyfoursevenoffice.settings import Binding, Settings
from gateway.core.catalogue import Catalogue
from gateway.core.values import Origin
from gateway.spi.adapter import Call, Context

DIALECT: Final = "twentyfoursevenoffice"


@dataclass(frozen=True, slots=True)
class Work:
    """One call of a caller that is logged in.

    settings: the dialect's choices.
    method: the .NET method of the operation, such as
        `Office24Seven.WebService.CompanyService.CompanyService.SaveCompanies(Company[] companies)`, for stack traces.
    """

    context: Context[Settings, Binding]
    settings: Settings
    identity: Member
    call: Call
    method: str = ""

    @property
    def catalogue(self) -> Catalogue:
        """What the tenant's documents may refer to, at this moment."""
        return self.context.service.catalogue(self.identity.tenant)

    def now(self) -> datetime:
        """The tenant's time: UTC, aware."""
        return self.context.clock.now(self.identity.tenant)

    def origin(self, reason: str = "") -> Origin:
        """Who asks, for the ledger."""
        return Origin(DIALECT, self.identity.caller.principal, self.call.request_id, reason)
