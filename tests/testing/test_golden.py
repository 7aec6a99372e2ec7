"""How golden cases are read: what their defaults add, and that a broken case does not break others."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.core.values import INVOICE, MAX_NUMBER, CounterKey, TenantId
from gateway.testing.golden import (
    BrokenCase,
    CaseError,
    GoldenCase,
    Sent,
    learned,
    load_case,
    load_cases,
    read_cases,
    titles,
    usable,
)
from gateway.testing.line_state import MOST_ISSUED, arrange
from gateway.testing.memory_store import HandClock, MemoryState, MemoryStore

TITLE = 'title = "t"\nsource = "R-01"\nverified = "inferred"\n'
REQUEST = '[request]\nmethod = "GET"\npath = "/a"\n'
EXPECT = "[expect]\nstatus = 200\n"
WHOLE = TITLE + REQUEST + EXPECT
DEFAULTS = """
[[defaults]]

[defaults.request]
method = "POST"
path = "/common"
bearer = "user"

[defaults.request.headers]
Authorization = "Basic eA=="
Content-Type = "text/xml"

[defaults.expect]
status = 200
compare = "bytes"

[defaults.expect.headers]
Content-Type = "text/xml"

[[defaults]]
cases = ["getNumber/*"]

[defaults.request]
path = "/number"
bearer = false

[defaults.request.headers]
SOAPAction = "get"

[steps.draft]
method = "POST"
path = "/drafts"
body = "bodies/draft.xml"
status = 201
"""


def write(root: Path, name: str, text: str = TITLE, **files: str) -> Path:
    """Write a case into a folder of cases.

    files: more files beside it, by their names without `.xml`.
    """
    folder = root / name
    folder.mkdir(parents=True)
    (folder / "case.toml").write_text(text, encoding="utf-8")
    for stem, content in files.items():
        (folder / f"{stem}.xml").write_text(content, encoding="utf-8")
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder of cases with defaults, and no case yet."""
    (tmp_path / "profile.toml").write_text(DEFAULTS, encoding="utf-8")
    (tmp_path / "bodies").mkdir()
    (tmp_path / "bodies" / "draft.xml").write_text("<draft/>", encoding="utf-8")
    return tmp_path


# --- defaults -----------------------------------------------------------------------------------------------------


def test_without_defaults_a_case_is_what_its_file_says(tmp_path: Path) -> None:
    case = load_case(write(tmp_path, "op/one", WHOLE))
    assert (case.method, case.path, case.headers, case.bearer) == ("GET", "/a", {}, "")
    assert (case.status, case.compare, case.expected_headers) == (200, "none", {})


def test_a_case_that_says_nothing_gets_the_defaults_that_meet_it(root: Path) -> None:
    write(root, "other/one")
    write(root, "getNumber/one")
    number, other = load_cases(root)
    assert (other.method, other.path, other.bearer, other.status, other.compare) == (
        "POST",
        "/common",
        "user",
        200,
        "bytes",
    )
    assert list(other.headers.items()) == [("Authorization", "Basic eA=="), ("Content-Type", "text/xml")]
    assert (number.method, number.path, number.bearer) == ("POST", "/number", "")
    assert list(number.headers) == ["Authorization", "Content-Type", "SOAPAction"]
    assert number.expected_headers == other.expected_headers == {"Content-Type": "text/xml"}


def test_one_case_alone_is_read_as_among_all(root: Path) -> None:
    folder = write(root, "getNumber/one")
    assert [load_case(folder)] == load_cases(root)


def test_a_case_gives_single_values_otherwise(root: Path) -> None:
    text = (
        TITLE + '[request]\nmethod = "PUT"\nbearer = false\n[expect]\nstatus = 500\n[expect.headers]\nAllow = "GET"\n'
    )
    case = load_case(write(root, "other/one", text))
    assert (case.method, case.path, case.bearer, case.status, case.compare) == ("PUT", "/common", "", 500, "bytes")
    assert case.expected_headers == {"Content-Type": "text/xml", "Allow": "GET"}


