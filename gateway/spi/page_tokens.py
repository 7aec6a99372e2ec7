"""Tokens that let somebody see one page of a tenant: kept in the vault, or signed.

A token stands in the query of a page's address (`page_url`), and has 256 bits that nobody can guess.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import parse_qsl

from gateway.core.ports import Clock, TokenVault
from gateway.core.values import TenantId
from gateway.spi.adapter import Call, Failed, Failure

_FORM: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_SHORTEST_KEY: Final = 32


def token_in(query: str) -> str:
    """The token in the query of a page's address; "" when there is none, or what stands there cannot be one."""
    given = next((value for name, value in parse_qsl(query) if name == "token"), "")
    return given if _FORM.fullmatch(given) else ""


class PageTokens:
    """Tokens in the vault, for pages that end: each new one is a durable write. All processes of a store know it.

    kind: what keeps the tokens of different pages apart, such as "resurs_signing".
    """

    def __init__(self, vault: TokenVault, clock: Clock, kind: str) -> None:
        self._vault = vault
        self._clock = clock
        self._kind = kind

    async def new(self, tenant: TenantId, facts: Mapping[str, Any], lifetime: timedelta) -> str:
        """Make a token; durable when it returns. Raises StoreUnavailableError.

        facts: what the page shows, as plain JSON values.
        lifetime: by the tenant's clock.
        """
        token = secrets.token_urlsafe(32)
        await self._vault.put(self._kind, token, tenant, facts, self._clock.now(tenant) + lifetime)
        return token

    async def facts(self, call: Call) -> tuple[TenantId, Mapping[str, Any]]:
        """The tenant and the facts of the token in a call, whose tenant is known from now on.

        Raises Failed: the token is missing, unknown or expired, which all look the same. Raises StoreUnavailableError.
        """
        token = token_in(call.query)
        found = await self._vault.get(self._kind, token) if token else None
        if found is None:
            raise Failed(Failure.UNAUTHORIZED)
        call.tenant = found[0]
        return found

    async def use_up(self, call: Call) -> None:
        """End the token in a call. Raises Failed for all callers but the first one. Raises StoreUnavailableError."""
        if not await self._vault.drop(self._kind, token_in(call.query)):
            raise Failed(Failure.UNAUTHORIZED)


def signed_token(key: bytes, *parts: str) -> str:
    """A token that needs no write, for addresses that stay: the same parts always give the same token.

    key: at least 32 random bytes that are kept with the tenant; never a password: somebody who has a token could try
        passwords without asking the gateway. Raises ValueError for a shorter one.
    parts: everything that the page shows depends on: the dialect, the tenant, the document.
    """
    if len(key) < _SHORTEST_KEY:
        raise ValueError(f"a key has at least {_SHORTEST_KEY} random bytes")
    texts = [part.encode() for part in parts]
    message = b"".join(b"%d:%b" % (len(text), text) for text in texts)  # so that ("a", "bc") is not ("ab", "c")
    return base64.urlsafe_b64encode(hmac.digest(key, message, hashlib.sha256)).decode().rstrip("=")


def check_signed(call: Call, key: bytes, *parts: str) -> None:
    """Compare the token in a call with the right one, in constant time. Raises Failed when it is missing or wrong."""
    if not hmac.compare_digest(token_in(call.query), signed_token(key, *parts)):
        raise Failed(Failure.UNAUTHORIZED)
