"""File descriptors: the limit is raised at the start, and running out of them is said once in a while."""

from __future__ import annotations

import asyncio
import errno
import resource
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from gateway.web.descriptors import DescriptorWatch, raise_descriptor_limit


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The limits of a pretended process; the newest one counts."""
    found = [(1024, 4096)]
    monkeypatch.setattr(resource, "getrlimit", lambda _: found[-1])
    monkeypatch.setattr(resource, "setrlimit", lambda _, wanted: found.append(wanted))
    return found


def test_the_limit_is_raised_to_what_the_system_allows(limits: list[tuple[int, int]]) -> None:
    with capture_logs() as logs:
        raise_descriptor_limit()
        raise_descriptor_limit()
    assert limits == [(1024, 4096), (4096, 4096)]
    assert [(line["event"], line["limit"], line["before"]) for line in logs] == [
        ("limit of file descriptors raised", 4096, 1024)
    ]


def test_a_system_that_refuses_is_no_reason_not_to_start(
    limits: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise ValueError("not allowed to raise maximum limit")

    monkeypatch.setattr(resource, "setrlimit", refuse)
    with capture_logs() as logs:
        raise_descriptor_limit()
    assert [(line["log_level"], line["limit"]) for line in logs] == [("warning", 1024)]


async def test_running_out_is_said_and_not_too_often(limits: list[tuple[int, int]]) -> None:
    now = [100.0]
    watch = DescriptorWatch(1024, lambda: now[0])
    loop = asyncio.get_running_loop()
    report = {"message": "socket.accept() out of system resource", "exception": OSError(errno.EMFILE, "too many")}
    with capture_logs() as logs:
        for _ in range(3):
            watch(loop, report)
        now[0] += 11
        watch(loop, report)
    assert [(line["log_level"], line["times"], line["limit"]) for line in logs] == [
        ("error", 1, 1024),
        ("error", 3, 1024),
    ]


class Taken:
    """A connection with a descriptor. Stands for its transport and for its socket."""

    def __init__(self, number: int) -> None:
        self.fileno = lambda: number

    def get_extra_info(self, _: str) -> Taken:
        return self


def test_the_last_descriptors_are_noticed_when_connections_take_them() -> None:
    watch = DescriptorWatch(1024)
    with capture_logs() as logs:
        watch.look_at(cast("Any", Taken(1007)))
        assert not logs
        watch.look_at(cast("Any", Taken(1008)))
    assert [line["log_level"] for line in logs] == ["error"]


async def test_anything_else_is_reported_as_usual(caplog: pytest.LogCaptureFixture) -> None:
    DescriptorWatch(1024)(
        asyncio.get_running_loop(), {"message": "something else", "exception": OSError(errno.EIO, "bad")}
    )
    assert "something else" in caplog.text
