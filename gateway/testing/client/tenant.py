"""A customer account for one test: credentials, numbers, faults, clock, and assertions on the outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from .admin import Admin, AdminError, segment
from .requests import Requests

_GIVES = frozenset({"issue", "claim", "use"})
"""Entries of the ledger by which a document gets a number."""
_CLAIMED = "claimed"
"""Held by a claim ahead of the line or below its beginning; that is no hole."""


class DialectAccess:
    """How a client reaches one dialect.

    url: the address of its first service.
    wsdl_url: the address of the WSDL of its first service.
    credentials: what the client logs in with.
    services: all services of the dialect.
    """

    def __init__(self, name: str, facts: Mapping[str, Any], data_url: str = "") -> None:
        self.name = name
        self.services: Sequence[Mapping[str, Any]] = [_reached(service, data_url) for service in facts["endpoints"]]
        self.binding: Mapping[str, Any] = facts["binding"]

    @property
    def url(self) -> str:
        """The address of the service."""
        return str(self.services[0]["url"])

    @property
    def wsdl_url(self) -> str:
        """The address of its WSDL; "" where the vendor has none."""
        return str(self.services[0]["wsdl_url"] or "")

    @property
    def credentials(self) -> dict[str, str]:
        """What the client logs in with, by the vendor's names."""
        return {name: value for service in reversed(self.services) for name, value in service["credentials"].items()}

    def service(self, title: str) -> Mapping[str, Any]:
        """The service whose title holds a text: url, wsdl_url, credentials, example."""
        found = [service for service in self.services if title.lower() in service["title"].lower()]
        if not found:
            raise LookupError(f"no service {title!r}; there are: {', '.join(one['title'] for one in self.services)}")
        return found[0]

    def __repr__(self) -> str:
        return f"<{self.name} at {self.url}>"


class Fault:
    """A fault rule in force. As a context manager, it ends with the block."""

    def __init__(self, admin: Admin, facts: Mapping[str, Any]) -> None:
        self._admin = admin
        self.id = str(facts["id"])
        self.rule: Mapping[str, Any] = facts["rule"]

    @property
    def hits(self) -> int:
        """How many calls it struck so far."""
        return int(self._admin.get(f"/v1/faults/{segment(self.id)}")["hits"])

    def remove(self) -> None:
        """Take it out of force."""
        self._admin.delete(f"/v1/faults/{segment(self.id)}")

    def __enter__(self) -> Fault:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()


