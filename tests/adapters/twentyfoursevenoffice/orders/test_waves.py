"""Which items of a request are saved together."""

from __future__ import annotations

import pytest

from adapters.twentyfoursevenoffice.mapping.waves import AT_ONCE, Item, waves


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ([], []),
        ([None, None, None], [[0, 1, 2]]),
        ([1, 2, None, 3], [[0, 1, 2, 3]]),
        ([1, 1], [[0], [1]]),
        ([1, None, 2, 1, 2, 3, 3], [[0, 1, 2], [3, 4, 5], [6]]),
    ],
)
def test_an_order_comes_once_in_a_wave(keys: list[int | None], expected: list[list[int]]) -> None:
    assert [list(wave) for wave in waves([Item(key) for key in keys])] == expected


MADE, KNOWN, GUESSED = Item(None, makes_up=True), Item(1), Item(2, unknown=True)


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([MADE, KNOWN, MADE, KNOWN], [[0, 1, 2], [3]]),
        ([GUESSED, MADE, MADE], [[0, 1, 2]]),
        ([MADE, GUESSED, MADE], [[0], [1, 2]]),
        ([Item(1, makes_up=True), GUESSED], [[0], [1]]),
        ([Item(1, unknown=True), GUESSED, Item(3, unknown=True)], [[0, 1, 2]]),
    ],
    ids=["known ids", "made up after", "made up before", "a rest order's id", "imported with ids"],
)
def test_an_id_that_nobody_had_may_have_been_made_up_just_now(items: list[Item], expected: list[list[int]]) -> None:
    assert [list(wave) for wave in waves(items)] == expected


@pytest.mark.parametrize(
    ("count", "sizes"),
    [(AT_ONCE, [AT_ONCE]), (AT_ONCE + 1, [AT_ONCE, 1]), (2 * AT_ONCE, [AT_ONCE, AT_ONCE])],
)
def test_a_wave_is_bounded(count: int, sizes: list[int]) -> None:
    assert [len(wave) for wave in waves([Item(None)] * count)] == sizes
