"""The dialect without a server, for tests of one module at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from multidict import CIMultiDict

from adapters.invoicexpress import adapter
from adapters.invoicexpress.routes import InvoiceXpress
from adapters.invoicexpress.settings import Binding, Settings
from gateway.core.values import TenantId
from gateway.spi.adapter import Bound, Call, Context

HOSTS = (".app.invoicexpress.com", ".invoicexpress.net", ".invoicexpress.com")


def bound(
    tenant: str = "demo", account: str = "demo", key: str = "secret-key", default_host: bool = True
) -> Bound[Any]:
    """One account of a tenant."""
    binding = Binding.model_validate({"account": account, "api_key": key, "default_host": default_host})
    return Bound(TenantId(tenant), binding, {})


def make_dialect(
    settings: Settings | None = None, bindings: Sequence[Bound[Any]] = (), service: Any = None
) -> InvoiceXpress:
    """A dialect over any service; without bindings the account `demo` with key `secret-key`."""
    accounts = list(bindings) or [bound()]
    context = Context(
        settings or Settings(), accounts, cast("Any", service), cast("Any", None), cast("Any", None), HOSTS
    )
    return adapter.build(cast("Any", context))


def call(
    path: str = "/sequences.xml",
    query: str = "api_key=secret-key",
    headers: Mapping[str, str] | None = None,
    method: str = "GET",
    base_url: str = "http://127.0.0.1:7070",
) -> Call:
    """A request to 127.0.0.1."""
    named = CIMultiDict({"Host": "127.0.0.1:7070", **(headers or {})})
    return Call(method, path, query, named, b"", base_url, "test-1")