class Tenant:
    """One tenant. `tenant.resurs`, `tenant.qqsolutions`, …: how a client reaches each dialect."""

    def __init__(self, admin: Admin, facts: Mapping[str, Any], data_url: str = "") -> None:
        self.admin = admin
        self.id = str(facts["id"])
        self.dialects = {name: DialectAccess(name, own, data_url) for name, own in facts["dialects"].items()}
        self.requests = Requests(admin, self.id, facts.get("journal_position"))
        self._path = f"/v1/tenants/{segment(self.id)}"

    def __getattr__(self, name: str) -> DialectAccess:
        try:
            return self.__dict__["dialects"][name]  # type: ignore[no-any-return]
        except KeyError:
            raise AttributeError(
                f"no dialect {name} is served; served: {', '.join(self.__dict__.get('dialects', ()))}"
            ) from None

    def __repr__(self) -> str:
        return f"<tenant {self.id}>"

    # --- faults and time ----------------------------------------------------------------------------------------------

    def fault(
        self,
        kind: str,
        *,
        dialect: str | None = None,
        operation: str | None = None,
        at: str | None = None,
        nth: int | None = None,
        first: int | None = None,
        every: int | None = None,
        rate: float | None = None,
        seed: int = 0,
        **action: Any,
    ) -> Fault:
        """Plant a fault: `tenant.fault("lost_reply", operation="setInvoiceSequence", nth=1)`.

        Kinds are latency, refusal, failure, expire_session, lost_reply, reset and others; `invoice-gateway faults kinds`
        lists them with their own values (`action`). Without nth, first, every or rate the fault strikes each call that
        matches.
        """
        rule = {
            "tenant": self.id,
            "dialect": dialect,
            "operation": operation,
            "at": at,
            "nth": nth,
            "first": first,
            "every": every,
            "rate": rate,
            "action": {"kind": kind, **action},
        }
        wanted = {name: value for name, value in rule.items() if value is not None}
        return Fault(self.admin, self.admin.post("/v1/faults", {**wanted, "seed": seed}))

    def clear_faults(self) -> None:
        """Take all faults of this tenant out of force."""
        self.admin.delete("/v1/faults", {"tenant": self.id})

    def freeze(self, at: datetime | None = None) -> None:
        """Stop the tenant's clock, now or at a moment (with a time zone)."""
        self.admin.post(f"{self._path}/clock/freeze", {} if at is None else {"at": at.isoformat()})

    def travel(self, *, to: datetime | None = None, by_seconds: float | None = None) -> None:
        """Move the tenant's clock: to a moment, or forward and back."""
        wanted = {"to": None if to is None else to.isoformat(), "by_seconds": by_seconds}
        self.admin.post(f"{self._path}/clock/travel", {name: own for name, own in wanted.items() if own is not None})

    def resume(self) -> None:
        """Back to the machine's time."""
        self.admin.post(f"{self._path}/clock/resume")

    def strict(self, *, on: bool = True) -> None:
        """Also refuse what the vendor tolerates silently."""
        self.admin.patch(self._path, {"profile": "strict" if on else "vendor"})

    # --- numbers ------------------------------------------------------------------------------------------------------

    def next_number(self, series: str = "main", line: str = "invoice", *, kind: str = "") -> int | None:
        """The next number of a line; None while it is unset. kind: the former name of `line`."""
        path = f"{self._path}/series/{segment(series)}/counters/{segment(kind or line)}"
        try:
            return self.admin.get(path)["next_number"]  # type: ignore[no-any-return]
        except AdminError as error:
            if error.name == "counter-unknown":  # a line that was never touched
                return None
            raise

    def set_next(self, number: int | None, series: str = "main", line: str = "invoice", *, kind: str = "") -> None:
        """Set a line to the number that a test needs; None clears it. kind: the former name of `line`."""
        path = f"{self._path}/series/{segment(series)}/counters/{segment(kind or line)}"
        self.admin.put(path, {"next_number": number, "policy": {"allow_lower": True, "allow_clear": True}})

    def issued(self, series: str = "main", line: str = "invoice", *, kind: str = "") -> list[int]:
        """The numbers that documents got, in order, voided ones included. kind: the former name of `line`."""
        return [entry["number"] for entry in self.ledger(series, kind or line) if entry["operation"] in _GIVES]

    def ledger(self, series: str = "main", line: str | None = None, *, kind: str = "") -> list[Mapping[str, Any]]:
        """Every move of the series' lines, or of one of them. kind: the former name of `line`."""
        return list(self.admin.pages(f"{self._path}/ledger", {"series": series, "line": kind or line}))

    def documents(self, **conditions: Any) -> list[Mapping[str, Any]]:
        """Documents that meet conditions: status, kind, stage, series, number, customer …"""
        return list(self.admin.pages(f"{self._path}/documents", conditions))

    # --- state --------------------------------------------------------------------------------------------------------

    def reset(self) -> None:
        """Begin again with what the tenant was created with."""
        self.admin.post(f"{self._path}/reset")

    def seed(self, **state: Any) -> None:
        """Put series, numbers, catalogue, and what dialects keep in, in the configuration's form."""
        self.admin.post(f"{self._path}/seed", state)

    def add(self, kind: str, *items: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """Put things in that a dialect keeps, without a call of the vendor: `tenant.add("payments", {"amount": 100})`.

        Returns them as they then stand.
        """
        made: list[Mapping[str, Any]] = self.admin.post(f"{self._path}/{segment(kind)}", list(items))["items"]
        return made

    def kept(self, kind: str) -> list[Mapping[str, Any]]:
        """Everything of a kind that a dialect keeps for the tenant, however it came there: `tenant.kept("payments")`."""
        return list(self.admin.pages(f"{self._path}/{segment(kind)}"))

    def snapshot(self, name: str) -> None:
        """Keep everything the tenant has under a name."""
        self.admin.post(f"{self._path}/snapshots", {"name": name, "replace": True})

    def restore(self, name: str) -> None:
        """Put a snapshot back."""
        self.admin.post(f"{self._path}/snapshots/{segment(name)}/restore")

    def delete(self) -> None:
        """Delete the tenant with everything it has."""
        self.admin.delete(self._path, {"purge": True})

    # --- assertions ---------------------------------------------------------------------------------------------------

    def assert_next(self, number: int | None, series: str = "main", line: str = "invoice", *, kind: str = "") -> None:
        """Assert that the next number of a line is this one. kind: the former name of `line`."""
        line = kind or line
        found = self.next_number(series, line)
        if found != number:
            self._fail(f"the next {line} of {series} is {found}, expected {number}", series, line)

    def assert_issued(self, *numbers: int, series: str = "main", line: str = "invoice", kind: str = "") -> None:
        """Assert that the gateway gave each of these numbers to a document, once, and that none is void.

        kind: the former name of `line`.
        """
        line = kind or line
        entries = self.ledger(series, line)
        given = Counter(entry["number"] for entry in entries if entry["operation"] in _GIVES)
        void = {entry["number"] for entry in entries if entry["operation"] == "void"}
        wrong = [f"{number} was never issued" for number in numbers if not given[number]]
        wrong += [f"{number} was issued {given[number]} times" for number in numbers if given[number] > 1]
        wrong += [f"{number} was issued, but is void" for number in numbers if given[number] and number in void]
        if wrong:
            self._fail("; ".join(wrong), series, line)

    def assert_gapless(
        self,
        used: Iterable[int] | None = None,
        *,
        series: str = "main",
        line: str = "invoice",
        kind: str = "",
        allow: Sequence[str] = (),
    ) -> None:
        """Assert that no number of the line is missing, and that none was used twice.

        A number that was reserved and never used is missing (reason `reserved`), one that a claim holds ahead is not.

        used: the numbers that the client under test wrote on its own invoices. For vendors whose clients number invoices
            themselves and only move the line (Resurs, QQSolutions, InvoiceXpress sequences).
        kind: the former name of `line`.
        allow: reasons of holes that are fine, such as `void`.
        """
        line = kind or line
        own = None if used is None else list(used)
        path, asked = f"{self._path}/gaps", {"series": series, "line": line}
        lines, found = self.admin.get(path, asked)["lines"], list(self.admin.pages(path, asked))
        holes = [hole for hole in found if hole["reason"] not in {*allow, _CLAIMED}]
        claimed = [hole for hole in found if hole["reason"] == _CLAIMED]
        wrong = _doubled(own or [])
        if own is None:
            wrong += [_hole(hole, line) for hole in holes]
        else:
            wrong += _left_out(holes, set(own)) + _beyond(lines, claimed, own)
        if wrong:
            self._fail("; ".join(wrong), series, line)

    def _fail(self, text: str, series: str, line: str) -> None:
        moves = [_move(entry) for entry in self.ledger(series, line)][-20:]
        raise AssertionError("\n".join([text, f"moves of {line} of {series}:", *(moves or ["  none"])]))


def _reached(service: Mapping[str, Any], data_url: str) -> Mapping[str, Any]:
    """A service with its addresses changed to those that work from here, when the data URL is given."""
    if not data_url:
        return service
    here = urlsplit(data_url)
    changed = dict(service)
    for name in ("url", "wsdl_url"):
        if service[name]:
            there = urlsplit(service[name])
            changed[name] = there._replace(scheme=here.scheme, netloc=here.netloc).geturl()
            origin = f"{there.scheme}://{there.netloc}"
            changed["example"] = str(changed["example"]).replace(origin, f"{here.scheme}://{here.netloc}")
    return changed


def _doubled(used: Sequence[int]) -> list[str]:
    return [f"{number} was used {count} times" for number, count in sorted(Counter(used).items()) if count > 1]


def _hole(hole: Mapping[str, Any], line: str) -> str:
    first, last = hole["first"], hole["last"]
    numbers = f"number {first} is" if first == last else f"numbers {first} to {last} are"
    return f"{numbers} missing ({line}: {hole['reason']})"


def _left_out(holes: Sequence[Mapping[str, Any]], used: set[int]) -> list[str]:
    """Numbers that neither a document of the gateway nor the client has."""
    found: list[str] = []
    for hole in holes:
        missing = [
            number
            for number in range(hole["first"], min(hole["last"], hole["first"] + 10_000) + 1)
            if number not in used
        ]
        if missing:
            found.append(f"nobody used {', '.join(map(str, missing[:20]))}{' …' if len(missing) > 20 else ''}")
    return found


def _beyond(lines: Sequence[Mapping[str, Any]], claimed: Sequence[Mapping[str, Any]], used: Sequence[int]) -> list[str]:
    """Numbers used although the line never went past them, and no claim holds them."""
    line = lines[0] if lines else {"start": None, "end": None}
    start, end = line["start"], line["end"]
    known = [(start, end - 1)] if start is not None and end is not None else []
    known += [(held["first"], held["last"]) for held in claimed]
    outside = sorted({number for number in used if not any(first <= number <= last for first, last in known)})
    return [f"{number} was used, but the line never went past it" for number in outside]


def _move(entry: Mapping[str, Any]) -> str:
    number = "" if entry["number"] is None else f" {entry['number']}"
    who = f"{entry['dialect']} {entry['principal']}".strip()
    return f"  {entry['operation']}{number}: next {entry['before']} → {entry['after']} by {who}, {entry['at']}"