def test_a_default_header_can_be_absent_or_otherwise_in_any_letter_case(root: Path) -> None:
    text = TITLE + '[request.headers]\nAuthorization = false\ncontent-TYPE = "a; b=\\"c\\""\n'
    case = load_case(write(root, "other/one", text))
    assert list(case.headers.items()) == [("content-TYPE", 'a; b="c"')]


def test_what_no_default_gives_cannot_be_left_out(root: Path) -> None:
    folder = write(root, "other/one", TITLE + "[request.headers]\nContent-Typ = false\n")
    with pytest.raises(CaseError, match=r"leaves out request\.headers\.Content-Typ, which no default gives"):
        load_case(folder)


def test_a_case_can_have_no_headers_at_all(root: Path) -> None:
    case = load_case(write(root, "other/one", TITLE + "[request]\nheaders = false\n[expect]\nheaders = false\n"))
    assert (case.headers, case.expected_headers) == ({}, {})


def test_a_case_that_names_all_its_headers_decides_their_order(root: Path) -> None:
    text = TITLE + '[request.headers]\nAccept = "*/*"\nContent-Type = "text/xml"\nAuthorization = "Basic eA=="\n'
    case = load_case(write(root, "other/one", text))
    assert list(case.headers) == ["Accept", "Content-Type", "Authorization"]


def test_steps_are_sent_before_in_the_order_in_which_a_case_names_them(root: Path) -> None:
    text = 'before = ["draft", { method = "PUT", path = "/x", headers = { A = "b" } }, "draft"]\n' + TITLE
    draft = Sent(b"<draft/>", "POST", "/drafts", 201, None)
    assert load_case(write(root, "other/one", text)).before == (draft, Sent(None, "PUT", "/x", 200, {"A": "b"}), draft)


def test_what_an_answer_shows_is_put_into_all_that_follows(root: Path) -> None:
    step = '{ method = "GET", path = "/x", find = "<id>(?P<id>[0-9]+)</id>" }'
    later = '{ method = "GET", path = "/x/{{found.id}}" }'
    text = f"before = [{step}, {later}]\n" + TITLE + '[request]\npath = "/x/{{found.id}}/{{found.other}}"\n'
    folder = write(root, "other/one", text)
    (folder / "request.xml").write_text("<a>{{found.id}}</a>")
    case = load_case(folder)
    known = learned(case, 0, b"<a><id>7</id></a>")
    assert (known.path, known.body, known.before[1].path) == ("/x/7/{{found.other}}", b"<a>7</a>", "/x/7")
    assert learned(known, 1, b"anything") == known
    for answer in (b"<id>none</id>", b"", None):
        with pytest.raises(CaseError, match="does not show"):
            learned(case, 0, answer)
    bad = write(root, "other/two", 'before = [{ method = "GET", path = "/x", find = "(" }]\n' + TITLE)
    with pytest.raises(CaseError, match="find: missing"):
        load_case(bad)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[defaults.request]\nmethod = 'GET'\n", "needs a list as 'defaults'"),
        ("[[defaults]]\ncase = ['*']\n", r"unknown keys \['case'\] in \[\[defaults\]\]"),
        ("[[defaults]]\nrequest = { methd = 'GET' }\n", r"unknown keys \['methd'\] in \[request\]"),
        ("[[defaults]]\nrequest = { headers = { A = 1 } }\n", r"needs a text as header 'A' in \[request\]"),
        ("[[defaults]]\nexpect = { state = { main = 1 } }\n", r"unknown keys \['state'\] in \[defaults.expect\]"),
        ("[steps.a]\nmethod = 'GET'\n", r"lacks the key 'path'"),
        ("defaults = [1]\n", r"needs a table as \[\[defaults\]\], found 1"),
        ("[[defaults]]\ncases = '*'\n", r"needs a list of texts as 'cases' in \[\[defaults\]\]"),
        ("[steps]\na = 1\n", r"needs a table as \[steps\.a\], found 1"),
    ],
)
def test_defaults_that_cannot_be_used_are_said_to_be_the_profiles(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "profile.toml").write_text(text, encoding="utf-8")
    write(tmp_path, "op/one", WHOLE)
    with pytest.raises(CaseError, match=r"profile\.toml: .*" + said):
        read_cases(tmp_path)


