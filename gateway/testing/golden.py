"""Golden cases: a folder with the request and response as files and a `case.toml` that says what they show.

    case.toml      title, source (a fact of the dialect's README), verified; [given], [settings], [request], [expect]
    request.*      the request body, byte for byte; no file = no body
    response.*     the expected body
    before-*.*     bodies that are sent first, in the order of their names. They are sent like the request, but without
                   a SOAPAction, and each must be answered with status 200. Other requests that are sent first are
                   `[[before]]` tables of the case: method, path, body (a file, relative to the folder of the case;
                   none = no body), status, headers (none = those of the case without SOAPAction)

`compare` says how bodies are compared: bytes, xml (names, attributes, text; prefixes and indentation do not count),
json, or none. In an expected body `{{base_url}}` stands for the address under test and `{{any}}` for any text. In a
request `{{token.NAME}}` stands for the token or session of that name, which is obtained first. The `profile.toml` in
the folder of all cases says how.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gateway.spi.adapter import Evidence
from gateway.wire.xml import XmlRefused, parse

if TYPE_CHECKING:
    import aiohttp

_ANY: Final = "{{any}}"
_TOKEN: Final = re.compile(r"\{\{token\.(\w+)\}\}")
_NO_TOKENS: Final[Mapping[str, str]] = {}
_NO_AUTO_HEADERS: Final = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
_KEYS: Final = {
    "": {"title", "source", "verified", "client", "given", "settings", "before", "request", "expect"},
    "request": {"method", "path", "headers", "bearer"},
    "expect": {"status", "headers", "compare", "state", "absent_headers"},
}


class CaseError(Exception):
    """A case folder is not usable; the text names the folder and what is wrong."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that is sent before the case itself.

    body: the body; None without one.
    method: "" for that of the case.
    path: "" for that of the case.
    status: the status that must come back.
    headers: None for those of the case without SOAPAction.
    """

    body: bytes | None
    method: str = ""
    path: str = ""
    status: int = 200
    headers: Mapping[str, str] | None = None


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
        paths = (self.path, *(sent.path for sent in self.before))
        return frozenset(name for text in (*paths, *self.headers.values(), *bodies) for name in _TOKEN.findall(text))

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


def load_cases(root: Path) -> list[GoldenCase]:
    """All cases below a folder, in the order of their names. Raises CaseError."""
    return [load_case(path.parent) for path in sorted(root.rglob("case.toml"))]


def load_case(folder: Path) -> GoldenCase:
    """One case. Raises CaseError."""
    try:
        facts = tomllib.loads((folder / "case.toml").read_text(encoding="utf-8"))
        _refuse_unknown(facts)
        request, expect = facts["request"], facts["expect"]
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
            compare=expect.get("compare", "none"),
            expected_headers=expect.get("headers", {}),
            absent_headers=tuple(expect.get("absent_headers", ())),
            expected_body=_file(folder, "response"),
            given=facts.get("given", {}),
            settings=facts.get("settings", {}),
            state=expect.get("state", {}),
            bearer=request.get("bearer", ""),
            client=facts.get("client", ""),
            before=_before(folder, facts.get("before", ())),
        )
    except KeyError as error:
        raise CaseError(f"{folder}: case.toml has no {error}") from None
    except (ValueError, OSError) as error:
        raise CaseError(f"{folder}: {error}") from None


def _refuse_unknown(facts: Mapping[str, Any]) -> None:
    for sent in facts.get("before", ()):
        if unknown := set(sent) - {"method", "path", "body", "status", "headers"}:
            raise ValueError(f"unknown keys {sorted(unknown)} in [[before]]")
    for section, allowed in _KEYS.items():
        table = facts.get(section, {}) if section else facts
        if unknown := set(table) - allowed:
            raise ValueError(f"unknown keys {sorted(unknown)} in [{section or 'top level'}]")


def _before(folder: Path, tables: Iterable[Mapping[str, Any]]) -> tuple[Sent, ...]:
    files = [Sent(path.read_bytes()) for path in sorted(folder.glob("before-*"))]
    others = [
        Sent(
            (folder / table["body"]).read_bytes() if "body" in table else None,
            table["method"],
            table["path"],
            table.get("status", 200),
            table.get("headers"),
        )
        for table in tables
    ]
    return (*files, *others)


def _file(folder: Path, stem: str) -> bytes | None:
    found = sorted(folder.glob(f"{stem}.*"))
    if len(found) > 1:
        raise ValueError(f"more than one {stem} file")
    return found[0].read_bytes() if found else None


def with_tokens(case: GoldenCase, tokens: Mapping[str, str], bearer: str = "") -> GoldenCase:
    """The case with tokens in their places, and the bearer's in its header."""

    # ISO 8859-1 gives each byte a character and back, so bodies in any encoding keep their other bytes.
    def put(text: str) -> str:
        return _TOKEN.sub(lambda found: tokens[found[1]], text)

    def put_bytes(body: bytes | None) -> bytes | None:
        return put(body.decode("iso-8859-1")).encode("iso-8859-1") if body and b"{{token." in body else body

    headers = {name: put(value) for name, value in case.headers.items()}
    headers |= {"Authorization": f"Bearer {bearer}"} if bearer else {}
    return replace(
        case,
        path=put(case.path),
        headers=headers,
        body=put_bytes(case.body),
        before=tuple(replace(sent, body=put_bytes(sent.body), path=put(sent.path)) for sent in case.before),
        bearer="",
    )


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
        if given is None or not _matches(value.replace("{{base_url}}", base_url), given):
            found.append(f"header {name}: {given!r}, expected {value!r}")
    found.extend(f"header {name} should not be there" for name in case.absent_headers if name in answer.headers)
    if case.compare != "none":
        expected = (case.expected_body or b"").replace(b"{{base_url}}", base_url.encode())
        found.extend(_COMPARE[case.compare](expected, answer.body))
    if found:
        found.append(f"body was {answer.body[:2000]!r}")
    return found


