"""A tenant as a file: one JSON value a line, so that a million documents need little memory (ADR-41).

    {"format": "invoice-gateway tenant", "version": 1, "tenant": …, "revision": …, "store": …, "at": …, …}
    {"table": "series", "columns": [...]}          then the table's rows, each a list of values; then the next table
    {"end": true, "rows": {...}, "content": …, "digest": …}

`content` is the SHA-256 of the lines between the first and the last: equal for equal contents, whatever store they come from.
`digest` covers the first line, too. The chains of the ledger are recomputed besides.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
from array import array
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, TextIO

from gateway.core.ledger import Entry, Finding, entry_of, verify
from gateway.core.values import TenantId
from gateway.spi.foreign_text import TextError, json_value
from gateway.stores.engine import tables
from gateway.stores.engine.former_fields import FORMER, renewed_pages
from gateway.stores.engine.former_items import pages_with_records
from gateway.stores.engine.former_rows import reshaping
from gateway.stores.engine.rows import counter_of
from gateway.stores.engine.statements import Row
from gateway.stores.engine.tables import Table
from gateway.stores.engine.tenant_rows import CONDITIONS
from gateway.stores.engine.transfer import PAGE_ROWS, LastIds, Page, Pages

FORMAT: Final = "invoice-gateway tenant"
VERSION: Final = 1
_LONGEST_LINE: Final = 256 * 1024 * 1024
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_KINDS: Final[dict[str, type]] = {"BIGINT": int, "TEXT": str, "BOOLEAN": bool, "BYTEA": str}
OPTIONAL: Final[dict[Table, frozenset[str]]] = {
    tables.series: frozenset({"prefix", "suffix", "owner"}),
    tables.counters: frozenset({"next_number", "highest_issued", "latest_date", "first_number", "last_number"}),
    tables.issued: frozenset({"reservation_key"}),
    tables.ledger: frozenset({"before", "after", "number"}),
    tables.documents: frozenset({"series", "number", "customer", "external_status", "document_date", "key", "line"}),
    tables.due_work: frozenset({"ended"}),
}
"""The columns that may hold nothing."""


class ExportError(Exception):
    """The file is not what it should be; the text says where and what, for people."""


@dataclass(frozen=True, slots=True)
class Head:
    """The first line.

    revision: of the store's schema.
    store: its name, for people.
    at: when the file was written; ISO 8601, UTC.
    last_ids: the highest ids that the store had made up.
    """

    tenant: TenantId
    revision: str
    store: str
    at: str
    last_ids: LastIds = field(default_factory=LastIds)

    def line(self) -> str:
        """As it stands in the file."""
        return _encode({"format": FORMAT, "version": VERSION, **asdict(self)})


@dataclass(frozen=True, slots=True)
class Summary:
    """The last line."""

    rows: dict[str, int]
    content: str
    digest: str


class ContentDigest:
    """Digests pages in the form that they have in the file, and counts their rows."""

    def __init__(self, head: str = "") -> None:
        self.rows: dict[str, int] = {}
        self._content = hashlib.sha256()
        self._whole = hashlib.sha256(head.encode())
        self._table: Table | None = None

    def lines(self, table: Table, rows: Sequence[Row]) -> str:
        """The lines of a page; they are digested and counted here."""
        lines = []
        if table is not self._table:
            self._table = table
            lines.append(_encode({"table": table.name, "columns": list(table.columns)}))
        binary = [place for place, kind in enumerate(table.types.values()) if kind == "BYTEA"]
        lines += [_encode(_written(row, binary)) for row in rows]
        self.rows[table.name] = self.rows.get(table.name, 0) + len(rows)
        text = "".join(f"{line}\n" for line in lines)
        self.take(text.encode())
        return text

    def take(self, lines: bytes) -> None:
        """Digest lines as they stand in the file."""
        self._content.update(lines)
        self._whole.update(lines)

    def summary(self) -> Summary:
        """What was seen so far."""
        return Summary(self.rows, self._content.hexdigest(), self._whole.hexdigest())


def _written(row: Row, binary: Sequence[int]) -> Sequence[Any]:
    if not binary:
        return row
    return [base64.b64encode(value).decode() if place in binary else value for place, value in enumerate(row)]


async def digest_of(pages: Pages) -> Summary:
    """The summary that a file of these pages would have, without its first line."""
    digest = ContentDigest()
    async for table, rows in pages:
        digest.lines(table, rows)
    return digest.summary()


async def write_export(path: Path, head: Head, pages: Pages) -> Summary:
    """Write a file that only its owner can read. It gets its name when it is whole and on the disk."""
    unfinished = path.with_name(path.name + ".part")
    unfinished.unlink(missing_ok=True)
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as out:
            summary = await _write(out, head, pages)
        unfinished.rename(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return summary


async def _write(out: TextIO, head: Head, pages: Pages) -> Summary:
    first = head.line() + "\n"
    out.write(first)
    digest = ContentDigest(first)
    async for table, rows in pages:
        out.write(digest.lines(table, rows))
    summary = digest.summary()
    out.write(_encode({"end": True, **asdict(summary)}) + "\n")
    out.flush()
    os.fsync(out.fileno())
    return summary


def read_head(path: Path) -> Head:
    """The first line. Raises ExportError."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return _head(lines.readline(_LONGEST_LINE))
    except (OSError, UnicodeDecodeError) as error:
        raise ExportError(f"{path}: cannot be read: {error}") from error


