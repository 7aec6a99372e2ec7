"""Speaks to the admin port: JSON over HTTP, with the standard library alone."""

from __future__ import annotations

import http.client
import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

# The gateway under test is near. A proxy from the environment would not reach a loopback address.
_NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class AdminError(Exception):
    """The admin port refused.

    status: the HTTP status.
    name: the name of the problem, such as `tenant-unknown`.
    facts: the whole problem document.
    """

    def __init__(self, status: int, facts: Mapping[str, Any]) -> None:
        self.status = status
        self.facts = dict(facts)
        self.name = str(facts.get("type", "")).rpartition(":")[2]
        super().__init__(
            ": ".join(filter(None, [self.name or str(status), str(facts.get("detail") or facts.get("title", ""))]))
        )


class NoGatewayError(Exception):
    """Nobody answers at the admin address, or the answer is not a gateway's."""


@dataclass(frozen=True)
class Admin:
    """The admin port of a gateway.

    url: as in the ready line.
    token: "" when none is configured.
    timeout_seconds: how long an answer may take.
    """

    url: str
    token: str = field(default="", repr=False)
    timeout_seconds: float = 30.0

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        """Send a GET. Values of the query that are None are left out, lists are repeated. Raises AdminError, NoGatewayError."""
        return self.ask("GET", path, query=query)

    def post(self, path: str, body: Any = None) -> Any:
        """Send a POST. Raises AdminError, NoGatewayError."""
        return self.ask("POST", path, body)

    def put(self, path: str, body: Any) -> Any:
        """Send a PUT. Raises AdminError, NoGatewayError."""
        return self.ask("PUT", path, body)

    def patch(self, path: str, body: Any) -> Any:
        """Send a PATCH; it does not matter what others have changed meanwhile. Raises AdminError, NoGatewayError."""
        return self.ask("PATCH", path, body)

    def delete(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        """Send a DELETE. Raises AdminError, NoGatewayError."""
        return self.ask("DELETE", path, query=query)

    def pages(self, path: str, query: Mapping[str, Any] | None = None, items: str = "items") -> Iterator[Any]:
        """Everything in a list, page by page."""
        asked = {"limit": 1000, **(query or {})}
        while True:
            page = self.get(path, asked)
            yield from page[items]
            if page["next"] is None:
                return
            asked["cursor"] = page["next"]

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        query: Mapping[str, Any] | None = None,
        wait_seconds: float = 0.0,
    ) -> Any:
        """Send a request. Returns the answer's JSON, or its text.

        wait_seconds: how much longer the answer may take, because the request asks the gateway to wait.
        """
        given = {name: _plain(value) for name, value in (query or {}).items() if value is not None}
        target = self.url.rstrip("/") + path + (f"?{urlencode(given, doseq=True)}" if given else "")
        request = urllib.request.Request(target, method=method)  # noqa: S310 - the address is the user's own
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        if method == "PATCH":
            request.add_header("If-Match", "*")
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        try:
            with _NO_PROXY.open(request, timeout=self.timeout_seconds + wait_seconds) as answer:
                return _read(answer.read(), answer.headers.get_content_type())
        except urllib.error.HTTPError as error:
            with error:
                raise AdminError(error.code, _problem(error.read())) from None
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise NoGatewayError(f"no gateway answers at {without_user(self.url)}: {_reason(error)}") from None


def segment(text: str) -> str:
    """A text as one segment of a path."""
    return quote(text, safe="")


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value


def without_user(url: str) -> str:
    """A URL that may be shown: without the user and password in it."""
    return re.sub(r"//[^/?#]*@", "//", url)


def _reason(error: Exception) -> object:
    if isinstance(error, OSError):
        return getattr(error, "reason", error)
    return "the address or the token is not fit for a request"  # the text of the error would show the token


def _read(body: bytes, content_type: str) -> Any:
    text = body.decode("utf-8", "replace")
    return json.loads(text) if text and content_type.endswith("json") else text or None


def _problem(body: bytes) -> Mapping[str, Any]:
    try:
        facts = json.loads(body)
    except ValueError:
        return {"detail": body.decode("utf-8", "replace")[:200]}
    return facts if isinstance(facts, dict) else {}
