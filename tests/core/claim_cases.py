"""Tables about claims, reservations, bounds and series of a dialect: what is refused (run by `test_rules`), what is done."""

from __future__ import annotations

import datetime as dt
from typing import Any

from gateway.core.commands import (
    Command,
    CreateSeries,
    IssueRequest,
    MoveAhead,
    SaveDocument,
    SaveDocuments,
    SetDefault,
    SetNext,
    SetPolicy,
    UpdateSeries,
    Void,
)
from gateway.core.commands import Issue as Draw
from gateway.core.documents import Document
from gateway.core.line_commands import Claim, OpenSeries, Reserve, SetBounds
from gateway.core.refusals import (
    CounterExhausted,
    CounterUnset,
    KeyReused,
    NameTaken,
    NumberOutOfRange,
    NumberTaken,
    Refusal,
    SeriesInUse,
    SeriesOwned,
    SeriesUnknown,
)
from gateway.core.values import (
    CREDIT_NOTE,
    INVOICE,
    MAX_NUMBER,
    Bounds,
    CounterKey,
    OnHeld,
    Origin,
    SeriesId,
    TenantId,
)

OURS = TenantId("ours")
MAIN, FOREIGN, NOWHERE, FOURTH = SeriesId(1), SeriesId(3), SeriesId(99), SeriesId(4)
LINE, OTHER_LINE = CounterKey(MAIN, INVOICE), CounterKey(MAIN, CREDIT_NOTE)
OWNED_LINE = CounterKey(FOURTH, INVOICE)
BY = Origin("test", "tester", "request-1", "because")
OTHER_DIALECT = Origin("other", "tester", "request-1", "because")
OPERATOR = Origin("admin", "administrator", "request-1", "because")
PASS = OnHeld.PASS_OVER
FREE = SetPolicy(allow_lower=True, allow_clear=True)
UNTIL_ISSUED = SetPolicy(allow_lower=True, allow_when_issued=False)


def claim(number: int | None, key: str, line: CounterKey = LINE, start: int | None = None, **more: Any) -> Claim:
    return Claim(OURS, line, number, key, f"document {key}", BY, start, **more)


def reserve(key: str, line: CounterKey = LINE, start: int | None = None, **more: Any) -> Reserve:
    return Reserve(OURS, line, key, BY, start, **more)


def draw(key: str, start: int | None = None, line: CounterKey = LINE, **more: Any) -> Draw:
    return Draw(OURS, line, key, f"document {key}", BY, start, **more)


def set_to(number: int | None, line: CounterKey = LINE) -> SetNext:
    return SetNext(OURS, line, number, FREE, BY)


def void(number: int) -> Void:
    return Void(OURS, LINE, number, BY)


def bounds(first: int | None, last: int | None, line: CounterKey = LINE, policy: SetPolicy = FREE) -> SetBounds:
    return SetBounds(OURS, line, first, last, BY, policy)


def opened(key: str, owner: str = "test", **more: Any) -> OpenSeries:
    return OpenSeries(OURS, key, owner, BY, **more)


def saved(number: int | None, key: str, **more: Any) -> SaveDocuments:
    document = Document(OURS, series=MAIN, document_date=dt.date(2024, 2, 29))
    return SaveDocuments(OURS, (SaveDocument(document, issue=IssueRequest(key, number=number, **more)),), BY)


