"""Values that only the vendor knows come back exactly, or are refused."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.extras import decode, encode

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
ATOMS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXTS,
    st.decimals(allow_nan=False),
    st.dates(),
    st.datetimes(timezones=st.sampled_from([None, dt.UTC, dt.timezone(dt.timedelta(hours=-3, minutes=-30))])).map(
        lambda moment: moment.replace(fold=0)
    ),
)
NAMES = TEXTS.filter(lambda text: not text.startswith("$"))
VALUES = st.recursive(ATOMS, lambda inner: st.one_of(st.lists(inner), st.dictionaries(NAMES, inner)), max_leaves=20)


def shape(value: Any) -> Any:
    """The value with every type spelled out, so that 1, True, 1.0 and 1.00 differ."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return type(value).__name__, repr(value)


@given(VALUES)
def test_read_is_the_inverse_of_write(value: Any) -> None:
    assert shape(decode(encode(value))) == shape(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1.50"), '{"$decimal":"1.50"}'),
        (dt.datetime(2024, 2, 29, 12, 0, 0, 7, dt.UTC), '{"$datetime":"2024-02-29T12:00:00.000007+00:00"}'),
        (dt.datetime.fromisoformat("2024-02-29T00:00:00"), '{"$datetime":"2024-02-29T00:00:00"}'),
        (dt.date(2024, 2, 29), '{"$date":"2024-02-29"}'),
        ({"Név": ["å", None]}, '{"Név":["å",null]}'),
    ],
)
def test_what_is_written(value: Any, text: str) -> None:
    assert encode(value) == text
    json.loads(text)


class Colour(StrEnum):
    RED = "red"


class Level(IntEnum):
    HIGH = 3


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ((1, (2,)), [1, [2]]),
        (MappingProxyType({"a": 1}), {"a": 1}),
        (Colour.RED, "red"),
        (Level.HIGH, 3),
    ],
)
def test_what_comes_back_plainer(value: Any, read: Any) -> None:
    assert decode(encode(value)) == read


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), {1: "a"}, {"$decimal": "1"}, {"a": {"$x": 1}}, b"bytes", {1, 2}, object, 1j],
    ids=repr,
)
def test_what_cannot_be_kept_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        encode({"field": value})
