"""The command line in this process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import NamedTuple

import pytest

from gateway.__main__ import main


class Done(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


Cli = Callable[..., Done]


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Runs a command as the installed program does. Any exception but the end of the program is a bug, and is raised."""

    def call(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["invoice-gateway", *map(str, arguments)])
        capsys.readouterr()
        code: object = 0
        try:
            main()
        except SystemExit as end:
            code = end.code
        out, err = capsys.readouterr()
        return Done(code if isinstance(code, int) else 0 if code is None else 1, out, err)

    return call
