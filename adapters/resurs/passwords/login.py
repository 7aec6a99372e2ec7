"""Which of an account's passwords a request came with."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import Final

from adapters.resurs.passwords.hashing import SlowHashes, new_salt
from adapters.resurs.passwords.kept import KeptPasswords, read_passwords
from gateway.core.ports import SequenceService
from gateway.core.values import TenantId
from gateway.spi.secrets import Secret, same_secret

MASTER: Final = ""
"""Stands for the master password where others have an identifier."""


@dataclass(frozen=True, slots=True)
class Passwords:
    """Compares passwords with those that are kept. Each request reads them anew, so all processes agree at once."""

    service: SequenceService
    hashes: SlowHashes = field(default_factory=SlowHashes)
    nobodys_salt: bytes = field(default_factory=new_salt, repr=False)

    async def login(self, tenant: TenantId, username: str, configured: Secret, given: str) -> str | None:
        """MASTER, or the identifier of an additional password; None for a wrong one."""
        kept = await read_passwords(self.service, tenant, username)
        if kept is not None and not await self.counts(kept, configured):
            kept = None
        if (kept is None or kept.master is None) and same_secret(given, configured):
            return MASTER
        if kept is None:
            await self.waste(given)
            return None
        found = await self.hashes.hash(given, kept.salt)
        if kept.master is not None and hmac.compare_digest(found, kept.master):
            return MASTER
        same = (name for name, own in kept.additional.items() if hmac.compare_digest(found, own.hash))
        return next(same, None)

    async def waste(self, given: str) -> None:
        """Take as long as for an account with passwords, so that time does not give names away."""
        await self.hashes.hash(given, self.nobodys_salt)

    async def counts(self, kept: KeptPasswords, configured: Secret) -> bool:
        """Whether it was kept under the password that the configuration has now."""
        now = await self.hashes.hash(configured.get_secret_value(), kept.salt)
        return hmac.compare_digest(now, kept.configured)
