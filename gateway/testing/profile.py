"""`profile.toml`, beside a dialect's golden cases: what all cases have in common, as data.

It says which customers the cases run on, which credentials they carry, how a token is obtained, and how a number line is
read and moved over this wire. The suite, the conformance runner and `explain` know nothing else about a vendor.

    [[tenants]]            as in a configuration; the first one is the tenant that cases arrange
    [credentials]          name = the value in the cases, or a table: value; in = texts around it; extra = true when not
                           everybody has such a credential
    [references.NAME]      value, in; [references.NAME.request] finds the value at another endpoint; series = true for
                           the id of the first series (the ids of others count on from it); elsewhere = the value at
                           every other endpoint
    [names]                values = names that cases give to new things; in = texts with {}; each run uses other names
    [tokens.NAME]          a request whose answer holds a token
    [line]                 series, kind, shows = next | last; free = true when any number may be set at any time;
                           sets = cases (globs) that set a number, whatever it was before; draws = that give one out
    [line.read|set|clear]  requests; `{{number}}` and the groups that an earlier `find` named stand for values;
                           quote = "json" when the named ones are JSON values
    [line.defaults]        what else a request sets where the case does not say it: name = value as it is on the wire
    [line.fresh]           makes another line; `{{fresh}}` is a new name for it; `find` names the references that then
                           stand for the new line; [line.choose] makes it the line that new documents take
    [[line.issue]]         requests that give a number to a document; each may use what the earlier ones found
    [numbers]              instead of a line, for a wire that shows a number only when it gives it: series, kind, find
    [operations]           cases (globs) = operation of the coverage table, where the folder has another name
    [axes]                 globs: reads; mutates; negative; gateway_only; anywhere = independent of where the line stands;
                           alone = only for customers with nothing but what the case makes; first_series = only where
                           no other tenant was made before; [axes.clients] real client = globs
    [[stock]]              what a customer must have for some cases: text; cases = globs; requests, of which the last one
                           finds it; changes = true when they change something
    [[created]]            ids of things that cases create; in the cases they count from `first` (1): find; in = texts
                           with {} for an id; within = { pattern = text }: the text only inside of a match of the pattern
    [before]               refused = a pattern; a request before the case was refused when its answer holds it
    varies                 patterns of expected texts; the text in their group `value` differs at another endpoint
    [schema]               package, files: the payload of a SOAP answer must be valid against these
    [[defaults]], [steps]  what the cases need not repeat; see `gateway/testing/case_defaults.py`
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from importlib import import_module
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, Final, Literal

from gateway.spi.adapter import Evidence
from gateway.testing.case_defaults import PROFILE
from gateway.testing.golden import BrokenCase, CaseError, GoldenCase
from gateway.testing.toml_file import read_toml

_PLACE: Final = re.compile(r"\{\{([a-z_.]+)\}\}")
Shows = Literal["next", "last"]


@dataclass(frozen=True, slots=True)
class WireRequest:
    """A request with places for values, `{{name}}`, and what to find in its answer.

    bearer: the name of the token to send; "" without one.
    find: a regular expression with a group `value`, and more named groups for later requests.
    success: the good status.
    absent: the value that means "nothing there"; an answer without the pattern means the same.
    """

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    bearer: str = ""
    find: re.Pattern[str] | None = None
    success: int = 200
    absent: str | None = None

    def filled(self, values: Mapping[str, str]) -> WireRequest:
        """The request with values in their places."""
        return WireRequest(
            self.method,
            fill(self.path, values),
            {name: fill(value, values) for name, value in self.headers.items()},
            None if self.body is None else fill(self.body, values),
            self.bearer,
            self.find,
            self.success,
            self.absent,
        )

    def as_case(self, folder: Path = Path()) -> GoldenCase:
        """The request in the form of a case that expects nothing."""
        return GoldenCase(
            folder=folder,
            title="",
            source="",
            verified=Evidence.INFERRED,
            method=self.method,
            path=self.path,
            headers=self.headers,
            body=None if self.body is None else self.body.encode(),
            status=self.success,
            compare="none",
            expected_headers={},
            absent_headers=(),
            expected_body=None,
            bearer=self.bearer,
        )

    def found_in(self, status: int, body: bytes) -> dict[str, str]:
        """What the pattern finds in an answer, by the names of its groups; nothing unless the status is the good one."""
        match = self.find.search(body.decode("utf-8", "replace")) if self.find and status == self.success else None
        found = {name: text for name, text in match.groupdict().items() if text is not None} if match else {}
        if found.get("value") == self.absent:
            found.pop("value", None)
        return found


@dataclass(frozen=True, slots=True)
class Line:
    """The number line that the cases are about, and how this wire reads and moves it.

    series: the key of its series.
    kind: the kind of document.
    shows: whether the wire shows the next number or the last one.
    free: any number may be set at any time.
    read: reads the line.
    sets: cases (globs) that set a number, whatever it was before.
    draws: cases (globs) that give out a number. It cannot be given again, so the line never goes back for them.
    set, clear, fresh, choose: as in the file; None when this wire cannot do it.
    issue: gives a number to a document, request by request.
    quote: `json` when named values are JSON.
    defaults: what else a request sets, by name, as it is on the wire.
    """

    series: str
    kind: str
    shows: Shows
    free: bool
    read: WireRequest
    sets: Sequence[str] = ()
    draws: Sequence[str] = ()
    set: WireRequest | None = None
    clear: WireRequest | None = None
    fresh: WireRequest | None = None
    choose: WireRequest | None = None
    issue: Sequence[WireRequest] = ()
    quote: str = ""
    defaults: Mapping[str, str] = field(default_factory=dict)

    def written(self, value: Any) -> str:
        """A value of a case in its form on the wire. Numbers of other kinds are shown like the line's own."""
        shown = 0 if value == "unset" else value - (self.shows == "last") if isinstance(value, int) else value
        return json.dumps(shown, ensure_ascii=False) if self.quote == "json" else str(shown)


