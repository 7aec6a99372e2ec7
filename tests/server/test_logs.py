"""What an error says is written to the log without secrets, also when it repeats what a client has sent."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import structlog
from pydantic import BaseModel

from gateway.config.model import LogSection
from gateway.server.logs import configure_logs

SECRET = "s3cr3t-value"
SAYINGS = [
    f"cannot connect to postgresql://gateway:{SECRET}@db/numbers",
    f"bad request: /p?a=1&api_key={SECRET}",
    f"unexpected: {{'password': '{SECRET}'}}",
    f"no such user in <Password>{SECRET}</Password>",
    f"Authorization: Bearer {SECRET}{SECRET}",
]


@pytest.fixture(params=["text", "json"])
def _logs(request: pytest.FixtureRequest) -> Iterator[None]:
    root = logging.getLogger()
    kept, root.handlers = root.handlers, []
    configure_logs(LogSection(format=request.param))
    yield
    root.handlers = kept
    structlog.reset_defaults()


class Model(BaseModel):
    """pydantic says in its errors what it was given."""

    password: int


@pytest.mark.usefixtures("_logs")
@pytest.mark.parametrize("saying", SAYINGS)
def test_errors(saying: str, capsys: pytest.CaptureFixture[str]) -> None:
    log = structlog.get_logger("test")
    try:
        raise RuntimeError(saying)
    except RuntimeError as error:
        log.exception("unhandled error")
        log.warning("store unavailable", reason=str(error), count=1)
        logging.getLogger("library").exception("failed: %s", error)
    written = capsys.readouterr().err
    assert SECRET not in written
    assert written.count("RuntimeError") >= 2
    assert __file__ in written
    assert written.count("[redacted]") >= 4


@pytest.mark.usefixtures("_logs")
def test_a_value_that_a_model_refuses(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        Model.model_validate({"password": SECRET})
    except ValueError:
        structlog.get_logger("test").exception("unhandled error")
    written = capsys.readouterr().err
    assert SECRET not in written
    assert "input_value=[redacted]" in written
