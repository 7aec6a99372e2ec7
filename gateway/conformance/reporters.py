"""Reports as text for people, as JSON, and as JUnit XML for CI."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from gateway.conformance.report import AXES, BAD, Finding, Outcome, Report, Row
from gateway.wire.xml import escape_attribute, escape_text

_OPERATION_WIDTH: Final = 56


def as_json(report: Report) -> str:
    """Everything, machine-readable."""
    return json.dumps(report.facts(), indent=2, ensure_ascii=False) + "\n"


def as_text(report: Report) -> str:
    """A table per operation and axis, then what differs, what was not run and why."""
    return (
        "\n".join([*_table(report), "", *_differences(report), *_reasons(report), *_notes(report), _sum(report)]) + "\n"
    )


def _table(report: Report) -> Iterator[str]:
    rows = report.rows()
    width = min(_OPERATION_WIDTH, max([len("operation"), *(len(_name(row)) for row in rows)]))
    heads = [*AXES, "not run"]
    yield f"{report.dialect} at {report.url}: cases that agree / cases that were run"
    yield ""
    yield "  ".join(["operation".ljust(width), *heads])
    for row in rows:
        cells = [str(row.axes[axis]) for axis in AXES] + [str(row.not_applicable or "–")]
        yield "  ".join(
            [_name(row)[:width].ljust(width), *(cell.rjust(len(head)) for cell, head in zip(cells, heads, strict=True))]
        )


def _name(row: Row) -> str:
    return "(every operation)" if row.operation == "*" else row.operation


def _differences(report: Report) -> Iterator[str]:
    for finding in report.findings:
        if finding.outcome in BAD:
            yield f"{finding.outcome.value}: {finding.case.name} ({finding.case.verified.value}, {finding.case.source})"
            yield f"  {finding.case.title}"
            yield from (f"  - {text}" for text in finding.differences)
            yield from ([f"  - {finding.reason}"] if finding.reason else [])
            yield ""
        elif finding.outcome is Outcome.KNOWN:
            yield f"known difference: {finding.case.name}: {finding.reason}"
    yield from (f"the file of known differences names {name}, but no case is called so" for name in report.stale)
    yield from (f"broken case: {case.name}: {case.error}" for case in report.broken)


def _reasons(report: Report) -> Iterator[str]:
    left_out = Counter(f.reason for f in report.findings if f.outcome is Outcome.NOT_APPLICABLE)
    if left_out:
        yield "not applicable at this endpoint:"
        yield from (f"  {count} × {reason}" for reason, count in left_out.most_common())
        yield ""


def _notes(report: Report) -> Iterator[str]:
    unseen = sum(bool(finding.unobserved) for finding in report.findings)
    if unseen:
        yield f"{unseen} of the passed cases also state something that this wire does not show (see state_not_observed in JSON)"
    yield from report.notes


def _sum(report: Report) -> str:
    parts = [f"{report.count(outcome)} {outcome.value}" for outcome in Outcome if report.count(outcome)]
    parts += [f"{len(report.broken)} broken"] if report.broken else []
    return ", ".join(parts) or "nothing was run"


def as_junit(report: Report) -> str:
    """JUnit XML: a test suite per operation, a test case per golden case."""
    suites = "".join(_suite(report, row) for row in report.rows()) + _broken_suite(report)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="{_attribute(report.dialect)}">\n{suites}</testsuites>\n'


def _broken_suite(report: Report) -> str:
    """Cases that cannot be used, as errors; "" when there are none."""
    if not report.broken:
        return ""
    name, count = _attribute(f"{report.dialect}.broken"), len(report.broken)
    cases = "".join(
        f'    <testcase classname="{name}" name="{_attribute(case.name)}"><error message="broken case">'
        f"{_text(case.error)}</error></testcase>\n"
        for case in report.broken
    )
    counts = f'tests="{count}" failures="0" errors="{count}" skipped="0" timestamp="{_attribute(report.started)}"'
    return f'  <testsuite name="{name}" {counts}>\n{cases}  </testsuite>\n'


def _suite(report: Report, row: Row) -> str:
    own = [finding for finding in report.findings if finding.operation == row.operation]
    failed = sum(finding.outcome in BAD for finding in own)
    skipped = sum(finding.outcome in {Outcome.NOT_APPLICABLE, Outcome.KNOWN} for finding in own)
    cases = "".join(_case(report, finding) for finding in own)
    counts = f'tests="{len(own)}" failures="{failed}" skipped="{skipped}" timestamp="{_attribute(report.started)}"'
    return (
        f'  <testsuite name="{_attribute(report.dialect)}.{_attribute(_name(row))}" {counts}>\n{cases}  </testsuite>\n'
    )


def _case(report: Report, finding: Finding) -> str:
    name = f'classname="{_attribute(report.dialect)}.{_attribute(finding.operation)}" name="{_attribute(finding.case.name)}"'
    evidence = f'<property name="evidence" value="{finding.case.verified.value}"/>'
    properties = f"<properties>{evidence}</properties>"
    return f'    <testcase {name} time="{finding.seconds:.4f}">{properties}{_result(finding)}</testcase>\n'


def _result(finding: Finding) -> str:
    if finding.outcome in BAD:
        texts = "\n".join(filter(None, [*finding.differences, finding.reason]))
        return f'<failure message="{_attribute(finding.outcome.value)}">{_text(texts)}</failure>'
    if finding.outcome is Outcome.PASSED:
        return ""
    return f'<skipped message="{_attribute(f"{finding.outcome.value}: {finding.reason}")}"/>'


def _printable(text: str) -> str:
    """XML 1.0 has no control characters; an answer may."""
    return "".join(char if char in "\t\n\r" or char >= " " else "\ufffd" for char in text)


def _text(text: str) -> str:
    return escape_text(_printable(text))


def _attribute(text: str) -> str:
    return escape_attribute(_printable(text))


WRITERS: Final[Mapping[str, Callable[[Report], str]]] = {"text": as_text, "json": as_json, "junit": as_junit}