CLAIM_REFUSALS: list[tuple[str, tuple[Command, ...], Command, Refusal]] = [
    # claim
    ("claim: no such series", (), claim(1, "a", CounterKey(NOWHERE, INVOICE)), SeriesUnknown(NOWHERE)),
    ("claim: another tenant's", (), claim(1, "a", CounterKey(FOREIGN, INVOICE)), SeriesUnknown(FOREIGN)),
    ("claim: drawn before", (set_to(5), draw("a")), claim(5, "b"), NumberTaken(LINE, 5)),
    ("claim: claimed before, below", (set_to(5), claim(3, "a")), claim(3, "b"), NumberTaken(LINE, 3)),
    ("claim: claimed before, ahead", (set_to(5), claim(9, "a")), claim(9, "b"), NumberTaken(LINE, 9)),
    ("claim: void is taken", (set_to(5), claim(9, "a"), void(9)), claim(9, "b"), NumberTaken(LINE, 9)),
    ("claim: reserved and void", (set_to(5), reserve("r"), void(5)), claim(5, "b"), NumberTaken(LINE, 5)),
    ("claim: reserved, and used", (set_to(5), reserve("r"), claim(5, "a")), claim(5, "b"), NumberTaken(LINE, 5)),
    ("claim: the next one is held", (set_to(5), claim(6, "a"), draw("b")), claim(None, "c"), NumberTaken(LINE, 6)),
    ("claim: negative", (), claim(-1, "a"), NumberOutOfRange(LINE, -1, 0, MAX_NUMBER)),
    ("claim: above the maximum", (), claim(MAX_NUMBER + 1, "a"), NumberOutOfRange(LINE, MAX_NUMBER + 1, 0, MAX_NUMBER)),
    ("claim: below the first number", (bounds(10, 20),), claim(9, "a"), NumberOutOfRange(LINE, 9, 10, 20)),
    ("claim: above the last number", (bounds(10, 20),), claim(21, "a"), NumberOutOfRange(LINE, 21, 10, 20)),
    ("claim: key of another number", (set_to(5), claim(9, "a")), claim(8, "a"), KeyReused("a", LINE)),
    ("claim: key of another line", (claim(9, "a", OTHER_LINE),), claim(9, "a"), KeyReused("a", OTHER_LINE)),
    (
        "claim: key that a reservation stands under",
        (reserve("r", start=1),),
        claim(1, "reservation:r"),
        KeyReused("reservation:r", LINE),
    ),
    ("claim: the next one of an unset line", (), claim(None, "a"), CounterUnset(LINE)),
    ("claim: the next one behind the last", (bounds(1, 1), draw("a")), claim(None, "b"), CounterExhausted(LINE)),
    # reserve
    ("reserve: no such series", (), reserve("r", CounterKey(NOWHERE, INVOICE), 1), SeriesUnknown(NOWHERE)),
    ("reserve: unset", (), reserve("r"), CounterUnset(LINE)),
    ("reserve: negative start", (), reserve("r", start=-1), NumberOutOfRange(LINE, -1, 0, MAX_NUMBER)),
    ("reserve: exhausted", (bounds(1, 1), draw("a")), reserve("r"), CounterExhausted(LINE)),
    (
        "reserve: only held ones are left",
        (bounds(1, 2), claim(1, "a"), claim(2, "b"), set_to(1)),
        reserve("r", on_held=PASS),
        CounterExhausted(LINE),
    ),
    ("reserve: held", (set_to(5), claim(6, "a"), draw("b")), reserve("r"), NumberTaken(LINE, 6)),
    ("reserve: key of another line", (reserve("r", OTHER_LINE, 1),), reserve("r", start=1), KeyReused("r", OTHER_LINE)),
    ("reserve: a document has that very key", (draw("reservation:r", 1),), reserve("r"), KeyReused("r", LINE)),
    # draws
    ("issue: behind the last", (bounds(5, 6), draw("a"), draw("b")), draw("c"), CounterExhausted(LINE)),
    (
        "issue: passes over the last ones",
        (bounds(5, 6), claim(6, "a"), draw("b")),
        draw("c", on_held=PASS),
        CounterExhausted(LINE),
    ),
    # set
    ("set: below the first number", (bounds(5, 9),), set_to(4), NumberOutOfRange(LINE, 4, 5, 9)),
    ("set: above the last number", (bounds(5, 9),), set_to(10), NumberOutOfRange(LINE, 10, 5, 9)),
    (
        "ahead: above the last number",
        (bounds(5, 9),),
        MoveAhead(OURS, LINE, BY, next_number=11),
        NumberOutOfRange(LINE, 11, 5, 9),
    ),
    # bounds
    ("bounds: no such series", (), bounds(1, 2, CounterKey(NOWHERE, INVOICE)), SeriesUnknown(NOWHERE)),
    ("bounds: negative", (), bounds(-1, 2), NumberOutOfRange(LINE, -1, 0, MAX_NUMBER)),
    ("bounds: too large", (), bounds(1, MAX_NUMBER + 1), NumberOutOfRange(LINE, MAX_NUMBER + 1, 1, MAX_NUMBER)),
    ("bounds: end before the beginning", (), bounds(9, 8), NumberOutOfRange(LINE, 8, 9, MAX_NUMBER)),
    ("bounds: begin behind the next number", (set_to(5),), bounds(6, None), NumberOutOfRange(LINE, 5, 6, MAX_NUMBER)),
    ("bounds: end before what was drawn", (set_to(5), draw("a")), bounds(None, 4), NumberOutOfRange(LINE, 6, 0, 4)),
    ("bounds: locked once issued", (draw("a", 1),), bounds(1, 9, policy=UNTIL_ISSUED), SeriesInUse(MAIN, 1)),
    # series of a dialect
    ("open: the key is everybody's", (), opened("main"), NameTaken("main")),
    ("open: the key is another dialect's", (opened("stamp", "other"),), opened("stamp"), NameTaken("stamp")),
    ("open: bad start", (), opened("stamp", counters={INVOICE: -1}), NumberOutOfRange(OWNED_LINE, -1, 0, MAX_NUMBER)),
    (
        "create: bad bounds",
        (),
        CreateSeries(OURS, "x", BY, bounds={INVOICE: Bounds(5, 4)}),
        NumberOutOfRange(OWNED_LINE, 4, 5, MAX_NUMBER),
    ),
    ("issue: from another dialect's series", (opened("stamp", "other"),), draw("a", 1, OWNED_LINE), SeriesUnknown(FOURTH)),
    (
        "update: another dialect's series",
        (opened("stamp", "other"),),
        UpdateSeries(OURS, FOURTH, FREE, BY, name="x"),
        SeriesUnknown(FOURTH),
    ),
    (
        "update: a dialect's series as default",
        (opened("stamp"),),
        UpdateSeries(OURS, FOURTH, FREE, OPERATOR, make_default=True),
        SeriesOwned(FOURTH, "test"),
    ),
    ("default: a dialect's series", (opened("stamp"),), SetDefault(OURS, FOURTH, OPERATOR), SeriesOwned(FOURTH, "test")),
    # documents
    ("save: claims what another document has", (saved(7, "a"),), saved(7, "b"), NumberTaken(LINE, 7)),
    ("save: the key got another number", (saved(7, "a"),), saved(8, "a"), KeyReused("a", LINE)),
    ("save: the key got a number of another line", (saved(7, "a"),), saved(7, "a", line=CREDIT_NOTE), KeyReused("a", LINE)),
    ("save: outside of the bounds", (bounds(1, 6),), saved(7, "a"), NumberOutOfRange(LINE, 7, 1, 6)),
    ("save: the next one is held", (set_to(5), saved(6, "a"), saved(None, "b")), saved(None, "c"), NumberTaken(LINE, 6)),
]  # fmt: skip

