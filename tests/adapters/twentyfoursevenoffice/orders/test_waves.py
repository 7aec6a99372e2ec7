"""Which items of a request are worked on together."""

from __future__ import annotations

import pytest

from adapters.twentyfoursevenoffice.mapping.waves import AT_ONCE, waves


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
    assert [list(wave) for wave in waves(keys)] == expected


@pytest.mark.parametrize(
    ("count", "sizes"),
    [(AT_ONCE, [AT_ONCE]), (AT_ONCE + 1, [AT_ONCE, 1]), (2 * AT_ONCE, [AT_ONCE, AT_ONCE])],
)
def test_a_wave_is_bounded(count: int, sizes: list[int]) -> None:
    assert [len(wave) for wave in waves([None] * count)] == sizes
