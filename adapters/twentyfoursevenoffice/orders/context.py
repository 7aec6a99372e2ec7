"""Everything that the rules about orders depend on, beside the message and the stored order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from adapters.twentyfoursevenoffice.orders.settings import OrderChoices
from gateway.core.catalogue import Catalogue
from gateway.core.values import SeriesId, TenantId


@dataclass(frozen=True, slots=True)
class Terms:
    """The circumstances under which an order is saved.

    series: from which the company's invoices take their numbers.
    catalogue: what an order may refer to.
    choices: the settings about orders.
    resting: whether rest orders are made.
    now: the tenant's time, aware, UTC.
    """

    tenant: TenantId
    series: SeriesId
    catalogue: Catalogue
    choices: OrderChoices
    resting: bool
    now: datetime
