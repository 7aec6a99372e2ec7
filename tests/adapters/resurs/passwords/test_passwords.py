"""changePassword, addPassword and removePassword: who enters afterwards, and what is refused."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from adapters.resurs.passwords import requests
from adapters.resurs.passwords.hashing import SlowHashes
from adapters.resurs.passwords.kept import PASSWORDS
from adapters.resurs.passwords.requests import LONGEST_DESCRIPTION, LONGEST_NAME
from gateway.core.record_commands import SaveRecords
from gateway.core.records import RecordId
from gateway.core.refusals import RecordChanged, Refused
from gateway.spi.adapter import StoreUnavailableError
from tests.adapters.resurs.passwords.cheap import make_cheap
from tests.adapters.resurs.shop import Shop, basic

NEW, OTHER, THIRD = "Nytt-lösen-2024", "Annat Lösen 77", "Tredje/Lösen/9"
CONFIGURED = "demo-secret"


def child(name: str, value: str | None) -> str:
    return "" if value is None else f"<{name}>{value}</{name}>"


async def change(shop: Shop, new: str, identifier: str | None = None, by: str = CONFIGURED) -> int | None:
    inside = child("identifier", identifier) + child("newPassword", new)
    return await shop.error("changePassword", inside, login=basic("demo-se", by))


async def add(
    shop: Shop, identifier: str, new: str, by: str = CONFIGURED, description: str | None = None
) -> int | None:
    inside = child("identifier", identifier) + child("description", description) + child("newPassword", new)
    return await shop.error("addPassword", inside, login=basic("demo-se", by))


async def remove(shop: Shop, identifier: str, by: str = CONFIGURED) -> int | None:
    return await shop.error("removePassword", child("identifier", identifier), login=basic("demo-se", by))


async def entering(shop: Shop, *passwords: str, username: str = "demo-se") -> list[str]:
    """Those of the passwords that open the account."""
    tried = [(one, await shop.error("peekInvoiceSequence", login=basic(username, one))) for one in passwords]
    assert {found for _, found in tried} <= {None, 401}
    return [one for one, found in tried if found is None]


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Shop:
    make_cheap(monkeypatch)
    return Shop(passwords="apply")


async def test_by_default_credentials_are_configured() -> None:
    shop = Shop()
    assert [await change(shop, NEW), await add(shop, "till", NEW), await remove(shop, "till")] == [4, 4, 4]
    assert await entering(shop, CONFIGURED, NEW) == [CONFIGURED]
    assert not shop.bench.store.state.records


async def test_a_new_master_password(shop: Shop) -> None:
    assert await entering(shop, CONFIGURED, NEW) == [CONFIGURED]
    assert await change(shop, NEW) is None
    assert await entering(shop, CONFIGURED, NEW, OTHER, "") == [NEW]
    assert await change(shop, OTHER) == 401
    assert await change(shop, OTHER, by=NEW) is None
    assert await entering(shop, CONFIGURED, NEW, OTHER) == [OTHER]
    # The other accounts of the tenant keep theirs.
    assert await entering(shop, CONFIGURED, OTHER, username="demo-no") == [CONFIGURED]


async def test_additional_passwords(shop: Shop) -> None:
    assert await add(shop, "till 1", NEW, description="Kassan") is None
    assert await add(shop, "web", OTHER) is None
    assert await entering(shop, CONFIGURED, NEW, OTHER, THIRD) == [CONFIGURED, NEW, OTHER]
    assert await change(shop, THIRD, "web") is None
    assert await entering(shop, CONFIGURED, NEW, OTHER, THIRD) == [CONFIGURED, NEW, THIRD]
    assert await remove(shop, "till 1") is None
    assert await entering(shop, CONFIGURED, NEW, THIRD) == [CONFIGURED, THIRD]
    assert await add(shop, "till 1", NEW) is None
    assert await change(shop, OTHER) is None
    assert await entering(shop, CONFIGURED, NEW, OTHER, THIRD) == [NEW, OTHER, THIRD]


@pytest.mark.parametrize("header", ["basic {}", " Basic  {} ", "BASIC {}"])
async def test_a_header_in_an_unusual_spelling(shop: Shop, header: str) -> None:
    await change(shop, NEW)
    for password, expected in ((NEW, None), (CONFIGURED, 401)):
        login = header.format(basic("demo-se", password).partition(" ")[2])
        assert await shop.error("peekInvoiceSequence", login=login) == expected


async def test_refusals(shop: Shop) -> None:
    """In this order: who asks, the identifier, the strength."""
    assert await add(shop, "web", NEW) is None
    found = {
        "unknown": await change(shop, OTHER, "till"),
        "unknown and weak": await change(shop, "weak", "till"),
        "removed unknown": await remove(shop, "till"),
        "used": await add(shop, "web", OTHER),
        "used and weak": await add(shop, "web", "weak"),
        "named as the master": await add(shop, "demo-se", OTHER),
        "long name": await add(shop, "x" * (LONGEST_NAME + 1), OTHER),
        "long description": await add(shop, "x", OTHER, description="x" * (LONGEST_DESCRIPTION + 1)),
        "master": await remove(shop, "demo-se"),
        "master by its word": await remove(shop, "master"),
        "weak": await change(shop, "weak"),
        "weak for another": await change(shop, "weak", "web"),
        "by an additional login": await change(shop, OTHER, by=NEW),
        "for itself": await change(shop, OTHER, "web", by=NEW),
        "added by an additional login": await add(shop, "more", "weak", by=NEW),
        "removed by an additional login": await remove(shop, "web", by=NEW),
    }
    assert found == {
        **dict.fromkeys(("unknown", "unknown and weak", "removed unknown"), 8),
        **dict.fromkeys(("used", "used and weak", "named as the master"), 19),
        **dict.fromkeys(("long name", "long description"), 1),
        **dict.fromkeys(("master", "master by its word"), 4),
        **dict.fromkeys(("weak", "weak for another"), 502),
        **dict.fromkeys(("by an additional login", "for itself"), 503),
        **dict.fromkeys(("added by an additional login", "removed by an additional login"), 503),
    }
    assert await entering(shop, CONFIGURED, NEW, OTHER) == [CONFIGURED, NEW]


async def test_so_many_and_no_more(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "MOST", 2)
    assert [await add(shop, f"p-{number}", f"{NEW}-{number}") for number in range(3)] == [None, None, 4]
    assert await remove(shop, "p-0") is None
    assert await add(shop, "p-2", NEW) is None


async def test_the_master_by_its_name(shop: Shop) -> None:
    assert await change(shop, NEW, "demo-se") is None
    assert await entering(shop, CONFIGURED, NEW) == [NEW]


async def test_at_the_same_time(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every password that was answered as added counts. Nobody decides twice, because each decision makes a slow hash."""
    monkeypatch.setattr(requests, "_TRIES", 1)
    words = [f"{NEW}-{number}" for number in range(8)]
    assert await asyncio.gather(*(add(shop, f"p-{number}", word) for number, word in enumerate(words))) == [None] * 8
    assert await asyncio.gather(*(add(shop, "one", f"{word}!") for word in words)) == [None] + [19] * 7
    assert await entering(shop, *words) == words


