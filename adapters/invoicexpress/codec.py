"""Bytes to messages and back: XML as a Rails 2.3 application reads and writes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeAlias

from gateway.spi.findings import Finding
from gateway.wire.parse_cache import Readings
from gateway.wire.rails.builder import INSTRUCT, escape
from gateway.wire.rails.parameters import Parameters, parameters_from_xml
from gateway.wire.xml import XmlLimits
from schemas.invoicexpress.messages import Sequence, SequenceForm, SequenceV1

SequenceMessage: TypeAlias = Sequence | SequenceV1

MAX_BYTES: Final = 1024 * 1024
_LIMITS: Final = XmlLimits(max_bytes=MAX_BYTES, max_depth=32, max_elements=20_000)


def _renumbered(one: Parameters, other: Parameters) -> Callable[[int], Parameters] | None:
    """How to put another number into a `sequence`; None unless two of them differ in one field only (ADR-33)."""
    root, other_root = one.get("sequence"), other.get("sequence")
    if one.keys() != {"sequence"} or not isinstance(root, dict) or not isinstance(other_root, dict):
        return None
    different = [name for name in root | other_root if root.get(name) != other_root.get(name)]
    value = root.get(different[0]) if len(different) == 1 else None
    if isinstance(value, str):
        return lambda number: {"sequence": {**root, different[0]: str(number)}}
    if type(value) is int:
        return lambda number: {"sequence": {**root, different[0]: number}}
    return None


def _read(body: bytes, _: None) -> Parameters:
    return parameters_from_xml(body, _LIMITS)


_readings: Final = Readings(_read, _renumbered)


def read_parameters(body: bytes) -> Parameters:
    """Read a body. Callers must not change the parameters: equal bodies share them. Raises XmlRefused, ParametersRefused."""
    return _readings.read(body, None)


def read_form(parameters: Parameters) -> SequenceForm:
    """The `sequence` of a request. A missing or misnamed root counts as one without children. Source: R-05."""
    root = parameters.get("sequence")
    return SequenceForm.model_validate(root) if isinstance(root, dict) else SequenceForm()


def findings_in(parameters: Parameters) -> Iterator[tuple[Finding, str]]:
    """What the vendor ignores in silence: other roots, and elements that are no field. Source: R-05."""
    root = parameters.get("sequence")
    yield from ((Finding.UNKNOWN_ELEMENT, name) for name in parameters if name != "sequence")
    if isinstance(root, dict):
        yield from ((Finding.UNKNOWN_ELEMENT, name) for name in root if name not in SequenceForm.model_fields)
    elif root is not None:
        yield Finding.MISPLACED_MEMBER, "sequence"


def _template(indent: bytes, is_default: bool) -> bytes:
    lines = [
        b"<sequence>",
        b"  <id>%d</id>",
        b"  <serie>%b</serie>",
        b"  <current_invoice_number>%d</current_invoice_number>",
        b"  <current_credit_note_number>%d</current_credit_note_number>",
        b"  <current_debit_note_number>%d</current_debit_note_number>",
        b"  <default_sequence>%d</default_sequence>",
        *([_COMMENT] if is_default else []),
        b"</sequence>",
    ]
    return b"".join(indent + line + b"\n" for line in lines)


_COMMENT: Final = b"  <!-- default sequence -->"
"""Follows the flag of the default sequence. Source: R-07."""
_ALONE: Final = tuple(INSTRUCT + _template(b"", flag) for flag in (False, True))
_LISTED: Final = tuple(_template(b"  ", flag) for flag in (False, True))


def _fill(template: bytes, sequence: Sequence) -> bytes:
    return template % (
        sequence.id,
        escape(sequence.serie),
        sequence.current_invoice_number,
        sequence.current_credit_note_number,
        sequence.current_debit_note_number,
        sequence.default_sequence,
    )


def _write_v1(sequence: SequenceV1, indent: bytes) -> bytes:
    lines = [
        b"<sequence>",
        b"  <id>%d</id>" % sequence.id,
        b"  <serie>%b</serie>" % escape(sequence.serie),
        b"  <default_sequence>%d</default_sequence>" % sequence.default_sequence,
    ]
    for counter in sequence.counters:
        name = counter.type.encode()
        lines.append(b"  <current_%b_number>%d</current_%b_number>" % (name, counter.number, name))
        lines.append(b"  <current_%b_sequence_id>%d</current_%b_sequence_id>" % (name, counter.sequence_id, name))
    if sequence.default_sequence:
        lines.append(_COMMENT)
    lines.append(b"</sequence>")
    return b"".join(indent + line + b"\n" for line in lines)


def write_sequence(sequence: SequenceMessage) -> bytes:
    """One sequence as a document. Source: R-07, R-08."""
    if isinstance(sequence, SequenceV1):
        return INSTRUCT + _write_v1(sequence, b"")
    return _fill(_ALONE[sequence.default_sequence], sequence)


def _write_listed(sequence: SequenceMessage) -> bytes:
    if isinstance(sequence, SequenceV1):
        return _write_v1(sequence, b"  ")
    return _fill(_LISTED[sequence.default_sequence], sequence)


def sequences_writer(type_array: bool) -> Callable[[Iterable[SequenceMessage]], bytes]:
    """Make the writer of lists. The root has `type="array"` in recordings, and has not on the vendor's page. Source: R-07."""
    head = INSTRUCT + (b'<sequences type="array">\n' if type_array else b"<sequences>\n")

    def write(sequences: Iterable[SequenceMessage]) -> bytes:
        return head + b"".join(map(_write_listed, sequences)) + b"</sequences>\n"

    return write
