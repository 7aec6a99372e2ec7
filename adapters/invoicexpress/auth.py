"""From credentials to the caller: the key stands in the query (or is the user of HTTP Basic), the host name has the account."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import unquote_plus

from adapters.invoicexpress.settings import Binding, Settings
from gateway.core.values import Caller
from gateway.spi.adapter import Bound, Call
from gateway.spi.secrets import same_secret


class Accounts:
    """The accounts that may call. Raises ValueError when two of them answer to the same host name and key.

    hosts: the host names of the dialect. In those that begin with a dot, the account stands in front.
    """

    def __init__(self, settings: Settings, bindings: Sequence[Bound[Binding]], hosts: Sequence[str]) -> None:
        self._settings = settings
        # the longest comes first: `.app.example.com` must win over `.example.com`
        self._suffixes = tuple(sorted((host for host in hosts if host.startswith(".")), key=len, reverse=True))
        self._by_account: dict[str, list[Bound[Binding]]] = {}
        for bound in bindings:
            self._by_account.setdefault(bound.binding.account.lower(), []).append(bound)
        self._anywhere = [bound for bound in bindings if bound.binding.default_host]
        for name, holders in self._by_account.items():
            if len({bound.tenant for bound in holders}) > 1:
                raise ValueError(f"account {name!r} belongs to more than one tenant")
        keys = [(bound.binding.api_key.get_secret_value(), bound.tenant) for bound in self._anywhere]
        if len({key for key, _ in keys}) < len(set(keys)):
            raise ValueError("accounts of two tenants answer on any host name with the same api_key")

    def authenticate(self, call: Call) -> Caller | None:
        """Return the caller, or None.

        Nothing shows whether the key is wrong or missing, or the account unknown. Source: R-02, R-03.
        """
        key = self._key(call)
        found: Bound[Binding] | None = None
        for bound in self._candidates(call):
            if same_secret(key, bound.binding.api_key):
                found = bound  # no break: how long this takes must not show which account has the key
        return Caller(found.tenant, found.binding.account) if found else None

    def guessed(self, call: Call) -> str | None:
        """The account whose key a refused request has guessed at, "" for any; None when it has no key."""
        return (self._account(call) or "") if self._key(call) else None

    def _key(self, call: Call) -> str:
        key = key_in_query(call.query)
        if not key and self._settings.accept_basic:
            key = _basic_user(call.headers.get("Authorization", ""))
        return key

    def _candidates(self, call: Call) -> Sequence[Bound[Binding]]:
        """The bindings that the host name allows."""
        account = self._account(call)
        return self._anywhere if account is None else self._by_account.get(account, ())

    def _account(self, call: Call) -> str | None:
        """The account that the host name of the request names, else the one that a trusted proxy reports; None for neither."""
        for host in (call.headers.get("Host") or "", call.base_url.partition("://")[2].partition("/")[0]):
            account = _account_of(host, self._suffixes)
            if account is not None:
                return account
        return None


@lru_cache(maxsize=256)
def _account_of(host: str, suffixes: tuple[str, ...]) -> str | None:
    """The account that a host name names; None for a host name that is not of the vendor's kind."""
    name = host.partition(":")[0].rstrip(".").lower()
    for suffix in suffixes:
        if name.endswith(suffix):
            return name.removesuffix(suffix)
    return None


def key_in_query(query: str) -> str:
    """The last `api_key` of a query string, decoded; "" when there is none."""
    key = ""
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if name == "api_key" or ("%" in name and unquote_plus(name) == "api_key"):
            key = value
    return unquote_plus(key) if "%" in key or "+" in key else key


def _basic_user(authorization: str | None) -> str:
    """The user of HTTP Basic, whatever the password (clients send `X`); "" when there is none."""
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(encoded.strip(), validate=True).decode().partition(":")[0]
    except ValueError:  # not ASCII, not Base64, not UTF-8
        return ""
