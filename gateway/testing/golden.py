"""Golden cases: a folder with the request and response as files and a `case.toml` that says what they show.

    case.toml      title, source (a fact of the dialect's README), verified; [given], [settings], [request], [expect]
                   [request]: method, path, bearer; [request.headers]
                   [expect]: status, compare, absent_headers; [expect.headers], [expect.state]
    request.*      the request body, byte for byte; no file = no body
    response.*     the expected body
    before-*.*     bodies that are sent first, in the order of their names. They are sent like the request, but without
                   a SOAPAction, and each must be answered with status 200. Other requests that are sent first are
                   `[[before]]` tables of the case: method, path, body (a file, relative to the folder of the case;
                   none = no body), status, headers (none = those of the case without SOAPAction), find (a pattern
                   for the answer; what its group NAME finds stands for `{{found.NAME}}` in all that follows).
                   `before = ["draft"]` names `[steps]` instead

What many cases share stands once, in the `profile.toml` of the folder of all cases: `[[defaults]]` of [request] and
[expect], and `[steps]` (form in `gateway/testing/case_defaults.py`). A case says only what differs; `false` in place of a
value says that there is none, as in `Content-Type = false`.

`compare` says how bodies are compared: bytes, xml (names, attributes, text; prefixes and indentation do not count),
json, or none. In an expected body `{{base_url}}` stands for the address under test and `{{any}}` for any text. In a
request `{{token.NAME}}` stands for the token or session of that name, which is obtained first. The `profile.toml` in
the folder of all cases says how.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gateway.spi.adapter import Evidence
from gateway.spi.foreign_text import TextError
from gateway.testing.body_comparison import COMPARE, matches, refuse_unreadable
from gateway.testing.case_defaults import Defaults, load_defaults
from gateway.testing.case_error import CaseError
from gateway.testing.case_form import EXPECT, REQUEST, STEP, TOP
from gateway.testing.line_state import refuse_given, refuse_state
from gateway.testing.toml_file import read_toml

if TYPE_CHECKING:
    import aiohttp

__all__ = [
    "Answer",
    "BrokenCase",
    "CaseError",
    "GoldenCase",
    "Sent",
    "differences",
    "earlier",
    "learned",
    "load_case",
    "load_cases",
    "read_cases",
    "send",
    "titles",
    "usable",
    "with_tokens",
]

_TOKEN: Final = re.compile(r"\{\{token\.(\w+)\}\}")
_FOUND: Final = re.compile(r"\{\{found\.(\w+)\}\}")
_NO_TOKENS: Final[Mapping[str, str]] = {}
_NO_AUTO_HEADERS: Final = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that is sent before the case itself.

    body: the body; None without one.
    method: "" for that of the case.
    path: "" for that of the case.
    status: the status that must come back.
    headers: None for those of the case without SOAPAction.
    find: what its answer must hold; values of its named groups are used later. "" looks for nothing.
    """

    body: bytes | None
    method: str = ""
    path: str = ""
    status: int = 200
    headers: Mapping[str, str] | None = None
    find: str = ""


@dataclass(frozen=True, slots=True)
class GoldenCase:
    """One recorded or documented exchange.

    folder: where its files are.
    title: what it shows, for people.
    source: the fact of the dialect's README that it shows.
    verified: how that fact is known.
    method: of the request, and so are path, headers and body.
    status: the expected status.
    compare: how the bodies are compared.
    expected_headers: headers that the answer must have, with these values.
    absent_headers: headers that the answer must not have.
    expected_body: the body that the answer must have.
    given: by series key, the next number of its invoices, or a table of kinds and `prefix`, `suffix`, `issued`.
    settings: settings of the dialect that the case needs.
    state: in the form of `given`, what must hold afterwards; "unset" for a line without a next number.
    bearer: the name of a token that is obtained first and sent as `Authorization: Bearer …`; "" without one.
    client: the real client that sends requests of this form; "" for none.
    before: what to send first.
    """

    folder: Path
    title: str
    source: str
    verified: Evidence
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | None
    status: int
    compare: str
    expected_headers: Mapping[str, str]
    absent_headers: tuple[str, ...]
    expected_body: bytes | None
    given: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    state: Mapping[str, Any] = field(default_factory=dict)
    bearer: str = ""
    client: str = ""
    before: tuple[Sent, ...] = ()

    @property
    def tokens(self) -> frozenset[str]:
        """The names of the tokens that the path, the headers and the bodies hold; not the bearer's."""
        bodies = [(body or b"").decode("iso-8859-1") for body in (self.body, *(sent.body for sent in self.before))]
        paths = [self.path, *(sent.path for sent in self.before)]
        heads = [self.headers, *(sent.headers or {} for sent in self.before)]
        values = [value for headers in heads for value in headers.values()]
        return frozenset(name for text in (*paths, *values, *bodies) for name in _TOKEN.findall(text))

    @property
    def name(self) -> str:
        """The names of its two folders, operation/case."""
        return f"{self.folder.parent.name}/{self.folder.name}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class BrokenCase:
    """A folder with a `case.toml` that cannot be used. error: the folder, and what is wrong with it."""

    folder: Path
    error: str

    @property
    def name(self) -> str:
        """operation/case, as the folders are called."""
        return f"{self.folder.parent.name}/{self.folder.name}"