def _head(line: str) -> Head:
    values = _object(line, 1)
    if values.get("format") != FORMAT:
        raise ExportError("line 1: not an exported tenant")
    if values.get("version") != VERSION:
        raise ExportError(f"line 1: version {values.get('version')!r} of the format; this program reads {VERSION}")
    try:
        own = {name: values[name] for name in ("tenant", "revision", "store", "at")}
        last_ids = LastIds(**values["last_ids"])
        if not all(isinstance(text, str) for text in own.values()):
            raise TypeError(f"{', '.join(own)} must be text")
        if not all(isinstance(last, int) for last in asdict(last_ids).values()):
            raise TypeError("last_ids must be numbers")
        return Head(**own, last_ids=last_ids)
    except KeyError as error:
        raise ExportError(f"line 1: {error} is missing") from error
    except TypeError as error:
        raise ExportError(f"line 1: {error}") from error


def _object(line: str, number: int) -> dict[str, Any]:
    try:
        values = json_value(line)
    except TextError as error:
        raise ExportError(f"line {number}: {error}") from error
    if not isinstance(values, dict):
        raise ExportError(f"line {number}: not an object")
    return values


def read_pages(path: Path) -> Iterator[Page]:
    """The rows in pages, each checked for its form and its tenant. Blocking.

    Raises ExportError, perhaps only at the end of the file. So the reader must not commit anything before the end.
    """
    try:
        with path.open("rb") as lines:
            head, pages = read_head(path), _Reading(lines).pages()
            yield from (
                renewed_pages(pages, PAGE_ROWS) if head.revision in FORMER else pages_with_records(pages, head.at)
            )
    except OSError as error:
        raise ExportError(f"{path}: cannot be read: {error}") from error
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as error:
        raise ExportError(f"{path}: catalogue: not a customer or product: {error}") from error


async def pages_of(path: Path) -> Pages:
    """The same beside the event loop."""
    pages = read_pages(path)
    while (page := await asyncio.to_thread(next, pages, None)) is not None:
        yield page


@dataclass(frozen=True, slots=True)
class _Form:
    """What has to be checked in a table's rows.

    tenant: the place of the column with the tenant, if there is one.
    series: the place of the column with the series, if there is one.
    binary: the places of columns with bytes.
    seen: combinations of types of the values that were found to be right.
    """

    tenant: int | None
    series: int | None
    binary: tuple[int, ...]
    seen: set[tuple[type, ...]]

    @staticmethod
    def of(table: Table) -> _Form:
        """For one table."""
        places = {name: place for place, name in enumerate(table.columns)}
        binary = tuple(place for place, kind in enumerate(table.types.values()) if kind == "BYTEA")
        return _Form(places.get("tenant"), places.get("series"), binary, set())


