"""URLs as libpq reads them, split into one URL for each host; and what errors mean."""

from __future__ import annotations

import asyncpg
import pytest

from gateway.stores import open_store, store_name
from gateway.stores.errors import StoreOpenError
from gateway.stores.postgres.error_classes import Verdict, cause_of, rolled_back_at_commit, verdict
from gateway.stores.postgres.url import Options, read_address


@pytest.mark.parametrize(
    ("url", "dsns", "name"),
    [
        ("postgresql://h/db", ["postgresql://h/db"], "postgresql://h/db"),
        ("postgres://h/db", ["postgresql://h/db"], "postgresql://h/db"),
        ("postgresql+asyncpg://h:1/db", ["postgresql://h:1/db"], "postgresql://h:1/db"),
        ("postgresql://u:p@h/db", ["postgresql://u:p@h/db"], "postgresql://h/db"),
        ("postgresql://u:p%40%2F@a,b:2/db", ["postgresql://u:p%40%2F@a/db", "postgresql://u:p%40%2F@b:2/db"], "postgresql://a,b:2/db"),
        ("postgresql://[::1]:5,[::2]/db", ["postgresql://[::1]:5/db", "postgresql://[::2]/db"], "postgresql://[::1]:5,[::2]/db"),
        ("postgresql:///db", ["postgresql:///db"], "postgresql:///db"),
        ("postgresql:///db?host=/run/pg&port=7", ["postgresql:///db?host=%2Frun%2Fpg&port=7"], "postgresql:///run/pg:7/db"),
        ("postgresql:///db?host=a,b&port=1,2", ["postgresql://a:1/db", "postgresql://b:2/db"], "postgresql://a:1,b:2/db"),
        ("postgresql:///db?host=a,b&port=1", ["postgresql://a:1/db", "postgresql://b:1/db"], "postgresql://a:1,b:1/db"),
        ("postgresql://h/db?sslmode=require&readers=3", ["postgresql://h/db?sslmode=require"], "postgresql://h/db"),
        ("postgresql://h/db?target_session_attrs=read-write", ["postgresql://h/db"], "postgresql://h/db"),
        ("postgresql://u@h/db?password=secret", ["postgresql://u@h/db?password=secret"], "postgresql://h/db"),
    ],
)  # fmt: skip
def test_addresses(url: str, dsns: list[str], name: str) -> None:
    address = read_address(url)
    assert list(address.dsns) == dsns
    assert address.name == store_name(url) == name
    assert "p%40" not in repr(address)
    assert "secret" not in repr(address)


def test_options() -> None:
    url = "postgresql://h/db?connect_timeout=1&deadline_seconds=2.5&commit_seconds=3&readers=4"
    assert read_address(url).options == Options(1, 2.5, 3, 4)
    assert read_address("postgresql://h/db").options == Options()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://h/db?deadline_seconds=soon",
        "postgresql://h/db?deadline_seconds=0",
        "postgresql://h/db?commit_seconds=-1",
        "postgresql://h/db?connect_timeout=nan",
        "postgresql://h/db?readers=1.5",
        "postgresql://h/db?readers=1e9",
        "postgresql://h/db?target_session_attrs=any",
        "postgresql://u:sec:ret@h:port/db",
        "postgresql://u:se/cret@h/db",
        "postgresql:///db?host=a,b&port=1,2,3",
    ],
)
def test_addresses_that_are_not_understood(url: str) -> None:
    with pytest.raises(StoreOpenError) as refused:
        open_store(url)
    assert "cret" not in str(refused.value)
    assert "sec:ret" not in str(refused.value)


def error_of(code: str) -> asyncpg.PostgresError:
    return asyncpg.PostgresError.new({"C": code, "M": "words"})  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        *((error_of(code), Verdict.ROLLED_BACK) for code in ("40001", "40P01", "55P03")),
        *((error_of(code), Verdict.LOST) for code in ("08000", "08006", "57P01", "57P02", "57P03", "25006", "25P03")),
        *((error_of(code), Verdict.REFUSED) for code in ("53100", "53200", "42P01", "42501", "57014", "58030", "XX000")),
        *((error_of(code), Verdict.POISON) for code in ("22003", "22021", "23505", "23503", "21000")),
        (ConnectionResetError(), Verdict.LOST),
        (TimeoutError(), Verdict.LOST),
        (asyncpg.InterfaceError("connection is closed"), Verdict.LOST),
        (asyncpg.ConnectionDoesNotExistError(), Verdict.LOST),
        (asyncpg.DataError("invalid input"), Verdict.POISON),
        (UnicodeEncodeError("utf-8", "x", 0, 1, "no"), Verdict.POISON),
        (ZeroDivisionError(), Verdict.POISON),
    ],
    ids=repr,
)  # fmt: skip
def test_what_an_error_before_commit_means(error: Exception, meaning: Verdict) -> None:
    assert verdict(error) is meaning


@pytest.mark.parametrize(
    ("code", "certain"),
    [("40001", True), ("40P01", True), ("23505", True), ("57P01", False), ("08006", False), ("40003", False), ("57014", False)],
)  # fmt: skip
def test_which_errors_at_commit_are_certain(code: str, certain: bool) -> None:
    assert rolled_back_at_commit(error_of(code)) is certain


def test_a_value_that_cannot_be_sent_is_its_own_error() -> None:
    wrapped = asyncpg.DataError("invalid input for query argument")
    wrapped.__cause__ = UnicodeEncodeError("utf-8", "x", 0, 1, "surrogates not allowed")
    assert cause_of(wrapped) is wrapped.__cause__
    assert cause_of(ZeroDivisionError()).args == ()