@dataclass(frozen=True, slots=True)
class Reference:
    """A value of the demo tenant that differs at another endpoint: a credential or an id.

    where: texts that hold it, and in which it is replaced; without any, it is replaced wherever it is a word of its own.
    request: finds the value at another endpoint; None when nothing does.
    extra: not everybody has such a thing, so cases with it run only when the user names it.
    series: it is the id of the first series.
    elsewhere: the value at every other endpoint; "" when that is not known.
    """

    value: str
    where: Sequence[str] = ()
    request: WireRequest | None = None
    extra: bool = False
    series: bool = False
    elsewhere: str = ""


@dataclass(frozen=True, slots=True)
class Created:
    """How the ids of new things are found in answers, and where the cases have them.

    find: a pattern whose group `value` is an id.
    where: texts with `{}` for an id.
    within: by pattern, a text with `{}` that counts only inside of what the pattern matches.
    first: the id of the first new thing in the cases; later ones count on.
    """

    find: re.Pattern[str]
    where: Sequence[str]
    within: Mapping[str, str] = field(default_factory=dict)
    first: int = 1


@dataclass(frozen=True, slots=True)
class Numbers:
    """The line of a wire that shows a number only when it gives it.

    find: a pattern whose group `value` is a number.
    """

    series: str
    kind: str
    find: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Stock:
    """Something that a customer must have for some cases.

    requests: the last one finds it.
    changes: the requests change something.
    """

    text: str
    cases: Sequence[str]
    requests: Sequence[WireRequest]
    changes: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """What all cases of a dialect have in common. The tables of the file, under the same or a similar name."""

    folder: Path
    tenants: Sequence[Mapping[str, Any]] = ()
    credentials: Mapping[str, Reference] = field(default_factory=dict)
    references: Mapping[str, Reference] = field(default_factory=dict)
    tokens: Mapping[str, WireRequest] = field(default_factory=dict)
    line: Line | None = None
    operations: Mapping[str, str] = field(default_factory=dict)
    reads: Sequence[str] = ()
    mutates: Sequence[str] = ()
    refuses: Sequence[str] = ()
    gateway_only: Sequence[str] = ()
    anywhere: Sequence[str] = ()
    alone: Sequence[str] = ()
    first_series: Sequence[str] = ()
    created: Sequence[Created] = ()
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    numbers: Numbers | None = None
    stock: Sequence[Stock] = ()
    varies: Sequence[re.Pattern[str]] = ()
    clients: Mapping[str, Sequence[str]] = field(default_factory=dict)
    schema_package: str = ""
    schema_files: Sequence[str] = ()
    refused_before: re.Pattern[str] | None = None

    def operation_of(self, case: GoldenCase | BrokenCase) -> str:
        """The operation of the coverage table that a case is about; the name of its folder unless the profile differs."""
        for pattern, operation in self.operations.items():
            if fnmatchcase(case.name, pattern):
                return operation
        return case.folder.parent.name

    def is_reading(self, case: GoldenCase) -> bool:
        """True when sending the case cannot change anything at an endpoint that works as it should."""
        if _any(self.mutates, case.name):
            return False
        return case.method in {"GET", "HEAD", "OPTIONS"} or _any(self.reads, case.name)

    def is_negative(self, case: GoldenCase) -> bool:
        """True when the case expects a refusal."""
        return case.status >= 400 or _any(self.refuses, case.name)

    def is_gateways_own(self, case: GoldenCase) -> bool:
        """True when the case shows an answer of the gateway where the vendor would do something else."""
        return _any(self.gateway_only, case.name)

    def is_anywhere(self, case: GoldenCase) -> bool:
        """True when the answer does not depend on where the line stands, although the case names a number."""
        return _any(self.anywhere, case.name)

    def is_setting(self, case: GoldenCase) -> bool:
        """True when the case sets the line to a number, whatever it was before."""
        return self.line is not None and _any(self.line.sets, case.name)

    def is_drawing(self, case: GoldenCase) -> bool:
        """True when the case gives out a number that cannot be given again."""
        return self.line is not None and _any(self.line.draws, case.name)

    def needs_new_customer(self, case: GoldenCase) -> bool:
        """True when the answer shows everything that the customer has, and expects only what the case itself makes."""
        return _any(self.alone, case.name)

    def counts_series(self, case: GoldenCase) -> bool:
        """True when the answer shows something that is computed from the id of the gateway's very first series."""
        return _any(self.first_series, case.name)

    def stock_of(self, case: GoldenCase) -> list[Stock]:
        """What the customer must have for a case; nothing when the vendor refuses the request before it needs that."""
        if self.is_negative(case) and not case.before:
            return []
        return [stock for stock in self.stock if _any(stock.cases, case.name)]

    def client_of(self, case: GoldenCase) -> str:
        """The real client whose requests look like this one, "" for none."""
        named = (name for name, patterns in self.clients.items() if _any(patterns, case.name))
        return case.client or next(named, "")


