"""What AccountService has otherwise at the V002 path. No copy of that contract is public: this one is inferred.

Its clients name an account by `AccountId` where later versions have `AccountNo`, and its entries have a `Period`. All else is
as in V004, and both names are read. Source: AC-61, AC-62, AC-63.
"""

from __future__ import annotations

from pydantic import Field

from schemas.twentyfoursevenoffice.account import messages, types
from schemas.twentyfoursevenoffice.primitives import Int, Short


class Entry(types.Entry):
    """One line of a voucher.

    account_id: holds the number of the account.
    period: the month within the fiscal year.
    """

    account_id: Int = Field(0, alias="AccountId")
    period: Short = Field(0, alias="Period")

    @property
    def account(self) -> int:
        """The number of the account, whichever name it was sent under; 0 for none. AccountId goes first."""
        return self.account_id or self.account_no


# These models are only read, so a list of a narrower type may take the place of the wider one.


class Voucher(types.Voucher):
    """A voucher with its lines."""

    entries: list[Entry | None] | None = Field(None, alias="Entries")  # type: ignore[assignment]


class Bundle(types.Bundle):
    """Vouchers of one fiscal year that are saved together."""

    vouchers: list[Voucher | None] | None = Field(None, alias="Vouchers")  # type: ignore[assignment]


class BundleList(types.BundleList):
    """All that one call saves."""

    bundles: list[Bundle | None] | None = Field(None, alias="Bundles")  # type: ignore[assignment]


class SaveBundleList(messages.SaveBundleList):
    """Asks to save vouchers."""

    bundle_list: BundleList | None = Field(None, alias="BundleList")