def _matches(expected: str, given: str) -> bool:
    if _ANY not in expected:
        return expected == given
    pattern = ".+".join(re.escape(part) for part in expected.split(_ANY))
    return re.fullmatch(pattern, given, re.DOTALL) is not None


def _compare_bytes(expected: bytes, given: bytes) -> Iterator[str]:
    if not _matches(expected.decode("utf-8", "surrogateescape"), given.decode("utf-8", "surrogateescape")):
        yield f"body differs from {expected!r}"


def _compare_json(expected: bytes, given: bytes) -> Iterator[str]:
    try:
        value = json.loads(given)
    except ValueError as error:
        yield f"body is not JSON: {error}"
        return
    yield from _json_differences(json.loads(expected), value, "$")


def _json_differences(expected: Any, given: Any, path: str) -> Iterator[str]:
    if isinstance(expected, dict) and isinstance(given, dict):
        if list(expected) != list(given):
            yield f"{path}: members {list(given)}, expected {list(expected)}"
        for key in expected.keys() & given.keys():
            yield from _json_differences(expected[key], given[key], f"{path}.{key}")
    elif isinstance(expected, list) and isinstance(given, list) and len(expected) == len(given):
        for index, (one, other) in enumerate(zip(expected, given, strict=True)):
            yield from _json_differences(one, other, f"{path}[{index}]")
    elif isinstance(expected, str) and isinstance(given, str):
        if not _matches(expected, given):
            yield f"{path}: {given!r}, expected {expected!r}"
    elif (expected != given or type(expected) is not type(given)) and expected != _ANY:
        yield f"{path}: {given!r}, expected {expected!r}"


def _compare_xml(expected: bytes, given: bytes) -> Iterator[str]:
    try:
        root = parse(given)
    except XmlRefused as error:
        yield f"body is not XML: {error}"
        return
    yield from _xml_differences(parse(expected), root, "")


def _xml_differences(expected: Any, given: Any, path: str) -> Iterator[str]:
    here = f"{path}/{expected.tag}"
    if expected.tag != given.tag:
        yield f"{here}: found element {given.tag}"
        return
    if dict(expected.attrib) != dict(given.attrib):
        yield f"{here}: attributes {dict(given.attrib)}, expected {dict(expected.attrib)}"
    has_children = len(expected) or len(given)
    one, other = _text(expected, has_children), _text(given, has_children)
    if not _matches(one, other):
        yield f"{here}: text {other!r}, expected {one!r}"
    if len(expected) != len(given):
        yield f"{here}: children {[child.tag for child in given]}, expected {[child.tag for child in expected]}"
        return
    for left, right in zip(expected, given, strict=True):
        yield from _xml_differences(left, right, here)


def _text(element: Any, has_children: int | bool) -> str:
    text = element.text or ""
    return text.strip() if has_children else text


_COMPARE: Final = {"bytes": _compare_bytes, "json": _compare_json, "xml": _compare_xml}


def titles(cases: Iterable[GoldenCase]) -> list[str]:
    """Ids for a parametrised test."""
    return [case.name for case in cases]
