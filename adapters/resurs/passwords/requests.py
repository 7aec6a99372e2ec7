"""changePassword, addPassword and removePassword. Source: R-44, mostly inferred."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final, TypeAlias

from adapters.resurs import errors
from adapters.resurs.errors import Fault
from adapters.resurs.operation import OperationCall
from adapters.resurs.passwords.hashing import is_strong, new_salt
from adapters.resurs.passwords.kept import Additional, KeptPasswords, passwords_key, read_passwords, save_passwords
from adapters.resurs.passwords.login import MASTER, Passwords
from adapters.resurs.turns import turn_of
from gateway.core.refusals import RecordChanged, RecordExists, Refused
from schemas.resurs.configuration import AddPassword, ChangePassword, RemovePassword

MOST: Final = 50
"""Additional passwords of an account."""
LONGEST_NAME: Final = 100
LONGEST_DESCRIPTION: Final = 1000
_TRIES: Final = 100

Decide: TypeAlias = Callable[[Passwords, KeptPasswords], Awaitable[KeptPasswords]]


async def change_password(call: OperationCall, message: ChangePassword) -> None:
    """Change the master password or an additional one."""
    name = _named(call, message.identifier)

    async def decide(passwords: Passwords, kept: KeptPasswords) -> KeptPasswords:
        if name != MASTER and name not in kept.additional:
            raise Fault(errors.IDENTIFIER_UNKNOWN)
        made = await _hashed(passwords, kept, message.new_password)
        if name == MASTER:
            return replace(kept, master=made)
        return _with(kept, {**kept.additional, name: replace(kept.additional[name], hash=made)})

    await _change(call, decide)


async def add_password(call: OperationCall, message: AddPassword) -> None:
    """Add a further password of the same representative."""
    name = _named(call, message.identifier)
    for field, value, longest in (
        ("identifier", name, LONGEST_NAME),
        ("description", message.description or "", LONGEST_DESCRIPTION),
    ):
        if len(value) > longest:
            raise Fault(errors.INVALID_FIELD, field=field)

    async def decide(passwords: Passwords, kept: KeptPasswords) -> KeptPasswords:
        if name == MASTER or name in kept.additional:
            raise Fault(errors.IDENTIFIER_USED)
        if len(kept.additional) >= MOST:
            raise Fault(errors.TOO_MANY_PASSWORDS)
        made = await _hashed(passwords, kept, message.new_password)
        return _with(kept, {**kept.additional, name: Additional(made, message.description)})

    await _change(call, decide)


async def remove_password(call: OperationCall, message: RemovePassword) -> None:
    """Remove an additional password."""
    name = _named(call, message.identifier)

    async def decide(_: Passwords, kept: KeptPasswords) -> KeptPasswords:
        if name == MASTER:
            raise Fault(errors.MASTER_PASSWORD)
        if name not in kept.additional:
            raise Fault(errors.IDENTIFIER_UNKNOWN)
        return _with(kept, {other: own for other, own in kept.additional.items() if other != name})

    await _change(call, decide)


def _named(call: OperationCall, identifier: str | None) -> str:
    """MASTER for no identifier, and for the names that the master password may have."""
    return MASTER if identifier in {None, "master", call.account} else identifier or MASTER


def _with(kept: KeptPasswords, additional: Mapping[str, Additional]) -> KeptPasswords:
    return replace(kept, additional=additional)


async def _hashed(passwords: Passwords, kept: KeptPasswords, password: str) -> bytes:
    if not is_strong(password):
        raise Fault(errors.WEAK_PASSWORD)
    return await passwords.hashes.hash(password, kept.salt)


async def _change(call: OperationCall, decide: Decide) -> None:
    """Keep what `decide` makes of the present passwords. It is asked again when somebody else has changed them meanwhile."""
    passwords = call.passwords
    if passwords is None:
        raise Fault(errors.CREDENTIALS_CONFIGURED)
    if call.who.login != MASTER:
        raise Fault(errors.NOT_AUTHORIZED)
    async with turn_of(call.service, passwords_key(call.tenant, call.account)):
        await _change_in_turn(call, passwords, decide)


async def _change_in_turn(call: OperationCall, passwords: Passwords, decide: Decide) -> None:
    salt = new_salt()  # one for all tries: hashes that were made lately are remembered, so a further try makes none
    for _ in range(_TRIES):
        kept = await decide(passwords, await _present(call, passwords, salt))
        try:
            await call.service.execute(save_passwords(call.tenant, call.account, kept, call.by))
        except Refused as refused:
            if not isinstance(refused.refusal, RecordChanged | RecordExists):
                raise
        else:
            return
    raise Fault(errors.INTERNAL)


async def _present(call: OperationCall, passwords: Passwords, salt: bytes) -> KeptPasswords:
    """What counts now; a beginning with this salt when nothing is kept, or nothing that still counts."""
    kept = await read_passwords(call.service, call.tenant, call.account)
    if kept is not None and await passwords.counts(kept, call.who.password):
        return kept
    configured = await passwords.hashes.hash(call.who.password.get_secret_value(), salt)
    return KeptPasswords(salt, configured, version=0 if kept is None else kept.version)
