"""What an order is saved under: everything that the rules about orders look at beside the message and the stored order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from adapters.twentyfoursevenoffice.orders.settings import OrderChoices
from gateway.core.catalogue import Catalogue
from gateway.core.values import SeriesId, TenantId


@dataclass(frozen=True, slots=True)
class Terms:
    """series: where the company's invoices take their numbers. resting: rest orders are made. now: UTC, aware."""

    tenant: TenantId
    series: SeriesId
    catalogue: Catalogue
    choices: OrderChoices
    resting: bool
    now: datetime
