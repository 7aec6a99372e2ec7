"""How an invoice is distributed: what a pair of Distributor and DistributionMethod leads to. Source: R-75.

Distributor    DistributionMethod            result
Default        Unchanged                     new order: the distribution system; else as before
Auto           Unchanged                     the distribution system, new order or not
Default, Auto  Print, EMail, ElectronicInvoice  automatic, by that method
Manual         any                           manual
"""

from __future__ import annotations

from typing import Final

from adapters.twentyfoursevenoffice.orders.properties import Values
from schemas.twentyfoursevenoffice.messages import DistributionMethod, Distributor

DISTRIBUTION: Final = ("Distributor", "DistributionMethod")


def settle_distribution(sent: Values, before: Values) -> Values:
    """The pair as it is kept, by the vendor's names. A default is not kept.

    before: the properties of the stored order; {} for a new one.
    """
    distributor = sent.get("Distributor", Distributor.DEFAULT)
    method = sent.get("DistributionMethod", DistributionMethod.UNCHANGED)
    if distributor == Distributor.MANUAL:
        return {"Distributor": Distributor.MANUAL.value}
    if distributor == Distributor.DEFAULT and method == DistributionMethod.UNCHANGED:
        return {name: before[name] for name in DISTRIBUTION if name in before}
    return {name: sent[name] for name in DISTRIBUTION if name in sent}