# --- broken cases -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TITLE + REQUEST, "case.toml lacks the table [expect]"),
        (TITLE + EXPECT, "case.toml lacks the table [request]"),
        (WHOLE.replace('title = "t"\n', ""), "case.toml lacks the key 'title'"),
        (WHOLE.replace('path = "/a"\n', ""), "case.toml lacks the key 'path' in [request]"),
        (WHOLE.replace("status = 200\n", ""), "case.toml lacks the key 'status' in [expect]"),
        (WHOLE.replace("title", "titel"), "case.toml has unknown keys ['titel']"),
        (WHOLE.replace("path", "pfad"), "case.toml has unknown keys ['pfad'] in [request]"),
        (WHOLE + "[[before]]\nmethod = 'GET'\n", "case.toml lacks the key 'path' in [[before]]"),
        ('before = ["draft"]\n' + WHOLE, "case.toml names the step 'draft', and profile.toml does not have it"),
        (
            WHOLE + "[[before]]\nmethod = 'GET'\npath = '/'\nbody = 'no.xml'\n",
            "case.toml or a file that it names cannot be read",
        ),
        (WHOLE.replace("inferred", "guessed"), "as 'verified', found 'guessed'"),
        (WHOLE + 'compare = "xmll"\n', "case.toml needs one of bytes, json, xml, none as 'compare', found 'xmll'"),
        (WHOLE + 'compare = "xml"\n', "case.toml compares as XML, but has no response file"),
        (WHOLE.replace("200", "'200'"), "case.toml needs a whole number as 'status' in [expect], found '200'"),
        (WHOLE.replace("200", "true"), "case.toml needs a whole number as 'status' in [expect], found True"),
        (WHOLE + "[request.headers]\nAge = 1\n", "case.toml needs a text as header 'Age' in [request], found 1"),
        (WHOLE.replace("[expect]", "bearer = false\n[expect]"), "needs a text as 'bearer' in [request], found False"),
        (WHOLE + "absent_headers = [1]\n", "needs a list of texts as 'absent_headers' in [expect], found [1]"),
        ("before = [1]\n" + WHOLE, "case.toml needs a table as [[before]], found 1"),
        ("request = 1\n" + TITLE + EXPECT, "case.toml needs a table as 'request', found 1"),
        ("[[", "case.toml is not TOML"),
    ],
)
def test_a_broken_case_names_its_folder_its_file_and_what_it_lacks(tmp_path: Path, text: str, said: str) -> None:
    folder = write(tmp_path, "op/bad", text)
    with pytest.raises(CaseError) as raised:
        load_case(folder)
    assert str(raised.value).startswith(f"{folder}: case.toml ")
    assert said in str(raised.value)


def test_an_expected_body_that_is_not_what_it_is_compared_as(tmp_path: Path) -> None:
    folder = write(tmp_path, "op/bad", WHOLE + 'compare = "xml"\n', response="<a>")
    with pytest.raises(CaseError, match="compares as XML, but the response file is not XML"):
        load_case(folder)


def test_a_broken_case_is_alone_and_stands_in_its_place(root: Path) -> None:
    for name in ("b/one", "a/two", "a/one", "c/one"):
        write(root, name, "title = 1\n" if name == "a/two" else TITLE)
    cases = read_cases(root)
    assert titles(cases) == ["a/one", "a/two", "b/one", "c/one"]
    assert [type(case) for case in cases] == [GoldenCase, BrokenCase, GoldenCase, GoldenCase]
    assert titles(usable(cases)) == ["a/one", "b/one", "c/one"]
    with pytest.raises(CaseError, match=r"a/two: case\.toml lacks the key 'source'"):
        load_cases(root)


