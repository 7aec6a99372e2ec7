"""The gateway under test: the one that runs already, when the environment or the caller names it, else one that is started.

INVOICE_GATEWAY_URL           where the dialects of a running gateway are reached from here
INVOICE_GATEWAY_ADMIN_URL     where its admin port is; both together, or the command line's own variable alone is not used
INVOICE_GATEWAY_ADMIN_TOKEN   its admin token; …_FILE names a file that holds it
INVOICE_GATEWAY_COMMAND       how to start one
INVOICE_GATEWAY_IMAGE         a container image to start one from
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from .admin import Admin, AdminError, NoGatewayError
from .server import Gateway, start_server

URL: Final = "INVOICE_GATEWAY_URL"
ADMIN_URL: Final = "INVOICE_GATEWAY_ADMIN_URL"
TOKEN: Final = "INVOICE_GATEWAY_ADMIN_TOKEN"  # noqa: S105 - the name of a variable


class GatewayUnusableError(Exception):
    """A gateway that runs was named, and cannot be used. The text says which one, and why."""


@contextlib.contextmanager
def open_gateway(
    *,
    config: str | Path | None = None,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
) -> Iterator[Gateway]:
    """The gateway that $INVOICE_GATEWAY_URL names, or one that is started for the time of the block.

    config, settings: as `start_server` takes them; not used for a gateway that runs.

    Raises GatewayUnusableError, ServerError.
    """
    url = os.environ.get(URL, "")
    if url:
        yield connect(os.environ.get(ADMIN_URL, ""), url=url)
    else:
        with start_server(config=config, settings=settings) as gateway:
            yield gateway


def connect(admin_url: str, *, token: str = "", url: str = "") -> Gateway:
    """A gateway that runs already. Raises GatewayUnusableError.

    admin_url: the address of its admin port.
    token: its admin token; "" takes the environment's.
    url: where its dialects are reached from here; "" for the address that the gateway itself names.
    """
    if not admin_url:
        raise GatewayUnusableError(f"the address of its admin port is missing: ${ADMIN_URL} goes with ${URL}")
    admin = Admin(admin_url, token or environment_token())
    try:
        admin.get("/v1/tenants", {"limit": 1})
    except (AdminError, NoGatewayError) as error:
        raise GatewayUnusableError(f"the gateway at {admin_url} cannot be used: {error}") from None
    return Gateway(admin, url)


def environment_token() -> str:
    """The admin token from the environment or the file that it names; "" when there is none. Raises GatewayUnusableError."""
    path = os.environ.get(f"{TOKEN}_FILE", "")
    if not path:
        return os.environ.get(TOKEN, "")
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise GatewayUnusableError(f"${TOKEN}_FILE: {path} cannot be read: {error}") from None
