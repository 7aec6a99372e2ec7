"""The table of distribution on the vendor's page: every pair, for new orders and updates."""

from __future__ import annotations

from typing import Any

import pytest

from tests.adapters.twentyfoursevenoffice.orders.desk import saved, shown

BEFORE = {
    "nothing": {},
    "printed": {"DistributionMethod": "Print"},
    "auto": {"Distributor": "Auto"},
    "auto mail": {"Distributor": "Auto", "DistributionMethod": "EMail"},
    "manual": {"Distributor": "Manual"},
}
METHODS = ("Print", "EMail", "ElectronicInvoice")


def settings(document: Any) -> dict[str, Any]:
    """What GetInvoices shows; it leaves out defaults."""
    return {name: value for name, value in shown(document).items() if name.startswith("Distribut")}


@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE)
def test_default_and_unchanged_keep_what_was(before: dict[str, str]) -> None:
    stored = saved(before)
    assert settings(stored) == before
    assert settings(saved({"OrderId": 7}, stored)) == before
    assert (
        settings(saved({"OrderId": 7, "Distributor": "Default", "DistributionMethod": "Unchanged"}, stored)) == before
    )


@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE)
def test_auto_and_unchanged_is_the_system_in_any_case(before: dict[str, str]) -> None:
    assert settings(saved({"OrderId": 7, "Distributor": "Auto"}, saved(before))) == {"Distributor": "Auto"}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("distributor", ["Default", "Auto"])
@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE)
def test_a_method_counts_with_default_and_auto(before: dict[str, str], distributor: str, method: str) -> None:
    sent = {"Distributor": distributor, "DistributionMethod": method}
    expected = {"DistributionMethod": method} | ({"Distributor": "Auto"} if distributor == "Auto" else {})
    assert settings(saved({"OrderId": 7, **sent}, saved(before))) == expected
    assert settings(saved(sent)) == expected


@pytest.mark.parametrize("method", ["Unchanged", *METHODS])
@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE)
def test_manual_is_manual_whatever_the_method(before: dict[str, str], method: str) -> None:
    sent = {"Distributor": "Manual", "DistributionMethod": method}
    assert settings(saved({"OrderId": 7, **sent}, saved(before))) == {"Distributor": "Manual"}
