"""Texts that look like a pattern of SQL: held against the plain meaning of the two signs."""

from __future__ import annotations

import time
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.records import MAX_PATTERN, MAX_TEXT, Condition
from tests.core.record_cases import PERSON, person


def plainly(pattern: str, text: str) -> bool:
    """What LIKE means, sign by sign."""

    @cache
    def rest(sign: int, place: int) -> bool:
        if sign == len(pattern):
            return place == len(text)
        if pattern[sign] == "%":
            return any(rest(sign + 1, later) for later in range(place, len(text) + 1))
        return place < len(text) and pattern[sign] in ("_", text[place]) and rest(sign + 1, place + 1)

    return rest(0, 0)


@given(pattern=st.text("ab%_.\n~\\", max_size=8), text=st.text("ab.\n~\\", max_size=8))
def test_a_pattern_means_what_it_means_in_sql(pattern: str, text: str) -> None:
    assert PERSON.is_like("name", pattern).meets(person("a", name=text).values) is plainly(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text", "meets"),
    [
        ("ÅSE%", "åse berg", True),
        ("%BERG", "Åse Berg", True),
        ("%strasse%", "Große Straße 1", True),
        ("%", "", True),
        ("", "x", False),
        ("_", "\U0001f600", True),
        ("x" * MAX_TEXT + "%", "x" * 500, True),
        ("x" * (MAX_TEXT + 1) + "%", "x" * 500, False),
        ("%x_", "x" * 500, True),
        ("a\ud800%", "a\ud800b", True),
    ],
)
def test_letter_case_and_length_are_those_of_the_index(pattern: str, text: str, meets: bool) -> None:
    assert PERSON.is_like("name", pattern).meets(person("a", name=text).values) is meets


def test_a_record_without_a_value_looks_like_nothing() -> None:
    assert not PERSON.is_like("name", "%").meets(person("a").values)


def test_a_pattern_says_where_the_index_begins() -> None:
    assert PERSON.is_like("name", "Anne") == PERSON.is_one_of("name", "anne")
    assert PERSON.is_like("name", "An%") == PERSON.is_like("name", "An%%") == PERSON.begins_with("name", "An")
    assert PERSON.is_like("name", "%") == Condition("name")
    narrow = PERSON.is_like("name", "An_e%")
    assert (narrow.low, narrow.like) == ("an", "an_e%")


@pytest.mark.parametrize("field", ["mail", "tag", "age", "nothing"])
def test_only_folded_texts_have_patterns(field: str) -> None:
    with pytest.raises(ValueError):
        PERSON.is_like(field, "%")


def test_a_pattern_has_an_end() -> None:
    PERSON.is_like("name", "%" * MAX_PATTERN)
    with pytest.raises(ValueError):
        PERSON.is_like("name", "%" * (MAX_PATTERN + 1))


def test_many_signs_take_no_longer_than_few() -> None:
    """Going back and forth between the signs would take years."""
    condition = PERSON.is_like("name", "%a" * 60 + "b")
    values = person("a", name="a" * MAX_TEXT).values
    before = time.process_time()
    assert not condition.meets(values)
    assert time.process_time() - before < 5
