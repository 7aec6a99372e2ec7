"""What makes a server start sooner: nothing is collected while modules load, and what a server never uses is not loaded."""

from __future__ import annotations

import contextlib
import gc
import ssl
import sys
from collections.abc import Iterator
from typing import Any, Final

_CERTIFICATES: Final = ("load_default_certs", "set_default_verify_paths")
"""Methods of an SSL context that read the system's root certificates: a file of some hundred kilobytes, twice over."""


def hurry() -> None:
    """Load the two slowest libraries without what a server does not need of them.

    The collector is off until `gateway.serve` is ready: nearly all that is made until then stays.
    """
    gc.disable()
    # for pretty tracebacks, which `gateway.logs` does not let it use, and for coroutines of another kind than ours
    with _absent("rich", "greenlet"):
        import structlog  # noqa: F401, PLC0415
    # a server asks nobody over TLS; whoever did, would be refused
    with _without_certificates():
        import aiohttp  # noqa: F401, PLC0415


@contextlib.contextmanager
def _absent(*names: str) -> Iterator[None]:
    """Libraries that look as if they were not installed, unless they are loaded already."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


@contextlib.contextmanager
def _without_certificates() -> Iterator[None]:
    def nothing(_self: ssl.SSLContext, _purpose: Any = None) -> None:
        return None

    own = {name: method for name, method in vars(ssl.SSLContext).items() if name in _CERTIFICATES}
    for name in _CERTIFICATES:
        setattr(ssl.SSLContext, name, nothing)
    try:
        yield
    finally:
        for name in _CERTIFICATES:
            delattr(ssl.SSLContext, name)
        for name, method in own.items():
            setattr(ssl.SSLContext, name, method)
