"""The pytest plug-in: one gateway for the session, a tenant for each test, the journal beside each failure."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext
from typing import Any

import pytest

from .admin import Admin, AdminError, NoGatewayError
from .discovery import GatewayUnusableError, connect, open_gateway
from .process import ServerError
from .requests import Requests
from .server import Gateway, start_server
from .tenant import Tenant

_TENANTS: pytest.StashKey[list[tuple[Tenant, int]]] = pytest.StashKey()
"""The tenants of a test, each with the newest id of the journal when it was made."""
_EXCERPT = 20


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options that say where the gateway comes from."""
    group = parser.getgroup("invoice-gateway", "a gateway to test invoice-numbering clients against")
    group.addoption(
        "--invoice-gateway-admin-url",
        metavar="URL",
        default="",
        help="admin address of a gateway that runs already (or $INVOICE_GATEWAY_ADMIN_URL together with $INVOICE_GATEWAY_URL); "
        "without it one is started",
    )
    group.addoption(
        "--invoice-gateway-url",
        metavar="URL",
        default="",
        help="where its dialects are reached from here, if not where it says (mapped ports, a proxy)",
    )
    group.addoption(
        "--invoice-gateway-token",
        metavar="TOKEN",
        default="",
        help="its admin token (or $INVOICE_GATEWAY_ADMIN_TOKEN, or the file that $INVOICE_GATEWAY_ADMIN_TOKEN_FILE names)",
    )
    group.addoption(
        "--invoice-gateway-command",
        metavar="COMMAND",
        default="",
        help="how to start one (or $INVOICE_GATEWAY_COMMAND); default: invoice-gateway",
    )
    group.addoption(
        "--invoice-gateway-image",
        metavar="IMAGE",
        default="",
        help="a container image to start one from, with Docker or Podman (or $INVOICE_GATEWAY_IMAGE)",
    )
    group.addoption("--invoice-gateway-config", metavar="FILE", default="", help="configuration to start it with")


@pytest.fixture(scope="session")
def invoice_gateway(request: pytest.FixtureRequest) -> Iterator[Gateway]:
    """A gateway in a process of its own, with a store of its own; or one that runs already, when it is named."""
    with ExitStack() as stack:
        yield _entered(stack, request.config)


def _entered(stack: ExitStack, config: pytest.Config) -> Gateway:
    """The gateway, until the end of the stack. Without one, pytest says why in one text."""
    try:
        return stack.enter_context(_gateway(config))
    except GatewayUnusableError as error:
        pytest.exit(str(error), returncode=4)
    except ServerError as error:  # tests that need no gateway still run
        reason = str(error)
    pytest.fail(reason, pytrace=False)  # outside of the handler, so that the text does not stand there twice


def _gateway(config: pytest.Config) -> AbstractContextManager[Gateway]:
    """The gateway that the options name, or else the environment."""
    admin_url, url, token, command, image, file = (
        str(config.getoption(f"--invoice-gateway-{name}"))
        for name in ("admin-url", "url", "token", "command", "image", "config")
    )
    if admin_url:
        return nullcontext(connect(admin_url, token=token, url=url))
    if url:
        pytest.exit("--invoice-gateway-url needs --invoice-gateway-admin-url, too", returncode=4)
    if command or image:
        return start_server(command=command, image=image, config=file or None)
    return open_gateway(config=file or None)


@pytest.fixture
def invoice_tenant(request: pytest.FixtureRequest, invoice_gateway: Gateway) -> Iterator[Tenant]:
    """A customer account for one test: credentials of its own, numbers of its own, nothing to reset."""
    with invoice_gateway.tenant() as tenant:
        request.node.stash.setdefault(_TENANTS, []).append((tenant, _position(invoice_gateway.admin)))
        yield tenant


def _position(admin: Admin) -> int:
    """The newest entry of the journal; 0 where there is none."""
    try:
        return int(admin.get("/v1/journal")["position"])
    except AdminError:  # the journal is off
        return 0


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, None]:  # noqa: ARG001
    """Attach what the gateway saw to a failed test."""
    outcome = yield
    report = outcome.get_result()
    if report.failed and report.when == "call":
        for tenant, since in item.stash.get(_TENANTS, []):
            title = f"invoice-gateway: what {tenant.id} was asked"
            report.sections.append((title, journal_excerpt(tenant, since)))


def journal_excerpt(tenant: Tenant, since: int = 0) -> str:
    """The tenant's last requests, one line each, and the last one in full; then requests of unknown clients after an id."""
    try:
        entries = tenant.requests.last(_EXCERPT)
        strangers = Requests(tenant.admin, "").last(_EXCERPT, after=since)
        newest = entries or strangers
        raw = str(tenant.admin.get(f"/v1/requests/{newest[-1].id}/raw")) if newest else ""
    except (AdminError, NoGatewayError) as error:
        return f"(the journal cannot be read: {error})"
    lines = [entry.line() for entry in entries] or ["nothing"]
    if strangers:
        lines += ["", "meanwhile, by nobody who is known:", *(entry.line() for entry in strangers)]
    return "\n".join([*lines, *(["", "the last one:", raw] if raw else [])])
