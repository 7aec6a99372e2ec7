"""From HTTP Basic credentials to the account. Source: R-31 to R-36."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from adapters.resurs.passwords.login import MASTER, Passwords
from adapters.resurs.settings import Account, Binding
from adapters.resurs.shop import Country, Language
from gateway.core.values import Caller, SeriesId
from gateway.spi.adapter import Bound
from gateway.spi.secrets import Secret, same_secret

_LANGUAGES: Final[dict[Country, Language]] = {"SE": "sv", "NO": "no", "DK": "da", "FI": "fi"}
_NOBODY: Final = Secret("no account has this password")


@dataclass(frozen=True, slots=True)
class Representative:
    """An account as the dialect uses it.

    caller: the tenant and the user name, for the core.
    series: the series whose invoice line the account reads and sets.
    language: the language of messages for the shop's end users.
    country: of the account.
    binding: the tenant's section for the dialect: its payment methods, and other test data of its shop.
    login: MASTER, or the identifier of the additional password that somebody came with.
    """

    caller: Caller
    series: SeriesId
    language: Language
    password: Secret
    country: Country
    binding: Binding
    login: str = MASTER


class Accounts:
    """All accounts of all tenants. Raises ValueError when a user name is given twice or a series is unknown.

    passwords: those that clients have changed; None when only the configured ones count.
    """

    def __init__(self, bindings: Sequence[Bound[Binding]], passwords: Passwords | None = None) -> None:
        self.passwords: Final = passwords
        self._by_name: dict[str, Representative] = {}
        self._by_header: dict[str, Representative] = {}
        for bound in bindings:
            for account in bound.binding.accounts:
                if account.username in self._by_name:
                    raise ValueError(f"user name {account.username!r} is given twice; it must lead to one account")
                if account.series not in bound.series:
                    raise ValueError(
                        f"account {account.username!r}: tenant {bound.tenant} has no series {account.series!r}"
                    )
                self._add(
                    account,
                    Representative(
                        Caller(bound.tenant, account.username, bound.series[account.series]),
                        bound.series[account.series],
                        _LANGUAGES[account.country],
                        account.password,
                        account.country,
                        bound.binding,
                    ),
                )

    def _add(self, account: Account, known: Representative) -> None:
        """Note an account under its name, and under the header that nearly every client sends for it."""
        self._by_name[account.username] = known
        credentials = f"{account.username}:{account.password.get_secret_value()}"
        self._by_header["Basic " + base64.b64encode(credentials.encode()).decode()] = known

    def named(self, username: str) -> Representative | None:
        """Return the account of a user name, without looking at a password."""
        return self._by_name.get(username)

    async def admit(self, header: str | None) -> Representative | None:
        """Return the account that an Authorization header proves, or None. Raises StoreUnavailableError."""
        if self.passwords is None:  # as `authenticate` does; one call less on the way of every request
            return None if header is None else self._by_header.get(header) or self._checked(header)
        credentials = None if header is None else _read_basic(header)
        if credentials is None:
            return None
        username, given = credentials
        account = self._by_name.get(username)
        if account is None:
            await self.passwords.waste(given)
            return None
        login = await self.passwords.login(account.caller.tenant, username, account.password, given)
        return None if login is None else replace(account, login=login)

    def authenticate(self, header: str | None) -> Representative | None:
        """Return the account that a header with the configured password proves, or None.

        Only a header in an unusual spelling is decoded.
        """
        if header is None:
            return None
        return self._by_header.get(header) or self._checked(header)

    def _checked(self, header: str) -> Representative | None:
        credentials = _read_basic(header)
        if credentials is None:
            return None
        username, password = credentials
        account = self._by_name.get(username)
        # An unknown name costs the same comparison as a known one, so that time does not give names away.
        expected = _NOBODY if account is None else account.password
        return account if same_secret(password, expected) else None


def guessed_name(header: str | None) -> str | None:
    """The user name of a header that was refused, "" when it cannot be read; None without a header, which is no guess."""
    if header is None:
        return None
    credentials = _read_basic(header)
    return credentials[0] if credentials else ""


def _read_basic(header: str) -> tuple[str, str] | None:
    """User name and password of a Basic header: read as UTF-8, or as ISO-8859-1, which old clients send."""
    scheme, _, token = header.strip().partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        raw = base64.b64decode(token.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("iso-8859-1")
    username, colon, password = text.partition(":")
    return (username, password) if colon else None