def read_cases(root: Path) -> list[GoldenCase | BrokenCase]:
    """All cases below a folder, in the order of their paths; one that cannot be used takes its place as a broken one.

    Raises CaseError when the defaults of all of them cannot be used.
    """
    defaults = load_defaults(root)
    return [_read_case(path.parent, defaults) for path in sorted(root.rglob("case.toml"))]


def usable(cases: Iterable[GoldenCase | BrokenCase]) -> list[GoldenCase]:
    """Those that are not broken."""
    return [case for case in cases if isinstance(case, GoldenCase)]


def load_cases(root: Path) -> list[GoldenCase]:
    """All cases below a folder, in the order of their paths. Raises CaseError when one of them is broken."""
    cases = read_cases(root)
    for case in cases:
        if isinstance(case, BrokenCase):
            raise CaseError(case.error)
    return usable(cases)


def load_case(folder: Path, defaults: Defaults | None = None) -> GoldenCase:
    """One case. defaults: None = those beside the folder of its operation. Raises CaseError."""
    case = _read_case(folder, load_defaults(folder.parent.parent) if defaults is None else defaults)
    if isinstance(case, BrokenCase):
        raise CaseError(case.error)
    return case


def _read_case(folder: Path, defaults: Defaults) -> GoldenCase | BrokenCase:
    try:
        facts = read_toml(folder / "case.toml")
        return _case(folder, _checked(defaults.complete(f"{folder.parent.name}/{folder.name}", facts)), defaults)
    except TextError as error:
        return BrokenCase(folder, f"{folder}: case.toml {error}")
    except ValueError as error:
        return BrokenCase(folder, f"{folder}: case.toml {error}")
    except OSError as error:
        return BrokenCase(folder, f"{folder}: case.toml or a file that it names cannot be read: {error}")


def _checked(facts: dict[str, Any]) -> dict[str, Any]:
    TOP.refuse_unlike(facts)
    REQUEST.refuse_unlike(facts["request"])
    EXPECT.refuse_unlike(facts["expect"])
    for sent in facts.get("before", ()):
        if not isinstance(sent, str):
            STEP.refuse_unlike(sent)
    _refuse_unlisted("verified", facts["verified"], [evidence.value for evidence in Evidence])
    _refuse_unlisted("compare", facts["expect"].get("compare", "none"), COMPARE)
    refuse_given(facts.get("given", {}))
    refuse_state(facts["expect"].get("state", {}))
    return facts


def _refuse_unlisted(key: str, value: str, known: Iterable[str]) -> None:
    if value not in known:
        raise ValueError(f"needs one of {', '.join(known)} as {key!r}, found {value!r}")


def _case(folder: Path, facts: Mapping[str, Any], defaults: Defaults) -> GoldenCase:
    request, expect = facts["request"], facts["expect"]
    compare, expected = expect.get("compare", "none"), _file(folder, "response")
    refuse_unreadable(compare, expected)
    return GoldenCase(
        folder=folder,
        title=facts["title"],
        source=facts["source"],
        verified=Evidence(facts["verified"]),
        method=request["method"],
        path=request["path"],
        headers=request.get("headers", {}),
        body=_file(folder, "request"),
        status=expect["status"],
        compare=compare,
        expected_headers=expect.get("headers", {}),
        absent_headers=tuple(expect.get("absent_headers", ())),
        expected_body=expected,
        given=facts.get("given", {}),
        settings=facts.get("settings", {}),
        state=expect.get("state", {}),
        bearer=request.get("bearer", ""),
        client=facts.get("client", ""),
        before=_before(folder, facts.get("before", ()), defaults),
    )


def _before(folder: Path, named: Iterable[str | Mapping[str, Any]], defaults: Defaults) -> tuple[Sent, ...]:
    files = [Sent(path.read_bytes()) for path in sorted(folder.glob("before-*"))]
    others = [
        _sent(defaults.folder, defaults.step(step)) if isinstance(step, str) else _sent(folder, step) for step in named
    ]
    return (*files, *others)


