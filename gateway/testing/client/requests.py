"""A tenant's requests, from the gateway's journal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .admin import Admin


class JournalIncompleteError(Exception):
    """The journal has dropped entries that may have matched, so the answer is unknown."""


class Entry:
    """One exchange: `entry.operation`, `entry.outcome`, `entry.number` and so on.

    facts: everything that the journal has.
    status: the status of the answer; None when there was no answer.
    request_body: as text, secrets blotted out.
    reply_body: as text, secrets blotted out.
    """

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.facts = dict(facts)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.facts[name]
        except KeyError:
            raise AttributeError(
                f"an entry of the journal has no {name}; it has {', '.join(sorted(self.facts))}"
            ) from None

    @property
    def status(self) -> int | None:
        """The status of the answer."""
        return self.facts["reply"]["status"]  # type: ignore[no-any-return]

    @property
    def request_body(self) -> str:
        """The body of the request."""
        return str(self.facts["request"]["body"]["text"])

    @property
    def reply_body(self) -> str:
        """The body of the answer."""
        return str(self.facts["reply"]["body"]["text"])

    @property
    def refusal(self) -> Mapping[str, Any] | None:
        """Why the rules about numbers refused it: {name, facts}; None when they did not, or were not asked."""
        refusals = (command["refusal"] for command in self.facts["commands"])
        return next((refusal for refusal in refusals if refusal is not None), None)

    def __repr__(self) -> str:
        return f"<{self.line()}>"

    def line(self) -> str:
        """One line for people."""
        facts, reply = self.facts, self.facts["reply"]
        status = reply["status"] if reply["status"] is not None else f"no answer ({reply['broken']})"
        words = [f"{facts['at'][11:23]} {facts['dialect']} {facts['operation'] or facts['request']['path']} → {status}"]
        words.append(str(facts["outcome"]))
        words += [f"number {facts['number']}"] if facts["number"] is not None else []
        words += [f"faults {', '.join(facts['faults'])}"] if facts["faults"] else []
        words += [f"replay of {facts['replay_of']}"] if facts["replay_of"] else []
        words += [f"findings {', '.join(facts['findings'])}"] if facts["findings"] else []
        words += [f"near miss: {facts['near_miss']}"] if facts["near_miss"] else []
        return ", ".join(words)


class Requests:
    """Requests in the journal: a sequence, oldest first, with methods for conditions.

    tenant: whose requests; "" for those of nobody (wrong credentials, unknown paths), None for everybody's.
    after: only requests above this id; earlier losses of the journal then do not matter.

    Conditions: dialect, operation, outcome, status, number, user_agent, finding, near_miss, strict, since, until, after.
    """

    def __init__(self, admin: Admin, tenant: str | None, after: int | None = None) -> None:
        self._admin = admin
        self._tenant = tenant
        self._after = after

    def find(self, **conditions: Any) -> list[Entry]:
        """The requests that meet all conditions. Raises JournalIncompleteError when some may be missing."""
        found: list[Entry] = []
        cursor = None
        while True:
            page = self._admin.get("/v1/requests", self._where(conditions, limit=1000, cursor=cursor))
            self._check(page)
            found += map(Entry, page["entries"])
            cursor = page["next"]
            if cursor is None:
                return found

    def count(self, **conditions: Any) -> int:
        """How many meet all conditions. Raises JournalIncompleteError when some may be missing."""
        answer = self._admin.get("/v1/requests/count", self._where(conditions))
        self._check(answer)
        return int(answer["count"])

    def wait(self, n: int = 1, timeout_seconds: float = 10.0, **conditions: Any) -> Entry:
        """The n-th request that meets the conditions, as soon as it is there. Raises TimeoutError."""
        query = self._where(conditions, n=n, timeout_seconds=timeout_seconds)
        answer = self._admin.ask("GET", "/v1/requests/wait", query=query, wait_seconds=timeout_seconds)
        if not answer["matched"]:
            seen = "\n".join(entry.line() for entry in self.last(10)) or "(none)"
            raise TimeoutError(f"{answer['count']} of {n} within {timeout_seconds} s; the last requests:\n{seen}")
        return Entry(answer["entry"])

    def near_misses(self, **conditions: Any) -> list[Entry]:
        """Refused requests that almost matched (wrong namespace, credential, path case, verb …), newest first."""
        page = self._admin.get("/v1/requests/near-misses", self._where(conditions, limit=1000))
        return [Entry(facts) for facts in page["entries"]]

    def last(self, count: int = 10, **conditions: Any) -> list[Entry]:
        """The newest requests that meet the conditions; the oldest of them comes first."""
        page = self._admin.get("/v1/requests", self._where(conditions, limit=count, newest_first=True))
        return [Entry(facts) for facts in reversed(page["entries"])]

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.find())

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, index: int) -> Entry:
        return self.find()[index]

    def _where(self, conditions: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        return {"tenant": self._tenant, "after": self._after, **conditions, **more}

    def _check(self, answer: Mapping[str, Any]) -> None:
        if not answer["completeness"]["complete"]:
            reasons = ", ".join(sorted({gap["reason"] for gap in answer["completeness"]["gaps"]})) or "evicted"
            raise JournalIncompleteError(f"the journal has dropped entries that may have matched ({reasons})")