async def test_a_further_try_makes_no_slow_hash(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another gateway was faster a few times. The hashes of the first try, of the old and the new password, still do."""
    make, save, salts, refused = SlowHashes._make, requests.save_passwords, list[bytes](), list[int]()

    def counted(own: SlowHashes, raw: bytes, salt: bytes) -> bytes:
        salts.append(salt)
        return make(own, raw, salt)

    def overtaken(*words: Any) -> SaveRecords:
        refused.append(1)
        if len(refused) < 4:
            raise Refused(RecordChanged(PASSWORDS.name, RecordId("demo-se"), 2))
        return save(*words)

    monkeypatch.setattr(SlowHashes, "_make", counted)
    monkeypatch.setattr(requests, "save_passwords", overtaken)
    assert await change(shop, NEW) is None
    assert (len(refused), len(salts), len(set(salts))) == (4, 2, 1)


async def test_another_gateway_on_the_same_store_agrees_at_once(shop: Shop) -> None:
    other = shop.again(passwords="apply")
    assert await entering(other, CONFIGURED, NEW) == [CONFIGURED]
    await change(shop, NEW)
    assert await entering(other, CONFIGURED, NEW) == [NEW]
    await add(other, "web", OTHER, by=NEW)
    assert await entering(shop, CONFIGURED, NEW, OTHER) == [NEW, OTHER]
    await remove(shop, "web", by=NEW)
    assert await entering(other, NEW, OTHER) == [NEW]


async def test_an_operator_resets_an_account(shop: Shop) -> None:
    """By another configured password, which ends all that clients have set; or by `refuse`, which looks at none of it."""
    await add(shop, "web", OTHER)
    await change(shop, NEW)
    assert await entering(shop.again(), CONFIGURED, NEW, OTHER) == [CONFIGURED]
    reset = shop.again(password="reset-secret", passwords="apply")
    assert await entering(reset, CONFIGURED, NEW, OTHER, "reset-secret") == ["reset-secret"]
    assert await add(reset, "web", THIRD, by="reset-secret") is None
    assert await entering(reset, CONFIGURED, NEW, OTHER, THIRD, "reset-secret") == [THIRD, "reset-secret"]
    assert await change(reset, OTHER, by="reset-secret") is None
    assert await entering(reset, CONFIGURED, NEW, OTHER, THIRD, "reset-secret") == [OTHER, THIRD]


async def test_wrong_passwords_count_as_guesses_and_cost_a_hash_each(shop: Shop) -> None:
    """Also those for names that nobody has, so that time does not give names away."""
    await change(shop, NEW)
    passwords = shop.dialect._accounts.passwords
    assert passwords is not None
    made = passwords.hashes._made
    for name, wrong in (("demo-se", "Wrong 1"), ("demo-no", "Wrong 2"), ("nobody", "Wrong 3")):
        before = len(made)
        reply, call = await shop.send("peekInvoiceSequence", login=basic(name, wrong))
        assert (reply.status, call.guessed, call.outcome) == (401, name, "unauthorized")
        assert len(made) == before + 1
    before = len(made)
    assert await entering(shop, NEW) == [NEW]
    assert len(made) == before


async def test_without_the_store_nobody_is_wrong(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that cannot answer is trouble of the service, not a wrong password."""

    async def fails(*_: object) -> None:
        raise StoreUnavailableError("gone")

    monkeypatch.setattr(shop.bench.store, "read", fails)
    reply, call = await shop.send("peekInvoiceSequence", login=basic("demo-se", CONFIGURED))
    assert (reply.status, call.guessed) == (500, None)
    assert b"INTERNAL_ERROR" in cast("bytes", reply.body)


async def test_only_hashes_are_kept(shop: Shop) -> None:
    await add(shop, "web", OTHER, description="Kassan")
    await change(shop, NEW)
    (record,) = (one for one in shop.bench.store.state.records.values() if one.kind == PASSWORDS.name)
    assert b"Kassan" in record.body
    for secret in (NEW, OTHER, CONFIGURED):
        assert secret not in record.body.decode()
    assert record.version == 2


async def test_heads_are_checked_with_the_same_passwords(shop: Shop) -> None:
    """A large message of somebody with the old password is not read."""
    await change(shop, NEW)
    for password, expected in ((NEW, None), (CONFIGURED, 401)):
        _, call = await shop.send("peekInvoiceSequence", login=basic("demo-se", password))
        reply = await shop.dialect.check_head(call)
        assert (None if reply is None else reply.status) == expected
