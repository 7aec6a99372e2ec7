"""How golden cases and profiles are read, and that an error in a file names its place."""

from __future__ import annotations

import random
import re
import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from gateway.core.refusals import Refusal
from gateway.spi.registry import installed_adapters
from gateway.testing.case_defaults import load_defaults
from gateway.testing.golden import CaseError, GoldenCase, earlier, load_case, with_tokens
from gateway.testing.harness import Kit
from gateway.testing.profile import WireRequest, fill, load_profile
from gateway.testing.refusal_samples import one_of_each
from gateway.testing.request_mutations import spoilt
from tests.conftest import EXAMPLE

CASES = Path(__file__).parent.parent / "adapters"
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
MINIMAL = (
    'title = "t"\nsource = "R-01"\nverified = "inferred"\n'
    '[request]\nmethod = "GET"\npath = "/a"\n[expect]\nstatus = 200\n'
)


def write(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True, parents=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_tokens_stand_anywhere_in_a_request(tmp_path: Path) -> None:
    text = MINIMAL.replace('"/a"', '"/a?s={{token.one}}"').replace(
        "[expect]", '[request.headers]\nCookie = "x={{token.two}}"\n[expect]'
    )
    folder = write(tmp_path / "case", "case.toml", text)
    write(folder, "request.xml", "<a>{{token.one}}</a>")
    case = load_case(folder)
    assert case.tokens == {"one", "two"}
    ready = with_tokens(case, {"one": "1", "two": "2"}, bearer="3")
    assert (ready.path, ready.headers, ready.body) == (
        "/a?s=1",
        {"Cookie": "x=2", "Authorization": "Bearer 3"},
        b"<a>1</a>",
    )
    with pytest.raises(KeyError):
        with_tokens(case, {"one": "1"})


def test_what_is_sent_before_has_no_action(tmp_path: Path) -> None:
    folder = write(
        tmp_path / "case",
        "case.toml",
        MINIMAL.replace("[expect]", '[request.headers]\nSOAPAction = "a"\nA = "b"\n[expect]'),
    )
    write(folder, "before-2.xml", "two")
    write(folder, "before-1.xml", "one")
    steps = earlier(load_case(folder))
    assert [(step.body, step.headers, step.status) for step in steps] == [
        (b"one", {"A": "b"}, 200),
        (b"two", {"A": "b"}, 200),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[line]\nseries = "main"\n', "has no"),
        ('[tokens.a]\nmethod = "GET"\npath = "/"\nfnid = "x"\n', "fnid"),
        ('[tokens.a]\nmethod = "GET"\npath = "/"\nfind = "("\n', r"profile\.toml"),
        ("[[", r"profile\.toml"),
    ],
)
def test_a_wrong_profile_says_so(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(CaseError, match=said):
        load_profile(write(tmp_path, "profile.toml", text))


def test_without_a_profile_there_is_an_empty_one(tmp_path: Path) -> None:
    assert load_profile(tmp_path).tenants == ()


def test_what_a_request_finds() -> None:
    facts: dict[str, Any] = {"method": "GET", "path": "/", "absent": "0"}
    found = load_profile_request({**facts, "find": "<n>(?P<value>\\d+)</n>(?P<name>.*)"})
    assert found.found_in(200, b"<n>5</n>abc") == {"value": "5", "name": "abc"}
    assert found.found_in(200, b"<n>0</n>abc") == {"name": "abc"}
    assert found.found_in(500, b"<n>5</n>abc") == {}
    assert found.found_in(200, b"nothing") == {}
    assert fill("{{a}} {{b}}", {"a": "1"}) == "1 {{b}}"


def load_profile_request(table: dict[str, Any]) -> WireRequest:
    return WireRequest(**{**table, "find": re.compile(table["find"], re.DOTALL)})


def test_there_are_two_samples_of_every_refusal() -> None:
    assert [type(sample) for sample in one_of_each()] == [kind for kind in get_args(Refusal) for _ in range(2)]


def test_requests_are_spoilt_the_same_way_every_time() -> None:
    case = load_case(CASES / "resurs" / "cases" / "setInvoiceSequence" / "sample")
    first, second = (list(spoilt(case, random.Random(1))) for _ in range(2))
    assert first == second
    assert len(first) > 50
    assert all(other != case for name, other in first if name != "as it is")


def test_the_office_catalogue_of_the_cases_is_the_examples() -> None:
    own = yaml.safe_load((CASES / "twentyfoursevenoffice" / "cases" / "catalogue.yaml").read_text(encoding="utf-8"))
    assert own == yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))["tenants"][0]["catalogue"]


@pytest.mark.parametrize("dialect", sorted(installed_adapters()))
def test_every_glob_of_a_profile_meets_a_case(dialect: str) -> None:
    """A glob that matches no case is out of date."""
    from fnmatch import fnmatchcase

    kit = Kit(dialect)
    profile = kit.profile
    globs = [*profile.operations, *profile.reads, *profile.mutates, *profile.refuses, *profile.gateway_only]
    globs += [
        *profile.anywhere,
        *profile.alone,
        *profile.first_series,
        *(glob for stock in profile.stock for glob in stock.cases),
        *(profile.line.sets if profile.line else ()),
    ]
    globs += [glob for patterns in profile.clients.values() for glob in patterns]
    globs += [glob for group in load_defaults(profile.folder).groups for glob in group.get("cases", ())]
    assert [glob for glob in globs if not any(fnmatchcase(case.name, glob) for case in kit.cases)] == []


@pytest.mark.parametrize("dialect", sorted(installed_adapters()))
def test_cases_say_only_what_the_defaults_do_not(dialect: str) -> None:
    """Only headers may repeat a default: a case may name one to fix the order of all headers."""
    defaults = load_defaults(Kit(dialect).profile.folder)
    repeated, steps = [], set()
    for path in sorted(defaults.folder.rglob("case.toml")):
        facts = tomllib.loads(path.read_text(encoding="utf-8"))
        common = defaults.complete(f"{path.parent.parent.name}/{path.parent.name}", {})
        steps |= {step for step in facts.get("before", ()) if isinstance(step, str)}
        repeated += [
            f"{path.parent}: {table}.{key}"
            for table in ("request", "expect")
            for key, value in facts.get(table, {}).items()
            if common.get(table, {}).get(key) == value
        ]
    assert repeated == []
    assert steps == set(defaults.steps)


@pytest.mark.parametrize("dialect", sorted(installed_adapters()))
def test_cases_are_named_in_one_style(dialect: str) -> None:
    """Folders of cases are lower-case words with dashes; folders of operations are spelt as the vendor spells them."""
    assert [case.name for case in Kit(dialect).found if not NAME.fullmatch(case.folder.name)] == []


@pytest.mark.parametrize("dialect", sorted(installed_adapters()))
def test_cases_run_on_the_profiles_tenants_alone(dialect: str) -> None:
    names = {tenant["id"] for tenant in Kit(dialect).profile.tenants}
    assert "demo" in names


def test_a_request_without_an_operation_is_about_its_folder() -> None:
    case: GoldenCase = load_case(CASES / "resurs" / "cases" / "setInvoiceSequence" / "sample")
    assert load_profile(CASES / "resurs" / "cases").operation_of(case) == "setInvoiceSequence"