def _sent(folder: Path, step: Mapping[str, Any]) -> Sent:
    return Sent(
        (folder / step["body"]).read_bytes() if "body" in step else None,
        step["method"],
        step["path"],
        step.get("status", 200),
        step.get("headers"),
        _pattern(step.get("find", "")),
    )


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"[[before]] find: {error}") from None
    return text


def _file(folder: Path, stem: str) -> bytes | None:
    found = sorted(folder.glob(f"{stem}.*"))
    if len(found) > 1:
        raise ValueError(f"has more than one {stem} file beside it")
    return found[0].read_bytes() if found else None


def with_tokens(case: GoldenCase, tokens: Mapping[str, str], bearer: str = "") -> GoldenCase:
    """The case with tokens in their places, and the bearer's in its header."""

    filled = _filled(case, lambda text: _TOKEN.sub(lambda found: tokens[found[1]], text))
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    return replace(filled, headers={**filled.headers, **headers}, bearer="")


def _filled(case: GoldenCase, put: Callable[[str], str]) -> GoldenCase:
    """The case with values put into all that is sent."""

    # ISO 8859-1 gives each byte a character and back, so bodies in any encoding keep their other bytes.
    def put_bytes(body: bytes | None) -> bytes | None:
        return put(body.decode("iso-8859-1")).encode("iso-8859-1") if body and b"{{" in body else body

    return replace(
        case,
        path=put(case.path),
        headers={name: put(value) for name, value in case.headers.items()},
        body=put_bytes(case.body),
        before=tuple(
            replace(
                sent,
                body=put_bytes(sent.body),
                path=put(sent.path),
                headers=None if sent.headers is None else {name: put(value) for name, value in sent.headers.items()},
            )
            for sent in case.before
        ),
    )


def learned(case: GoldenCase, index: int, answer: bytes | None) -> GoldenCase:
    """The case with what an answer has shown in its places. Raises CaseError when the answer does not show it.

    index: which of the requests that are sent before was answered.
    """
    find = case.before[index].find
    if not find:
        return case
    match = re.search(find, (answer or b"").decode("utf-8", "replace"))
    if match is None:
        raise CaseError(f"{case.folder}: an answer to what is sent before does not show {find!r}")
    shown = match.groupdict("")
    return _filled(case, lambda text: _FOUND.sub(lambda found: shown.get(found[1], found[0]), text))


def earlier(case: GoldenCase) -> list[GoldenCase]:
    """The requests to send before the case itself, each with the status that must come back."""
    headers = {name: value for name, value in case.headers.items() if name.lower() != "soapaction"}
    plain = replace(case, compare="none", expected_headers={}, absent_headers=(), before=())
    return [
        replace(
            plain,
            body=sent.body,
            method=sent.method or case.method,
            path=sent.path or case.path,
            status=sent.status,
            headers=headers if sent.headers is None else sent.headers,
        )
        for sent in case.before
    ]


async def send(
    session: aiohttp.ClientSession,
    base_url: str,
    case: GoldenCase,
    bearer: str = "",
    tokens: Mapping[str, str] = _NO_TOKENS,
) -> Answer:
    """Send the request exactly as the case says: no header is added that the case does not name."""
    from yarl import URL  # noqa: PLC0415 - to read cases, no HTTP client is needed

    ready = with_tokens(case, tokens, bearer)
    async with session.request(
        case.method,
        URL(base_url + ready.path, encoded=True),
        headers=ready.headers,
        data=ready.body,
        skip_auto_headers=_NO_AUTO_HEADERS,
        allow_redirects=False,
    ) as response:
        return Answer(response.status, response.headers.copy(), await response.read())


def differences(case: GoldenCase, answer: Answer, base_url: str) -> list[str]:
    """The differences between the expected and the given answer, in words; an empty list when there are none."""
    found: list[str] = []
    if answer.status != case.status:
        found.append(f"status {answer.status}, expected {case.status}")
    for name, value in case.expected_headers.items():
        given = answer.headers.get(name)
        if given is None or not matches(value.replace("{{base_url}}", base_url), given):
            found.append(f"header {name}: {given!r}, expected {value!r}")
    found.extend(f"header {name} should not be there" for name in case.absent_headers if name in answer.headers)
    expected = (case.expected_body or b"").replace(b"{{base_url}}", base_url.encode())
    found.extend(COMPARE[case.compare](expected, answer.body))
    if found:
        found.append(f"body was {answer.body[:2000]!r}")
    return found


def titles(cases: Iterable[GoldenCase | BrokenCase]) -> list[str]:
    """Ids for a parametrised test."""
    return [case.name for case in cases]