Moved = tuple[str, int | None, int | None, int | None]
"""An entry: operation, next number before and after, number."""
DECISIONS: list[tuple[str, tuple[Command, ...], Command, int | None, tuple[Moved, ...]]] = [
    # title, before, command, next number afterwards, entries: operation, before, after, number
    ("claim at the next one moves the line", (set_to(5),), claim(5, "a"), 6, (("claim", 5, 6, 5),)),
    ("claim below fills a hole", (set_to(5),), claim(3, "a"), 5, (("claim", 5, 5, 3),)),
    ("claim above is held ahead", (set_to(5),), claim(9, "a"), 5, (("claim", 5, 5, 9),)),
    ("claim on an unset line leaves it unset", (), claim(9, "a"), None, (("claim", None, None, 9),)),
    ("claim of the start begins an unset line", (), claim(9, "a", start=9), 10, (("claim", None, 10, 9),)),
    ("claim of another number than the start", (), claim(9, "a", start=1), None, (("claim", None, None, 9),)),
    (
        "claim of the first number begins a bounded line",
        (bounds(9, 20),),
        claim(9, "a", start=1),
        10,
        (("claim", None, 10, 9),),
    ),
    ("claim again", (set_to(5), claim(9, "a")), claim(9, "a"), 5, ()),
    ("claim again, of any number", (set_to(5), claim(9, "a")), claim(None, "a"), 5, ()),
    ("claim of the next one draws", (set_to(5),), claim(None, "a"), 6, (("issue", 5, 6, 5),)),
    ("issue again under the key of a claim", (set_to(5), claim(9, "a")), draw("a"), 5, ()),
    (
        "claim of the largest number",
        (set_to(MAX_NUMBER),),
        claim(MAX_NUMBER, "a"),
        MAX_NUMBER + 1,
        (("claim", MAX_NUMBER, MAX_NUMBER + 1, MAX_NUMBER),),
    ),
    (
        "draw passes over what is held",
        (set_to(5), claim(6, "a"), claim(7, "b"), draw("c")),
        draw("d", on_held=PASS),
        9,
        (("pass", 6, 8, 6), ("issue", 8, 9, 8)),
    ),
    ("draw that need not pass over anything", (set_to(5), claim(7, "a")), draw("b", on_held=PASS), 6, (("issue", 5, 6, 5),)),
    (
        "draw passes over a start that is held",
        (claim(1, "a"),),
        draw("b", 1, on_held=PASS),
        3,
        (("pass", None, 2, 1), ("issue", 2, 3, 2)),
    ),
    ("reserve", (set_to(5),), reserve("r"), 6, (("reserve", 5, 6, 5),)),
    ("reserve again", (set_to(5), reserve("r")), reserve("r"), 6, ()),
    ("reserve again although it is used", (set_to(5), reserve("r"), claim(5, "a")), reserve("r"), 6, ()),
    (
        "reserve passes over what is held",
        (set_to(5), claim(6, "a"), draw("b")),
        reserve("r", on_held=PASS),
        8,
        (("pass", 6, 7, 6), ("reserve", 7, 8, 7)),
    ),
    ("reservation and document under one key", (set_to(5), reserve("k")), claim(5, "k"), 6, (("use", 6, 6, 5),)),
    ("claim of a reserved number", (set_to(5), reserve("r")), claim(5, "a"), 6, (("use", 6, 6, 5),)),
    ("void of a reserved number", (set_to(5), reserve("r")), void(5), 6, (("void", 6, 6, 5),)),
    ("bounds", (set_to(5),), bounds(1, 9), 5, (("bounds", 5, 5, None),)),
    ("bounds that it has already", (bounds(1, 9),), bounds(1, 9), None, ()),
    ("bounds of a line that has used up its last number", (set_to(5), draw("a")), bounds(1, 5), 6, (("bounds", 6, 6, None),)),
    ("a wider end lets an exhausted line go on", (bounds(1, 1), draw("a"), bounds(1, 2)), draw("b"), 3, (("issue", 2, 3, 2),)),
    ("an unset line starts at its first number", (bounds(100, 199),), draw("a"), 101, (("issue", None, 101, 100),)),
    ("its first number goes before any other start", (bounds(100, 199),), draw("a", 150), 101, (("issue", None, 101, 100),)),
    (
        "ahead stops behind the last number",
        (bounds(1, 9), set_to(5)),
        MoveAhead(OURS, LINE, BY, ahead=100),
        10,
        (("restore", 5, 10, None),),
    ),
    ("document with a chosen number", (set_to(5),), saved(5, "a"), 6, (("claim", 5, 6, 5),)),
    ("document with a reserved number", (set_to(5), reserve("r")), saved(5, "a"), 6, (("use", 6, 6, 5),)),
    (
        "credit note of the invoice line",
        (set_to(5),),
        saved(None, "a", kind=CREDIT_NOTE, line=INVOICE),
        6,
        (("issue", 5, 6, 5),),
    ),
    (
        "document that passes over",
        (set_to(5), claim(5, "a"), set_to(5)),
        saved(None, "b", on_held=PASS),
        7,
        (("pass", 5, 6, 5), ("issue", 6, 7, 6)),
    ),
    ("document again", (set_to(5), saved(9, "a")), saved(9, "a"), 5, ()),
]  # fmt: skip
"""Every decision about a line that is not simply drawn from or set."""
