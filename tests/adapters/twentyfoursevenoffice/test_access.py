"""Access: applications, passwords, tokens, identities; and configurations that contradict themselves."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from adapters.twentyfoursevenoffice.auth import legacy_hash
from adapters.twentyfoursevenoffice.settings import Binding, Settings, Token
from tests.adapters.twentyfoursevenoffice import tenants as t
from tests.adapters.twentyfoursevenoffice.dialect import make_bench, make_call

APPLICATION = UUID(t.APPLICATION)
MD5 = hashlib.md5("demo-secret".encode("utf-16-le"), usedforsecurity=False).hexdigest()

PASSWORDS = [
    ("plain", "demo-secret", True),
    ("plain", "demo-secret ", False),
    ("plain", "Demo-secret", False),
    ("plain", "", False),
    ("plain", "nobody has this password", False),
    ("plain", MD5, False),
    ("md5", MD5, True),
    ("md5", MD5.upper(), True),
    ("md5", "demo-secret", False),
    ("either", "demo-secret", True),
    ("either", MD5, True),
    ("either", "x", False),
]


@pytest.mark.parametrize(("form", "password", "good"), PASSWORDS)
def test_passwords(form: str, password: str, good: bool) -> None:
    directory = make_bench(passwords=form).directory
    assert (directory.by_password(APPLICATION, "demo@example.com", password) is not None) == good
    assert directory.by_password(APPLICATION, "nobody@example.com", password) is None


def test_the_older_form_of_a_password() -> None:
    """Lower-case hex of MD5 over UTF-16, low byte first: for "a" it is the digest of the bytes 61 00."""
    assert legacy_hash("a") == hashlib.md5(b"a\0", usedforsecurity=False).hexdigest()
    assert legacy_hash("å") == hashlib.md5(b"\xe5\0", usedforsecurity=False).hexdigest()


def test_a_credential_reaches_only_the_tenants_that_know_its_password() -> None:
    tenants = copy.deepcopy(t.TENANTS)
    tenants[1]["twentyfoursevenoffice"]["users"][0]["password"] = "another"
    directory = make_bench(tenants).directory
    for password, tenant in (("demo-secret", "demo"), ("another", "other")):
        found = directory.by_password(APPLICATION, "DEMO@EXAMPLE.COM", password)
        assert found is not None
        assert {member.tenant for member in found.members} == {tenant}


def test_an_application_reaches_only_the_tenants_that_name_it() -> None:
    tenants = copy.deepcopy(t.TENANTS)
    tenants[1]["twentyfoursevenoffice"]["applications"] = [t.DEMO]
    directory = make_bench(tenants).directory
    for application, tenant in ((t.APPLICATION, "demo"), (t.DEMO, "other")):
        assert directory.has_application(UUID(application))
        found = directory.by_password(UUID(application), "demo@example.com", "demo-secret")
        assert found is not None
        assert {member.tenant for member in found.members} == {tenant}
    assert directory.by_token(UUID(t.DEMO), UUID("00000000-0000-4000-8000-00000000240f")) is None
    assert not directory.has_application(UUID(t.OTHER))


def test_default_identities() -> None:
    tenants = copy.deepcopy(t.TENANTS)
    for identity in tenants[0]["twentyfoursevenoffice"]["users"][0]["identities"]:
        identity.pop("default", None)
    directory = make_bench(tenants).directory
    found = directory.by_password(APPLICATION, "demo@example.com", "demo-secret")
    assert found is not None
    first = found.default()
    assert first is not None
    assert str(first.id) == t.DEMO
    assert [str(member.id) for member in found.members] == [t.DEMO, t.BLOCKED, t.SECOND, t.OTHER]
    assert [str(member.id) for member in found.available()] == [t.DEMO, t.SECOND, t.OTHER]


def section(tenants: list[dict[str, Any]], at: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = tenants[at]["twentyfoursevenoffice"]
    return found


CONTRADICTIONS: list[tuple[str, Callable[[list[dict[str, Any]]], Any]]] = [
    ("identity .* is given twice", lambda tenants: section(tenants, 1)["users"][0]["identities"][0].update(id=t.DEMO)),
    ("no series 'nothing'", lambda tenants: section(tenants)["clients"][0].update(series="nothing")),
    (
        "a token is given twice",
        lambda tenants: section(tenants, 1)["users"][0].update(tokens=[{"id": "00000000-0000-4000-8000-00000000240F"}]),
    ),
]


@pytest.mark.parametrize(("text", "change"), CONTRADICTIONS)
def test_contradictions_are_refused_at_start(text: str, change: Callable[[list[dict[str, Any]]], Any]) -> None:
    tenants = copy.deepcopy(t.TENANTS)
    change(tenants)
    with pytest.raises(ValueError, match=text):
        make_bench(tenants)


BAD_BINDINGS: list[Callable[[dict[str, Any]], Any]] = [
    lambda binding: binding.update(applications=[]),
    lambda binding: binding.update(applications=["24"]),
    lambda binding: binding.update(users=[]),
    lambda binding: binding.update(clients=[]),
    lambda binding: binding["users"][0].pop("password"),
    lambda binding: binding["users"][0].update(username=""),
    lambda binding: binding["users"][0].update(identities=[]),
    lambda binding: binding["users"][0].update(passwort="x"),
    lambda binding: binding["users"][0]["identities"][0].update(client=99),
    lambda binding: binding["users"][0]["identities"][0].update(id="00000000-0000-0000-0000-000000000000"),
    lambda binding: binding["users"][0].update(tokens=[{"id": "x"}]),
    lambda binding: binding["users"][0].update(tokens=[{"id": "00000000-0000-0000-0000-000000000000"}]),
    lambda binding: binding["clients"].append(binding["clients"][0]),
    lambda binding: binding["clients"][0].update(id=-1),
]


@pytest.mark.parametrize("change", BAD_BINDINGS)
def test_bad_sections_are_refused(change: Callable[[dict[str, Any]], Any]) -> None:
    binding = copy.deepcopy(section(t.TENANTS))
    Binding.model_validate(binding)
    change(binding)
    with pytest.raises(ValidationError):
        Binding.model_validate(binding)


BAD_SETTINGS: list[dict[str, Any]] = [
    {"session_lifetime_seconds": 5},
    {"passwords": "sha1"},
    {"hourly_limit": -1},
    {"hourly_limit_answer": "maybe"},
    {"fault_texts": {"no_session": ""}},
    {"fault_texts": {"nothing": "x"}},
    {"errors": {"not_found": {"typ": "x"}}},
    {"errors": {"nothing": {"message": "x"}}},
    {"sessions": 1},
]


_YEAR: dict[str, Any] = {"start": "2024-01-01", "end": "2025-01-01"}
_TYPE: dict[str, Any] = {"id": 1, "number": 1, "title": "Bank", "series": 1}
BAD_LISTS: list[tuple[dict[str, Any], str]] = [
    ({"fiscal_years": [{"start": "2024-01-01", "end": "2024-01-01"}]}, "it must end after it starts"),
    ({"fiscal_years": [_YEAR, {"start": "2024-06-01", "end": "2025-06-01", "year": 2025}]}, "2024 and 2025 overlap"),
    ({"fiscal_years": [_YEAR, {"start": "2025-01-01", "end": "2026-01-01", "year": 2024}]}, "two have the year 2024"),
    ({"entry_series": [_TYPE, {**_TYPE, "number": 2}]}, "two have the id 1"),
    ({"user_dimensions": [{"type_id": 100, "name": name} for name in ("Vessel", "Crew")]}, "two have the type_id 100"),
    ({"company_default_properties": ["Id", "Nam"]}, "unknown Nam; there are APIException, Id, "),
    ({"product_default_properties": ["Id", "number"]}, "unknown number; there are "),
]


@pytest.mark.parametrize(("values", "problem"), BAD_LISTS)
def test_lists_that_contradict_themselves_are_refused(values: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        Settings.model_validate(values)


@pytest.mark.parametrize("values", BAD_SETTINGS)
def test_bad_settings_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises((ValidationError, ValueError)):
        make_bench(**values).dialect


def test_secrets_are_not_shown() -> None:
    bench = make_bench()
    found = bench.directory.by_password(APPLICATION, "demo@example.com", "demo-secret")
    assert "demo-secret" not in repr(found)
    assert "240f" not in repr(bench.context)
    assert "240f" not in repr(Token.model_validate({"id": "00000000-0000-4000-8000-00000000240f"}))


async def test_an_unknown_session_leaves_a_finding() -> None:
    bench = make_bench()
    call = make_call(cookie="abcdefghijklmnopqrstuv05", body=t.envelope("GetIdentity", "").encode())
    call.headers["Content-Type"] = "text/xml"
    reply = await bench.dialect.answer(call)
    assert (reply.status, call.findings, call.outcome) == (500, ["session-expired"], "no_session")


def test_settings_hold_their_documented_defaults() -> None:
    settings = Settings()
    assert (settings.session_lifetime_seconds, settings.passwords, settings.hourly_limit) == (1200, "either", 0)