def _any(patterns: Sequence[str], name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put values where `{{name}}` stands; what has no value stays."""
    return _PLACE.sub(lambda match: values.get(match[1], match[0]), text)


def cases_folder(point: EntryPoint) -> Path | None:
    """Where the golden cases of an installed dialect are: in its package, or in the source tree that it comes from."""
    module = import_module(point.module)
    if module.__file__ is None:
        return None
    package = Path(module.__file__).parent
    candidates = [package / "cases", *(up / "tests" / "adapters" / point.name / "cases" for up in package.parents[:3])]
    return next((folder for folder in candidates if folder.is_dir()), None)


def load_profile(folder: Path) -> Profile:
    """The profile of a folder of cases; an empty one when there is no file. Raises CaseError."""
    path = folder / PROFILE
    if not path.is_file():
        return Profile(folder)
    try:
        facts = read_toml(path)
        axes, schema = facts.get("axes", {}), facts.get("schema", {})
        return Profile(
            folder=folder,
            tenants=facts.get("tenants", ()),
            credentials={name: _reference(value) for name, value in facts.get("credentials", {}).items()},
            references={name: _reference(table) for name, table in facts.get("references", {}).items()},
            tokens={name: _request(table) for name, table in facts.get("tokens", {}).items()},
            line=_line(facts["line"]) if "line" in facts else None,
            operations=facts.get("operations", {}),
            reads=axes.get("reads", ()),
            mutates=axes.get("mutates", ()),
            refuses=axes.get("negative", ()),
            gateway_only=axes.get("gateway_only", ()),
            anywhere=axes.get("anywhere", ()),
            alone=axes.get("alone", ()),
            first_series=axes.get("first_series", ()),
            varies=[re.compile(pattern) for pattern in facts.get("varies", ())],
            created=[_created(table) for table in facts.get("created", ())],
            names=_names(facts.get("names", {})),
            numbers=Numbers(**_compiled(facts["numbers"])) if "numbers" in facts else None,
            stock=[Stock(**{**own, "requests": [*map(_request, own["requests"])]}) for own in facts.get("stock", ())],
            clients=axes.get("clients", {}),
            schema_package=schema.get("package", ""),
            schema_files=schema.get("files", ()),
            refused_before=re.compile(facts["before"]["refused"]) if "before" in facts else None,
        )
    except KeyError as error:
        raise CaseError(f"{path}: has no {error}") from None
    except (ValueError, TypeError, re.error) as error:
        raise CaseError(f"{path}: {error}") from None


def _reference(table: Mapping[str, Any] | str) -> Reference:
    if isinstance(table, str):
        return Reference(table)
    request = table.get("request")
    return Reference(
        table["value"],
        table.get("in", ()),
        _request(request) if request else None,
        table.get("extra", False),
        table.get("series", False),
        table.get("elsewhere", ""),
    )


def _created(table: Mapping[str, Any]) -> Created:
    return Created(re.compile(table["find"], re.DOTALL), table["in"], table.get("within", {}), table.get("first", 1))


def _names(table: Mapping[str, Any]) -> dict[str, Sequence[str]]:
    return {name: [text.replace("{}", name) for text in table["in"]] for name in table.get("values", ())}


def _line(table: Mapping[str, Any]) -> Line:
    moves = {name: _request(table[name]) for name in ("set", "clear", "fresh", "choose") if name in table}
    return Line(
        series=table["series"],
        kind=table["kind"],
        shows="last" if table.get("shows", "next") == "last" else "next",
        free=table.get("free", False),
        read=_request(table["read"]),
        sets=table.get("sets", ()),
        draws=table.get("draws", ()),
        issue=[_request(own) for own in table.get("issue", ())],
        quote=table.get("quote", ""),
        defaults=table.get("defaults", {}),
        **moves,
    )


def _request(table: Mapping[str, Any]) -> WireRequest:
    return WireRequest(**_compiled(table))


def _compiled(table: Mapping[str, Any]) -> dict[str, Any]:
    return {name: re.compile(value, re.DOTALL) if name == "find" else value for name, value in table.items()}