class _Reading:
    """One pass through a file."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = iter(lines)
        self._number = 0
        self._tables = {table.name: table for table in CONDITIONS}
        self._series: set[int] = set()
        self._columns: tuple[Any, ...] = ()
        self._reshape: Callable[[Sequence[Any]], Row] | None = None
        self._forms = {table: _Form.of(table) for table in CONDITIONS}

    def _next(self) -> bytes:
        self._number += 1
        line = next(self._lines, b"")
        if not line.endswith(b"\n"):
            raise ExportError(f"line {self._number}: the file ends too early")
        if self._number == 1:
            line = line.removeprefix(BOM_UTF8)
        # The digests are of the lines as they were written; no value holds a bare carriage return.
        return line[:-2] + b"\n" if line.endswith(b"\r\n") else line

    def _wrong(self, text: str) -> ExportError:
        return ExportError(f"line {self._number}: {text}")

    def pages(self) -> Iterator[Page]:
        """All pages; afterwards the last line is compared with what was read."""
        first = self._next()
        tenant, digest = _head(first.decode(errors="replace")).tenant, ContentDigest(first.decode(errors="replace"))
        table: Table | None = None
        rows: list[Row] = []
        while True:
            line = self._next()
            value = self._value(line)
            if isinstance(value, dict):
                if table is not None and rows:
                    yield table, rows
                rows = []
                if value.get("end") is True:
                    break
                table = self._table(value)
                digest.rows[table.name] = 0
            elif table is None:
                raise self._wrong("a row before any table")
            else:
                rows.append(self._row(table, value, tenant))
                digest.rows[table.name] += 1
                if len(rows) == PAGE_ROWS:
                    yield table, rows
                    rows = []
            digest.take(line)
        self._compare(value, digest.summary())

    def _value(self, line: bytes) -> Any:
        try:
            return json_value(line.decode())
        except UnicodeDecodeError as error:
            raise self._wrong("is not UTF-8 text") from error
        except TextError as error:
            raise self._wrong(str(error)) from error

    def _table(self, value: dict[str, Any]) -> Table:
        table = self._tables.pop(value.get("table", ""), None)
        if table is None:
            raise self._wrong(f"table {value.get('table')!r} is unknown, or there twice")
        try:
            self._columns = tuple(value.get("columns", ()))
            self._reshape = reshaping(table, self._columns)
        except (TypeError, ValueError) as error:
            raise self._wrong(str(error)) from error
        return table

    def _row(self, table: Table, values: Any, tenant: TenantId) -> Row:
        form = self._forms[table]
        if self._reshape is not None and isinstance(values, list):
            if len(values) != len(self._columns):
                raise self._wrong(f"not a row of {table.name}")
            values = list(self._reshape(values))
        if not isinstance(values, list) or tuple(map(type, values)) not in form.seen:
            self._check_form(table, values, form)
        if form.tenant is not None and values[form.tenant] != tenant:
            raise self._wrong(f"{table.name}: a row of tenant {values[form.tenant]!r}")
        if table is tables.series:
            self._series.add(values[0])
        elif form.series is not None and values[form.series] is not None and values[form.series] not in self._series:
            raise self._wrong(f"{table.name}: series {values[form.series]} is not in the file")
        elif table is tables.meta and not values[0].endswith(f":{tenant}"):
            raise self._wrong(f"meta: {values[0]!r} is not the tenant's")
        for place in form.binary:
            try:
                values[place] = base64.b64decode(values[place], validate=True)
            except ValueError as error:
                raise self._wrong(f"{table.name}.{table.columns[place]}: {error}") from error
        return tuple(values)

    def _check_form(self, table: Table, values: Any, form: _Form) -> None:
        """Check each value's type; a combination of types that was found right before is not checked again."""
        if not isinstance(values, list) or len(values) != len(table.columns):
            raise self._wrong(f"not a row of {table.name}")
        for (name, kind), value in zip(table.types.items(), values, strict=True):
            if not (type(value) is _KINDS[kind] or (value is None and name in OPTIONAL.get(table, ()))):
                raise self._wrong(f"{table.name}.{name}: found {value!r}")
        form.seen.add(tuple(map(type, values)))

    def _compare(self, value: dict[str, Any], found: Summary) -> None:
        if next(self._lines, b""):
            raise self._wrong("there is more after the end")
        said = {name: value.get(name) for name in ("rows", "content", "digest")}
        if said != asdict(found):
            wrong = ", ".join(name for name, own in asdict(found).items() if said[name] != own)
            raise self._wrong(f"the file was changed or damaged: {wrong} differ from what the last line says")


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that was read to its end.

    entries: how many its ledger has.
    findings: what is wrong in its ledger.
    ids: of its series and documents, by table.
    """

    head: Head
    summary: Summary
    entries: int
    findings: list[Finding]
    ids: dict[Table, array[int]]


def check_export(path: Path) -> Checked:
    """Read a file to its end, and verify the chains of its ledger. Blocking. Raises ExportError."""
    head = read_head(path)
    digest = ContentDigest(head.line() + "\n")
    counters: list[Row] = []
    ids = {tables.series: array("q"), tables.documents: array("q")}

    def entries() -> Iterator[Entry]:
        for table, rows in read_pages(path):
            digest.lines(table, rows)
            if table is tables.counters:
                counters.extend(rows)
            elif table in ids:
                ids[table].extend(row[0] for row in rows)
            elif table is tables.ledger:
                yield from map(entry_of, rows)

    count, findings = verify(
        entries(), map(counter_of, counters)
    )  # lines come last: by then `entries` has collected them
    return Checked(head, digest.summary(), count, findings, ids)
