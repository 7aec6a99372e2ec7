"""The reader of people's YAML: words mean themselves, and no text crashes it or makes it use much."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.yaml_file import Bare, ConfigError, parse_document, read_document
from gateway.spi.foreign_text import MAX_DEPTH, MAX_TEXT_BYTES


@pytest.fixture(params=["the library in C", "the library in Python"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both parsers of the YAML library: which of them is installed depends on the platform."""
    if request.param == "the library in Python":
        monkeypatch.delattr(yaml, "CSafeLoader")


def value_of(text: str) -> Any:
    return parse_document("x", f"a: {text}\n").values["a"]


@pytest.mark.parametrize("word", ["NO", "no", "No", "yes", "Y", "y", "on", "off", "ON", "n", "N"])
def test_a_word_is_the_word(word: str) -> None:
    assert value_of(word) == word


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7070", 7070),
        ("-3", -3),
        ("0.5", 0.5),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("'0150'", "0150"),
        ("'true'", "true"),
        ("!!str 5", "5"),
    ],
)
def test_what_is_no_text(text: str, value: object) -> None:
    found = value_of(text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    "text",
    ["0150", "0x1F", "1e5", "1_000", "12:30:00", "2024-02-29", "2024-02-29T12:00:00Z", ".inf", "0o17", "1e999", "no"],
)
def test_what_readers_understand_differently_is_the_text_as_written(text: str) -> None:
    found = value_of(text)
    assert (found, type(found)) == (text, Bare)


HOSTILE = {
    "a NUL": ("a: \0", 1, "the control character U+0000"),
    "an escape": ("a: 1\nb: \x1b[31m", 2, "the control character U+001B"),
    "100,000 brackets": ("a: " + "[" * 100_000, 1, "nest"),
    "100,000 braces": ("{a: " * 100_000, 1, "nest"),
    "100,000 dashes": ("- " * 100_000, 1, "nest"),
    "100,000 closed brackets": ("a: " + "[" * 100_000 + "]" * 100_000, 1, "nest"),
    "JSON brackets": ('{"a": ' + "[" * 100_000, 1, "nest"),
    "a cycle": ("a: &a [*a]", 1, "a.0: found the alias *a"),
    "a hundred laughs": ("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]", 2, "b.0: found the alias *a"),
    "an unknown alias": ("a: *b", 1, "alias"),
    "a merge key": ("a:\n  <<: {b: 1}", 2, "merge keys are not read"),
    "a tag": ("a: !!python/object/apply:os.system ['true']", 1, "a tag (!) is not read"),
    "a binary": ("a: !!binary aGk=", 1, "a tag (!) is not read"),
    "an escape in a key": ('"\\u001b[31m": 1', 1, "\\x1b[31m: a key holds a control character"),
    "a list as a key": ("? [a]\n: 1", 1, "a key must be plain text"),
    "an empty key": ("'': 1", 1, "a key is empty"),
    "a key twice": ("a: 1\nb: 2\na: 3", 3, "a: is given twice (first on line 1)"),
    "a tab": ("a:\n\tb: 1", 2, "(a tab; YAML is indented with spaces)"),
    "a lone surrogate": ('a: "\\ud800"', 1, ""),
    "two documents": ("a: 1\n---\nb: 2", 2, "holds more than one document"),
    "another version": ("%YAML 9.9\n---\na: 1", 1, "is not YAML"),
    "a list": ("- 1", 1, "must be a mapping of keys, found a list"),
    "a value": ("5", 1, "must be a mapping of keys, found a single value"),
    "no end": ("a: [1", 0, "is not YAML"),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.usefixtures("parser")
def test_a_hostile_text_is_a_problem_with_its_line(name: str) -> None:
    text, line, expected = HOSTILE[name]
    with pytest.raises(ConfigError) as caught:
        parse_document("x", text)
    problem = caught.value.problems[0]
    assert expected in str(problem)
    assert line in (0, problem.line)
    assert str(problem).isprintable()


def test_every_problem_of_the_file_itself_is_found_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_document("x", "a: *x\nb: 1\nb: 2\n<<: {c: 1}\nd: !!set {}\n")
    assert [problem.line for problem in caught.value.problems] == [1, 3, 4, 5]


@pytest.mark.usefixtures("parser")
def test_a_number_as_a_key_is_a_key() -> None:
    assert parse_document("x", "1: 2\n404: a\n").values == {"1": 2, "404": "a"}


def test_huge_numbers_are_text() -> None:
    assert value_of("9" * 6000) == "9" * 6000


def test_depth_and_size_have_bounds(tmp_path: Path) -> None:
    deep = "{a: " * (MAX_DEPTH - 1) + "1" + "}" * (MAX_DEPTH - 1)
    assert parse_document("x", f"a: {deep}").values
    with pytest.raises(ConfigError, match="nested deeper"):
        parse_document("x", f"a: [[{deep}]]")
    (tmp_path / "large.yaml").write_bytes(b"#" * (MAX_TEXT_BYTES + 1))
    with pytest.raises(ConfigError, match="is larger than"):
        read_document(tmp_path / "large.yaml")


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfa: 1\nb: x\n",
        b"a: 1\r\nb: x\r\n",
        b"\xef\xbb\xbfa: 1\r\nb: x\r\n",
        b'\xef\xbb\xbf{"a": 1,\r\n\t"b": "x"}',
    ],
)
def test_a_byte_order_mark_and_the_line_ends_of_windows_do_not_matter(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.yaml").write_bytes(data)
    document = read_document(tmp_path / "x.yaml")
    assert document.values == {"a": 1, "b": "x"}
    assert document.line_of(("b",)) == 2


@pytest.mark.parametrize(
    ("data", "expected"),
    [("a: å".encode("latin-1"), "is not UTF-8 text"), ("a: 1".encode("utf-16"), "is UTF-16 text; save it as UTF-8")],
)
def test_another_encoding_is_named(tmp_path: Path, data: bytes, expected: str) -> None:
    (tmp_path / "x.yaml").write_bytes(data)
    with pytest.raises(ConfigError, match=expected):
        read_document(tmp_path / "x.yaml")


@pytest.mark.parametrize("path", ["no-such-file", ".", "a\0b", "x" * 5000])
def test_what_is_no_file(tmp_path: Path, path: str) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_document(tmp_path / path)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.text(st.characters(exclude_categories=["Cs", "Cc"])),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.from_regex("[a-z]{1,5}", fullmatch=True), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.from_regex("[a-z]{1,5}", fullmatch=True), json_values, max_size=3), st.booleans())
def test_json_is_read_as_json(values: dict[str, Any], ascii_only: bool) -> None:
    assert parse_document("x", json.dumps(values, ensure_ascii=ascii_only)).values == values


@given(st.text(max_size=60))
def test_no_text_crashes_it(text: str) -> None:
    with contextlib.suppress(ConfigError):
        parse_document("x", text)
