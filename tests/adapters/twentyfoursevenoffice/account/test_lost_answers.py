"""A store that fails, or whose answer is lost: nothing is done twice, and the client hears what became of its call."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.core.commands import Command
from gateway.core.together import Together
from gateway.spi.adapter import StoreUnavailableError
from gateway.testing.memory_store import MemoryStore
from tests.adapters.twentyfoursevenoffice.account.office import Office, opened, voucher

LOST, DOWN = None, False


class Troubled(MemoryStore):
    """Fails commands, one for each item of `trouble`: what the error says of the command, and whether it took effect."""

    def __init__(self) -> None:
        super().__init__()
        self.trouble: list[tuple[bool | None, bool]] = []

    async def execute(self, command: Command[Any]) -> Any:
        if not isinstance(command, Together) or not self.trouble:
            return await super().execute(command)
        committed, takes_effect = self.trouble.pop(0)
        if takes_effect:
            await super().execute(command)
        raise StoreUnavailableError("gone", committed=committed)


async def troubled(*trouble: tuple[bool | None, bool], **settings: Any) -> tuple[Office, Troubled]:
    store = Troubled()
    office = await opened(store, **settings)
    store.trouble = list(trouble)
    return office, store


@pytest.mark.parametrize("takes_effect", [True, False])
async def test_a_lost_answer_reserves_no_second_number(takes_effect: bool) -> None:
    office, _ = await troubled((LOST, takes_effect))
    assert [await office.number(), await office.number()] == [1, 2]


async def test_no_number_while_the_store_is_down() -> None:
    office, _ = await troubled((DOWN, False))
    answer = await office.entry()
    assert (answer.status, "database is not available" in answer.text) == (500, True)
    assert await office.number() == 1


@pytest.mark.parametrize("takes_effect", [True, False])
@pytest.mark.parametrize("numbers", [(1, 2), (0, 0), (5, 0)])
async def test_a_lost_answer_books_nothing_twice(takes_effect: bool, numbers: tuple[int, ...]) -> None:
    office, _ = await troubled((LOST, takes_effect), zero_transaction_no="assign")
    answer = await office.save(*map(voucher, numbers))
    assert answer.outcome == "Ok"
    kept = [each.number for each in await office.vouchers()]
    assert kept == ([5, 6] if numbers == (5, 0) else [1, 2])
    assert answer.call.number == max(kept)


@pytest.mark.parametrize(("takes_effect", "then"), [(True, "DataAlreadySaved"), (False, "Ok")])
async def test_two_lost_answers_and_the_client_asks_again(takes_effect: bool, then: str) -> None:
    office, _ = await troubled((LOST, takes_effect), (LOST, False))
    answer = await office.save(voucher(1))
    assert (answer.outcome, answer.call.outcome) == ("SystemError", "store_down")
    assert (await office.save(voucher(1))).outcome == then
    assert [each.number for each in await office.vouchers()] == [1]


async def test_a_store_that_is_down_is_a_system_error() -> None:
    office, _ = await troubled((DOWN, False))
    assert (await office.save(voucher(1))).outcome == "SystemError"
    assert (await office.save(voucher(1))).outcome == "Ok"
