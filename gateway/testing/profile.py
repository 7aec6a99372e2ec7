"""`profile.toml`, beside a dialect's golden cases: what the cases take for granted, as data.

Which customers they run on, which credentials they carry, how a token is had, and how a number line is read and moved over
this wire. The suite, the conformance runner and `explain` learn from it all they know about a vendor.

    [[tenants]]            as in a configuration; the first one is the tenant that cases arrange
    [credentials]          name = the value in the cases, or { value, in = texts around it, extra = true when not all have it }
    [references.NAME]      value, in; [references.NAME.request] finds it at another endpoint; series = true for the id
                           of the first series: those of others count on from it; elsewhere = what always stands for it
    [names]                values = names that cases give to new things, in = texts with {}: others at each new run
    [tokens.NAME]          a request whose answer holds a token
    [line]                 series, kind, shows = next | last, free = true when any number may be set at any time,
                           sets = cases (globs) that set a number whatever it was
    [line.read|set|clear]  requests; `{{number}}` and what `find` named before stand for values; quote = "json" when the
                           named ones are JSON values
    [line.defaults]        what else a request sets, where the case does not say: name = value as it stands on the wire
    [line.fresh]           makes another line, `{{fresh}}` a new name for it: `find` names references, which it stands for
                           then; [line.choose] makes it the one that new documents take
    [[line.issue]]         requests that give a number to a document, each with what the ones before found
    [numbers]              instead of a line, for a wire that shows numbers only as it gives them: series, kind, find
    [operations]           cases (globs) = operation of the coverage table, where the folder is called otherwise
    [axes]                 globs: reads, mutates, negative, gateway_only, anywhere = wherever the line stands,
                           alone = only for customers with nothing but what the case makes; first_series = only where
                           no other tenant was made before; [axes.clients] real client = globs
    [[stock]]              what a customer must have for some cases: text, cases = globs, requests of which the last one
                           finds it; changes = true when they change something
    [[created]]            ids of what cases create, which count there from `first` (1): find, in = texts with {} for an
                           id; within = { pattern = text }: the text only inside of what the pattern matches
    [before]               refused: a pattern; a body of `before-*` whose answer holds it was refused
    varies                 patterns of expected texts; what their group `value` holds is another one at another endpoint
    [schema]               package, files: what the payload of a SOAP answer must be valid against
    [[defaults]], [steps]  what the cases need not repeat; see `gateway/testing/case_defaults.py`
"""

from __future__ import annotations

import json
import re
import tomllib
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

_PLACE: Final = re.compile(r"\{\{([a-z_.]+)\}\}")
Shows = Literal["next", "last"]


@dataclass(frozen=True, slots=True)
class WireRequest:
    """A request with places for values, `{{name}}`, and what is to be found in its answer.

    find: a regular expression with a group `value`, and more named groups for later use. success: the good status.
    absent: the value that means "nothing there"; a text without the pattern means the same.
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
        """What the pattern finds in an answer, by the names of its groups; nothing when the status is not the good one."""
        match = self.find.search(body.decode("utf-8", "replace")) if self.find and status == self.success else None
        found = {name: text for name, text in match.groupdict().items() if text is not None} if match else {}
        if found.get("value") == self.absent:
            found.pop("value", None)
        return found


@dataclass(frozen=True, slots=True)
class Line:
    """The number line that the cases look at: which one, and how this wire reads and moves it."""

    series: str
    kind: str
    shows: Shows
    free: bool
    read: WireRequest
    sets: Sequence[str] = ()
    set: WireRequest | None = None
    clear: WireRequest | None = None
    fresh: WireRequest | None = None
    choose: WireRequest | None = None
    issue: Sequence[WireRequest] = ()
    quote: str = ""
    defaults: Mapping[str, str] = field(default_factory=dict)

    def written(self, value: Any) -> str:
        """A value of a case as it stands on the wire. Numbers of other kinds are shown like the line's own."""
        shown = 0 if value == "unset" else value - (self.shows == "last") if isinstance(value, int) else value
        return json.dumps(shown, ensure_ascii=False) if self.quote == "json" else str(shown)