# --- [given] ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("main = -1", "[given] main: invoice must be a whole number from 0 to"),
        (f"main = {MAX_NUMBER + 1}", f'to {MAX_NUMBER} or "unset", found {MAX_NUMBER + 1}'),
        ("main = 1.5", "found 1.5"),
        ("main = true", "found True"),
        ('main = "5"', "found '5'"),
        ("main = [1]", r"found [1]"),
        ('main = { credit_note = "no" }', "[given] main: credit_note must be"),
        ("main = { Invoice = 5 }", "[given] main: not a number line: 'Invoice'"),
        ("main = { series = 5 }", "not a number line: 'series'"),
        ("main = { issued = -1 }", f"issued must be a whole number from 0 to {MOST_ISSUED}, found -1"),
        (f"main = {{ issued = {MOST_ISSUED + 1} }}", f"found {MOST_ISSUED + 1}"),
        ('main = { issued = "unset" }', "found 'unset'"),
        ("main = { held = 5 }", "held must be a list of numbers, found 5"),
        ("main = { held = [-1] }", "held must be a whole number"),
        ("main = { bounds = [1] }", "bounds must be a list of two numbers, found [1]"),
        ("main = { prefix = 5 }", "prefix must be a text, found 5"),
        ("main = { default = true }", "found True"),
    ],
)
def test_a_given_state_that_cannot_be_is_the_cases_fault(tmp_path: Path, given: str, said: str) -> None:
    folder = write(tmp_path, "op/bad", f"{WHOLE}[given]\n{given}\n")
    with pytest.raises(CaseError) as raised:
        load_case(folder)
    assert str(raised.value).startswith(f"{folder}: case.toml [given] main: ")
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("main = -1", "[expect.state] main: invoice must be a whole number"),
        (f"main = {MAX_NUMBER + 2}", f"to {MAX_NUMBER + 1}"),
        ("main = { default = 1 }", "default must be true or false"),
        ("main = { issued = true }", "issued must be a whole number"),
    ],
)
def test_an_expected_state_that_cannot_be_is_the_cases_fault(tmp_path: Path, state: str, said: str) -> None:
    with pytest.raises(CaseError, match=r"case\.toml ") as raised:
        load_case(write(tmp_path, "op/bad", f"{WHOLE}[expect.state]\n{state}\n"))
    assert said in str(raised.value)


def test_the_bounds_of_a_given_state_are_within_them(tmp_path: Path) -> None:
    given = f'main = {{ invoice = {MAX_NUMBER}, receipt = 0, credit_note = "unset", issued = 0, prefix = "" }}'
    state = f"main = {{ invoice = {MAX_NUMBER + 1}, default = false }}"
    case = load_case(write(tmp_path, "op/one", f"{WHOLE}[given]\n{given}\n[expect.state]\n{state}\n"))
    assert case.given["main"]["invoice"] == MAX_NUMBER


async def test_held_numbers_and_bounds_are_brought_about() -> None:
    store = MemoryStore(MemoryState(HandClock()))
    tenant = TenantId("demo")
    series = store.provision(tenant, ["main"])["main"]
    await arrange(store, tenant, {"main": {"bounds": [5, 9], "held": [7, 9], "invoice": 6}})
    counter = store.state.counter(CounterKey(series, INVOICE))
    assert (counter.next_number, counter.bounds, counter.issued) == (6, (5, 9), 2)
    assert [issued.number for issued in store.state.issued] == [7, 9]


async def test_what_the_rules_refuse_to_bring_about_is_the_cases_fault() -> None:
    store = MemoryStore(MemoryState(HandClock()))
    tenant = TenantId("demo")
    store.provision(tenant, ["main", "shop"])
    with pytest.raises(CaseError, match=r"\[given\] shop cannot be brought about: NameTaken"):
        await arrange(store, tenant, {"shop": {"name": "main"}})
