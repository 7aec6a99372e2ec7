"""What makes a server start sooner: nothing is collected while modules load, and what a server never uses is not loaded."""

from __future__ import annotations

import gc
import ssl
import sys
from typing import Any


def hurry() -> None:
    """Load the two slowest libraries without what a server does not need of them.

    The collector is off until `gateway.serve` is ready: nearly all that is made until then stays.
    """
    gc.disable()
    _load_logging()
    _load_http()


def _load_logging() -> None:
    """Without the library for pretty tracebacks, which it would import, and which `gateway.logs` does not let it use."""
    if "rich" in sys.modules:
        return
    sys.modules["rich"] = None  # type: ignore[assignment]
    try:
        import structlog  # noqa: F401, PLC0415
    finally:
        del sys.modules["rich"]


def _load_http() -> None:
    """Without the system's root certificates. A server asks nobody over TLS; whoever did, would be refused."""

    def nothing(_self: ssl.SSLContext, _purpose: Any = None) -> None:
        return None

    kept = ssl.SSLContext.load_default_certs
    ssl.SSLContext.load_default_certs = nothing  # type: ignore[assignment, method-assign]
    try:
        import aiohttp  # noqa: F401, PLC0415
    finally:
        ssl.SSLContext.load_default_certs = kept  # type: ignore[method-assign]