@dataclass(frozen=True, slots=True)
class Reference:
    """A value of the demo tenant that another endpoint has otherwise: a credential, an id.

    where: texts that hold it, and in which it is to be replaced; none: wherever it stands by itself. extra: not everybody
    has such a thing, so cases with it are run only where it is named. series: it is the id of the first series. elsewhere:
    what stands for it at every other endpoint.
    """

    value: str
    where: Sequence[str] = ()
    request: WireRequest | None = None
    extra: bool = False
    series: bool = False
    elsewhere: str = ""


@dataclass(frozen=True, slots=True)
class Created:
    """How the ids of new things are found in answers, and where they stand; `{}` in a text is the id.

    within: texts that count only inside of what a pattern matches.
    """

    find: re.Pattern[str]
    where: Sequence[str]
    within: Mapping[str, str] = field(default_factory=dict)
    first: int = 1


@dataclass(frozen=True, slots=True)
class Numbers:
    """The line of a wire that shows numbers only as it gives them: whose they are, and how one is found in an answer."""

    series: str
    kind: str
    find: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Stock:
    """Something that a customer must have for some cases. requests: the last one finds it. changes: they change something."""

    text: str
    cases: Sequence[str]
    requests: Sequence[WireRequest]
    changes: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """What a dialect's cases take for granted."""

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
        """The operation of the coverage table that a case is about; its folder's name when nothing else is said."""
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
        """True when the case shows what the gateway does where the vendor would do something else."""
        return _any(self.gateway_only, case.name)

    def is_anywhere(self, case: GoldenCase) -> bool:
        """True when the answer does not depend on where the line stands, though the case says it."""
        return _any(self.anywhere, case.name)

    def is_setting(self, case: GoldenCase) -> bool:
        """True when the case sets the line to a number whatever it was."""
        return self.line is not None and _any(self.line.sets, case.name)

    def needs_new_customer(self, case: GoldenCase) -> bool:
        """True when the answer shows everything that the customer has, and that is nothing but what the case itself makes."""
        return _any(self.alone, case.name)

    def counts_series(self, case: GoldenCase) -> bool:
        """True when the answer shows what is computed from the id of the gateway's very first series."""
        return _any(self.first_series, case.name)

    def stock_of(self, case: GoldenCase) -> list[Stock]:
        """What the customer must have for a case; nothing where the request is refused before that is looked at."""
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
        facts = tomllib.loads(path.read_text(encoding="utf-8"))
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
            numbers=_numbers(facts["numbers"]) if "numbers" in facts else None,
            stock=[_stock(table) for table in facts.get("stock", ())],
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


def _numbers(table: Mapping[str, Any]) -> Numbers:
    return Numbers(table["series"], table["kind"], re.compile(table["find"], re.DOTALL))


def _stock(table: Mapping[str, Any]) -> Stock:
    requests = [_request(own) for own in table["requests"]]
    return Stock(table["text"], table["cases"], requests, table.get("changes", False))


def _line(table: Mapping[str, Any]) -> Line:
    moves = {name: _request(table[name]) for name in ("set", "clear", "fresh", "choose") if name in table}
    return Line(
        series=table["series"],
        kind=table["kind"],
        shows="last" if table.get("shows", "next") == "last" else "next",
        free=table.get("free", False),
        read=_request(table["read"]),
        sets=table.get("sets", ()),
        issue=[_request(own) for own in table.get("issue", ())],
        quote=table.get("quote", ""),
        defaults=table.get("defaults", {}),
        **moves,
    )


def _request(table: Mapping[str, Any]) -> WireRequest:
    known = dict(table)
    if "find" in known:
        known["find"] = re.compile(known["find"], re.DOTALL)
    return WireRequest(**known)
