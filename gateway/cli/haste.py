"""What makes a server start sooner: nothing is collected while modules load, no root certificates are read."""

from __future__ import annotations

import gc
import ssl
from typing import Any


def hurry() -> None:
    """Load the HTTP library without the system's root certificates. A server asks nobody over TLS; whoever did, would fail.

    The collector is off until `gateway.serve` is ready: nearly all that is made until then stays.
    """
    gc.disable()

    def nothing(_self: ssl.SSLContext, _purpose: Any = None) -> None:
        return None

    kept = ssl.SSLContext.load_default_certs
    ssl.SSLContext.load_default_certs = nothing  # type: ignore[assignment, method-assign]
    try:
        import aiohttp  # noqa: F401, PLC0415
    finally:
        ssl.SSLContext.load_default_certs = kept  # type: ignore[method-assign]
